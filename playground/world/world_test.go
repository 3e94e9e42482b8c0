package world

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// connected is a code-flow sandbox in which Planner holds a token.
func connected(t *testing.T) *Sandbox {
	t.Helper()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	for _, step := range []string{"planner", "leave", "sign-in", "allow", "swap"} {
		if _, err := s.Play(context.Background(), step, nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func value(t *testing.T, s *Sandbox, tag string) string {
	t.Helper()
	v, ok, err := s.recorder.Value(context.Background(), tag)
	if !ok || err != nil {
		t.Fatalf("no %s in this run: %v", tag, err)
	}
	return v
}

// ask sends a request as the attacker, who may send anything.
func ask(t *testing.T, s *Sandbox, method, address, token string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(`{"text":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, body, _, err := s.call(context.Background(), Attacker, req)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// refusedBy is the check that refused the last request to a receiver.
func refusedBy(t *testing.T, s *Sandbox, receiver string) string {
	t.Helper()
	events, err := s.events(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Backward(events) {
		if e.Response == nil || e.From != receiver {
			continue
		}
		for _, v := range e.Verdicts {
			if refuses(e, v.Check) {
				return v.Check
			}
		}
		return ""
	}
	return ""
}

// refuses tells whether an answer was refused by a check.
func refuses(e trace.Event, id string) bool {
	return slices.ContainsFunc(e.Verdicts, func(v check.Verdict) bool {
		return v.Check == id && v.Outcome == check.Failed && v.Mode == check.Enforce
	})
}

// TestTheAPIAsksEachTokenItsQuestions: four answers that an app has to tell apart (RFC 6750 §3).
func TestTheAPIAsksEachTokenItsQuestions(t *testing.T) {
	s := connected(t)
	access, id := value(t, s, "access_token#1"), value(t, s, "id_token#1")
	forged := access[:len(access)-6] + "AAAAAA"
	for _, tt := range []struct {
		name, method, path, token string
		status                    int
		check, challenge          string
	}{
		{"no token", "GET", "/posts", "", 401, "api.token-present", `Bearer realm="chirper"`},
		{"not a JWT", "GET", "/posts", "abc", 401, "api.token-readable", `error="invalid_token"`},
		{"an ID token", "GET", "/posts", id, 401, "api.token-type", `error="invalid_token"`},
		{"a forged signature", "GET", "/posts", forged, 401, "api.signature", `error="invalid_token"`},
		{"a scope it does not have", "DELETE", "/account", access, 403, "api.scope", `scope="account:admin"`},
		{"the password, with a scope it does not have", "PUT", "/password", access, 403, "api.scope", `error="insufficient_scope"`},
		{"as it should be", "GET", "/posts", access, 200, "", ""},
		{"another method", "PATCH", "/posts", access, 405, "", ""},
		{"nothing there", "GET", "/nothing", access, 404, "", ""},
	} {
		res, _ := ask(t, s, tt.method, "https://api.chirper.test"+tt.path, tt.token)
		if res.StatusCode != tt.status || refusedBy(t, s, API) != tt.check || !strings.Contains(res.Header.Get("WWW-Authenticate"), tt.challenge) {
			t.Errorf("%s: %d by %q, %s", tt.name, res.StatusCode, refusedBy(t, s, API), res.Header.Get("WWW-Authenticate"))
		}
	}
	twice, err := http.NewRequest("GET", "https://api.chirper.test/posts", nil)
	if err != nil {
		t.Fatal(err)
	}
	twice.Header["Authorization"] = []string{"Bearer " + access, "Bearer " + access}
	if res, _, _, err := s.call(context.Background(), Attacker, twice); err != nil || res.StatusCode != 400 || !strings.Contains(res.Header.Get("WWW-Authenticate"), `error="invalid_request"`) {
		t.Errorf("two tokens: %+v %v", res, err)
	}
	if err := s.Advance(context.Background(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if res, _ := ask(t, s, "GET", "https://api.chirper.test/posts", access); res.StatusCode != 401 || refusedBy(t, s, API) != "api.expiry" {
		t.Errorf("an hour later: %d by %q", res.StatusCode, refusedBy(t, s, API))
	}
}

// TestPlannerUsesNoAnswerThatIsNotItsOwn edits the waiting redirect as an attacker would.
func TestPlannerUsesNoAnswerThatIsNotItsOwn(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edit  func(url.Values)
		check string
	}{
		{"another state", func(q url.Values) { q.Set("state", "x") }, "client.state"},
		{"no state", func(q url.Values) { q.Del("state") }, "client.state"},
		{"another issuer", func(q url.Values) { q.Set("iss", "https://mallory.test") }, "client.issuer"},
		{"no issuer", func(q url.Values) { q.Del("iss") }, "client.issuer"},
		{"an error", func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, "client.error-response"},
		{"no code", func(q url.Values) { q.Del("code") }, "client.response-complete"},
		{"two codes", func(q url.Values) { q.Add("code", "x") }, "client.response-complete"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			for _, step := range []string{"planner", "leave", "sign-in", "allow"} {
				if _, err := s.Play(ctx, step, nil); err != nil {
					t.Fatal(err)
				}
			}
			view, err := s.View(ctx)
			if err != nil {
				t.Fatal(err)
			}
			pending := view.Browsers[Browser].Pending
			u, _ := url.Parse(pending.URL)
			q := u.Query()
			tt.edit(q)
			u.RawQuery = q.Encode()
			pending.URL = u.String()
			if _, err := s.Act(ctx, Browser, Act{Do: "follow", Request: pending}); err != nil {
				t.Fatal(err)
			}
			if got := refusedBy(t, s, Client); got != tt.check {
				t.Errorf("refused by %q, want %q", got, tt.check)
			}
			events, _ := s.events(ctx, 0)
			if slices.ContainsFunc(events, func(e trace.Event) bool { return e.From == Client && e.To == AS && e.Request != nil }) {
				t.Error("Planner called /token all the same")
			}
		})
	}
}

// An attempt is answered once, whichever cookie asks again: with the old one nothing can be answered any more.
func TestTheSessionThatAskedEndsWithItsAnswer(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	for _, step := range []string{"planner", "leave", "sign-in", "allow"} {
		if _, err := s.Play(ctx, step, nil); err != nil {
			t.Fatal(err)
		}
	}
	view, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cookie, callback := value(t, s, "session#1"), view.Browsers[Browser].Pending.URL
	if _, err := s.Play(ctx, "swap", nil); err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodGet, callback, nil)
	req.AddCookie(&http.Cookie{Name: plannerCookie, Value: cookie})
	if _, _, _, err := s.call(ctx, Attacker, req); err != nil {
		t.Fatal(err)
	}
	if got := refusedBy(t, s, Client); got != "client.attempt" {
		t.Errorf("an answer that came again was refused by %q, want client.attempt", got)
	}
}

// TestACodeThatHasWaitedTooLongIsRefused winds the clock while the redirect waits.
func TestACodeThatHasWaitedTooLongIsRefused(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	for _, step := range []string{"planner", "leave", "sign-in", "allow"} {
		if _, err := s.Play(ctx, step, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Advance(ctx, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Act(ctx, Browser, Act{Do: "follow"}); err != nil {
		t.Fatal(err)
	}
	if got := refusedBy(t, s, AS); got != "as.code-fresh" {
		t.Errorf("refused by %q, want as.code-fresh", got)
	}
}

// TestADoubleClickIsRefused: one act at a time, and what is refused leaves no trace.
func TestADoubleClickIsRefused(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, busy := 0, 0
	for range 20 {
		wg.Go(func() {
			_, err := s.Act(ctx, Browser, Act{Do: "open", URL: "https://planner.test/"})
			mu.Lock()
			defer mu.Unlock()
			var p Problem
			switch {
			case err == nil:
				done++
			case errors.As(err, &p) && p.Status == http.StatusConflict:
				busy++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	events, err := s.events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	for _, e := range events {
		if e.Request != nil {
			requests++
		}
	}
	if done+busy != 20 || done == 0 || requests != done {
		t.Errorf("%d done, %d refused, %d requests on the wire", done, busy, requests)
	}
}

// TestPlayingAgainIsANewRun: the same world, browsers that know nothing of it, numbers and tags from the start.
func TestPlayingAgainIsANewRun(t *testing.T) {
	ctx := context.Background()
	s := connected(t)
	for _, step := range []string{"planner", "leave", "sign-in"} {
		p, err := s.Play(ctx, step, nil)
		if err != nil || !p.Passed {
			t.Fatalf("%s: %+v %v", step, p.Expect, err)
		}
		if p.State.Run != 2 {
			t.Errorf("%s is played in run %d", step, p.State.Run)
		}
	}
	events, _ := s.events(ctx, 0)
	last := events[len(events)-1]
	if last.Run != 2 || value(t, s, "state#1") == "" {
		t.Errorf("the last event is of run %d", last.Run)
	}
}

// TestALearnerWhoLeavesChangesNothing: an act goes on to its end when whoever asked has gone.
func TestALearnerWhoLeavesChangesNothing(t *testing.T) {
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Play(ctx, "planner", nil); err != nil {
		t.Fatal(err)
	}
	if view, err := s.View(context.Background()); err != nil || !slices.Contains(view.Passed, "planner") {
		t.Errorf("the step has not passed: %+v, %v", view.Passed, err)
	}
}

func TestRequestsAreReadAsPeopleWriteThem(t *testing.T) {
	req, err := parseRequest("POST https://auth.chirper.test/token\nContent-Type: text/plain\n\na=b\n\nc")
	if err != nil || req.Method != "POST" || req.Header.Get("Content-Type") != "text/plain" || req.ContentLength != int64(len("a=b\n\nc")) {
		t.Errorf("%+v, %v", req, err)
	}
	for _, bad := range []string{"", "GET", "GET /token", "GET https://x/\nno header", "G T https://x/"} {
		if _, err := parseRequest(bad); err == nil {
			t.Errorf("%q is a request", bad)
		}
	}
}

// TestPlannerBelievesNoIDTokenThatIsNotForIt: each claim of OpenID Connect Core 1.0 §3.1.3.7 by itself.
func TestPlannerBelievesNoIDTokenThatIsNotForIt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*idToken)
		check string // the one that refuses; empty: none
	}{
		{"as it should be", func(*idToken) {}, ""},
		{"not a JWT", func(i *idToken) { i.decoded = false }, "client.id-token-present"},
		{"no user", func(i *idToken) { i.claims.Subject = "" }, "client.id-token-present"},
		{"an issuer that only looks alike", func(i *idToken) { i.claims.Issuer += "/" }, "client.id-token-issuer"},
		{"another client", func(i *idToken) { i.claims.Audience = audience{"mallory-app"} }, "client.id-token-audience"},
		{"another client too", func(i *idToken) { i.claims.Audience = append(i.claims.Audience, "mallory-app") }, "client.id-token-audience"},
		{"nobody", func(i *idToken) { i.claims.Audience = nil }, "client.id-token-audience"},
		{"another party", func(i *idToken) { i.claims.Party = "mallory-app" }, "client.id-token-party"},
		{"the party itself", func(i *idToken) { i.claims.Party = plannerClientID }, ""},
		{"over this second", func(i *idToken) { i.claims.Expires = float64(noon.Unix()) }, "client.id-token-expiry"},
		{"no expiry", func(i *idToken) { i.claims.Expires = 0 }, "client.id-token-expiry"},
		{"another nonce", func(i *idToken) { i.claims.Nonce = "x" }, "client.nonce"},
		{"no nonce", func(i *idToken) { i.claims.Nonce = "" }, "client.nonce"},
		{"another access token", func(i *idToken) { i.accessToken = "other" }, "client.at-hash"},
	} {
		i := &idToken{accessToken: "token", issuer: "https://auth.chirper.test", clientID: plannerClientID, attempt: &attempt{Nonce: "n"}, now: noon, decoded: true}
		i.claims.Issuer, i.claims.Subject, i.claims.Audience = i.issuer, "u", audience{plannerClientID}
		i.claims.Expires, i.claims.Nonce, i.claims.AtHash = float64(noon.Unix()+1), "n", atHash("token")
		tt.spoil(i)
		sheet := new(check.Sheet)
		// The signature is judged elsewhere, with tokens that Chirper has signed.
		err := idTokenChecks.Run(check.WithSheet(context.Background(), sheet), check.Policy{"client.id-token-signature": check.Off}, i)
		refused := ""
		for _, v := range sheet.Verdicts() {
			if v.Outcome == check.Failed {
				refused = v.Check
			}
		}
		if refused != tt.check || (err != nil) != (tt.check != "") {
			t.Errorf("%s: refused by %q, %v", tt.name, refused, err)
		}
	}
}
