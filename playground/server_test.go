package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
	"golang.org/x/oauth2"

	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// box is a sandbox as a stranger with its key sees it.
type box struct {
	world.Created
	base string
}

func newBox(t testing.TB, base, spec string) box {
	t.Helper()
	b := box{base: base}
	r := do(t, http.DefaultClient, jsonRequest("POST", base+"/api/sandboxes", spec))
	described(t, "POST", "/api/sandboxes", r)
	if err := json.Unmarshal(r.body, &b.Created); err != nil || r.status != http.StatusCreated {
		t.Fatalf("new sandbox: %d %s", r.status, r.body)
	}
	return b
}

// call asks the API; key may be empty.
func (b box) call(t testing.TB, method, path, key, body string) result {
	t.Helper()
	req := mustRequest(method, b.base+"/api/sandboxes/"+b.ID+path, "")
	if body != "" {
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	r := do(t, http.DefaultClient, req)
	described(t, method, "/api/sandboxes/"+b.ID+path, r) // every answer the tests see is held against the OpenAPI document
	return r
}

func (b box) dial(t testing.TB, since uint64, epoch, key string) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + key}}
	c, _, err := d.Dial(fmt.Sprintf("%s/api/sandboxes/%s/stream?since=%d&epoch=%s", strings.Replace(b.base, "http", "ws", 1), b.ID, since, epoch), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return c
}

// read is one message of a stream.
func read(t testing.TB, c *websocket.Conn) (map[string]any, []byte) {
	t.Helper()
	_, raw, err := c.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m, raw
}

