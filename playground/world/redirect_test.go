package world

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// author is who has posted last.
func author(t *testing.T, s *Sandbox) string {
	t.Helper()
	all, err := s.posts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all.Posts[len(all.Posts)-1].Author
}

// arranged sets protections and settings of a new sandbox.
func arranged(t *testing.T, p check.Policy, m check.Settings) *Sandbox {
	t.Helper()
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	if err := s.SetPolicy(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSettings(ctx, m); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestACodeIsRedirected by a link of Planner's to Mallory, who gives it to Planner in a session of her own. State, nonce and PKCE
// are no help, since the sign-in is hers; each of three others ends it.
func TestACodeIsRedirected(t *testing.T) {
	all := []string{"as.redirect-uri-exact", "as.redirect-uri-match", "client.redirector-own-pages"}
	for _, matcher := range []string{"none", "prefix", "domain"} {
		for _, by := range append([]string{""}, all...) { // the check that is left on enforce
			t.Run(matcher+" "+by, func(t *testing.T) {
				t.Parallel()
				ctx := context.Background()
				p := check.Policy{}
				for _, id := range all {
					if id != by {
						p[id] = check.Observe
					}
				}
				s := arranged(t, p, check.Settings{"as.redirect-matcher": matcher})
				if err := s.openRedirector(ctx); err != nil {
					t.Fatal(err)
				}
				events, err := s.events(ctx, 0)
				if err != nil {
					t.Fatal(err)
				}
				published := slices.ContainsFunc(events, func(e trace.Event) bool { return e.Request != nil && e.From == Client && e.To == API })
				leaked := slices.ContainsFunc(events, func(e trace.Event) bool { return e.Change != nil && e.Change.From == "log of "+Attacker })
				if published != (by == "") || leaked != (by == "" || by == "as.redirect-uri-match") || lastRefusal(events) != by {
					t.Errorf("Mallory has a code: %v, publishes: %v; refused by %q, want %q", leaked, published, lastRefusal(events), by)
				}
			})
		}
	}
}

// TestPlannersLinksLeadToItsOwnPages, with the marks of a campaign, and to others only while the rule is not enforced.
func TestPlannersLinksLeadToItsOwnPages(t *testing.T) {
	s := arranged(t, nil, nil)
	open := func(to string) (string, int) {
		t.Helper()
		k, err := s.act(context.Background(), Browser, Act{Do: "open", URL: plannerOrigin + "/go?to=" + url.QueryEscape(to) + "&utm_source=newsletter"})
		if err != nil {
			t.Fatal(err)
		}
		return k.State.Page.URL, k.State.Page.Status
	}
	if at, status := open(plannerOrigin + "/app?a=1"); at != plannerOrigin+"/app?a=1&utm_source=newsletter" || status != http.StatusOK {
		t.Errorf("one of Planner's pages: %d %s", status, at)
	}
	for _, to := range []string{"https://mallory.test/coupons", "https://planner.test@mallory.test/", "https://planner.test.mallory.test/"} {
		if at, status := open(to); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", to, status, at)
		}
	}
	for _, to := range []string{"", "/app", "//mallory.test/", "javascript:alert(1)", "http://planner.test/", "%zz"} {
		if at, status := open(to); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", to, status, at)
		}
	}
	if err := s.SetPolicy(context.Background(), check.Policy{"client.redirector-own-pages": check.Observe}); err != nil {
		t.Fatal(err)
	}
	if at, _ := open("https://mallory.test/coupons"); at != "https://mallory.test/coupons?utm_source=newsletter" {
		t.Errorf("observed: %s", at)
	}
}

// TestMayaIsLinked to Mallory's account, if nothing ties the answer to a browser; what does, refuses it.
func TestMayaIsLinked(t *testing.T) {
	loose := check.Policy{"client.state-bound": check.Observe, "client.code-bound": check.Observe}
	none := check.Settings{"planner.state": "none", "planner.pkce": "none", "planner.nonce": "none"}
	with := func(id, value string) check.Settings {
		return check.Settings{"planner.state": none["planner.state"], "planner.pkce": none["planner.pkce"], "planner.nonce": none["planner.nonce"], id: value}
	}
	for _, tt := range []struct {
		name     string
		policy   check.Policy
		settings check.Settings
		started  bool   // Maya's browser is in the middle of a sign-in of its own
		by       string // the check that refuses; empty if Maya posts on Mallory's account
	}{
		{"no state, observed", loose, none, false, ""},
		{"a constant state, observed", loose, with("planner.state", "constant"), false, ""},
		{"no state", nil, none, false, "client.state-bound"},
		{"a constant state", nil, with("planner.state", "constant"), true, "client.state-bound"},
		{"a bound state, none started", loose, with("planner.state", "bound"), false, "client.attempt"},
		{"a bound state", loose, with("planner.state", "bound"), true, "client.state"},
		{"PKCE", loose, with("planner.pkce", "S256"), true, "as.pkce-verifier"},
		{"a nonce", loose, with("planner.nonce", "bound"), true, "client.nonce"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := arranged(t, tt.policy, tt.settings)
			if tt.started {
				if _, err := s.act(ctx, Browser, Act{Do: "open", URL: plannerOrigin + "/connect"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.forcedLinking(ctx); err != nil {
				t.Fatal(err)
			}
			events, err := s.events(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			linked := author(t, s) == malloryAccount.Sub
			if linked != (tt.by == "") || lastRefusal(events) != tt.by {
				t.Errorf("Maya posts on Mallory's account: %v; refused by %q, want %q", linked, lastRefusal(events), tt.by)
			}
		})
	}
}

// TestADesktopAppListensOnAnyPort of its own device, and on nothing else (RFC 8252 §7.3).
func TestADesktopAppListensOnAnyPort(t *testing.T) {
	s := arranged(t, nil, nil)
	for uri, want := range map[string]string{
		"http://127.0.0.1:51004/callback":              "",
		"http://127.0.0.1/callback":                    "",
		"http://127.0.0.1:51004/other":                 "as.redirect-uri-exact",
		"http://127.0.0.2:51004/callback":              "as.redirect-uri-exact",
		"http://127.0.0.1.mallory.test:1/callback":     "as.redirect-uri-exact",
		"https://127.0.0.1:51004/callback":             "as.redirect-uri-exact",
		"http://127.0.0.1:51004@mallory.test/callback": "as.redirect-uri-exact",
	} {
		q := url.Values{"response_type": {"code"}, "client_id": {desktopClientID}, "redirect_uri": {uri}, "scope": {publicScope}, "code_challenge": {s256("desktop")}, "code_challenge_method": {"S256"}}
		_, _, before, err := s.log.Info(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.act(context.Background(), Browser, Act{Do: "open", URL: s.issuer.URL + "/authorize?" + q.Encode()}); err != nil {
			t.Fatal(err)
		}
		events, err := s.events(context.Background(), before)
		if err != nil {
			t.Fatal(err)
		}
		if got := lastRefusal(events); got != want {
			t.Errorf("%s is refused by %q, want %q", uri, got, want)
		}
	}
}
