package mockidp_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

const callback = "https://app.test/callback"

// app is a relying party made of the client libraries that Go programmers use.
type app struct {
	oauth2.Config
	provider *oidc.Provider
	http     *http.Client // follows no redirect
}

func newApp(t *testing.T, s *mockidp.Server, c mockidp.Client) *app {
	t.Helper()
	c.RedirectURIs = []string{callback}
	if c.GrantTypes == nil {
		c.GrantTypes = []string{"authorization_code", "refresh_token"}
	}
	c.ResponseTypes = []string{"code"}
	if c.TokenEndpointAuthMethod == "" {
		c.TokenEndpointAuthMethod = "client_secret_basic"
	}
	if err := s.AddClient(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	provider, err := oidc.NewProvider(context.Background(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if c.TokenEndpointAuthMethod != "client_secret_basic" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &app{
		Config:   oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: callback, Endpoint: endpoint, Scopes: []string{"openid", "profile", "email"}},
		provider: provider,
		http:     &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// authorize sends a browser to the server and returns what comes back with it.
func (a *app) authorize(t *testing.T, opts ...oauth2.AuthCodeOption) url.Values {
	t.Helper()
	res, err := a.http.Get(a.AuthCodeURL("state-1", opts...))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		t.Fatalf("authorize answered %d without a Location", res.StatusCode)
	}
	return to.Query()
}

func TestClientLibrarySignsInWithPKCE(t *testing.T) {
	for _, tt := range []struct{ name, method, alg string }{
		{"confidential, header, RS256 by default", "client_secret_basic", ""},
		{"confidential, body, ES256", "client_secret_post", "ES256"},
		{"public", "none", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := mockidp.NewServer(t)
			secret := "s3cr+t of 1"
			if tt.method == "none" {
				secret = ""
			}
			a := newApp(t, s, mockidp.Client{ClientID: "app", ClientSecret: secret, TokenEndpointAuthMethod: tt.method, IDTokenSignedResponseAlg: tt.alg})
			verifier := oauth2.GenerateVerifier()
			back := a.authorize(t, oauth2.S256ChallengeOption(verifier), oidc.Nonce("nonce-1"))
			if back.Get("state") != "state-1" || back.Get("iss") != s.URL {
				t.Fatalf("callback carries %v", back)
			}
			ctx := context.Background()
			tokens, err := a.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := tokens.Extra("id_token").(string)
			id, err := a.provider.Verifier(&oidc.Config{ClientID: "app", SupportedSigningAlgs: []string{"RS256", "ES256"}}).Verify(ctx, raw)
			if err != nil {
				t.Fatal(err)
			}
			if id.Nonce != "nonce-1" || id.Subject != "u-maya" {
				t.Errorf("ID token says nonce %q, sub %q", id.Nonce, id.Subject)
			}
			if err := id.VerifyAccessToken(tokens.AccessToken); err != nil {
				t.Errorf("at_hash: %v", err)
			}
			info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
			if err != nil || info.Subject != "u-maya" || info.Email != "maya@roastery.test" {
				t.Errorf("user info: %+v, %v", info, err)
			}

			tokens.Expiry = time.Now().Add(-time.Hour)
			fresh, err := a.TokenSource(ctx, tokens).Token()
			if err != nil || fresh.RefreshToken == tokens.RefreshToken {
				t.Errorf("refresh: rotated %v, %v", err == nil && fresh.RefreshToken != tokens.RefreshToken, err)
			}
			// The old refresh token again: there is a copy, so the whole family goes.
			if _, err := a.TokenSource(ctx, tokens).Token(); errorCode(err) != "invalid_grant" {
				t.Errorf("reuse of a refresh token: %v", err)
			}
			if _, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(fresh)); err == nil {
				t.Error("the access token still works after the reuse of its refresh token")
			}
		})
	}
}

func errorCode(err error) string {
	var e *oauth2.RetrieveError
	if errors.As(err, &e) {
		return e.ErrorCode
	}
	return ""
}

func TestOneOfManyRedemptionsWins(t *testing.T) {
	s := mockidp.NewServer(t)
	a := newApp(t, s, mockidp.Client{ClientID: "app", ClientSecret: "secret", IDTokenSignedResponseAlg: "ES256"})
	verifier := oauth2.GenerateVerifier()
	code := a.authorize(t, oauth2.S256ChallengeOption(verifier)).Get("code")

	var first *oauth2.Token
	if n := winners(t, func() error {
		tok, err := a.Exchange(context.Background(), code, oauth2.VerifierOption(verifier))
		if err == nil {
			first = tok
		}
		return err
	}); n != 1 {
		t.Errorf("%d of 100 redemptions of one code succeeded, want 1", n)
	}
	if _, err := a.provider.UserInfo(context.Background(), oauth2.StaticTokenSource(first)); err == nil {
		t.Error("what a replayed code has produced still works")
	}

	code = a.authorize(t, oauth2.S256ChallengeOption(verifier)).Get("code")
	tokens, err := a.Exchange(context.Background(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	tokens.Expiry = time.Now().Add(-time.Hour)
	if n := winners(t, func() error {
		_, err := a.TokenSource(context.Background(), tokens).Token()
		return err
	}); n != 1 {
		t.Errorf("%d of 100 uses of one refresh token succeeded, want 1", n)
	}
}

func winners(t *testing.T, try func() error) int {
	t.Helper()
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if try() == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	return int(won.Load())
}

// A form is answered once, however many answers come at the same time: one of them counts, the others are told so.
func TestOneOfManyAnswersCounts(t *testing.T) {
	for _, tt := range []struct {
		page, setting string
		forms         [2]string
	}{
		{"/login", "form", [2]string{"username=maya&password=practice-only", "username=maya&password=practice-only"}},
		{"/consent", "auto", [2]string{"choice=allow", "choice=deny"}},
	} {
		t.Run(tt.page, func(t *testing.T) {
			i := newIssuer(t, func(i *mockidp.Issuer) {
				i.Conditions = func(context.Context) (mockidp.Conditions, error) {
					return mockidp.Conditions{Settings: check.Settings{"as.login": tt.setting}}, nil
				}
			})
			a := serve(i, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&scope=openid", "", nil)
			_, txn, ok := strings.Cut(a.header.Get("Location"), tt.page+"?txn=")
			if !ok {
				t.Fatalf("authorize goes to %q", a.header.Get("Location"))
			}
			var n atomic.Int32
			counted := winners(t, func() error {
				a := serve(i, "POST", tt.page, "txn="+txn+"&"+tt.forms[n.Add(1)%2], formType)
				switch a.status {
				case http.StatusSeeOther:
					return nil
				case http.StatusBadRequest:
					if a.header.Get("Set-Cookie") != "" {
						t.Error("an answer that does not count signs the browser in")
					}
				default:
					t.Errorf("answered %d %s", a.status, a.body)
				}
				return errors.New("refused")
			})
			if counted != 1 {
				t.Errorf("%d of 100 answers counted, want 1", counted)
			}
		})
	}
}
