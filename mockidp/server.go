package mockidp

import (
	"context"
	"net/http/httptest"

	"oauthplayground/mockidp/jose"
)

// TB is what NewServer needs of a test: *testing.T and *testing.B have it.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Server is an issuer on a loopback port for the time of a test.
type Server struct {
	*Issuer
	server *httptest.Server
}

// NewServer starts an issuer with one user, maya, who signs in and consents without a page, and no clients. It is closed
// when the test ends. Options change the issuer before its first use.
func NewServer(t TB, options ...func(*Issuer)) *Server {
	t.Helper()
	s := &Server{Issuer: &Issuer{Store: NewMemoryStore(), Keys: jose.NewPool()}}
	s.server = httptest.NewServer(s.Issuer)
	t.Cleanup(s.server.Close)
	t.Cleanup(s.Keys.Close)
	s.URL = s.server.URL
	s.Conditions = func(context.Context) (Conditions, error) {
		return Conditions{Settings: map[string]string{settingLogin.ID: "auto", settingConsent.ID: "skip"}}, nil
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