// TestAnAppSignsInOverTCP points the client libraries of Go programmers at a workbench, with forms and without.
func TestAnAppSignsInOverTCP(t *testing.T) {
	var logged bytes.Buffer
	base := startServer(t, Config{Log: slog.New(slog.NewTextHandler(&locked{w: &logged}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, login := range []string{"form", "auto"} {
		t.Run(login, func(t *testing.T) {
			ctx := context.Background()
			b := newBox(t, base, `{"kind":"workbench","login":"`+login+`"}`)
			var client struct {
				ID     string `json:"client_id"`
				Secret string `json:"client_secret"`
			}
			post(t, b.Issuer+"/register", `{"redirect_uris":["http://127.0.0.1:9/cb"]}`, &client)
			provider, err := oidc.NewProvider(ctx, b.Issuer)
			if err != nil {
				t.Fatal(err)
			}
			app := oauth2.Config{ClientID: client.ID, ClientSecret: client.Secret, Endpoint: provider.Endpoint(), RedirectURL: "http://127.0.0.1:9/cb", Scopes: []string{"openid", "profile"}}
			verifier := oauth2.GenerateVerifier()
			back := browse(t, app.AuthCodeURL("s-1", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n-1")))
			tokens, err := app.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := tokens.Extra("id_token").(string)
			id, err := provider.Verifier(&oidc.Config{ClientID: client.ID}).Verify(ctx, raw)
			if err != nil || id.Nonce != "n-1" {
				t.Fatalf("ID token: %v %v", id, err)
			}
			info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
			if err != nil || info.Subject != id.Subject {
				t.Fatalf("user info: %v %v", info, err)
			}

			// What happened is in the record, in every format, and none of its secrets is in the log.
			ndjson := b.call(t, "GET", "/trace", b.Key, "")
			events, err := trace.ReadNDJSON(bytes.NewReader(ndjson.body))
			if err != nil || len(events) == 0 {
				t.Fatalf("trace: %v, %d events", err, len(events))
			}
			for _, format := range []string{"har", "mermaid", "curl", "md"} {
				if r := b.call(t, "GET", "/trace?format="+format, b.Key, ""); r.status != 200 || !bytes.Contains(r.body, []byte("/token")) {
					t.Errorf("%s: %d %.100s", format, r.status, r.body)
				}
			}
			for what, secret := range map[string]string{"code": back.Get("code"), "token": tokens.AccessToken, "verifier": verifier, "secret": client.Secret, "key": b.Key, "password": "practice-only"} {
				if strings.Contains(logged.String(), secret) {
					t.Errorf("the log holds a %s", what)
				}
			}
		})
	}
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

var (
	formTag  = regexp.MustCompile(`<form[^>]*action="([^"]+)"`)
	inputTag = regexp.MustCompile(`<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"`)
)

// browse follows the front channel as a browser without script would, as Maya, and returns the callback's parameters.
func browse(t testing.TB, start string) url.Values {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	hc := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req := mustRequest("GET", start, "")
	for range 8 {
		res := do(t, hc, req)
		if to := res.header.Get("Location"); to != "" {
			u, err := req.URL.Parse(to)
			if err != nil {
				t.Fatal(err)
			}
			if u.Path == "/cb" {
				return u.Query()
			}
			req = mustRequest("GET", u.String(), "")
			continue
		}
		f := formTag.FindSubmatch(res.body)
		if f == nil {
			t.Fatalf("%s: %d without a form: %.200s", req.URL.Path, res.status, res.body)
		}
		form := url.Values{"choice": {"allow"}}
		for _, in := range inputTag.FindAllSubmatch(res.body, -1) {
			form.Add(string(in[1]), string(in[2]))
		}
		u, _ := req.URL.Parse(string(f[1]))
		req = mustRequest("POST", u.String(), form.Encode())
	}
	t.Fatal("too many hops")
	return nil
}

// TestEveryRouteOfASandboxNeedsItsKey walks the table of routes with no key, a wrong one and another sandbox's.
func TestEveryRouteOfASandboxNeedsItsKey(t *testing.T) {
	base := startServer(t, Config{})
	mine, other := newBox(t, base, `{"lesson":"code-flow"}`), newBox(t, base, `{"lesson":"code-flow"}`)
	for _, r := range routes() {
		path, ok := strings.CutPrefix(r.Path, "/api/sandboxes/:id")
		if !ok || path == "/stream" {
			continue
		}
		path = strings.NewReplacer(":step", "planner", ":browser", "browser").Replace(path)
		for _, key := range []string{"", "x", other.Key} {
			res := mine.call(t, r.Method, path, key, "")
			if res.status != http.StatusUnauthorized || res.header.Get("Content-Type") != "application/problem+json" || res.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with key %.3q: %d %s", r.Method, r.Path, key, res.status, res.body)
			}
		}
	}
	for _, key := range []string{"", "x", other.Key} {
		c := mine.dial(t, 0, "", key)
		if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, closeBadKey) {
			t.Errorf("stream with key %.3q: %v, want close %d and no message", key, err, closeBadKey)
		}
	}
}

// TestBadInputIsAnsweredInWords: each mistake gets a status and a sentence that says what to do.
func TestBadInputIsAnsweredInWords(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"not JSON", "PUT", "/policy", `as.pkce-verifier=off`, 400, "not JSON"},
		{"a list", "PUT", "/policy", `[]`, 400, "JSON object"},
		{"two objects", "PUT", "/policy", `{}{}`, 400, "one object"},
		{"null", "PUT", "/policy", `null`, 400, "not null"},
		{"a doubled member", "PUT", "/policy", `{"as.pkce-verifier":"off","as.pkce-verifier":"enforce"}`, 400, "twice"},
		{"wrongly encoded", "PUT", "/settings", "{\"planner.pkce\":\"\xff\"}", 400, "UTF-8"},
		{"no body", "PUT", "/policy", ``, 415, "application/json"},
		{"unknown check", "PUT", "/policy", `{"as.nothing":"off"}`, 422, `no check "as.nothing"`},
		{"unknown mode", "PUT", "/policy", `{"as.pkce-verifier":"maybe"}`, 422, "enforce, observe and off"},
		{"required check", "PUT", "/policy", `{"as.client-known":"off"}`, 422, "required"},
		{"wrong type", "PUT", "/policy", `{"as.pkce-verifier":1}`, 400, "number"},
		{"unknown setting", "PUT", "/settings", `{"planner.colour":"blue"}`, 422, "no setting"},
		{"impossible setting", "PUT", "/settings", `{"planner.pkce":"S512"}`, 422, "S256, plain, none"},
		{"no duration", "POST", "/clock", `{"advance":"soon"}`, 400, "10m"},
		{"backwards", "POST", "/clock", `{"advance":"-1h"}`, 422, "forward"},
		{"too far", "POST", "/clock", `{"advance":"200000h"}`, 422, "ten years"},
		{"unknown member", "POST", "/clock", `{"advance":"1m","why":1}`, 400, `no member "why"`},
		{"unknown step", "POST", "/steps/nowhere/play", `{}`, 404, `no step "nowhere"`},
		{"edit of what can't be edited", "POST", "/steps/planner/play", `{"edits":{"0":"x"}}`, 422, "no request"},
		{"unknown question", "POST", "/answers", `{"question":"x","choice":1}`, 404, "no question"},
		{"unknown choice", "POST", "/answers", `{"question":"who-asks","choice":9}`, 422, "count from 1"},
		{"no answer", "POST", "/answers", `{"question":"who-asks"}`, 400, "Say what is answered, once"},
		{"two answers", "POST", "/answers", `{"question":"who-asks","choice":1,"answer":[2]}`, 400, "Say what is answered, once"},
		{"two choices", "POST", "/answers", `{"question":"who-asks","answer":[1,2]}`, 422, "none of the 3 choices"},
		{"words for numbers", "POST", "/answers", `{"question":"who-asks","answer":["first"]}`, 400, "answer can't be"},
		{"unknown browser", "POST", "/browsers/firefox/open", `{"url":"https://planner.test/"}`, 404, "no browser"},
		{"no address", "POST", "/browsers/browser/open", `{"url":"planner"}`, 422, "must begin with https://"},
		{"nothing to follow", "POST", "/browsers/browser/follow", `{}`, 422, "nothing to send"},
		{"nothing to go back to", "POST", "/browsers/browser/back", ``, 422, "no earlier page"},
		{"no page", "POST", "/browsers/browser/submit", `{"button":"login"}`, 422, "no page yet"},
		{"no position", "GET", "/trace?since=-1", ``, 400, "position"},
		{"two positions", "GET", "/trace?since=1&since=2", ``, 400, "twice"},
		{"a position with a sign", "GET", "/trace?since=%2B1", ``, 400, "position"},
		{"a position beyond all numbers", "GET", "/trace?since=99999999999999999999", ``, 400, "position"},
		{"a query that can't be read", "GET", "/trace?since=%zz", ``, 400, "percent-encoded"},
		{"a query joined by semicolons", "GET", "/trace?since=1;format=md", ``, 400, "percent-encoded"},
		{"two formats", "GET", "/trace?format=har&format=md", ``, 400, "twice"},
		{"no format", "GET", "/trace?format=pdf", ``, 400, "ndjson, har"},
		{"too large", "PUT", "/policy", `{"a":"` + strings.Repeat("x", maxJSON) + `"}`, 413, "KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := b.call(t, tt.method, tt.path, b.Key, tt.body)
			var p struct {
				Title, Detail string
				Status        int
			}
			if err := json.Unmarshal(res.body, &p); err != nil || res.header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("not a problem: %d %s %s", res.status, res.header.Get("Content-Type"), res.body)
			}
			if res.status != tt.status || p.Status != tt.status || !strings.Contains(p.Detail, tt.says) {
				t.Errorf("%d %q, want %d and %q", res.status, p.Detail, tt.status, tt.says)
			}
		})
	}
	for body, says := range map[string]string{`{}`: "name a lesson", `{"lesson":"nothing"}`: "no lesson", `{"kind":"zoo"}`: "lesson or workbench", `{"kind":"workbench","login":"magic"}`: "form or auto", `{"kind":"workbench","lesson":"code-flow"}`: "leave one of the two out"} {
		res := do(t, http.DefaultClient, jsonRequest("POST", base+"/api/sandboxes", body))
		described(t, "POST", "/api/sandboxes", res)
		if res.status/100 != 4 || !strings.Contains(string(res.body), says) {
			t.Errorf("create %s: %d %s", body, res.status, res.body)
		}
	}
}

func jsonRequest(method, u, body string) *http.Request {
	req := mustRequest(method, u, "")
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	return req
}

// TestNothingIsLostOrDoubled: many events in a burst, to a client that reads slowly and is cut off five times, arrive
// contiguous, once each, and the same byte for byte.
func TestNothingIsLostOrDoubled(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"kind":"workbench"}`)
	const want = 200
	var burst sync.WaitGroup
	burst.Go(func() {
		for range want / 2 { // a request and its answer each
			do(t, http.DefaultClient, mustRequest("GET", b.Issuer+"/.well-known/openid-configuration", ""))
		}
	})
	var last uint64
	var lines [][]byte
	for last < want {
		c := b.dial(t, last, "", b.Key)
		if hello, _ := read(t, c); hello["type"] != "hello" {
			t.Fatalf("the first message is %v", hello)
		}
		for range want / 5 {
			m, raw := read(t, c)
			seq := uint64(m["seq"].(float64))
			if seq != last+1 {
				t.Fatalf("event %d after %d", seq, last)
			}
			last, lines = seq, append(lines, raw)
			if last == want {
				break
			}
		}
		c.NetConn().Close() // cut, without a word
	}
	burst.Wait()
	again := b.call(t, "GET", "/trace", b.Key, "")
	if got := append(bytes.Join(lines, []byte("\n")), '\n'); !bytes.Equal(got, again.body) {
		t.Error("the stream and the trace differ")
	}
}

func TestAResetBeginsANewEpoch(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	if r := b.call(t, "POST", "/steps/planner/play", b.Key, ""); r.status != 200 {
		t.Fatalf("play: %d %s", r.status, r.body)
	}
	c := b.dial(t, 0, "", b.Key)
	hello, _ := read(t, c)
	if r := b.call(t, "POST", "/reset", b.Key, ""); r.status != 200 {
		t.Fatalf("reset: %d %s", r.status, r.body)
	}
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, closeRestart) {
				t.Errorf("closed with %v, want %d", err, closeRestart)
			}
			break
		}
	}
	c = b.dial(t, 5, hello["epoch"].(string), b.Key)
	if again, _ := read(t, c); again["epoch"] == hello["epoch"] || again["last"] != 0.0 {
		t.Errorf("after a reset hello is %v", again)
	}
	if r := b.call(t, "POST", "/steps/planner/play", b.Key, ""); r.status != 200 {
		t.Fatalf("play after a reset: %d %s", r.status, r.body)
	}
	if first, _ := read(t, c); first["seq"] != 1.0 {
		t.Errorf("the first event after a reset is %v", first["seq"])
	}
}

func TestAStopTellsPagesToComeBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	s, err := New(Config{BaseURL: base})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	b := newBox(t, base, `{"kind":"workbench"}`)
	c := b.dial(t, 0, "", b.Key)
	read(t, c)
	cancel()
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, closeRestart) {
		t.Errorf("closed with %v, want %d", err, closeRestart)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := <-done; err != nil {
		t.Errorf("the stop was not clean: %v", err)
	}
}

func TestAnEndedSandboxSaysSo(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	c := b.dial(t, 0, "", b.Key)
	read(t, c)
	if r := b.call(t, "DELETE", "", b.Key, ""); r.status != http.StatusNoContent {
		t.Fatalf("delete: %d", r.status)
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, closeGone) {
		t.Errorf("closed with %v, want %d", err, closeGone)
	}
	if r := b.call(t, "GET", "", b.Key, ""); r.status != http.StatusNotFound || !strings.Contains(string(r.body), "make a new one") {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
	if _, _, err := b.dial(t, 0, "", b.Key).ReadMessage(); !websocket.IsCloseError(err, closeGone) {
		t.Errorf("stream afterwards: %v", err)
	}
}

// TestFramesAreShutIn: a browser's page can post its forms and nothing else, and its ticket dies with it.
func TestFramesAreShutIn(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	var view world.BrowserView
	res := b.call(t, "POST", "/browsers/browser/open", b.Key, `{"url":"https://planner.test/"}`)
	if err := json.Unmarshal(res.body, &view); err != nil {
		t.Fatal(err)
	}
	page := do(t, http.DefaultClient, mustRequest("GET", base+view.Frame, ""))
	if page.status != 200 || !strings.HasPrefix(page.header.Get("Content-Security-Policy"), "sandbox allow-forms;") || bytes.Contains(page.body, []byte("href=")) {
		t.Errorf("frame: %d %s %s", page.status, page.header.Get("Content-Security-Policy"), page.body)
	}
	next := do(t, loadClient(), mustRequest("POST", base+view.Frame, "pg-link=0"))
	to := next.header.Get("Location")
	if next.status != http.StatusSeeOther || to == view.Frame {
		t.Fatalf("following a link: %d to %s: %s", next.status, to, next.body)
	}
	if page := do(t, http.DefaultClient, mustRequest("GET", base+to, "")); !bytes.Contains(page.body, []byte(`id="login"`)) {
		t.Errorf("the next page is not Chirper's: %s", page.body)
	}
	if dead := do(t, http.DefaultClient, mustRequest("GET", base+view.Frame, "")); dead.status != http.StatusGone {
		t.Errorf("a dead ticket: %d", dead.status)
	}
	if r := b.call(t, "GET", "", strings.TrimPrefix(to, "/f/"+b.ID+"/"), ""); r.status != http.StatusUnauthorized {
		t.Errorf("a ticket opened the API: %d", r.status)
	}
}

// TestALessonReadsWithoutScript: its questions post, get their feedback, and give nothing away before.
func TestALessonReadsWithoutScript(t *testing.T) {
	base := startServer(t, Config{})
	page := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/code-flow", ""))
	if page.status != 200 || bytes.Contains(page.body, []byte("it first appears in the answer")) || bytes.Contains(page.body, []byte("checked")) && regexp.MustCompile(`<input[^>]*checked`).Match(page.body) {
		t.Errorf("the page gives an answer away, or is not there: %d", page.status)
	}
	csp := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'nonce-", "require-trusted-types-for 'script'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the page's policy lacks %s: %s", want, csp)
		}
	}
	if state := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/state", "")); bytes.Count(state.body, []byte(`data-hand="attacker-browser"`)) != 1 {
		t.Error("the step in Mallory's browser does not say whose browser to show")
	}
	graded := do(t, http.DefaultClient, mustRequest("POST", base+"/lessons/code-flow", "question=browser-gets&choice=1"))
	if !bytes.Contains(graded.body, []byte("it first appears in the answer")) {
		t.Error("the feedback is not on the page")
	}
	for form, want := range map[string]string{"question=nothing&choice=1": "no such question", "question=browser-gets": "No answer was chosen", "%zz": "can&#39;t be read"} {
		if r := do(t, http.DefaultClient, mustRequest("POST", base+"/lessons/code-flow", form)); r.status != 400 || !bytes.Contains(r.body, []byte(want)) {
			t.Errorf("%s: %d %.300s", form, r.status, r.body)
		}
	}
}

// TestALessonIsLight: what a first visit costs, compressed. The budget is 120 kB with fonts.
func TestALessonIsLight(t *testing.T) {
	base := startServer(t, Config{})
	sum := 0
	for _, path := range []string{"/lessons/code-flow", "/assets/lesson.js", "/assets/app.css", "/assets/question.css", "/assets/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2", "/assets/fonts/atkinson-hyperlegible-mono-latin-wght-normal.woff2"} {
		req := mustRequest("GET", base+path, "")
		req.Header.Set("Accept-Encoding", "gzip")
		res := do(t, loadClient(), req)
		if res.status != 200 {
			t.Fatalf("%s: %d", path, res.status)
		}
		sum += len(res.body)
	}
	if sum > 120<<10 {
		t.Errorf("a first visit to a lesson is %d bytes, more than 120 kB", sum)
	}
	t.Logf("a first visit to a lesson is %d bytes", sum)
}

func TestOperations(t *testing.T) {
	base := startServer(t, Config{})
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "# TYPE playground_sandboxes gauge", "/assets/lesson.js": "customElements"} {
		if r := do(t, http.DefaultClient, mustRequest("GET", base+path, "")); r.status != 200 || !bytes.Contains(r.body, []byte(want)) {
			t.Errorf("%s: %d %.200s", path, r.status, r.body)
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/api/nothing", "")); r.status != 404 || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("an unknown address: %d %s", r.status, r.body)
	}
	if r := do(t, http.DefaultClient, mustRequest("POST", base+"/api/lessons", "")); r.status != 405 {
		t.Errorf("a wrong method: %d", r.status)
	}
}

func TestLimitsAnswerWithWhenToComeBack(t *testing.T) {
	base := startServer(t, Config{Limits: Limits{Limits: world.Limits{Sandboxes: 2}, CreatesPerMinute: 3}})
	for i, want := range []int{201, 201, 503, 429} {
		res := do(t, http.DefaultClient, jsonRequest("POST", base+"/api/sandboxes", `{"kind":"workbench"}`))
		described(t, "POST", "/api/sandboxes", res)
		if res.status != want || want >= 400 && (res.header.Get("Retry-After") == "" || !bytes.Contains(res.body, []byte("ry again"))) {
			t.Errorf("sandbox %d: %d, want %d, Retry-After %q: %s", i+1, res.status, want, res.header.Get("Retry-After"), res.body)
		}
	}
}
