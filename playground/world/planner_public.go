package world

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// Two clients of Planner's run on devices of other people: the app on a phone, and the script in a page. Whatever is in them
// is in every copy, so they have no secret: public clients (RFC 6749 §2.1). What ties a code to one of them is PKCE.

// publicClient is a client that can't keep a secret.
type publicClient struct {
	actor       string
	id          string // client_id
	redirectURI string
	keeps       string // where it puts its verifier by, in words of the record
	origin      string // of the page that a script runs in; empty for an app
}

var (
	phoneApp = publicClient{actor: Phone, id: "planner-app", redirectURI: phoneScheme + ":/callback", keeps: "storage of " + Phone}
	pageApp  = publicClient{actor: SPA, id: "planner-spa", redirectURI: plannerOrigin + "/web/callback", keeps: "storage of " + Browser, origin: plannerOrigin}
)

// publicScope is what both ask for. Neither wants to know who signs in.
const publicScope = "posts:read posts:write"

// memory is what a public client remembers on its device.
type memory struct {
	Attempt *attempt `json:"attempt,omitempty"` // the sign-in that has been started and not yet answered
	Spent   *attempt `json:"spent,omitempty"`   // the last one that was answered: its verifier is of no more use
}

func (c publicClient) key() string { return "device/" + c.id }

func (s *Sandbox) memoryOf(ctx context.Context, c publicClient) (m memory, err error) {
	if err = s.read(ctx, c.key(), &m); errors.Is(err, mockidp.ErrNotFound) {
		err = nil
	}
	return m, err
}

// publicRequest starts a sign-in of a public client: it puts by what the answer must match, and returns the address that the
// browser is to open.
func (s *Sandbox) publicRequest(ctx context.Context, c publicClient, method string) (string, error) {
	a := &attempt{ResponseType: "code", State: randomValue()}
	q := url.Values{"response_type": {a.ResponseType}, "client_id": {c.id}, "redirect_uri": {c.redirectURI}, "scope": {publicScope}, "state": {a.State}}
	kept := url.Values{"state": {a.State}}
	if a.CodeVerifier, a.PKCE = challenge(q, method), method; a.CodeVerifier != "" {
		kept.Set("code_verifier", a.CodeVerifier)
	}
	if err := s.write(ctx, c.key(), memory{Attempt: a}, 0); err != nil {
		return "", err
	}
	if err := s.note(ctx, trace.Change{What: trace.WhatKept, Actor: c.actor, From: c.keeps, To: kept.Encode()}); err != nil {
		return "", err
	}
	return s.issuer.URL + "/authorize?" + q.Encode(), nil
}

// publicAnswer judges an authorization response as Planner's server does, and swaps its code for a token from where the
// client runs. A plannerRefusal says why there is none.
func (s *Sandbox) publicAnswer(ctx context.Context, c publicClient, params url.Values) (string, error) {
	d, err := s.stateOf(ctx)
	if err != nil {
		return "", err
	}
	m, err := s.memoryOf(ctx, c)
	if err != nil {
		return "", err
	}
	answer := &authorizationResponse{params: params, attempt: m.Attempt, issuer: s.issuer.URL}
	if err := s.write(ctx, c.key(), memory{Spent: m.Attempt}, 0); err != nil { // whatever comes of it, an attempt is answered once
		return "", err
	}
	if err := responseChecks.Run(ctx, d.Policy, answer); err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {params.Get("code")}, "redirect_uri": {c.redirectURI}, "client_id": {c.id}}
	if answer.attempt.CodeVerifier != "" {
		form.Set("code_verifier", answer.attempt.CodeVerifier)
	}
	req, err := s.tokenRequest(form)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "application/json")
	c.fetches(req)
	res, body, _, err := s.call(ctx, c.actor, req)
	if err != nil || !c.mayRead(res) {
		return "", plannerRefusal{http.StatusBadGateway, "Planner could not reach Chirper. Nothing was connected."}
	}
	var tokens tokenResponse
	if err := json.Unmarshal(body, &tokens); err != nil || res.StatusCode != http.StatusOK {
		return "", plannerRefusal{http.StatusBadGateway, "Chirper refused to swap the code: " + orUnknown(tokens.Error) + ". Nothing was connected."}
	}
	return tokens.AccessToken, nil
}

// fetches adds what a browser adds to a request of a page's script.
func (c publicClient) fetches(req *http.Request) {
	if c.origin == "" {
		return
	}
	req.Header.Set("Origin", c.origin)
	req.Header.Set("Referer", c.origin+"/")
	req.Header.Set("Sec-Fetch-Dest", "empty")
	req.Header.Set("Sec-Fetch-Mode", "cors")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
}

// mayRead tells whether the browser shows an answer to the script that asked: from another origin, only if that allows it.
func (c publicClient) mayRead(res *http.Response) bool {
	allowed := res.Header.Get("Access-Control-Allow-Origin")
	return c.origin == "" || allowed == "*" || allowed == c.origin
}
