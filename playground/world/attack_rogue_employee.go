package world

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// rogueEmployee is Mallory with a job at Planner. She reads what Planner's server has kept of Maya's account, and tries how far
// it goes: Maya's messages, her e-mail address, her account.
func (s *Sandbox) rogueEmployee(ctx context.Context) error {
	var found keptAccount
	switch err := s.read(ctx, plannerAccountKey, &found); {
	case errors.Is(err, mockidp.ErrNotFound):
		return s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "storage of " + Client, To: "nothing of use"})
	case err != nil:
		return err
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
	for _, try := range []struct{ method, path, body string }{
		{http.MethodGet, "/messages", ""},
		{http.MethodPatch, "/account", `{"email":"mallory@mallory.test"}`},
		{http.MethodDelete, "/account", ""},
	} {
		req, err := s.apiRequest(try.method, try.path, authorization, try.body)
		if err != nil {
			return err
		}
		if _, _, _, err := s.call(ctx, Attacker, req); err != nil {
			return err
		}
	}
	return nil
}
