package playground

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/mockidp/jose"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// cpu is what this process has used so far. The load client runs in it too, so a flow's cost is measured as the difference
// between a server and a handler that answers at once, under the same client.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// target is a server under load: where its endpoints are and which client asks.
type target struct{ authorize, token, userinfo, clientID, secret string }

const benchRedirect = "http://127.0.0.1:9999/cb"

// flow does one whole code + PKCE flow: authorize without a form, token, user info.
func flow(b *testing.B, hc *http.Client, t target) {
	b.Helper()
	const verifier = "a-verifier-of-forty-three-characters-or-more-0"
	h := sha256.Sum256([]byte(verifier))
	q := url.Values{"response_type": {"code"}, "client_id": {t.clientID}, "redirect_uri": {benchRedirect}, "scope": {"openid profile email"}, "state": {fmt.Sprint(b.N)}, "nonce": {"n-0S6_WzA2Mj"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(h[:])}, "code_challenge_method": {"S256"}}
	res := do(b, hc, mustRequest("GET", t.authorize+"?"+q.Encode(), ""))
	back, _ := url.Parse(res.header.Get("Location"))
	req := mustRequest("POST", t.token, url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {benchRedirect}, "code_verifier": {verifier}}.Encode())
	req.SetBasicAuth(t.clientID, t.secret)
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	res = do(b, hc, req)
	if json.Unmarshal(res.body, &tokens); tokens.AccessToken == "" {
		b.Fatalf("token: %d %s", res.status, res.body)
	}
	req = mustRequest("GET", t.userinfo, "")
	req.Header.Set("Authorization", "Bearer "+tokens.AccessToken)
	if res = do(b, hc, req); res.status != http.StatusOK {
		b.Fatalf("user info: %d %s", res.status, res.body)
	}
}

func mustRequest(method, u, form string) *http.Request {
	req, err := http.NewRequest(method, u, strings.NewReader(form))
	if err != nil {
		panic(err)
	}
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req
}

type result struct {
	status int
	header http.Header
	body   []byte
}

func do(b testing.TB, hc *http.Client, req *http.Request) result {
	b.Helper()
	res, err := hc.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return result{res.StatusCode, res.Header, body}
}

func loadClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// BenchmarkRecordedFlow is the CPU of a whole recorded flow over TCP, load client included, beside an ideal handler on Gin
// that signs, verifies and keeps codes in a map, and checks and records nothing.
func BenchmarkRecordedFlow(b *testing.B) {
	for _, alg := range []string{jose.ES256, jose.RS256} {
		b.Run(alg+"/playground", func(b *testing.B) { measure(b, playgroundTarget(b, alg)) })
		b.Run(alg+"/ideal", func(b *testing.B) { measure(b, idealTarget(b, alg)) })
	}
}

func measure(b *testing.B, t target) {
	hc := loadClient()
	for range 20 {
		flow(b, hc, t)
	}
	begin := cpu()
	n := 0
	for b.Loop() {
		flow(b, hc, t)
		n++
	}
	b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(n), "cpu-µs/flow")
}

func playgroundTarget(b *testing.B, alg string) target {
	base := startServer(b, Config{})
	var c world.Created
	post(b, base+"/api/sandboxes", `{"kind":"workbench","login":"auto"}`, &c)
	var client struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	post(b, c.Issuer+"/register", `{"redirect_uris":["`+benchRedirect+`"],"id_token_signed_response_alg":"`+alg+`"}`, &client)
	return target{c.Issuer + "/authorize", c.Issuer + "/token", c.Issuer + "/userinfo", client.ID, client.Secret}
}

func post(t testing.TB, u, body string, v any) {
	t.Helper()
	res, err := http.Post(u, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	if err := json.Unmarshal(raw, v); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("POST %s: %d %s", u, res.StatusCode, raw)
	}
}

// startServer runs a whole server on a loopback port for the time of a test, and returns its base URL.
func startServer(t testing.TB, c Config) string {
	t.Helper()
	_, base := startOwn(t, c)
	return base
}

// startOwn is startServer for who needs the server itself too.
func startOwn(t testing.TB, c Config) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	c.BaseURL = cmp.Or(c.BaseURL, base)
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		if err := <-done; err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
	})
	return s, base
}

// idealTarget is the least that an OP on Gin can do.
func idealTarget(b *testing.B, alg string) target {
	gin.SetMode(gin.ReleaseMode)
	key, err := jose.NewKey(alg)
	if err != nil {
		b.Fatal(err)
	}
	codes := map[string]url.Values{} // one flow at a time
	r := gin.New()
	r.GET("/authorize", func(c *gin.Context) {
		code := rand24()
		codes[code] = c.Request.URL.Query()
		c.Redirect(http.StatusFound, c.Query("redirect_uri")+"?code="+code+"&state="+c.Query("state"))
	})
	r.POST("/token", func(c *gin.Context) {
		q := codes[c.PostForm("code")]
		delete(codes, c.PostForm("code"))
		now := time.Now().Unix()
		sign := func(claims map[string]any) string {
			payload, _ := json.Marshal(claims)
			token, err := key.Sign("JWT", payload)
			if err != nil {
				b.Error(err)
			}
			return token
		}
		c.JSON(http.StatusOK, gin.H{
			"access_token": sign(map[string]any{"iss": "i", "sub": "s", "aud": "a", "exp": now + 600, "jti": rand24()}),
			"id_token":     sign(map[string]any{"iss": "i", "sub": "s", "aud": "a", "exp": now + 600, "nonce": q.Get("nonce")}),
			"token_type":   "Bearer",
		})
	})
	r.GET("/userinfo", func(c *gin.Context) {
		if !jose.Verify(strings.TrimPrefix(c.GetHeader("Authorization"), "Bearer "), []jose.PublicKey{key.Public()}).Verified {
			c.Status(http.StatusUnauthorized)
			return
		}
		c.JSON(http.StatusOK, gin.H{"sub": "s"})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: r}
	go server.Serve(l)
	b.Cleanup(func() { server.Close() })
	base := "http://" + l.Addr().String()
	return target{base + "/authorize", base + "/token", base + "/userinfo", "web", "secret"}
}

func rand24() string {
	id := newNonce()
	return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(id), "=")
}

