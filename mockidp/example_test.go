package mockidp_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"oauthplayground/mockidp"
)

// A test of an app starts an issuer, registers the app, and signs somebody in without a browser.
func ExampleNewServer() {
	t := newExampleT() // in a test: its *testing.T
	defer t.end()

	idp := mockidp.NewServer(t)
	registered := idp.AddApp(t, "https://app.test/callback", nil)

	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, idp.URL)
	if err != nil {
		t.Fatalf("%v", err)
	}
	app := oauth2.Config{
		ClientID: registered.ClientID, ClientSecret: registered.ClientSecret, RedirectURL: registered.RedirectURIs[0],
		Endpoint: provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile"},
	}

	// What a browser would do: go to the server, and come back with a code.
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	verifier := oauth2.GenerateVerifier()
	res, err := browser.Get(app.AuthCodeURL("state-1", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		t.Fatalf("%v", err)
	}
	res.Body.Close()
	callback, err := res.Location()
	if err != nil {
		t.Fatalf("%v", err)
	}

	tokens, err := app.Exchange(ctx, callback.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("%v", err)
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		t.Fatalf("%v", err)
	}
	var claims struct{ Name string }
	if err := info.Claims(&claims); err != nil {
		t.Fatalf("%v", err)
	}
	fmt.Println("signed in:", claims.Name)
	// Output: signed in: Maya Rivera
}

// exampleT stands in for the *testing.T that an example doesn't get.
type exampleT struct{ cleanups []func() }

func newExampleT() *exampleT                       { return new(exampleT) }
func (t *exampleT) Helper()                        {}
func (t *exampleT) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
func (t *exampleT) Cleanup(f func())               { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) end() {
	for n := len(t.cleanups) - 1; n >= 0; n-- {
		t.cleanups[n]()
	}
}
