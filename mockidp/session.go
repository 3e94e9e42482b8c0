package mockidp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"time"
)

// session is a browser's login at the server.
type session struct {
	Username string              `json:"username"`
	AuthTime int64               `json:"auth_time"`
	Consents map[string][]string `json:"consents,omitempty"` // client_id → scopes allowed in this session
	Grants   map[string][]string `json:"grants,omitempty"`   // client_id → ids of the grants it was given in this session
}

const (
	sessionCookie = "chirper_session"
	sessionLife   = 24 * time.Hour
	sessionTTL    = sessionLife + slack
)

// sessionKey keeps the cookie's value itself out of the store: who reads the store can't become the user.
func sessionKey(id string) string {
	h := sha256.Sum256([]byte(id))
	return "session/" + base64.RawURLEncoding.EncodeToString(h[:])
}

// session reads the login session of the browser that asks, by its cookie; without one, or with one that is over, it is nil.
func (i *Issuer) session(ctx context.Context, r *http.Request, m *moment) (*session, string, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || c.Value == "" {
		return nil, "", nil
	}
	s := new(session)
	if _, err = i.get(ctx, sessionKey(c.Value), s); errors.Is(err, ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if m.now.Sub(time.Unix(s.AuthTime, 0)) >= sessionLife {
		return nil, "", nil
	}
	return s, c.Value, nil
}

// newSession stores a login session and hands it to the browser. SameSite=Lax lets it come along when a client sends the
// browser here.
func (i *Issuer) newSession(ctx context.Context, w http.ResponseWriter, s session) (string, error) {
	id := random(24)
	if err := i.put(ctx, sessionKey(id), s, sessionTTL); err != nil {
		return "", err
	}
	path := i.parsed().Path
	if path == "" {
		path = "/"
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: id, Path: path, HttpOnly: true, Secure: i.secure(), SameSite: http.SameSiteLaxMode})
	return id, nil
}

// autoSession is the login of a server that asks nobody: whom the hint names, or the first user, now.
func (i *Issuer) autoSession(ctx context.Context, m *moment, hint string) (*session, error) {
	users, err := i.everyone(ctx)
	if err != nil || len(users) == 0 {
		return nil, err
	}
	who := users[0].Username
	if u, ok, err := i.user(ctx, byTyped(hint)); err != nil {
		return nil, err
	} else if ok {
		who = u.Username
	}
	return &session{Username: who, AuthTime: m.now.Unix()}, nil
}

func (s *session) consented(clientID string, scope []string) bool {
	for _, want := range scope {
		if !slices.Contains(s.Consents[clientID], want) {
			return false
		}
	}
	return s.Consents[clientID] != nil
}

// rememberConsent notes in the browser's session what was allowed of what was asked, so that prompt=none can go without
// asking. The latest answer counts: what was allowed once and not this time is forgotten.
func (i *Issuer) rememberConsent(ctx context.Context, id, clientID string, asked, allowed []string) error {
	if id == "" {
		return nil
	}
	return i.changeSession(ctx, id, func(s *session) {
		if s.Consents == nil {
			s.Consents = map[string][]string{}
		}
		earlier := slices.DeleteFunc(s.Consents[clientID], func(scope string) bool { return slices.Contains(asked, scope) })
		s.Consents[clientID] = append(append([]string{}, earlier...), allowed...) // empty, not nil: asked, and nothing was left
	})
}

// hinted is the user that id_token_hint names (OpenID Connect Core 1.0 §3.1.2.1). A hint that isn't an ID token of ours
// names nobody.
func (i *Issuer) hinted(ctx context.Context, hint string) (User, bool, error) {
	if hint == "" {
		return User{}, false, nil
	}
	sub, ok, err := i.subjectOf(ctx, hint)
	if err != nil || !ok {
		return User{}, false, err
	}
	return i.user(ctx, bySubject(sub))
}
