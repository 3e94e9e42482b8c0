package browser

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBackAndForward(t *testing.T) {
	ctx := context.Background()
	b := visit(web{"GET a.test/1": page("1"), "GET a.test/2": page("2"), "GET a.test/3": page("3")}, new(State), nil)
	if b.Back(ctx, Options{}) == nil || b.Forward(ctx, Options{}) == nil {
		t.Error("an empty history was gone through")
	}
	for _, p := range []string{"1", "2", "3"} {
		open(t, b, "https://a.test/"+p, Options{})
	}
	for i, tt := range []struct {
		move  func(context.Context, Options) error
		body  string
		ahead int
	}{{b.Back, "2", 1}, {b.Back, "1", 2}, {b.Forward, "2", 1}, {b.Forward, "3", 0}, {b.Back, "2", 1}} {
		if err := tt.move(ctx, Options{}); err != nil || b.Page().Body != tt.body || len(b.State().Ahead) != tt.ahead || len(b.State().History) != 3-tt.ahead {
			t.Errorf("move %d: %v, %+v, %v and %v", i, err, b.Page(), b.State().History, b.State().Ahead)
		}
	}
	open(t, b, "https://a.test/1", Options{})
	if b.Forward(ctx, Options{}) == nil {
		t.Error("a new page left the old ones ahead")
	}
}

func TestRedirectsChangeTheMethodAsTheirStatusSays(t *testing.T) {
	for status, want := range map[int]string{301: "GET ", 302: "GET ", 303: "GET ", 307: "POST x=1", 308: "POST x=1"} {
		var got, origin string
		end := func(r *http.Request) *http.Response {
			r.ParseForm()
			got, origin = r.Method+" "+r.PostForm.Encode(), r.Header.Get("Origin")
			return answer(200, "")
		}
		b := visit(web{"GET a.test/": page(""), "GET c.test/": end, "POST c.test/": end,
			"POST b.test/": func(*http.Request) *http.Response { return answer(status, "", "Location", "https://c.test/") }}, new(State), nil)
		open(t, b, "https://a.test/", Options{})
		if err := b.Navigate(context.Background(), "POST", "https://b.test/", url.Values{"x": {"1"}}, Options{}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
		if status > 303 && origin != "null" {
			t.Errorf("%d: by way of a foreign origin it came from %q", status, origin)
		}
	}
}

func TestACookieLivesNoLongerThanItMay(t *testing.T) {
	b := visit(nil, new(State), nil)
	u, _ := url.Parse("https://a.test/")
	b.keepCookies(u, http.Header{"Set-Cookie": {"a=1; Max-Age=999999999999", "b=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "c=1; Max-Age=60; HttpOnly; Secure; SameSite=Strict"}})
	for i, want := range []time.Duration{maxAge, maxAge, time.Minute} {
		if len(b.state.Cookies) != 3 || !b.state.Cookies[i].Expires.Equal(noon.Add(want)) {
			t.Fatalf("cookie %d: %+v", i, b.state.Cookies)
		}
	}
	if raw, err := json.Marshal(b.state.Cookies[2]); err != nil || !strings.Contains(string(raw), `"secure":true,"http_only":true,"same_site":"Strict","expires":"2026-01-01T12:01:00Z"`) {
		t.Errorf("%s %v", raw, err)
	}
	plain, _ := url.Parse("http://a.test/")
	b.keepCookies(plain, http.Header{"Set-Cookie": {"c=2"}})
	if got := b.state.Cookies[2].Value; got != "1" || len(b.state.Cookies) != 3 {
		t.Errorf("without TLS a secure cookie became %q", got)
	}
}

func TestControlsWithOddMarkup(t *testing.T) {
	p := &Page{ContentType: "text/html", Body: `<form><select name=s><option disabled>no<option>yes</select><select name=two><option selected>1<option selected>2</select><button type=odd name=b value=1>`}
	f := formsOf(p)[0]
	if got := f.values(nil, nil).Encode(); got != "s=yes&two=2" {
		t.Errorf("sends %s", got)
	}
}

func TestALinkInAFormLeavesTheFormWhole(t *testing.T) {
	s := &State{Page: &Page{URL: "https://a.test/", ContentType: "text/html", Body: `<center><a href=/hidden>x</a><form></form></center><form method=post action=/in><a href=/forgot>forgot</a><input name=user><button name=go>Go</button></form>`}}
	shown := formsOf(&Page{ContentType: "text/html", Body: string(visit(nil, s, nil).Render("/f"))})
	if len(shown) != 1 || len(shown[0].controls) != 4 {
		t.Fatalf("the frame's forms are %+v", shown)
	}
	for fields, want := range map[string]string{"pg-link=1": "/forgot", "pg-form=1&user=maya&go=": "/in"} {
		copied := *s
		b := visit(web{"GET a.test/forgot": page(""), "POST a.test/in": page("")}, &copied, nil)
		form, _ := url.ParseQuery(fields)
		if err := b.Act(context.Background(), form, Options{}); err != nil || b.Page().URL != "https://a.test"+want || b.Page().Status != 200 {
			t.Errorf("%s: %v %+v", fields, err, b.Page())
		}
	}
}

func TestAnAddressMayBeTooLong(t *testing.T) {
	b := visit(web{"GET a.test/": to("https://b.test/?" + strings.Repeat("x", maxAddress))}, new(State), nil)
	open(t, b, "https://a.test/", Options{})
	if p := b.Page(); p.Problem == "" || len(p.URL) > 100 {
		t.Errorf("shows %.100s %q", p.URL, p.Problem)
	}
}

func FuzzForms(f *testing.F) {
	f.Add("<form method=post><input name=a><select name=b><option>c</select><button name=d>", "d")
	f.Add("<form id=x></form><textarea form=x name=y>\n</textarea><a href=%zz>", "")
	f.Fuzz(func(t *testing.T, body, button string) {
		b := visit(nil, &State{Page: &Page{URL: "https://a.test/", ContentType: "text/html", Body: body}}, nil)
		b.Submit(context.Background(), Submission{Form: -1, Button: button}, Options{})
		b.Render("/f")
	})
}

func FuzzCookies(f *testing.F) {
	f.Add("n=v; Domain=.chirper.test; Path=/x; Max-Age=5", "https://auth.chirper.test/x/y")
	f.Add("__Host-n=v; Secure; Path=/", "https://a.co.uk")
	f.Fuzz(func(t *testing.T, line, address string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		b := visit(nil, new(State), nil)
		b.keepCookies(u, http.Header{"Set-Cookie": {line}})
		b.cookieHeader(u, &Request{Method: "GET", Typed: true})
		other, _ := url.Parse("https://another.invalid/")
		if h := b.cookieHeader(other, &Request{Method: "GET", Typed: true}); h != "" && u.Hostname() != "another.invalid" && !strings.HasSuffix(u.Hostname(), ".another.invalid") {
			t.Errorf("%q set by %q goes to another site", h, address)
		}
		if _, err := json.Marshal(b.state); err != nil {
			t.Error(err)
		}
	})
}
