package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/nats-io/nats-server/v2/server"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// kept is an engine that another holder closes.
type kept struct{ engine.Engine }

func (kept) Close() error { return nil }

// onTwoServers runs a test with two servers that share their state, on each engine that can be shared.
func onTwoServers(t *testing.T, test func(t *testing.T, a, b string)) {
	t.Run("memory", func(t *testing.T) {
		m := engine.NewMemory()
		t.Cleanup(func() { m.Close() })
		test(t, startServer(t, Config{Engine: kept{m}, BaseURL: "http://play.test"}), startServer(t, Config{Engine: kept{m}, BaseURL: "http://play.test"}))
	})
	t.Run("NATS", func(t *testing.T) {
		n, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
		if err != nil {
			t.Fatal(err)
		}
		n.Start()
		t.Cleanup(func() {
			n.Shutdown()
			n.WaitForShutdown()
		})
		if !n.ReadyForConnections(10 * time.Second) {
			t.Fatal("NATS does not start")
		}
		var bases []string
		for range 2 {
			e, err := engine.Connect(t.Context(), engine.ConnectOptions{URLs: n.ClientURL()})
			if err != nil {
				t.Fatal(err)
			}
			bases = append(bases, startServer(t, Config{Engine: e, BaseURL: "http://play.test"}))
		}
		test(t, bases[0], bases[1])
	})
}

// at is the same box, asked of another server.
func (b box) at(base string) box {
	b.base = base
	return b
}

// streamed reads a stream until as many events have come as a record holds, and fails unless they are in order.
func (b box) streamed(t *testing.T, c *websocket.Conn, last uint64) []string {
	t.Helper()
	var lines []string
	for uint64(len(lines)) < last {
		m, raw := read(t, c)
		if m["type"] != nil {
			continue // hello
		}
		if m["seq"] != float64(len(lines)+1) {
			t.Fatalf("event %v came where %d should be", m["seq"], len(lines)+1)
		}
		lines = append(lines, string(raw))
	}
	return lines
}

func (b box) trace(t *testing.T) []string {
	t.Helper()
	r := b.call(t, "GET", "/trace", b.Key, "")
	if r.status != http.StatusOK {
		t.Fatalf("trace: %d %s", r.status, r.body)
	}
	return strings.Split(strings.TrimSpace(string(r.body)), "\n")
}

// TestALearnerBetweenTwoServers acts on one server and the other in turn, and watches both: they tell the same.
func TestALearnerBetweenTwoServers(t *testing.T) {
	onTwoServers(t, func(t *testing.T, a, b string) {
		here := newBox(t, a, `{"lesson":"two-steps"}`)
		there := here.at(b)
		onA, onB := here.dial(t, 0, "", here.Key), there.dial(t, 0, "", here.Key)
		boxes := []box{here, there}
		for i, step := range []string{"one-step", "steal"} {
			r := boxes[i%2].call(t, "POST", "/steps/"+step+"/play", here.Key, "")
			if r.status != http.StatusOK || !strings.Contains(string(r.body), `"passed":true`) {
				t.Fatalf("step %s: %d %s", step, r.status, r.body)
			}
		}
		if r := there.call(t, "PUT", "/policy", here.Key, `{"as.pkce-required":"observe"}`); r.status != http.StatusOK {
			t.Fatalf("policy: %d %s", r.status, r.body)
		}
		if r := here.call(t, "GET", "", here.Key, ""); !strings.Contains(string(r.body), `"as.pkce-required":"observe"`) {
			t.Errorf("a protection that was set on the other server is not set here: %s", r.body)
		}
		one, other := here.trace(t), there.trace(t)
		if strings.Join(one, "\n") != strings.Join(other, "\n") {
			t.Error("the two servers tell different records")
		}
		for name, c := range map[string]*websocket.Conn{"the one": onA, "the other": onB} {
			if got := here.streamed(t, c, uint64(len(one))); strings.Join(got, "\n") != strings.Join(one, "\n") {
				t.Errorf("the stream of %s server is not the record", name)
			}
		}
		if r := there.call(t, "POST", "/reset", here.Key, ""); r.status >= 300 {
			t.Fatalf("reset: %d %s", r.status, r.body)
		}
		for name, c := range map[string]*websocket.Conn{"the one": onA, "the other": onB} {
			if code := closed(t, c); code != closeRestart {
				t.Errorf("after a reset the stream of %s server ended with %d", name, code)
			}
		}
		r := here.call(t, "POST", "/steps/one-step/play", here.Key, "")
		if r.status != http.StatusOK || !strings.Contains(string(r.body), `"passed":true`) {
			t.Errorf("after a reset on the other: %d %s", r.status, r.body)
		}
		onA = here.dial(t, 0, "", here.Key)
		if r := there.call(t, "DELETE", "", here.Key, ""); r.status >= 300 {
			t.Fatalf("delete: %d %s", r.status, r.body)
		}
		if code := closed(t, onA); code != closeGone {
			t.Errorf("after the end the stream ended with %d", code)
		}
		if r := here.call(t, "GET", "", here.Key, ""); r.status != http.StatusNotFound {
			t.Errorf("ended on the other, it is %d here", r.status)
		}
	})
}

