package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// web is a small internet: answers by "METHOD host/path".
type web map[string]func(*http.Request) *http.Response

func page(body string) func(*http.Request) *http.Response {
	return func(*http.Request) *http.Response { return answer(200, body, "Content-Type", "text/html") }
}

func answer(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func to(location string, headers ...string) func(*http.Request) *http.Response {
	return func(*http.Request) *http.Response { return answer(302, "", append(headers, "Location", location)...) }
}

// visit makes a browser of a web; log gets each request in a line.
func visit(w web, s *State, log *[]string) *Browser {
	n := uint64(0)
	return New(Config{Now: func() time.Time { return noon }, Send: func(_ context.Context, req *http.Request, cause uint64) (*http.Response, uint64, error) {
		n += 10
		key := req.Method + " " + req.URL.Host + req.URL.Path
		if log != nil {
			*log = append(*log, fmt.Sprintf("%s cause=%d cookie=%q referer=%q site=%s", key, cause, req.Header.Get("Cookie"), req.Header.Get("Referer"), req.Header.Get("Sec-Fetch-Site")))
		}
		h := w[key]
		if h == nil {
			return nil, 0, io.ErrUnexpectedEOF
		}
		return h(req), n, nil
	}}, s)
}

func open(t *testing.T, b *Browser, address string, o Options) {
	t.Helper()
	if err := b.Open(context.Background(), address, o); err != nil {
		t.Fatal(err)
	}
}

func TestRedirectsAreFollowedWithTheirCauses(t *testing.T) {
	var log []string
	b := visit(web{
		"GET a.test/": to("https://b.test/mid?x=1", "Set-Cookie", "seen=a; Secure"), "GET b.test/mid": to("/end#frag"), "GET b.test/end": page("<title>End</title>"),
	}, new(State), &log)
	open(t, b, "https://a.test", Options{})
	if p := b.Page(); p.URL != "https://b.test/end#frag" || p.Title != "End" || p.Answer != 30 {
		t.Errorf("the page is %+v", p)
	}
	if len(log) != 3 || !strings.Contains(log[1], "cause=10") || !strings.Contains(log[2], "cause=20") {
		t.Errorf("hops: %v", log)
	}
	if h := b.State().History; len(h) != 1 || h[0].URL != "https://b.test/end#frag" {
		t.Errorf("one can go back to %v", h)
	}
	if v := b.State().Visited; len(v) != 3 || v[1] != "https://b.test/mid?x=1" {
		t.Errorf("visited %v", v)
	}
}

func TestAnActGoesOnInAnotherBrowserInMidChain(t *testing.T) {
	w := web{"GET a.test/": to("https://b.test/", "Set-Cookie", "s=1"), "GET b.test/": to("https://a.test/end"), "GET a.test/end": page("done")}
	var log []string
	state := new(State)
	open(t, visit(w, state, &log), "https://a.test/", Options{Step: true})
	for range 2 {
		raw, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		state = new(State)
		if err := json.Unmarshal(raw, state); err != nil {
			t.Fatal(err)
		}
		if state.Pending == nil {
			t.Fatal("nothing waits")
		}
		if err := visit(w, state, &log).Follow(context.Background(), Options{Step: true}); err != nil {
			t.Fatal(err)
		}
	}
	if state.Pending != nil || state.Page.Body != "done" || !strings.Contains(log[2], `cookie="s=1"`) {
		t.Errorf("it ended at %+v after %v", state.Page, log)
	}
}

func TestAPendingRequestCanBeChanged(t *testing.T) {
	var log []string
	b := visit(web{"GET a.test/": to("https://b.test/?state=1"), "POST b.test/other": page("ok")}, new(State), &log)
	open(t, b, "https://a.test/", Options{Step: true})
	for _, bad := range []Request{{Method: "GET", URL: "planner://x"}, {Method: "get it", URL: "https://b.test/"}} {
		if b.Edit(bad) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if err := b.Edit(Request{Method: "POST", URL: "https://b.test/other", Body: "x=1"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Follow(context.Background(), Options{}); err != nil || b.Page().Body != "ok" {
		t.Errorf("%v %+v", err, b.Page())
	}
}

func TestWhatCannotBeLoadedIsSaidInWords(t *testing.T) {
	b := visit(web{"GET loop.test/": to("https://loop.test/"), "GET app.test/": to("planner://callback?code=1")}, new(State), nil)
	for address, says := range map[string]string{"https://nobody.test/": "did not answer", "https://loop.test/": "in circles", "https://app.test/": "No app on this device opens planner:"} {
		open(t, b, address, Options{})
		if p := b.Page(); p.Status != 0 || !strings.Contains(p.Problem, says) || !strings.Contains(string(b.Render("/f")), says) {
			t.Errorf("%s: %+v", address, p)
		}
	}
	if err := b.Open(context.Background(), "javascript:alert(1)", Options{}); err == nil {
		t.Error("a script is an address")
	}
}

func TestCookies(t *testing.T) {
	at := func(s string) *url.URL { u, _ := url.Parse(s); return u }
	for _, tt := range []struct {
		name, from, set string
		kept            bool
	}{
		{"plain", "https://a.test/", "n=v", true},
		{"for the site", "https://x.chirper.test/", "n=v; Domain=chirper.test", true},
		{"for somebody else", "https://a.test/", "n=v; Domain=b.test", false},
		{"for a public suffix", "https://a.co.uk/", "n=v; Domain=co.uk", false},
		{"Secure over http", "http://a.test/", "n=v; Secure", false},
		{"SameSite=None without Secure", "https://a.test/", "n=v; SameSite=None", false},
		{"SameSite=None with Secure", "https://a.test/", "n=v; SameSite=None; Secure", true},
		{"__Host- as it must be", "https://a.test/", "__Host-n=v; Secure; Path=/", true},
		{"__Host- with a domain", "https://a.test/", "__Host-n=v; Secure; Path=/; Domain=a.test", false},
		{"__Host- below a path", "https://a.test/", "__Host-n=v; Secure; Path=/x", false},
		{"__Secure- without Secure", "https://a.test/", "__Secure-n=v", false},
		{"expired already", "https://a.test/", "n=v; Max-Age=0", false},
		{"Max-Age before Expires", "https://a.test/", "n=v; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true},
		{"too large", "https://a.test/", "n=" + strings.Repeat("v", maxCookie), false},
	} {
		b := visit(nil, new(State), nil)
		b.keepCookies(at(tt.from), http.Header{"Set-Cookie": {tt.set}})
		if kept := len(b.state.Cookies) == 1; kept != tt.kept {
			t.Errorf("%s: kept %v, want %v", tt.name, kept, tt.kept)
		}
	}

	for _, tt := range []struct {
		name, set, to string
		req           Request
		sent          bool
	}{
		{"Strict, typed", "Strict", "https://auth.chirper.test/", Request{Method: "GET", Typed: true}, true},
		{"Strict, from the same site", "Strict", "https://auth.chirper.test/", Request{Method: "GET", From: "https://api.chirper.test/"}, true},
		{"Strict, from another site", "Strict", "https://auth.chirper.test/", Request{Method: "GET", From: "https://planner.test/"}, false},
		{"Lax, by a link from another site", "Lax", "https://auth.chirper.test/", Request{Method: "GET", From: "https://planner.test/"}, true},
		{"Lax, by a form from another site", "Lax", "https://auth.chirper.test/", Request{Method: "POST", From: "https://planner.test/"}, false},
		{"None, by a form from another site", "None", "https://auth.chirper.test/", Request{Method: "POST", From: "https://planner.test/"}, true},
		{"Strict, after a detour over another site", "Strict", "https://auth.chirper.test/", Request{Method: "GET", From: "https://auth.chirper.test/", Cross: true}, false},
		{"to another host", "Lax", "https://api.chirper.test/", Request{Method: "GET", Typed: true}, false},
		{"over http", "Lax", "http://auth.chirper.test/", Request{Method: "GET", Typed: true}, false},
	} {
		b := visit(nil, new(State), nil)
		b.keepCookies(at("https://auth.chirper.test/"), http.Header{"Set-Cookie": {"n=v; Secure; SameSite=" + tt.set}})
		if sent := b.cookieHeader(at(tt.to), &tt.req) != ""; sent != tt.sent {
			t.Errorf("%s: sent %v, want %v", tt.name, sent, tt.sent)
		}
	}
}

func TestReferer(t *testing.T) {
	const from = "https://a.test/page?secret=1#frag"
	full, origin := "https://a.test/page?secret=1", "https://a.test/"
	for _, tt := range []struct{ policy, same, cross, down string }{
		{"", full, origin, ""},
		{"no-referrer", "", "", ""},
		{"no-referrer-when-downgrade", full, full, ""},
		{"origin", origin, origin, origin},
		{"origin-when-cross-origin", full, origin, origin},
		{"same-origin", full, "", ""},
		{"strict-origin", origin, origin, ""},
		{"strict-origin-when-cross-origin", full, origin, ""},
		{"unsafe-url", full, full, full},
	} {
		for to, want := range map[string]string{"https://a.test/x": tt.same, "https://b.test/": tt.cross, "http://b.test/": tt.down} {
			u, _ := url.Parse(to)
			if got := referrer(from, u, tt.policy); got != want {
				t.Errorf("%q to %s: %q, want %q", tt.policy, to, got, want)
			}
		}
	}
}

func TestFormsSendWhatABrowserWould(t *testing.T) {
	const form = `<form method="post" action="/do"><input name="a" value="1"><input type="hidden" name="h" value="2"><input type="checkbox" name="c" value="x" checked><input type="checkbox" name="c" value="y">
<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked><select name="s"><option>one<option selected>two</select><textarea name="t">
text</textarea><input name="off" value="3" disabled><fieldset disabled><input name="off2" value="4"></fieldset><button name="b" value="no" id="no">No</button><button name="b" value="yes" id="yes">Yes</button></form><input name="late" value="5" form="other"><form id="other"></form>`
	var sent url.Values
	w := web{"GET a.test/": page(form), "POST a.test/do": func(r *http.Request) *http.Response {
		r.ParseForm()
		sent = r.PostForm
		return answer(200, "")
	}}
	for _, tt := range []struct {
		name   string
		fields url.Values
		want   string
	}{
		{"as it is", nil, "a=1&b=yes&c=x&h=2&r=2&s=two&t=text"},
		{"filled in", url.Values{"a": {"9"}, "c": {"x", "y"}, "s": {"one"}}, "a=9&b=yes&c=x&c=y&h=2&r=2&s=one&t=text"},
		{"nothing ticked", url.Values{"c": nil}, "a=1&b=yes&h=2&r=2&s=two&t=text"},
	} {
		b := visit(w, new(State), nil)
		open(t, b, "https://a.test/", Options{})
		if err := b.Submit(context.Background(), Submission{Button: "yes", Form: -1, Fields: tt.fields}, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := sent.Encode(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	b := visit(w, new(State), nil)
	open(t, b, "https://a.test/", Options{})
	if err := b.Submit(context.Background(), Submission{Button: "maybe", Form: -1}, Options{}); err == nil || !strings.Contains(err.Error(), "no, yes") {
		t.Errorf("an unknown button: %v", err)
	}
}

// hostile is what must not survive in a frame.
var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg onload=alert(1)></svg>`, `<iframe srcdoc="<script>1</script>"></iframe>`, `<a href="javascript:alert(1)">x</a>`,
	`<form action="javascript:alert(1)"><button formaction="https://evil.test">x</button></form>`, `<body onload=alert(1)>`, `<style>@import "https://evil.test"; a{background:url(https://evil.test)}</style>`,
	`<meta http-equiv="refresh" content="0;url=https://evil.test">`, `<base href="https://evil.test">`, `<object data="https://evil.test"></object>`, `<link rel=stylesheet href="https://evil.test">`,
	`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>`, `<p style="background:url(https://evil.test)">x</p>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
}

func TestNothingRunsInAFrame(t *testing.T) {
	for _, h := range hostile {
		b := New(Config{}, &State{Page: &Page{URL: "https://a.test/", Status: 200, ContentType: "text/html", Body: h}})
		harmlessOrFail(t, string(b.Render("/f/1/2")), h)
	}
	b := New(Config{}, &State{Page: &Page{URL: "https://a.test/", Status: 200, ContentType: "text/plain", Body: "<script>alert(1)</script>"}})
	if got := string(b.Render("/f")); strings.Contains(got, "<script") {
		t.Errorf("plain text became %s", got)
	}
}

func harmlessOrFail(t *testing.T, got, from string) {
	t.Helper()
	doc := document(&Page{ContentType: "text/html", Body: got})
	forms := formsOf(&Page{ContentType: "text/html", Body: got})
	for _, f := range forms {
		if f.action != "/f/1/2" {
			t.Errorf("%q: a form goes to %q", from, f.action)
		}
	}
	walkElements(doc, func(name string, attrs map[string]string) {
		switch name {
		case "script", "iframe", "object", "svg", "img", "link", "base", "embed", "math":
			t.Errorf("%q kept <%s>: %s", from, name, got)
		}
		for k, v := range attrs {
			if strings.HasPrefix(k, "on") || k == "style" || k == "href" || k == "src" || k == "formaction" || k == "http-equiv" || strings.Contains(strings.ToLower(v), "javascript:") && k == "action" {
				t.Errorf("%q kept %s=%q", from, k, v)
			}
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, h := range hostile {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := New(Config{}, &State{Page: &Page{URL: "https://a.test/", Status: 200, ContentType: "text/html", Body: body}})
		harmlessOrFail(t, string(b.Render("/f/1/2")), body)
	})
}

// TestAnAddressOfAnAppIsHandedToIt: the app gets the address and nothing else, the history of addresses doesn't have it, and
// what the app opens in the browser begins at no page.
func TestAnAddressOfAnAppIsHandedToIt(t *testing.T) {
	var log, handed []string
	b := visit(web{
		"GET site.test/":  page(`<a id="app" href="test.site:/start">Open the app</a>`),
		"GET auth.test/":  to("test.site:/callback?code=1"),
		"GET other.test/": to("test.unknown:/"),
	}, new(State), &log)
	b.config.HandOver = func(_ context.Context, req *http.Request, cause uint64) (*http.Response, uint64, error) {
		handed = append(handed, fmt.Sprintf("%s %s cause=%d headers=%d", req.Method, req.URL, cause, len(req.Header)))
		switch req.URL.String() {
		case "test.site:/start":
			return to("https://auth.test/")(req), 500, nil
		case "test.site:/callback?code=1":
			return answer(200, "<title>The app</title>", "Content-Type", "text/html"), 600, nil
		}
		return nil, 0, io.ErrUnexpectedEOF
	}
	open(t, b, "https://site.test/", Options{})
	if err := b.Click(context.Background(), "app", Options{}); err != nil {
		t.Fatal(err)
	}
	if p := b.Page(); p.Title != "The app" || p.Answer != 600 {
		t.Errorf("the device shows %+v", p)
	}
	if len(handed) != 2 || handed[0] != "OPEN test.site:/start cause=10 headers=0" || handed[1] != "OPEN test.site:/callback?code=1 cause=20 headers=0" {
		t.Errorf("handed over: %q", handed)
	}
	if len(log) != 2 || !strings.Contains(log[1], `cause=500`) || !strings.Contains(log[1], `referer="" site=none`) {
		t.Errorf("on the web: %q", log)
	}
	if v := b.State().Visited; len(v) != 2 || v[1] != "https://auth.test/" {
		t.Errorf("asked for %q", v)
	}
	open(t, b, "https://other.test/", Options{})
	if p := b.Page(); !strings.Contains(p.Problem, "No app on this device opens test.unknown: addresses.") {
		t.Errorf("an address that no app claims: %+v", p)
	}
}
