package playground

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"oauthplayground/playground/world"
)

// TestMetricsTellWhatHappenedAndNothingAboutWhom walks what an operator sees after a little of everything.
func TestMetricsTellWhatHappenedAndNothingAboutWhom(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	b.call(t, "POST", "/steps/planner/play", b.Key, "")
	b.call(t, "GET", "", "wrong", "")
	do(t, http.DefaultClient, mustRequest("GET", base+"/no/such/"+b.ID, ""))
	c := b.dial(t, 0, "", b.Key)
	for range 3 { // hello and two events: by the second, the first has been counted
		read(t, c)
	}

	page := do(t, http.DefaultClient, mustRequest("GET", base+"/metrics", ""))
	text := string(page.body)
	for _, want := range []string{
		`playground_requests_total{route="/api/sandboxes",status="2xx"} 1`,
		`playground_requests_total{route="/api/sandboxes/:id",status="4xx"} 1`,
		`playground_requests_total{route="none",status="4xx"} 1`,
		`playground_refusals_total{route="/api/sandboxes/:id",status="401"} 1`,
		`playground_request_seconds_count{route="/api/sandboxes"} 1`,
		`playground_request_seconds_bucket{route="/api/sandboxes",le="+Inf"} 1`,
		"# TYPE playground_request_seconds histogram", "# TYPE playground_requests_total counter",
		"# TYPE process_resident_memory_bytes gauge",
		"playground_sandboxes 1", "playground_sockets 1",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no line %s", want)
		}
	}
	if regexp.MustCompile(`(?m)^playground_events_(recorded|sent)_total 0$`).MatchString(text) {
		t.Error("events were recorded and sent, and not counted")
	}
	if strings.Contains(text, b.ID) {
		t.Error("the metrics name a sandbox")
	}
	line := regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]+="[^"]*",? ?)*\})? ([0-9.eE+-]+|NaN)$`)
	for lines := bufio.NewScanner(bytes.NewReader(page.body)); lines.Scan(); {
		if l := lines.Text(); !strings.HasPrefix(l, "# ") && !line.MatchString(l) {
			t.Errorf("Prometheus can't read %q", l)
		}
	}
}

