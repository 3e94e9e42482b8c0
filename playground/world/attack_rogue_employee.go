package world

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/playground/trace"
)

// rogueEmployee is Mallory with a job at Planner. She reads what Planner's server has kept of Maya's account, and tries how far
// it goes: Maya's messages, her e-mail address, her account.
func (s *Sandbox) rogueEmployee(ctx context.Context) error {
	var found keptAccount
	if err := s.read(ctx, plannerAccountKey, &found); err != nil {
		return s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "storage of " + Client, To: "nothing of use"})
	}
	loot := url.Values{}
	if found.Password != "" {
		loot.Set("username", found.Username)
		loot.Set("password", found.Password)
	}
	if found.AccessToken != "" {
		loot.Set("access_token", found.AccessToken)
	}
	seen := s.recorder.FindIn(ctx, "storage", "account", "?"+loot.Encode())
	if err := s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "storage of " + Client, To: loot.Encode()}, seen...); err != nil {
		return err
	}
	authorization := "Bearer " + found.AccessToken
	if found.Password != "" {
		var status int
		var err error
		if authorization, status, err = s.signInFor(ctx, Attacker, found.credentials); err != nil || status != http.StatusOK {
			return err
		}
	}
	api, _ := actorByID(API)
	for _, try := range []struct{ method, path, body string }{
		{http.MethodGet, "/messages", ""},
		{http.MethodPatch, "/account", `{"email":"mallory@mallory.test"}`},
		{http.MethodDelete, "/account", ""},
	} {
		req, err := http.NewRequest(try.method, s.origin(api)+try.path, strings.NewReader(try.body))
		if err != nil {
			return err
		}
		if try.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		req.Header.Set("Authorization", authorization)
		if _, _, _, err := s.call(ctx, Attacker, req); err != nil {
			return err
		}
	}
	return nil
}
