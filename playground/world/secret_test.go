package world

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
)

// TestALogIsRead: what Mallory finds in Planner's log depends on where Planner puts its secret, and what it is worth on Chirper.
func TestALogIsRead(t *testing.T) {
	open := check.Policy{"as.code-single-use": check.Observe, "as.pkce-verifier": check.Observe, "as.credentials-not-in-url": check.Observe, "as.client-guesses": check.Observe}
	for _, tt := range []struct {
		name     string
		bot      string
		settings check.Settings
		policy   check.Policy
		by       string // the check that refuses; empty if Mallory posts as Maya
	}{
		{"the secret in the address", "log-thief", check.Settings{"planner.client-auth": "url"}, nil, ""},
		{"in the header", "log-thief", nil, nil, "as.client-authentication"},
		{"in the body", "log-thief", check.Settings{"planner.client-auth": "body"}, nil, "as.client-authentication"},
		{"a code works once", "log-thief", check.Settings{"planner.client-auth": "url"}, check.Policy{"as.code-single-use": check.Enforce}, "as.code-single-use"},
		{"PKCE", "log-thief", check.Settings{"planner.client-auth": "url"}, check.Policy{"as.pkce-verifier": check.Enforce}, "as.pkce-verifier"},
		{"a word for a secret", "secret-guesser", check.Settings{"planner.secret": "short"}, nil, ""},
		{"five guesses", "secret-guesser", check.Settings{"planner.secret": "short"}, check.Policy{"as.client-guesses": check.Enforce}, "as.client-guesses"},
		{"a long secret", "secret-guesser", check.Settings{"planner.secret": "new"}, nil, "as.client-authentication"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			for _, p := range []check.Policy{open, tt.policy} {
				if err := s.SetPolicy(ctx, p); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range []check.Settings{{"planner.status-page": "open"}, tt.settings} {
				if err := s.SetSettings(ctx, m); err != nil {
					t.Fatal(err)
				}
			}
			if end, err := s.victimOpens(ctx, plannerOrigin+"/connect"); err != nil || end != plannerOrigin+"/" {
				t.Fatalf("Maya ends at %s: %v", end, err)
			}
			if err := bots[tt.bot](s, ctx); err != nil {
				t.Fatal(err)
			}
			events, err := s.events(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			posted := false
			for _, e := range events {
				posted = posted || e.Request != nil && e.From == Attacker && e.To == API
			}
			if posted != (tt.by == "") || tt.by != "" && lastRefusal(events) != tt.by {
				t.Errorf("Mallory posts: %v; refused by %q, want %q", posted, lastRefusal(events), tt.by)
			}

			// However often a stranger has guessed, Planner itself is served.
			if end, err := s.victimOpens(ctx, plannerOrigin+"/connect"); err != nil || end != plannerOrigin+"/" {
				t.Errorf("and then Maya ends at %s: %v", end, err)
			}
		})
	}
}

// TestTheStatusPage shows addresses and nothing else, of this run, and only where its developers have left it open.
func TestTheStatusPage(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	ask := func() (int, string) {
		req, _ := http.NewRequest(http.MethodGet, plannerOrigin+statusPath, nil)
		res, body, _, err := s.call(ctx, Attacker, req)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if _, err := s.victimOpens(ctx, plannerOrigin+"/connect"); err != nil {
		t.Fatal(err)
	}
	if status, body := ask(); status != http.StatusNotFound || strings.Contains(body, "/callback") || !strings.Contains(body, "<h1>Not a page for visitors</h1>") {
		t.Errorf("closed, it answers %d: %s", status, body)
	}
	if err := s.SetSettings(ctx, check.Settings{"planner.status-page": "open"}); err != nil {
		t.Fatal(err)
	}
	_, body := ask()
	for _, wanted := range []string{"in  GET https://planner.test/callback?code=", "out POST https://auth.chirper.test/token\n"} {
		if !strings.Contains(body, wanted) {
			t.Errorf("the log lacks %q:\n%s", wanted, body)
		}
	}
	for _, kind := range []string{"client_secret#1", "access_token#1", "code_verifier#1"} {
		if value, ok, err := s.recorder.Value(ctx, kind); err != nil || !ok || strings.Contains(body, value) {
			t.Errorf("the log has %s: %v %v", kind, ok, err)
		}
	}
	if err := s.newRun(ctx, true); err != nil {
		t.Fatal(err)
	}
	if _, body := ask(); strings.Contains(body, "/callback") {
		t.Error("the log has lines of an earlier run")
	}
}
