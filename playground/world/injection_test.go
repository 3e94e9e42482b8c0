package world

import (
	"context"
	"slices"
	"testing"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// lastRefusal is the check that refused a request of the events last; empty if none did.
func lastRefusal(events []trace.Event) (id string) {
	for _, e := range events {
		for _, v := range e.Verdicts {
			if v.Outcome == check.Failed && v.Mode == check.Enforce {
				id = v.Check
			}
		}
	}
	return id
}

// TestACodeIsInjected into a session of Mallory's, where nothing ties it to Maya's; what does, refuses it.
func TestACodeIsInjected(t *testing.T) {
	for _, tt := range []struct {
		name, pkce, nonce string
		observe           bool
		by                string // the check that refuses; empty if Mallory publishes as Maya
	}{
		{"neither, observed", "none", "none", true, ""},
		{"neither", "none", "none", false, "client.code-bound"},
		{"PKCE", "S256", "none", false, "as.pkce-verifier"},
		{"a nonce", "none", "bound", false, "client.nonce"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			if err := s.SetSettings(ctx, check.Settings{"planner.pkce": tt.pkce, "planner.nonce": tt.nonce}); err != nil {
				t.Fatal(err)
			}
			if tt.observe {
				if err := s.SetPolicy(ctx, check.Policy{"client.code-bound": check.Observe}); err != nil {
					t.Fatal(err)
				}
			}
			mayaStopsWithACode(t, s)
			if err := s.codeInjector(ctx); err != nil {
				t.Fatal(err)
			}
			events, err := s.events(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			published := slices.ContainsFunc(events, func(e trace.Event) bool { return e.Request != nil && e.From == Client && e.To == API })
			if published != (tt.by == "") || lastRefusal(events) != tt.by {
				t.Errorf("Mallory publishes: %v; refused by %q, want %q", published, lastRefusal(events), tt.by)
			}
		})
	}
}

// mayaStopsWithACode connects Planner as Maya, up to where her browser would bring the code to it.
func mayaStopsWithACode(t *testing.T, s *Sandbox) {
	t.Helper()
	ctx := context.Background()
	k, err := s.act(ctx, Browser, Act{Do: "open", URL: plannerOrigin + "/connect"})
	if err == nil {
		_, err = s.act(ctx, Browser, Act{Do: "submit", Target: "login", Fields: map[string][]string{"username": {"maya"}, "password": {practicePassword}}})
	}
	if err == nil {
		k, err = s.act(ctx, Browser, Act{Do: "submit", Target: "allow", Step: true})
	}
	if err != nil || k.State.Pending == nil {
		t.Fatalf("no code waits: %v", err)
	}
}

// TestAChallengeIsStripped: who relies on PKCE alone needs a server that refuses a verifier for a code without a challenge;
// state and nonce notice as well.
func TestAChallengeIsStripped(t *testing.T) {
	for _, tt := range []struct {
		name, state, nonce string
		observe            bool
		by                 string // empty: Maya publishes on Mallory's account
	}{
		{"PKCE alone, observed", "none", "none", true, ""},
		{"PKCE alone", "none", "none", false, "as.pkce-downgrade"},
		{"a state", "bound", "none", true, "client.state"},
		{"a nonce", "none", "bound", true, "client.nonce"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			if err := s.SetSettings(ctx, check.Settings{"planner.state": tt.state, "planner.nonce": tt.nonce}); err != nil {
				t.Fatal(err)
			}
			if tt.observe {
				if err := s.SetPolicy(ctx, check.Policy{"as.pkce-downgrade": check.Observe}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.challengeStripper(ctx); err != nil {
				t.Fatal(err)
			}
			events, err := s.events(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.posts(ctx)
			if err != nil {
				t.Fatal(err)
			}
			published := all.Posts[len(all.Posts)-1].Author == malloryAccount.Sub
			if published != (tt.by == "") || lastRefusal(events) != tt.by {
				t.Errorf("Maya publishes on Mallory's account: %v; refused by %q, want %q", published, lastRefusal(events), tt.by)
			}
		})
	}
}
