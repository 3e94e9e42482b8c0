package trace

import (
	"slices"
	"testing"
)

func form(body string) Begin {
	b := get("https://x/", Header{"Content-Type", "application/x-www-form-urlencoded"})
	b.Request.Body = body
	return b
}

func cutForm(body string) Begin {
	b := form(body)
	b.Request.Cut = true
	return b
}

func TestNamedValuesAreFound(t *testing.T) {
	answer := func(headers ...Header) Response { return Response{Status: 303, Headers: headers} }
	for _, tt := range []struct {
		name string
		in   Begin
		res  Response
		want []string // in the request, then in the answer
	}{
		{"query", get("https://x/authorize?state=s&nonce=n&code_challenge=c&code_challenge_method=S256"), Response{}, []string{"state#1 in query state", "nonce#1 in query nonce", "code_challenge#1 in query code_challenge"}},
		{"an escaped value is found as it is meant", get("https://x/?state=a%2Bb+c"), jsonResponse(`{"state":"a+b c"}`), []string{"state#1 in query state", "state#1 in body state"}},
		{"an empty one is none", get("https://x/?state=&nonce"), Response{}, nil},
		{"wrong escapes are passed over", get("https://x/?state=%zz&nonce=n"), Response{}, []string{"nonce#1 in query nonce"}},
		{"a bearer token", get("https://x/", Header{"Authorization", "bearer opaque-token"}), Response{}, []string{"access_token#1 in header Authorization"}},
		{"a DPoP token", get("https://x/", Header{"Authorization", "DPoP opaque-token"}), Response{}, []string{"access_token#1 in header Authorization"}},
		{"a client's secret in Basic, form-encoded within", get("https://x/", Header{"Authorization", "Basic YTpzJTJCdA=="}), Response{}, []string{"client_secret#1 in header Authorization"}},
		{"Basic that is none", get("https://x/", Header{"Authorization", "Basic !"}), Response{}, nil},
		{"a client's secret in the form", form("client_secret=t0p&code_verifier=v&password=practice-only"), Response{}, []string{"client_secret#1 in body client_secret", "code_verifier#1 in body code_verifier", "password#1 in body password"}},
		{"a form that was cut ends with half a pair", cutForm("code_verifier=v&code=hal"), Response{}, []string{"code_verifier#1 in body code_verifier"}},
		{"a Referer is a URL", get("https://x/", Header{"Referer", "https://y/cb?code=c&state=s"}), Response{}, []string{"code#1 in header Referer", "state#1 in header Referer"}},
		{"login sessions", get("https://x/", Header{"Cookie", "a=b; chirper_session=12; planner_session=34"}), answer(Header{"Set-Cookie", "chirper_session=56; Path=/"}), []string{"session#1 in cookie chirper_session", "session#2 in cookie planner_session", "session#3 in cookie chirper_session"}},
		{"where a redirect goes", get("https://x/"), answer(Header{"Location", "https://y/cb?code=c&state=s"}), []string{"code#1 in query code", "state#1 in query state"}},
		{"a fragment", get("https://x/"), answer(Header{"Location", "https://y/cb#access_token=t&state=s"}), []string{"access_token#1 in fragment access_token", "state#1 in fragment state"}},
		{"members of a JSON object", get("https://x/"), jsonResponse(` {"expires_in":60,"access_token":"a\u0062c","scope":["x"],"id_token":"i","more":{"code":"inner"},"refresh_token":"r"} `), []string{"access_token#1 in body access_token", "id_token#1 in body id_token", "refresh_token#1 in body refresh_token"}},
		{"a JSON value that equals a name is no name", get("https://x/"), jsonResponse(`{"error":"code","x":"code","state":"s"}`), []string{"state#1 in body state"}},
		{"JSON that ends early", get("https://x/"), jsonResponse(`{"state":"s","code":"c0`), []string{"state#1 in body state"}},
		{"a JSON list", get("https://x/"), jsonResponse(`["code","c"]`), nil},
		{"other kinds of JSON", get("https://x/"), Response{Status: 400, Headers: []Header{{"Content-Type", "Application/Problem+JSON; charset=utf-8"}}, Body: `{"state":"s"}`}, []string{"state#1 in body state"}},
		{"HTML has no names", get("https://x/"), Response{Status: 200, Headers: []Header{{"Content-Type", "text/html"}}, Body: `<input name="state" value="a-long-state">`}, nil},
		{"an ID token comes back as a hint", get("https://x/?id_token_hint=the-id-token"), jsonResponse(`{"id_token":"the-id-token"}`), []string{"id_token#1 in query id_token_hint", "id_token#1 in body id_token"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := NewMemoryLog(MemoryOptions{})
			end(t, begin(t, NewRecorder(log, nil), tt.in), tt.res)
			var got []string
			for _, e := range all(t, log) {
				got = append(got, tags(e)...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAKnownValueIsFollowedWithoutItsName(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   Begin
		res  Response
		want []string
	}{
		{"in a path", get("https://x/reset/c0de-of-23/done"), Response{}, []string{"code#1 in path"}},
		{"under another name", get("https://x/?token=c0de-of-23"), Response{}, []string{"code#1 in query"}},
		{"with its own name it is not found twice", get("https://x/?code=c0de-of-23"), Response{}, []string{"code#1 in query code"}},
		{"in a URL within a URL", get("https://x/?return_to=https%3A%2F%2Fy%2F%3Fcode%3Dc0de-of-23"), Response{}, []string{"code#1 in query"}},
		{"in one within that", get("https://x/?u=%253Fcode%253Dc0de-of-23%2526x"), Response{}, []string{"code#1 in query"}},
		{"with more escapes than it needs", get("https://x/?u=c0de%2Dof%2d23"), Response{}, []string{"code#1 in query"}},
		{"in any header", get("https://x/", Header{"X-Debug", `"c0de-of-23"`}), Response{}, []string{"code#1 in header X-Debug"}},
		{"in any cookie", get("https://x/", Header{"Cookie", "last=c0de-of-23; b=c"}), Response{Status: 200, Headers: []Header{{"Set-Cookie", "again=c0de-of-23; Path=/"}}}, []string{"code#1 in cookie last", "code#1 in cookie again"}},
		{"in the path of a redirect", get("https://x/"), Response{Status: 302, Headers: []Header{{"Location", "/c0de-of-23?x=y"}}}, []string{"code#1 in path"}},
		{"in a page, once", get("https://x/"), Response{Status: 200, Body: `<p>c0de-of-23. Again: <a href="?code=c0de-of-23&amp;x">it</a>`}, []string{"code#1 in body"}},
		{"at the end of a sentence", get("https://x/"), Response{Status: 200, Body: "it was c0de-of-23."}, []string{"code#1 in body"}},
		{"as a part of a word it is another", get("https://x/xc0de-of-23x"), Response{}, nil},
		{"short ones are words of the language", get("https://x/?x=short"), Response{Status: 200, Body: "short"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := NewMemoryLog(MemoryOptions{})
			r := NewRecorder(log, nil)
			end(t, begin(t, r, get("https://x/?code=c0de-of-23&state=short")), Response{Status: 200})
			end(t, begin(t, r, tt.in), tt.res)
			var got []string
			for _, e := range all(t, log)[2:] {
				got = append(got, tags(e)...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
