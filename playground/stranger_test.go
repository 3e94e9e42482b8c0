package playground

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
)

// refused holds what a stranger is told: a 4xx as a problem, with a sentence that is more than the status again.
func refused(t *testing.T, r result) {
	t.Helper()
	var p struct {
		Title, Detail string
		Status        int
	}
	if err := json.Unmarshal(r.body, &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s is no problem document: %.200s", r.status, r.header.Get("Content-Type"), r.body)
		return
	}
	if r.status/100 != 4 || p.Status != r.status || p.Title == "" || len(p.Detail) < 20 || !strings.ContainsAny(p.Detail[len(p.Detail)-1:], ".?") {
		t.Errorf("%d, %+v", r.status, p)
	}
}

// filled is a route's path with these in place of its parameters.
func filled(path, id, other string) string {
	return strings.NewReplacer(":id", id, ":slug", other, ":code", other, ":step", other, ":browser", other, ":ticket", other, "*path", other, "*name", other).Replace(path)
}

// TestEveryRouteOfTheAPIRefusesWhatItCantRead sends each what no client of ours would.
func TestEveryRouteOfTheAPIRefusesWhatItCantRead(t *testing.T) {
	s, err := New(Config{BaseURL: "http://play.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := handlerBox(t, s, `{"lesson":"code-flow"}`)
	room := handlerRoom(t, s)
	const json = "application/json"
	for _, r := range routes() {
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		valid := strings.NewReplacer(":id", b.ID, ":step", "planner", ":browser", "browser", ":slug", "code-flow", ":code", room.Code, ":learner", room.Learner).Replace(r.Path)
		ask := func(name, path, kind, body string, change func(*http.Request)) {
			t.Run(name+" "+r.Method+" "+r.Path, func(t *testing.T) {
				req := mustRequest(r.Method, "http://play.test"+path, "")
				req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				req.Header.Set("Authorization", "Bearer "+b.Key)
				if strings.HasPrefix(r.Path, "/api/rooms") {
					req.Header.Set("Authorization", "Bearer "+room.keyFor(r))
				}
				if kind != "" {
					req.Header.Set("Content-Type", kind)
				}
				if change != nil {
					change(req)
				}
				got := serve(s, req)
				described(t, r.Method, path, got)
				refused(t, got)
			})
		}
		if strings.Contains(r.Path, "/:") {
			for name, id := range map[string]string{"an unknown sandbox": "AAAAAAAAAAAAAAAAAAAAAA", "a sandbox's id too long": strings.Repeat("x", 5000), "a sandbox's id that is a path": "..%5C..%5Cetc", "a sandbox's id of bytes that are no text": "%ff%00%0a", "a sandbox's id with a quote": "%22%27%3C"} {
				if strings.Contains(r.Path, ":id") {
					ask(name, strings.Replace(valid, b.ID, id, 1), json, "{}", nil)
				}
			}
			for name, part := range map[string]string{"an unknown name": "nothing", "a name too long": strings.Repeat("x", 5000), "a name of bytes that are no text": "%ff%00%0a", "a name with markup": "%3Cscript%3E"} {
				if path := filled(r.Path, b.ID, part); path != strings.Replace(r.Path, ":id", b.ID, 1) {
					ask(name, path, json, "{}", nil)
				}
			}
		}
		if strings.HasPrefix(r.Path, "/api/sandboxes/:id") && !strings.HasSuffix(r.Path, "/stream") {
			for name, header := range map[string]string{"no key": "", "a scheme of another kind": "Basic " + b.Key, "a scheme alone": "Bearer", "the key and more": "Bearer " + b.Key + " x", "the key's beginning": "Bearer " + b.Key[:len(b.Key)-1], "a long key": "Bearer " + strings.Repeat("x", 10_000)} {
				ask(name, valid, json, "{}", func(req *http.Request) { req.Header.Set("Authorization", header) })
			}
		}
		if r.Method != "POST" && r.Method != "PUT" {
			continue
		}
		var squeezed bytes.Buffer
		w := gzip.NewWriter(&squeezed)
		w.Write([]byte("{}"))
		w.Close()
		for _, tt := range []struct{ name, kind, body string }{
			{"no JSON", json, "x=1"},
			{"half an object", json, `{"url":`},
			{"a list", json, `[{}]`},
			{"a number", json, `1`},
			{"a word", json, `"open"`},
			{"null", json, `null`},
			{"two objects", json, `{}{}`},
			{"a member that isn't known", json, `{"nothing.like.it":"x"}`},
			{"a member twice", json, `{"url":"https://planner.test/","url":"https://planner.test/","lesson":"code-flow","lesson":"code-flow"}`},
			{"members in capitals", json, `{"URL":"https://planner.test/","LESSON":"code-flow","Question":"x","Advance":"1h"}`},
			{"a value of another type", json, `{"url":[],"button":[],"link":[],"request":[],"edits":[],"question":[],"advance":[],"lesson":[]}`},
			{"bytes that are no text", json, "{\"url\":\"\xff\xfe\"}"},
			{"another encoding", json, "{\x00\"\x00a\x00\"\x00:\x001\x00}\x00"},
			{"a compressed body", json, squeezed.String()},
			{"a form", "application/x-www-form-urlencoded", "url=https%3A%2F%2Fplanner.test%2F"},
			{"text that says nothing of itself", "", "{}x"},
			{"a type that is none", "a/b/c; =", `{"url":"x"}`},
			{"very deep", json, strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)},
			{"very many members", json, "{" + strings.TrimSuffix(strings.Repeat(`"a":1,`, 9_000), ",") + "}"},
			{"too large", json, `{"url":"` + strings.Repeat("x", maxJSON) + `"}`},
		} {
			ask(tt.name, valid, tt.kind, tt.body, nil)
		}
		ask("a body that breaks off", valid, json, "", func(req *http.Request) {
			req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"`), broken{})), 100
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func serve(s *Server, req *http.Request) result {
	req.RemoteAddr = "127.0.0.1:1"
	var w recorder
	s.Handler().ServeHTTP(&w, req)
	return result{w.status, w.Header(), w.Bytes()}
}

// handlerBox is a sandbox made without a network.
func handlerBox(t *testing.T, s *Server, spec string) box {
	t.Helper()
	var b box
	decodeInto(t, serve(s, jsonRequest("POST", "http://play.test/api/sandboxes", spec)).body, &b.Created)
	return b
}

// TestNothingThatIsSentIsOurFault: pages, frames and the actors of a workbench answer anything, and never with a 5xx.
func TestNothingThatIsSentIsOurFault(t *testing.T) {
	s, err := New(Config{BaseURL: "http://play.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := handlerBox(t, s, `{"kind":"workbench"}`)
	for _, r := range routes() {
		if strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		ask := func(id, other, kind, body string) {
			path := strings.Replace(filled(r.Path, id, other), "//", "/", 1)
			req := mustRequest(r.Method, "http://play.test"+path+"?client_id=a&client_id=b&redirect_uri=%zz", "")
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			req.Header.Set("Content-Type", kind)
			req.Header.Set("Authorization", "Basic %%%")
			req.Header.Set("Cookie", `a="; b`)
			if got := serve(s, req); got.status >= 500 || got.status < 200 {
				t.Errorf("%s %.60s as %q with %.20q: %d %.200s", r.Method, req.URL.Path, kind, body, got.status, got.body)
			}
		}
		for _, id := range []string{b.ID, "AAAAAAAAAAAAAAAAAAAAAA", "%ff%00"} {
			ask(id, "/x", "text/plain;;", "x")
		}
		for _, other := range []string{"/authorize", "/token", "/userinfo", "/register", "/login", "/consent", "/.well-known/openid-configuration", "/%ff%00%0a", "/" + strings.Repeat("x", 5000)} {
			if !strings.ContainsAny(r.Path, ":*") && other != "/token" {
				continue // nothing to fill in
			}
			for _, kind := range []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data"} {
				for _, body := range []string{"", "%zz&=&;", "grant_type=authorization_code&grant_type=x", "\xff\x00", `{"redirect_uris":[1]}`} {
					ask(b.ID, other, kind, body)
				}
			}
			ask(b.ID, other, "application/x-www-form-urlencoded", strings.Repeat("a=b&", 40_000))
		}
	}
}

// TestAMethodThatIsNotTakenIsToldWhichAre, and no other origin's page may send any but the plain ones: nothing of the API
// answers a preflight.
func TestAMethodThatIsNotTakenIsToldWhichAre(t *testing.T) {
	s, err := New(Config{BaseURL: "http://play.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	takes := map[string][]string{}
	for _, r := range routes() {
		takes[r.Path] = append(takes[r.Path], r.Method)
	}
	for path, methods := range takes {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			if strings.Contains(" "+strings.Join(methods, " ")+" ", " "+method+" ") {
				continue
			}
			if slices.ContainsFunc(routes(), func(r route) bool { // a name in another route's path, as rooms/join is in rooms/:code
				return r.Method == method && r.Path != path && regexp.MustCompile("^"+regexp.MustCompile(`:\w+`).ReplaceAllString(r.Path, `[^/:*]+`)+"$").MatchString(path)
			}) {
				continue
			}
			req := mustRequest(method, "http://play.test"+filled(path, "AAAAAAAAAAAAAAAAAAAAAA", "x"), "")
			req.Header.Set("Origin", "https://mallory.test")
			req.Header.Set("Access-Control-Request-Method", "POST")
			got := serve(s, req)
			if got.status != http.StatusMethodNotAllowed || got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: %d %v", method, path, got.status, got.header)
				continue
			}
			refused(t, got)
			for _, m := range methods {
				if !strings.Contains(got.header.Get("Allow"), m) {
					t.Errorf("%s %s: Allow is %q, without %s", method, path, got.header.Get("Allow"), m)
				}
			}
		}
	}
}

// pipes is a listener in memory, so that time can be the test's own.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// TestAConnectionThatDripsIsGivenUp: neither headers nor a body that never come, nor silence between requests, hold one open.
func TestAConnectionThatDripsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{BaseURL: "http://play.test"})
		if err != nil {
			t.Fatal(err)
		}
		l := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx, l) }()
		for _, tt := range []struct {
			name, sent, answer string
			within             time.Duration
		}{
			{"nothing", "", "", 5 * time.Second},
			{"half a header", "GET / HTTP/1.1\r\nHost: play.test\r\nX-Slow: ", "", 5 * time.Second},
			{"half a body", "POST /api/sandboxes HTTP/1.1\r\nHost: play.test\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{", "broke off", 31 * time.Second},
			{"silence after an answer", "GET /healthz HTTP/1.1\r\nHost: play.test\r\n\r\n", "ok", 2 * time.Minute},
		} {
			here, there := net.Pipe()
			l.conns <- there
			begin := time.Now()
			io.WriteString(here, tt.sent)
			answer, err := io.ReadAll(here)
			if took := time.Since(begin); took > tt.within || err != nil {
				t.Errorf("%s: it was open for %v, and ended with %v", tt.name, took, err)
			}
			if !strings.Contains(string(answer), tt.answer) {
				t.Errorf("%s: it was answered %q", tt.name, answer)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the stop was not clean: %v", err)
		}
	})
}

// TestASandboxThatEndsInTheMiddleIsNobodysFault: who deletes it while others are at work makes no server error of theirs.
func TestASandboxThatEndsInTheMiddleIsNobodysFault(t *testing.T) {
	s, err := New(Config{BaseURL: "http://play.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bodies := map[string]string{"/policy": `{"as.pkce-verifier":"observe"}`, "/settings": `{"planner.pkce":"none"}`, "/clock": `{"advance":"1m"}`, "/answers": `{"question":"who-asks","choice":1}`, "/open": `{"url":"https://planner.test/"}`}
	for range 20 {
		b := handlerBox(t, s, `{"lesson":"code-flow"}`)
		ask := func(method, path string) {
			req := mustRequest(method, "http://play.test"+strings.NewReplacer(":id", b.ID, ":step", "planner", ":browser", "browser").Replace(path), "")
			if body, ok := bodies[path[strings.LastIndex(path, "/"):]]; ok && method != "GET" {
				req = jsonRequest(method, req.URL.String(), body)
			}
			req.Header.Set("Authorization", "Bearer "+b.Key)
			if got := serve(s, req); got.status >= 500 {
				t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
			}
		}
		var all sync.WaitGroup
		for _, r := range routes() {
			if strings.HasPrefix(r.Path, "/api/sandboxes/:id") && !strings.HasSuffix(r.Path, "/stream") {
				all.Go(func() { ask(r.Method, r.Path) })
			}
		}
		all.Wait()
	}
}

// TestWhoHangsUpIsNoErrorOfOurs: it is counted as what it is, and logged as nothing.
func TestWhoHangsUpIsNoErrorOfOurs(t *testing.T) {
	var logged bytes.Buffer
	s, err := New(Config{BaseURL: "http://play.test", Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	var w recorder
	c := gin.CreateTestContextOnly(&w, gin.New())
	c.Request = mustRequest("GET", "http://play.test/", "").WithContext(ctx)
	if s.problem(c, fmt.Errorf("reading: %w", context.Canceled)); w.status != statusNobodyListens || logged.Len() > 0 {
		t.Errorf("%d %s, logged %q", w.status, w.String(), logged.String())
	}
	c.Request = c.Request.WithContext(t.Context())
	w = recorder{}
	if s.problem(c, fmt.Errorf("reading: %w", context.Canceled)); !strings.Contains(logged.String(), "reading") {
		t.Errorf("what was broken off for another reason is not logged: %q", logged.String())
	}
}
