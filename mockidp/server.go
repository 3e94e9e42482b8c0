package mockidp

import (
	"context"
	"net/http/httptest"

	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// TB is what NewServer needs of a test: *testing.T and *testing.B have it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is an issuer on a loopback port for the time of a test. Tests that each have their own run in parallel.
type Server struct {
	*Issuer
	server *httptest.Server
}

// NewServer starts an issuer with one user, maya, who signs in and consents without a page, and no clients: see AddApp. It
// is closed when the test ends. Options change the issuer before its first use.
func NewServer(t TB, options ...func(*Issuer)) *Server {
	t.Helper()
	keys := jose.NewPool()
	t.Cleanup(keys.Close)
	s := &Server{Issuer: &Issuer{Store: NewMemoryStore(), Keys: keys}}
	s.server = httptest.NewServer(s.Issuer)
	t.Cleanup(s.server.Close)
	s.URL = s.server.URL
	s.Conditions = func(context.Context) (Conditions, error) {
		return Conditions{Settings: check.Settings{settingLogin.ID: "auto", settingConsent.ID: "skip"}}, nil
	}
	for _, o := range options {
		o(s.Issuer)
	}
	maya := User{Username: "maya", Password: "practice-only", Sub: "u-maya", Claims: map[string]any{"name": "Maya Rivera", "email": "maya@roastery.test", "email_verified": true}}
	if err := s.Setup(context.Background(), []User{maya}, nil); err != nil {
		t.Fatalf("mockidp: %v", err)
	}
	return s
}

// AddApp registers a confidential client that may refresh, with a new id and secret, and returns it as it is stored. change,
// if not nil, may alter it before.
func (s *Server) AddApp(t TB, redirectURI string, change func(*Client)) Client {
	t.Helper()
	c := Client{ClientID: "c-" + random(9), ClientSecret: random(24), RedirectURIs: []string{redirectURI}, GrantTypes: []string{"authorization_code", "refresh_token"}}
	if change != nil {
		change(&c)
	}
	if err := s.AddClient(context.Background(), c); err != nil {
		t.Fatalf("mockidp: %v", err)
	}
	stored, err := s.Client(context.Background(), c.ClientID)
	if err != nil {
		t.Fatalf("mockidp: %v", err)
	}
	return stored
}
