package world

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// Where Planner's developers put its secret, what they chose for one, and a page of theirs that tells more than it should.

var (
	settingClientAuth = check.Setting{ID: "planner.client-auth", Title: "Where Planner puts its secret when it calls /token: into the header, the body, or the address.", Values: []string{"header", "body", "url"}, Default: "header"}
	settingSecret     = check.Setting{ID: "planner.secret", Title: "Planner’s secret: the first one, a new one in its place, or one of six characters.", Values: []string{"first", "new", "short"}, Default: "first"}
	settingStatusPage = check.Setting{ID: "planner.status-page", Title: "Whether strangers may open Planner’s status page, which shows its log.", Values: []string{"closed", "open"}, Default: "closed"}
)

// shortSecret is what people choose who have to type it.
const shortSecret = "latte7"

// plannerCredentials are Planner's at Chirper, under these settings: its developers tell Chirper when they change them.
func (s *Sandbox) plannerCredentials(ctx context.Context, settings check.Settings) (mockidp.Credentials, error) {
	var config plannerConfig
	if err := s.read(ctx, plannerConfigKey, &config); err != nil {
		return mockidp.Credentials{}, err
	}
	c := mockidp.Credentials{Method: "client_secret_basic", Secret: config.ClientSecret}
	switch settings.Get(settingSecret) {
	case "new":
		c.Secret = config.NextSecret
	case "short":
		c.Secret = shortSecret
	}
	if settings.Get(settingClientAuth) == "body" {
		c.Method = "client_secret_post"
	}
	return c, nil
}

// changedCredentials are those of clients that have changed theirs, for the issuer.
func (s *Sandbox) changedCredentials(ctx context.Context, settings check.Settings) (map[string]mockidp.Credentials, error) {
	if s.fixed.Kind != KindLesson || settings.Get(settingSecret) == settingSecret.Default && settings.Get(settingClientAuth) != "body" {
		return nil, nil
	}
	c, err := s.plannerCredentials(ctx, settings)
	return map[string]mockidp.Credentials{plannerClientID: c}, err
}

// tokenCall is Planner's request to the token endpoint, with its secret where its developers put it (RFC 6749 §2.3.1).
func (s *Sandbox) tokenCall(ctx context.Context, settings check.Settings, form url.Values) (*http.Request, error) {
	c, err := s.plannerCredentials(ctx, settings)
	if err != nil {
		return nil, err
	}
	address, shown := s.issuer.URL+"/token", url.Values{"client_id": {plannerClientID}, "client_secret": {c.Secret}}
	switch settings.Get(settingClientAuth) {
	case "body":
		form["client_id"], form["client_secret"] = shown["client_id"], shown["client_secret"]
	case "url":
		address += "?" + shown.Encode()
	}
	req, err := formRequest(address, form)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if settings.Get(settingClientAuth) == "header" {
		withSecret(req, c.Secret)
	}
	return req, nil
}

// withSecret puts Planner's name and a secret into the header: "The client identifier is encoded using the
// "application/x-www-form-urlencoded" encoding algorithm" (RFC 6749 §2.3.1), and the secret as well.
func withSecret(req *http.Request, secret string) {
	req.SetBasicAuth(url.QueryEscape(plannerClientID), url.QueryEscape(secret))
}

// maxLog is how many lines of Planner's log its status page shows.
const maxLog = 12

// plannerStatus is the page on which Planner's developers watch their server: the addresses that it was asked for, and those that
// it has called, as logs keep them. Bodies and headers are not among them.
func (s *Sandbox) plannerStatus(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	d, err := s.stateOf(ctx)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	if d.Settings.Get(settingStatusPage) != "open" {
		writePlannerPage(w, http.StatusNotFound, "refused", plannerPage{Heading: "Not a page for visitors", Problem: "This page is for Planner’s developers."})
		return
	}
	events, err := s.events(ctx, 0)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	writePlannerPage(w, http.StatusOK, "status", plannerPage{Log: plannerLog(events)})
}

// plannerLog is what the last run has left in Planner's log, in order.
func plannerLog(events []trace.Event) (lines []string) {
	run := uint64(0)
	for _, e := range events {
		if e.Run != run {
			run, lines = e.Run, nil // with a new run the log is new
		}
		switch {
		case e.Request == nil || strings.HasPrefix(e.Request.URL, plannerOrigin+statusPath):
		case e.To == Client:
			lines = append(lines, "in  "+e.Request.Method+" "+e.Request.URL)
		case e.From == Client:
			lines = append(lines, "out "+e.Request.Method+" "+e.Request.URL)
		}
	}
	return lines[max(0, len(lines)-maxLog):]
}

// statusPath is where that page is.
const statusPath = "/status"