// BenchmarkStart is from making a server to its first discovery answer.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := New(Config{BaseURL: "http://127.0.0.1:1"})
		if err != nil {
			b.Fatal(err)
		}
		created, err := s.world.Create(context.Background(), world.Spec{Kind: world.KindWorkbench})
		if err != nil {
			b.Fatal(err)
		}
		var w recorder
		s.Handler().ServeHTTP(&w, mustRequest("GET", "/s/"+created.ID+"/as/.well-known/openid-configuration", ""))
		if w.status != http.StatusOK {
			b.Fatalf("discovery: %d", w.status)
		}
		s.Close()
	}
}

// recorder is the least of a ResponseWriter.
type recorder struct {
	header http.Header
	status int
	bytes.Buffer
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}
func (r *recorder) WriteHeader(status int) { r.status = status }
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.Buffer.Write(b)
}

// BenchmarkManyAtOnce is whole recorded flows a second with 32 clients at once, on the cores that the clients need too.
func BenchmarkManyAtOnce(b *testing.B) {
	const clients = 32
	for _, alg := range []string{jose.ES256, jose.RS256} {
		b.Run(alg, func(b *testing.B) {
			t, hc := playgroundTarget(b, alg), loadClient()
			hc.Transport.(*http.Transport).MaxIdleConnsPerHost = clients
			defer hc.CloseIdleConnections()
			flow(b, hc, t)
			b.SetParallelism((clients + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					flow(b, hc, t)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "flows/s")
		})
	}
}

// held is the memory that is in use after a collection: heap and stacks.
func held() float64 {
	runtime.GC()
	runtime.GC() // what had a finalizer, and pools, go with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// BenchmarkIdle is what 10,000 learners who do nothing hold: their sandboxes, and their sandboxes with a socket each. The
// other end of a socket is in this process too, as small as it can be.
func BenchmarkIdle(b *testing.B) {
	const learners = 10_000
	for _, kind := range []struct {
		name, spec string
		learners   int
		socket     bool
	}{
		{"lesson", `{"lesson":"code-flow"}`, learners, false},
		{"workbench", `{"kind":"workbench"}`, learners, false},
		{"lesson-and-socket", `{"lesson":"code-flow"}`, learners / 4, true}, // two files a learner
	} {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				base := startServer(b, Config{Limits: Limits{CreatesPerMinute: 1 << 20}})
				stay := make([]net.Conn, 0, kind.learners)
				learn := func() {
					box := newBox(b, base, kind.spec)
					if kind.socket {
						stay = append(stay, watch(b, box))
					}
				}
				learn()
				before := held()
				for range kind.learners {
					learn()
				}
				b.ReportMetric((held()-before)/float64(kind.learners), "held-B/learner")
				for _, c := range stay {
					c.Close()
				}
			}
		})
	}
}

// watch opens a stream and reads its hello, with nothing behind the connection that costs memory.
func watch(b *testing.B, box box) net.Conn {
	host := strings.TrimPrefix(box.base, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(c, "GET /api/sandboxes/%s/stream HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: playground.v1, key.%s\r\n\r\n", box.ID, host, box.Key)
	var got []byte
	for part := make([]byte, 1024); !bytes.Contains(got, []byte(`"hello"`)); {
		n, err := c.Read(part)
		if err != nil {
			b.Fatalf("%v after %s", err, got)
		}
		got = append(got, part[:n]...)
	}
	return c
}

// BenchmarkAppendToFrame is the time from an event's append to its frame, read and whole, at each of those who watch.
func BenchmarkAppendToFrame(b *testing.B) {
	for _, readers := range []int{1, 50, 200} {
		b.Run(fmt.Sprint(readers), func(b *testing.B) {
			s, base := startOwn(b, Config{Limits: Limits{Sockets: readers}})
			box := newBox(b, base, `{"kind":"workbench"}`)
			sandbox, err := s.world.Open(b.Context(), box.ID)
			if err != nil {
				b.Fatal(err)
			}
			log := sandbox.Log()
			_, _, last, err := log.Info(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			arrived := make(chan time.Time, readers)
			for range readers {
				c := box.dial(b, last, "", box.Key)
				read(b, c)
				c.SetReadDeadline(time.Time{})
				go func() {
					for {
						if _, _, err := c.ReadMessage(); err != nil {
							return
						}
						arrived <- time.Now()
					}
				}()
			}
			var took []time.Duration
			for b.Loop() {
				event := trace.Event{Seq: last + 1, At: time.Now(), Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "setting", To: strings.Repeat("x", 500)}}
				begin := time.Now()
				if err := log.Append(b.Context(), last, event); err != nil {
					b.Fatal(err)
				}
				last++
				for range readers {
					took = append(took, (<-arrived).Sub(begin))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkLessonPage is a whole lesson as a browser asks for it.
func BenchmarkLessonPage(b *testing.B) {
	s, err := New(Config{BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		var w recorder
		req := mustRequest("GET", "/lessons/code-flow", "")
		req.Header.Set("Accept-Encoding", "gzip")
		s.Handler().ServeHTTP(&w, req)
		if w.status != http.StatusOK {
			b.Fatal(w.status)
		}
	}
}
