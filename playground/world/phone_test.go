package world

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// connectApp connects Planner's app on the phone, as Maya, and returns what was recorded.
func connectApp(t *testing.T, s *Sandbox) []trace.Event {
	t.Helper()
	ctx := context.Background()
	if err := s.appInterceptor(ctx); err != nil {
		t.Fatal(err)
	}
	events, err := s.events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// exchanged tells whether there is an exchange "FROM -> TO METHOD PATH".
func exchanged(events []trace.Event, from, to, method, path string) bool {
	return slices.ContainsFunc(events, func(e trace.Event) bool {
		if e.Request == nil || e.From != from || e.To != to || e.Request.Method != method {
			return false
		}
		address, _, _ := strings.Cut(e.Request.URL, "?")
		return strings.HasSuffix(address, path)
	})
}

// TestThePhoneHandsTheAnswerToTheApp that claims the address; the app gets its token on its own connection, and what it put by
// is followed from there on.
func TestThePhoneHandsTheAnswerToTheApp(t *testing.T) {
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	events := connectApp(t, s)
	for _, x := range [][4]string{{Browser, Phone, "OPEN", "test.planner:/callback"}, {Phone, AS, "POST", "/token"}, {Phone, API, "GET", "/posts"}} {
		if !exchanged(events, x[0], x[1], x[2], x[3]) {
			t.Errorf("nothing was sent from %s to %s: %s %s", x[0], x[1], x[2], x[3])
		}
	}
	kept := slices.IndexFunc(events, func(e trace.Event) bool {
		return slices.ContainsFunc(e.Finds, func(f trace.Find) bool { return f.Tag == "code_verifier#1" && f.In == "storage" })
	})
	sent := slices.IndexFunc(events, func(e trace.Event) bool {
		return slices.ContainsFunc(e.Finds, func(f trace.Find) bool { return f.Tag == "code_verifier#1" && f.In == "body" })
	})
	if kept < 0 || sent < kept {
		t.Errorf("the verifier was put by at %d and sent at %d", kept, sent)
	}
	view, err := s.Act(context.Background(), Browser, Act{Do: "click", Target: "work"})
	if err != nil || view.Title != "Content Planner" {
		t.Fatalf("the app's work: %+v %v", view, err)
	}
	k, err := s.kept(context.Background(), Browser)
	if err != nil || !strings.Contains(k.State.Page.Body, "From verifier to challenge") {
		t.Errorf("the app shows %s", k.State.Page.Body)
	}
}

// TestTheAppShowsTheChallengeThatItSent, by either method.
func TestTheAppShowsTheChallengeThatItSent(t *testing.T) {
	for method, hashed := range map[string]bool{"S256": true, "plain": false} {
		t.Run(method, func(t *testing.T) {
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			if err := s.SetSettings(ctx, check.Settings{"phone.pkce": method}); err != nil {
				t.Fatal(err)
			}
			if err := s.SetPolicy(ctx, check.Policy{"as.pkce-s256": check.Observe}); err != nil {
				t.Fatal(err)
			}
			events := connectApp(t, s)
			if _, err := s.Act(ctx, Browser, Act{Do: "click", Target: "work"}); err != nil {
				t.Fatal(err)
			}
			asked := slices.IndexFunc(events, func(e trace.Event) bool {
				return e.Request != nil && strings.Contains(e.Request.URL, "code_challenge=")
			})
			u, err := url.Parse(events[asked].Request.URL)
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.kept(ctx, Browser)
			if err != nil {
				t.Fatal(err)
			}
			if body := k.State.Page.Body; !strings.Contains(body, "challenge</dt><dd><code>"+u.Query().Get("code_challenge")+"</code>") || strings.Contains(body, "SHA-256") != hashed {
				t.Errorf("the challenge was %s, and the app shows %s", u.Query().Get("code_challenge"), body)
			}
		})
	}
}

// TestTheWrongAppGetsTheAnswer: it can do with it what the protections leave it.
func TestTheWrongAppGetsTheAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, pkce string
		observe    string
		posts      bool
	}{
		{"no PKCE", "none", "as.pkce-required", true},
		{"plain, and she saw the request", "plain", "as.pkce-s256", true},
		{"S256", "S256", "", false},
		{"no PKCE, enforced", "none", "", false},
		{"plain, enforced", "plain", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			if err := s.SetSettings(ctx, map[string]string{"phone.claims": "mallory", "phone.pkce": tt.pkce}); err != nil {
				t.Fatal(err)
			}
			if tt.observe != "" {
				if err := s.SetPolicy(ctx, check.Policy{tt.observe: "observe"}); err != nil {
					t.Fatal(err)
				}
			}
			events := connectApp(t, s)
			if !exchanged(events, Browser, Attacker, "OPEN", "test.planner:/callback") || exchanged(events, Phone, AS, "POST", "/token") {
				t.Error("the phone opened Planner's app")
			}
			if got := exchanged(events, Attacker, API, "POST", "/posts"); got != tt.posts {
				t.Errorf("Mallory posts as Maya: %v", got)
			}
		})
	}
}

// TestTheBrowserAppSwapsTheCodeInThePage with a request of its own, from another origin.
func TestTheBrowserAppSwapsTheCodeInThePage(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	k, err := s.act(ctx, Browser, Act{Do: "open", URL: plannerOrigin + "/web"})
	if err == nil {
		k, err = s.act(ctx, Browser, Act{Do: "click", Target: "connect"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.victimAnswers(ctx, k); err != nil {
		t.Fatal(err)
	}
	events, err := s.events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !exchanged(events, SPA, AS, "POST", "/token") {
		t.Error("the page did not swap its code")
	}
	if k, err = s.kept(ctx, Browser); err != nil || !strings.Contains(k.State.Page.Body, "The token is in this page.") {
		t.Errorf("the page says %s", k.State.Page.Body)
	}
}

// TestPlainIsRefusedInLessonsAndToldInAWorkbench: apps of other people may still use it there.
func TestPlainIsRefusedInLessonsAndToldInAWorkbench(t *testing.T) {
	w := newWorld(t, engine.NewMemory())
	for _, tt := range []struct {
		spec Spec
		mode check.Mode
		list string
	}{
		{Spec{Lesson: "code-flow"}, check.Enforce, `"code_challenge_methods_supported":["S256"]`},
		{Spec{Kind: KindWorkbench}, check.Observe, `"code_challenge_methods_supported":["S256","plain"]`},
	} {
		s := newSandbox(t, w, tt.spec)
		view, err := s.View(context.Background())
		if err != nil || view.Policy["as.pkce-s256"] != tt.mode {
			t.Errorf("%+v: plain is met with %q %v", tt.spec, view.Policy["as.pkce-s256"], err)
		}
		res := httptest.NewRecorder()
		s.issuer.ServeHTTP(res, httptest.NewRequest("GET", "/.well-known/openid-configuration", nil))
		if !strings.Contains(res.Body.String(), tt.list) {
			t.Errorf("%+v: the metadata does not say %s", tt.spec, tt.list)
		}
	}
}
