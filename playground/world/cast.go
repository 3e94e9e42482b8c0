package world

import (
	"context"
	"errors"

	"oauthplayground/mockidp"
)

// practicePassword is every seeded user's password. It is prefilled in the login form and looks like nothing real.
const practicePassword = "practice-only"

// users are the people of the story as Chirper knows them; the first is Maya.
func users() []mockidp.User {
	return []mockidp.User{
		{Username: "maya", Password: practicePassword, Sub: "u-maya-7f3c", Claims: map[string]any{
			"name": "Maya Rivera", "given_name": "Maya", "family_name": "Rivera", "preferred_username": "maya",
			"email": "maya@roastery.test", "email_verified": true, "locale": "en", "zoneinfo": "Europe/Lisbon",
			"phone_number": "+351 000 000 001", "phone_number_verified": false, "updated_at": 1767225600,
			"address": map[string]any{"street_address": "1 Harbour Lane", "locality": "Porto", "country": "PT"},
		}},
		{Username: "sam", Password: practicePassword, Sub: "u-sam-2b91", Claims: map[string]any{
			"name": "Sam Okafor", "given_name": "Sam", "family_name": "Okafor", "preferred_username": "sam",
			"email": "sam@okafor.test", "email_verified": true, "locale": "en", "zoneinfo": "Africa/Lagos",
			"phone_number": "+234 000 000 002", "phone_number_verified": true, "updated_at": 1767225600,
			"address": map[string]any{"street_address": "2 Market Road", "locality": "Lagos", "country": "NG"},
		}},
	}
}

// malloryAccount is Mallory's own account at Chirper: anybody can have one. It is in lessons only, and no page offers it.
var malloryAccount = mockidp.User{Username: "mallory", Password: practicePassword, Sub: "u-mallory-9d05", Unlisted: true, Claims: map[string]any{
	"name": "Mallory Quill", "given_name": "Mallory", "family_name": "Quill", "preferred_username": "mallory",
}}

// desktopClientID is Planner's app for the desktop. No actor plays it: what matters is what Chirper lets it ask for.
const desktopClientID = "planner-desktop"

// Anybody can register an app, too: Mallory's finds coupons, and has a secret of its own.
const (
	malloryClientID     = "coupon-club"
	malloryClientSecret = "practice-mallorys-own"
)

// cast is the users as the API tells them.
func cast() []User {
	var list []User
	for _, u := range users() {
		name, _ := u.Claims["name"].(string)
		list = append(list, User{Username: u.Username, Password: u.Password, Name: name})
	}
	return list
}

// seeds are who Chirper knows from the start, by the kind of sandbox: what is the same in all of them.
var seeds = map[string]*mockidp.Seed{
	KindWorkbench: mockidp.NewSeed(users(), nil),
	KindLesson: mockidp.NewSeed(append(users(), malloryAccount), []mockidp.Client{{
		ClientID: phoneApp.id, ClientName: "Content Planner, the app",
		RedirectURIs:            []string{phoneApp.redirectURI},
		ApplicationType:         "native",
		TokenEndpointAuthMethod: "none",
		Scope:                   publicScope,
	}, {
		ClientID: desktopClientID, ClientName: "Content Planner, for the desktop",
		RedirectURIs:            []string{"http://127.0.0.1/callback"}, // on this very device, on whatever port is free: RFC 8252 §7.3
		ApplicationType:         "native",
		TokenEndpointAuthMethod: "none",
		Scope:                   publicScope,
	}, {
		ClientID: pageApp.id, ClientName: "Content Planner, in the browser",
		RedirectURIs:            []string{pageApp.redirectURI},
		TokenEndpointAuthMethod: "none",
		Scope:                   publicScope,
	}, {
		ClientID: lookAlikeID, ClientSecret: lookAlikeSecret, ClientName: "Chirper Security",
		RedirectURIs:            []string{lookAlikeCallback},
		TokenEndpointAuthMethod: "client_secret_basic",
		GrantTypes:              []string{"authorization_code"},
		Scope:                   lookAlikeScope,
	}, {
		ClientID: malloryClientID, ClientSecret: malloryClientSecret, ClientName: "Coupon Club",
		RedirectURIs:            []string{"https://mallory.test/coupons"},
		TokenEndpointAuthMethod: "client_secret_post",
		GrantTypes:              []string{"authorization_code"},
		Scope:                   publicScope,
	}}),
}

// ownClient is the client whose secret a sandbox has for itself.
func (s *Sandbox) ownClient() mockidp.Client {
	if s.fixed.Kind == KindWorkbench {
		return mockidp.Client{
			ClientID: "demo-app", ClientSecret: "practice-" + newSecret(), ClientName: "Demo app",
			RedirectURIs:            []string{"http://127.0.0.1:3000/callback", "http://localhost:3000/callback"},
			TokenEndpointAuthMethod: "client_secret_basic",
			GrantTypes:              []string{"authorization_code", "refresh_token"},
			ResponseTypes:           []string{"code"},
		}
	}
	return mockidp.Client{
		ClientID: plannerClientID, ClientSecret: "practice-" + newSecret(), ClientName: "Content Planner",
		RedirectURIs:             []string{plannerCallback},
		TokenEndpointAuthMethod:  "client_secret_basic",
		GrantTypes:               []string{"authorization_code", "implicit"},
		ResponseTypes:            []string{"code", "token"},
		Scope:                    plannerScope,
		IDTokenSignedResponseAlg: "ES256",
	}
}

// Clients are the sandbox's own clients with their credentials, as the issuer holds them now: for who has the sandbox's key.
func (s *Sandbox) Clients(ctx context.Context) ([]mockidp.Client, error) {
	list := []mockidp.Client{}
	for _, id := range []string{plannerClientID, "demo-app"} {
		c, err := s.issuer.Client(ctx, id)
		if errors.Is(err, mockidp.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
