package mockidp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"oauthplayground/mockidp/check"
)

// The account page is where people see which apps they have connected in this browser, and take one back without the others.
// It is one of the pages that a server like this has for its own users: no specification describes it.

// accountRequest is a request to the account page, under judgement.
type accountRequest struct {
	session *session
	id      string // of the session
	params  url.Values
}

// accountChecks are the rules of the account page; the second one is for its form.
var accountChecks = check.Table[*accountRequest]{
	{
		ID: "as.account-signed-in", Title: "Somebody is signed in in this browser.",
		Spec: "RFC 6749 §3.1", Required: true,
		Judge: func(_ context.Context, a *accountRequest) check.Finding {
			if a.session == nil {
				return check.Fail("a session", "none")
			}
			return check.Pass()
		},
		Refuse: pageError{Status: http.StatusUnauthorized, Code: "login_required", Description: "Nobody is signed in in this browser. Sign in with an app first."},
	},
	{
		// "The authorization server MUST implement CSRF protection for its authorization endpoint and ensure that a malicious
		// client cannot obtain authorization without the awareness and explicit consent of the resource owner": RFC 6749 §10.12.
		// What takes a permission back deserves no less.
		ID: "as.account-form-own", Title: "The form stood on the account page of this very session.",
		Spec: "RFC 6749 §10.12", Required: true,
		Judge: func(_ context.Context, a *accountRequest) check.Finding {
			return check.Finding{OK: subtle.ConstantTimeCompare([]byte(formMark(a.id)), []byte(a.params.Get("mark"))) == 1}
		},
		Refuse: pageError{Status: http.StatusForbidden, Code: "invalid_request", Description: "This form does not belong to your account page. Open the page anew."},
	},
}

// formMark ties a form to a session without telling which.
func formMark(session string) string {
	h := sha256.Sum256([]byte("form of " + session))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

// account shows which apps are connected.
func (i *Issuer) account(w http.ResponseWriter, r *http.Request, m *moment) {
	a := &accountRequest{}
	var err error
	if a.session, a.id, err = i.session(r.Context(), r, m); err != nil {
		i.fault(w, r)
		return
	}
	if err := accountChecks[:1].Run(r.Context(), m.Policy, a); err != nil {
		i.errorPage(w, r, err, nil)
		return
	}
	i.showAccount(w, r, a, "")
}

// removeApp takes back everything that was allowed to an app in this session.
func (i *Issuer) removeApp(w http.ResponseWriter, r *http.Request, m *moment) {
	form, err := postForm(r)
	if err != nil {
		i.interactionError(w, r, nil, err)
		return
	}
	ctx := r.Context()
	a := &accountRequest{params: form}
	if a.session, a.id, err = i.session(ctx, r, m); err != nil {
		i.fault(w, r)
		return
	}
	if err := accountChecks.Run(ctx, m.Policy, a); err != nil {
		i.errorPage(w, r, err, nil)
		return
	}
	app := form.Get("client_id")
	for _, grant := range a.session.Grants[app] {
		if err := i.revoke(ctx, m, grant); err != nil {
			i.fault(w, r)
			return
		}
	}
	err = i.changeSession(ctx, a.id, func(s *session) {
		delete(s.Grants, app)
		delete(s.Consents, app)
		a.session = s
	})
	if err != nil {
		i.fault(w, r)
		return
	}
	i.showAccount(w, r, a, app)
}

func (i *Issuer) showAccount(w http.ResponseWriter, r *http.Request, a *accountRequest, removed string) {
	u, _, err := i.user(r.Context(), byUsername(a.session.Username))
	if err != nil {
		i.fault(w, r)
		return
	}
	v := accountView{view: i.view("Connected apps"), Action: i.path("/account"), Mark: formMark(a.id)}
	v.Person = u.displayName()
	for _, id := range slices.Sorted(maps.Keys(a.session.Grants)) {
		v.Apps = append(v.Apps, appView{ID: id, Name: i.clientName(r.Context(), id)})
	}
	if removed != "" {
		v.Removed = i.clientName(r.Context(), removed)
	}
	i.page(w, http.StatusOK, "account", v)
}

func (i *Issuer) clientName(ctx context.Context, id string) string {
	if c, err := i.client(ctx, id); err == nil {
		return c.displayName()
	}
	return id
}

// keptGrants is how many grants of one app a session remembers: the latest.
const keptGrants = 50

// rememberGrant notes in the browser's session what an app was given, so that its owner can take it back.
func (i *Issuer) rememberGrant(ctx context.Context, id string, g grant) error {
	if id == "" {
		return nil
	}
	return i.changeSession(ctx, id, func(s *session) {
		if s.Grants == nil {
			s.Grants = map[string][]string{}
		}
		list := append(s.Grants[g.ClientID], g.ID)
		s.Grants[g.ClientID] = list[max(0, len(list)-keptGrants):]
	})
}

// changeSession changes a session by compare-and-swap. One that has ended is left alone.
func (i *Issuer) changeSession(ctx context.Context, id string, change func(*session)) error {
	for {
		s := new(session)
		rev, err := i.get(ctx, sessionKey(id), s)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		change(s)
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err = i.Store.Update(ctx, sessionKey(id), raw, rev, sessionTTL); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}
