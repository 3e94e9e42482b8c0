package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// User is someone who can sign in.
type User struct {
	Username string         `json:"username"`
	Password string         `json:"password"` // of a practice server: it is shown, and prefilled
	Sub      string         `json:"sub"`      // OpenID Connect Core 1.0 §2
	Claims   map[string]any `json:"claims,omitempty"`
	// Unlisted leaves the user out of the people that the login page offers: one who is there must type the name.
	Unlisted bool `json:"unlisted,omitempty"`
}

func (u User) displayName() string {
	if name, ok := u.Claims["name"].(string); ok {
		return name
	}
	return u.Username
}

const usersKey = "users"

// Users lists those who can sign in, in the order they were given. The list is the caller's to change.
func (i *Issuer) Users(ctx context.Context) ([]User, error) {
	shared, err := i.everyone(ctx)
	users := slices.Clone(shared)
	for n := range users {
		users[n].Claims = maps.Clone(users[n].Claims)
	}
	return users, err
}

// cachedUsers is the list of users, decoded, at a revision.
type cachedUsers struct {
	rev  Rev
	list []User
}

// everyone is the list of users; it is shared and must not be changed.
func (i *Issuer) everyone(ctx context.Context) ([]User, error) {
	raw, rev, err := i.Store.Get(ctx, usersKey)
	if errors.Is(err, ErrNotFound) {
		return i.Seed.everyone(), nil
	}
	if err != nil {
		return nil, err
	}
	if c := i.users.Load(); c != nil && c.rev == rev {
		return c.list, nil
	}
	var list []User
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	i.users.Store(&cachedUsers{rev: rev, list: list})
	return list, nil
}

// user finds the first one who is meant.
func (i *Issuer) user(ctx context.Context, is func(User) bool) (User, bool, error) {
	users, err := i.everyone(ctx)
	u, ok := find(users, is)
	return u, ok, err
}

func find(users []User, is func(User) bool) (User, bool) {
	at := slices.IndexFunc(users, is)
	if at < 0 {
		return User{}, false
	}
	return users[at], true
}

// byUsername is whose user name it is, as the server itself has kept it.
func byUsername(username string) func(User) bool {
	return func(u User) bool { return u.Username == username }
}

// bySubject is whom a token is about.
func bySubject(sub string) func(User) bool {
	return func(u User) bool { return sub != "" && u.Sub == sub }
}

// byTyped is whom somebody means who types a name or sends a login hint: a user name, an e-mail address, or a subject.
func byTyped(typed string) func(User) bool {
	return func(u User) bool {
		return typed != "" && (strings.EqualFold(u.Username, typed) || u.Sub == typed || u.Claims["email"] == typed)
	}
}

// SetPassword gives a user another password; ErrNotFound if there is no such user.
func (i *Issuer) SetPassword(ctx context.Context, username, password string) error {
	for {
		raw, rev, err := i.Store.Get(ctx, usersKey)
		stored := !errors.Is(err, ErrNotFound)
		if err != nil && stored {
			return err
		}
		list := slices.Clone(i.Seed.everyone())
		if stored {
			list = nil
			if err := json.Unmarshal(raw, &list); err != nil {
				return err
			}
		}
		at := slices.IndexFunc(list, byUsername(username))
		if at < 0 {
			return ErrNotFound
		}
		list[at].Password = password
		if raw, err = json.Marshal(list); err != nil {
			return err
		}
		if stored {
			_, err = i.Store.Update(ctx, usersKey, raw, rev, 0)
		} else {
			_, err = i.Store.Create(ctx, usersKey, raw, 0)
		}
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists) {
			return err
		}
	}
}

// scope is what a client may ask for, in words a person is asked with.
type scope struct {
	name   string
	words  string   // on the consent page: what the client will be able to do
	asks   string   // the same as a question: Let the app …?
	not    string   // what the client will not do without it; empty where nobody would think of it
	claims []string // at user info (OpenID Connect Core 1.0 §5.4)
	inID   []string // of those, what is in the ID token as well: identity without a second call
}

// scopes are those the server knows, the weightiest last.
var scopes = []scope{
	{name: "openid", words: "Know which account this is", asks: "know who you are"},
	{name: "profile", words: "See your name and profile", asks: "know who you are",
		claims: []string{"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"},
		inID:   []string{"name", "preferred_username"}},
	{name: "email", words: "See your e-mail address", asks: "know who you are", claims: []string{"email", "email_verified"}, inID: []string{"email", "email_verified"}},
	{name: "address", words: "See your address", asks: "know who you are", claims: []string{"address"}},
	{name: "phone", words: "See your phone number", asks: "know who you are", claims: []string{"phone_number", "phone_number_verified"}},
	{name: "offline_access", words: "Stay connected while you are away"},
	{name: "posts:read", words: "Read your posts", asks: "read your posts", not: "read your posts"},
	{name: "posts:write", words: "Publish posts in your name", asks: "post for you", not: "post for you"},
	{name: "messages:read", words: "Read your messages", asks: "read your messages"},
	{name: "account:admin", words: "Change your password and delete your account", asks: "manage your account", not: "change your account"},
}

func scopeNames() []string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = s.name
	}
	return names
}

func knownScope(name string) bool {
	return slices.ContainsFunc(scopes, func(s scope) bool { return s.name == name })
}

func claimNames() []string {
	names := []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}
	for _, s := range scopes {
		names = append(names, s.claims...)
	}
	return names
}

// claimsFor picks a user's claims that the granted scopes release; of a scope only those that pick names.
func claimsFor(u User, granted []string, pick func(scope) []string) map[string]any {
	out := map[string]any{}
	for _, s := range scopes {
		if !slices.Contains(granted, s.name) {
			continue
		}
		for _, name := range pick(s) {
			if v, ok := u.Claims[name]; ok {
				out[name] = v
			}
		}
	}
	return out
}