// TestHeaders: what each kind of answer says about itself to a browser.
func TestHeaders(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"kind":"workbench"}`)
	lesson := newBox(t, base, `{"lesson":"code-flow"}`)
	var view world.BrowserView
	decodeInto(t, lesson.call(t, "POST", "/browsers/browser/open", lesson.Key, `{"url":"https://planner.test/"}`).body, &view)
	issuer := "/s/" + b.ID + "/as"
	for _, tt := range []struct {
		name, path string
		want       map[string]string // a header contains this; "" means that it isn't there
	}{
		{"a page", "/", map[string]string{"Content-Security-Policy": "trusted-types lit-html playground", "Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}},
		{"a page that isn't there", "/nothing", map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}},
		{"the API", "/api/lessons", map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}},
		{"a refusal of the API", "/api/sandboxes/" + b.ID, map[string]string{"Content-Type": "application/problem+json", "WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}},
		{"a frame", view.Frame, map[string]string{"Content-Security-Policy": "sandbox allow-forms; default-src 'none'", "Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "", "Referrer-Policy": "no-referrer"}},
		{"an issuer's page", issuer + "/about", map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "Cross-Origin-Opener-Policy": "", "Referrer-Policy": "no-referrer"}},
		{"an issuer's metadata", issuer + "/.well-known/openid-configuration", map[string]string{"Access-Control-Allow-Origin": "*", "Content-Security-Policy": "frame-ancestors 'none'", "Cross-Origin-Opener-Policy": ""}},
		{"the same at the inserted path", "/.well-known/oauth-authorization-server" + issuer, map[string]string{"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := mustRequest("GET", base+tt.path, "")
			req.Header.Set("Accept", "text/html")
			req.Host = "elsewhere.test" // nothing that is answered may come from it
			get := do(t, loadClient(), req)
			for name, want := range tt.want {
				if got := get.header.Get(name); want == "" && got != "" || !strings.Contains(got, want) {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if get.header.Get("Set-Cookie") != "" {
				t.Error("it sets a cookie")
			}
			if bytes.Contains(get.body, []byte("elsewhere.test")) {
				t.Error("it believes the request's Host")
			}
			if tt.path == "/nothing" || strings.HasPrefix(tt.path, "/api/") {
				return
			}
			head := do(t, loadClient(), mustRequest("HEAD", base+tt.path, ""))
			if head.status != get.status || len(head.body) != 0 {
				t.Errorf("HEAD: %d with %d bytes, GET is %d", head.status, len(head.body), get.status)
			}
		})
	}
	a, c := do(t, loadClient(), mustRequest("GET", base+"/", "")), do(t, loadClient(), mustRequest("GET", base+"/", ""))
	if a.header.Get("Content-Security-Policy") == c.header.Get("Content-Security-Policy") {
		t.Error("two pages have one nonce")
	}
}

// TestPagesAndAssetsTravelWell: what is sent is small, is kept as long as it may be, and is not sent again.
func TestPagesAndAssetsTravelWell(t *testing.T) {
	base := startServer(t, Config{})
	ask := func(method, path string, headers ...string) result {
		req := mustRequest(method, base+path, "")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		return do(t, loadClient(), req)
	}
	for _, path := range []string{"/", "/lessons/code-flow", "/workbench", "/glossary"} {
		plain, small := ask("GET", path, "Accept-Encoding", "identity"), ask("GET", path, "Accept-Encoding", "gzip")
		for _, r := range []result{plain, small} {
			if r.status != 200 || r.header.Get("Vary") != "Accept-Encoding" || r.header.Get("Cache-Control") != "no-store" || r.header.Get("ETag") != "" {
				t.Errorf("%s: %d, Vary %q, Cache-Control %q, ETag %q", path, r.status, r.header.Get("Vary"), r.header.Get("Cache-Control"), r.header.Get("ETag"))
			}
		}
		if plain.header.Get("Content-Encoding") != "" || small.header.Get("Content-Encoding") != "gzip" || len(small.body) >= len(plain.body)/2 {
			t.Errorf("%s: %d bytes, and %d compressed", path, len(plain.body), len(small.body))
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(small.body))
		if err != nil {
			t.Fatal(err)
		}
		nonces := regexp.MustCompile(`nonce="[^"]*"`) // the one thing that differs
		text, err := io.ReadAll(unpacked)
		if err != nil || !bytes.Equal(nonces.ReplaceAll(text, nil), nonces.ReplaceAll(plain.body, nil)) {
			t.Errorf("%s: compressed it is another page, %v", path, err)
		}
		nonce := regexp.MustCompile(`'nonce-([^']+)'`).FindStringSubmatch(plain.header.Get("Content-Security-Policy"))
		if nonce == nil {
			t.Fatalf("%s: the policy names no nonce", path)
		}
		for _, tag := range regexp.MustCompile(`<(?:script|style)[^>]*>`).FindAllString(string(plain.body), -1) {
			if !strings.Contains(html.UnescapeString(tag), `nonce="`+nonce[1]+`"`) && !strings.Contains(tag, `type="application/`) {
				t.Errorf("%s: the policy stops %s", path, tag)
			}
		}
		if bare := regexp.MustCompile(`<[a-z][^>]*\s(?:on[a-z]+|style)="[^>]*>`).Find(plain.body); bare != nil {
			t.Errorf("%s: the policy stops what is written into %s", path, bare)
		}
		for _, asset := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(string(plain.body), -1) {
			address := html.UnescapeString(asset[1])
			whole := ask("GET", address, "Accept-Encoding", "gzip")
			if whole.status != 200 || !strings.HasSuffix(whole.header.Get("Cache-Control"), "immutable") || whole.header.Get("Vary") != "Accept-Encoding" || whole.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", address, whole.status, whole.header)
			}
			if known := ask("GET", address, "If-None-Match", whole.header.Get("ETag")); known.status != http.StatusNotModified || len(known.body) != 0 {
				t.Errorf("%s: %d for who has it", address, known.status)
			}
			if head := ask("HEAD", address, "Accept-Encoding", "gzip"); head.status != 200 || len(head.body) != 0 || head.header.Get("Content-Length") != fmt.Sprint(len(whole.body)) {
				t.Errorf("HEAD %s: %d, %s bytes of %d", address, head.status, head.header.Get("Content-Length"), len(whole.body))
			}
		}
	}
}