// closed reads a stream to its end, and returns the code.
func closed(t *testing.T, c *websocket.Conn) int {
	t.Helper()
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			if e, ok := err.(*websocket.CloseError); ok {
				return e.Code
			}
			t.Fatal(err)
		}
	}
}

// TestAFlowBetweenTwoServers is an app whose browser comes to one server and whose back channel to the other.
func TestAFlowBetweenTwoServers(t *testing.T) {
	onTwoServers(t, func(t *testing.T, a, b string) {
		box := newBox(t, a, `{"kind":"workbench","login":"auto"}`)
		client := box.Clients[0]
		path := strings.TrimPrefix(box.Issuer, "http://play.test")
		hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer hc.CloseIdleConnections()
		verifier := strings.Repeat("v", 43)
		q := url.Values{"response_type": {"code"}, "client_id": {client.ClientID}, "redirect_uri": {client.RedirectURIs[0]}, "scope": {"openid"}, "state": {"xyz"},
			"code_challenge": {verifier}, "code_challenge_method": {"plain"}}
		ask := a + path + "/authorize?" + q.Encode()
		code := ""
		for range 6 {
			r := do(t, hc, mustRequest("GET", ask, ""))
			to, err := url.Parse(r.header.Get("Location"))
			if err != nil || r.status/100 != 3 {
				t.Fatalf("%s: %d %s", ask, r.status, r.body)
			}
			if code = to.Query().Get("code"); code != "" {
				break
			}
			ask = b + strings.TrimPrefix(to.String(), "http://play.test") // the next hop meets the other server
		}
		form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {client.RedirectURIs[0]}, "code_verifier": {verifier}}
		for _, tt := range []struct {
			name, base string
			status     int
		}{{"the code on the other server", b, 200}, {"again on the first", a, 400}} {
			req := mustRequest("POST", tt.base+path+"/token", form.Encode())
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.SetBasicAuth(client.ClientID, client.ClientSecret)
			if r := do(t, hc, req); r.status != tt.status {
				t.Errorf("%s: %d %s", tt.name, r.status, r.body)
			}
		}
		sets := map[string]bool{}
		for _, base := range []string{a, b} {
			sets[string(do(t, hc, mustRequest("GET", base+path+"/jwks", "")).body)] = true
		}
		if len(sets) != 1 {
			t.Errorf("the servers publish different keys: %v", sets)
		}
	})
}

// flaky is an engine whose state can't be reached while out is set.
type flaky struct {
	engine.Engine
	out atomic.Bool
}

