package mockidp_test

import (
	"errors"
	"testing"

	"oauthplayground/mockidp"
)

// What is shared between issuers can't carry anything from one to another.
func TestIssuersShareASeed(t *testing.T) {
	app := mockidp.Client{ClientID: "shared", RedirectURIs: []string{"https://app.test/cb"}}
	seed := mockidp.NewSeed([]mockidp.User{
		{Username: "maya", Password: "practice-only", Sub: "u-maya"}, {Username: "sam", Password: "practice-only", Sub: "u-sam"},
	}, []mockidp.Client{app})
	one := &mockidp.Issuer{URL: "https://one.test", Store: mockidp.NewMemoryStore(), Seed: seed}
	two := &mockidp.Issuer{URL: "https://two.test", Store: mockidp.NewMemoryStore(), Seed: seed}

	for _, password := range []string{"another", "a third"} {
		if err := one.SetPassword(t.Context(), "sam", password); err != nil {
			t.Fatal(err)
		}
		for i, want := range map[*mockidp.Issuer]string{one: password, two: "practice-only"} {
			users, err := i.Users(t.Context())
			if err != nil || len(users) != 2 || users[0].Password != "practice-only" || users[1].Password != want {
				t.Errorf("%s: %+v, %v; want sam to have %q", i.URL, users, err, want)
			}
		}
	}
	if err := one.SetPassword(t.Context(), "nobody", "x"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("the password of nobody: %v", err)
	}

	if err := one.AddClient(t.Context(), app); !errors.Is(err, mockidp.ErrExists) {
		t.Errorf("a client of the seed again: %v", err)
	}
	c, err := one.Client(t.Context(), "shared")
	if err != nil || c.TokenEndpointAuthMethod != "none" || len(c.GrantTypes) != 1 {
		t.Errorf("a client of the seed has no defaults: %+v, %v", c, err)
	}
}
