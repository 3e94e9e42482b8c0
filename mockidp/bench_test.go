package mockidp_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// answer keeps what a handler writes, and is cheap to use again.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { a.body = append(a.body, b...); return len(b), nil }

// BenchmarkFlow is one whole sign-in without a form: authorize, token, user info. What net/http and the recording cost is
// not in it.
func BenchmarkFlow(b *testing.B) {
	for _, alg := range []string{jose.ES256, jose.RS256} {
		b.Run(alg, func(b *testing.B) {
			auto := func(context.Context) (mockidp.Conditions, error) {
				return mockidp.Conditions{Settings: check.Settings{"as.login": "auto", "as.consent": "skip"}}, nil
			}
			i := &mockidp.Issuer{URL: "https://auth.chirper.test", Store: mockidp.NewMemoryStore(), Conditions: auto}
			users := []mockidp.User{
				{Username: "maya", Password: "practice-only", Sub: "u-maya", Claims: map[string]any{"name": "Maya Rivera", "email": "maya@roastery.test", "email_verified": true}},
				{Username: "sam", Password: "practice-only", Sub: "u-sam", Claims: map[string]any{"name": "Sam Okafor"}},
			}
			client := mockidp.Client{ClientID: "web", ClientSecret: "secret", RedirectURIs: []string{"https://app.test/cb"}, IDTokenSignedResponseAlg: alg}
			if err := i.Setup(context.Background(), users, []mockidp.Client{client}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				flow(b, i)
			}
		})
	}
}

// The verifier and the challenge of RFC 7636, Appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func flow(tb testing.TB, i *mockidp.Issuer) {
	a := serve(i, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&scope=openid+profile+email&state=s1&nonce=n1&code_challenge="+challenge+"&code_challenge_method=S256", "", nil)
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		tb.Fatalf("authorize: %d %s", a.status, a.header)
	}
	form := "grant_type=authorization_code&code=" + to.Query().Get("code") + "&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&code_verifier=" + verifier
	a = serve(i, "POST", "/token", form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic d2ViOnNlY3JldA=="}})
	var tokens struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	if err := json.Unmarshal(a.body, &tokens); err != nil || tokens.IDToken == "" {
		tb.Fatalf("token: %d %s", a.status, a.body)
	}
	a = serve(i, "GET", "/userinfo", "", http.Header{"Authorization": {"Bearer " + tokens.AccessToken}})
	if a.status != http.StatusOK {
		tb.Fatalf("user info: %d %s", a.status, a.body)
	}
}

func serve(h http.Handler, method, target, body string, header http.Header) *answer {
	u, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	return send(h, method, u, body, header)
}

func send(h http.Handler, method string, u *url.URL, body string, header http.Header) *answer {
	if header == nil {
		header = http.Header{}
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(a, &http.Request{Method: method, URL: u, Host: "other.example", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))})
	return a
}