func (f *flaky) err() error {
	if f.out.Load() {
		return fmt.Errorf("%w: nobody answers at nats://10.0.0.7", engine.ErrUnavailable)
	}
	return nil
}

func (f *flaky) Check(ctx context.Context) error {
	if err := f.err(); err != nil {
		return err
	}
	return f.Engine.Check(ctx)
}

func (f *flaky) Open(ctx context.Context, id string, o engine.Options) (mockidp.Store, trace.Log, error) {
	s, l, err := f.Engine.Open(ctx, id, o)
	if f.err() != nil {
		return nil, nil, f.err()
	}
	return flakyStore{s, f}, flakyLog{l, f}, err
}

type flakyStore struct {
	mockidp.Store
	f *flaky
}

func (s flakyStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	if err := s.f.err(); err != nil {
		return 0, err
	}
	return s.Store.Create(ctx, key, value, ttl)
}

func (s flakyStore) Update(ctx context.Context, key string, value []byte, at mockidp.Rev, ttl time.Duration) (mockidp.Rev, error) {
	if err := s.f.err(); err != nil {
		return 0, err
	}
	return s.Store.Update(ctx, key, value, at, ttl)
}

type flakyLog struct {
	trace.Log
	f *flaky
}

func (l flakyLog) Append(ctx context.Context, at uint64, e ...trace.Event) error {
	if err := l.f.err(); err != nil {
		return err
	}
	return l.Log.Append(ctx, at, e...)
}

// TestTheStateCantBeWritten: new work is refused in words that name no machine, what is there can be read, nothing is half done, and
// all is well again by itself.
func TestTheStateCantBeWritten(t *testing.T) {
	f := &flaky{Engine: engine.NewMemory()}
	base := startServer(t, Config{Engine: f})
	box := newBox(t, base, `{"lesson":"two-steps"}`)
	socket := box.dial(t, 0, "", box.Key)
	read(t, socket) // hello
	f.out.Store(true)
	for _, tt := range []struct{ method, path, body string }{
		{"POST", "/steps/one-step/play", ""},
		{"POST", "/steps/one-step/begin", ""},
		{"POST", "/browsers/browser/open", `{"url":"https://planner.test/"}`},
		{"POST", "/answers", `{"question":"why-code","choice":1}`},
		{"PUT", "/policy", `{"as.pkce-required":"observe"}`},
		{"POST", "/clock", `{"advance":"10m"}`},
	} {
		r := box.call(t, tt.method, tt.path, box.Key, tt.body)
		if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || !strings.Contains(string(r.body), "Try again in some seconds") || strings.Contains(string(r.body), "10.0.0.7") {
			t.Errorf("%s %s: %d %s, Retry-After %q", tt.method, tt.path, r.status, r.body, r.header.Get("Retry-After"))
		}
	}
	if r := do(t, http.DefaultClient, jsonRequest("POST", base+"/api/sandboxes", `{"lesson":"two-steps"}`)); r.status != http.StatusServiceUnavailable {
		t.Errorf("a new sandbox: %d %s", r.status, r.body)
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/readyz", "")); r.status != http.StatusServiceUnavailable {
		t.Errorf("ready: %d %s", r.status, r.body)
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/healthz", "")); r.status != http.StatusOK {
		t.Errorf("alive: %d %s", r.status, r.body)
	}
	if r := box.call(t, "GET", "", box.Key, ""); r.status != http.StatusOK {
		t.Errorf("what is there can be read: %d %s", r.status, r.body)
	}
	f.out.Store(false)
	r := box.call(t, "POST", "/steps/one-step/play", box.Key, "")
	if r.status != http.StatusOK || !strings.Contains(string(r.body), `"passed":true`) {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/readyz", "")); r.status != http.StatusOK {
		t.Errorf("ready again: %d %s", r.status, r.body)
	}
	var last struct{ Seq uint64 }
	lines := box.trace(t)
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	box.streamed(t, socket, last.Seq)
}
