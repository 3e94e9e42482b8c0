package world

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// Signing in at Chirper's API with a user name and a password, as Chirper's own apps do. Whoever has the password can do the
// same, and gets a session with all of the user's powers: that is what a permission of OAuth is in the place of.

const (
	signInSessionKey = "api/session/" // + session: whose it is
	otpKey           = "api/otp/"     // + sub: the code that was sent to a phone
	otpTTL           = 10 * time.Minute
)

// signIn is a request to POST /session under judgement.
type signIn struct {
	s      *Sandbox
	header http.Header
	form   url.Values
	user   mockidp.User
}

// signInChecks are Chirper's rules for signing in with a password.
var signInChecks = check.Table[*signIn]{
	{
		ID: "api.sign-in-password", Title: "The user name and the password belong together.",
		Spec: "RFC 6749 §10.7", Required: true,
		Judge: func(ctx context.Context, in *signIn) check.Finding {
			u, ok, err := in.s.person(ctx, in.form.Get("username"))
			match := subtle.ConstantTimeCompare([]byte(in.form.Get("password")), []byte(u.Password)) == 1
			in.user = u
			return check.Finding{OK: ok && match, Err: err}
		},
		Refuse: apiError{http.StatusUnauthorized, "wrong_password", "The user name or the password is wrong."},
	},
	{
		// "the resource owner password credentials grant is not designed to work with two-factor authentication and authentication
		// processes that require multiple user interaction steps": RFC 9700 §2.4, on what a program does with a password.
		ID: "api.sign-in-person", Title: "Whoever signs in looks like a person at a browser, and not like a program.",
		Spec: "RFC 9700 §2.4",
		Judge: func(_ context.Context, in *signIn) check.Finding {
			agent := in.header.Get("User-Agent")
			return check.Finding{OK: strings.HasPrefix(agent, "Mozilla/") && in.header.Get("Sec-Fetch-Mode") != "", Expected: "a browser", Actual: orNone(agent)}
		},
		Refuse: apiError{http.StatusForbidden, "not_a_person", "This sign-in looks like a program’s. Chirper lets only people sign in."},
	},
	{
		ID: "api.sign-in-second-factor", Title: "The sign-in carries the code that was sent to the user’s phone.",
		Spec: "RFC 9700 §2.4",
		Judge: func(ctx context.Context, in *signIn) check.Finding {
			return in.s.judgeOTP(ctx, in.user.Sub, in.form.Get("otp"))
		},
		Refuse: apiError{http.StatusUnauthorized, "second_factor_required", "A code was sent to your phone. Sign in again with it."},
	},
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// person finds a user of Chirper by name.
func (s *Sandbox) person(ctx context.Context, username string) (mockidp.User, bool, error) {
	all, err := s.issuer.Users(ctx)
	i := slices.IndexFunc(all, func(u mockidp.User) bool { return u.Username == username })
	if err != nil || i < 0 {
		return mockidp.User{}, false, err
	}
	return all[i], true, nil
}

// judgeOTP compares a code with the one that was sent; without one it sends one, to a phone that only its owner can read.
func (s *Sandbox) judgeOTP(ctx context.Context, sub, otp string) check.Finding {
	var sent string
	err := s.read(ctx, otpKey+sub, &sent)
	if err != nil && !errors.Is(err, mockidp.ErrNotFound) {
		return check.Finding{Err: err}
	}
	if err == nil && otp != "" && constantTimeEqual(otp, sent) {
		return check.Finding{OK: true, Err: s.store.Delete(ctx, otpKey+sub)} // good once
	}
	if err != nil {
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err == nil {
			err = s.write(ctx, otpKey+sub, fmt.Sprintf("%06d", n), otpTTL)
		}
		if err != nil {
			return check.Finding{Err: err}
		}
	}
	if otp == "" {
		return check.Fail("the code on the user’s phone", "none")
	}
	return check.Fail("the code on the user’s phone", "another")
}

// newSession signs somebody in who has a password, and answers with a session.
func (s *Sandbox) newSession(w http.ResponseWriter, r *http.Request, _ *accessToken) {
	d, err := s.stateOf(r.Context())
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		s.apiRefuse(w, apiError{http.StatusBadRequest, "invalid_request", "The body must be a form with username and password."})
		return
	}
	in := &signIn{s: s, header: r.Header, form: r.PostForm}
	if err := signInChecks.Run(r.Context(), d.Policy, in); err != nil {
		s.apiRefuse(w, err)
		return
	}
	session := newSecret()
	if err := s.write(r.Context(), signInSessionKey+session, in.user.Sub, plannerSessionTTL); err != nil {
		s.apiFault(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"session": session})
}

// sessionScope is what a session may do: everything.
var sessionScope = "posts:read posts:write messages:read account:admin"

// heldSession is a request with a session in the place of a token, under judgement.
type heldSession struct {
	s     *Sandbox
	id    string
	token *accessToken
}

var sessionChecks = check.Table[*heldSession]{
	{
		ID: "api.session-known", Title: "Chirper has begun this session, and it goes on.",
		Spec: "RFC 6749 §1", Required: true,
		Judge: func(ctx context.Context, h *heldSession) check.Finding {
			err := h.s.read(ctx, signInSessionKey+h.id, &h.token.claims.Subject)
			if errors.Is(err, mockidp.ErrNotFound) {
				return check.Fail("a session that was begun here", "another")
			}
			h.token.claims.ClientID, h.token.claims.Scope = "chirper-web", sessionScope
			return check.Finding{OK: err == nil, Expected: "a session: all that the user may do", Actual: sessionScope, Err: err}
		},
		Refuse: apiError{http.StatusUnauthorized, "unknown_session", "This session is not known. Sign in."},
	},
}

// sessionIn is the session that a request shows instead of a token; "" if it shows none.
func sessionIn(r *http.Request) string {
	scheme, id, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Session") || len(id) != 32 {
		return ""
	}
	return id
}

// changeOwnPassword gives a user another password, for who proves to have the old one. All sessions go on: only who signs in
// anew notices.
func (s *Sandbox) changeOwnPassword(w http.ResponseWriter, r *http.Request, _ *accessToken) {
	var user mockidp.User
	var ok bool
	err := r.ParseForm()
	if err == nil {
		user, ok, err = s.person(r.Context(), r.PostForm.Get("username"))
	}
	next := r.PostForm.Get("new_password")
	switch {
	case err != nil:
		s.apiFault(w, err)
		return
	case !ok || !constantTimeEqual(r.PostForm.Get("password"), user.Password):
		s.apiRefuse(w, apiError{http.StatusUnauthorized, "wrong_password", "The user name or the password is wrong."})
		return
	case next == "" || len(next) > 100:
		s.apiRefuse(w, apiError{http.StatusBadRequest, "invalid_request", "The new_password must have 1 to 100 characters."})
		return
	}
	if err := s.issuer.SetPassword(r.Context(), user.Username, next); err != nil {
		s.apiFault(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// restorePasswords gives everybody the password back that the lessons tell: a new run begins with it.
func (s *Sandbox) restorePasswords(ctx context.Context) error {
	all, err := s.issuer.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.Password == practicePassword {
			continue
		}
		if err := s.issuer.SetPassword(ctx, u.Username, practicePassword); err != nil {
			return err
		}
	}
	return nil
}

// listMessages shows what others have written to the user, for nobody else to read.
func (s *Sandbox) listMessages(w http.ResponseWriter, _ *http.Request, token *accessToken) {
	messages := []map[string]string{}
	if token.claims.Subject == users()[0].Sub {
		messages = append(messages, map[string]string{"from": "u-sam-2b91", "text": "The lease for the new shop is signed. Please keep it to yourself until Friday."})
	}
	writeJSON(w, http.StatusOK, map[string]any{"messages": messages})
}

// changeEmail gives an account another address: that is where a forgotten password would be sent.
func (s *Sandbox) changeEmail(w http.ResponseWriter, r *http.Request, token *accessToken) {
	var in struct {
		Email string `json:"email"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || !strings.Contains(in.Email, "@") || len(in.Email) > 200 {
		s.apiRefuse(w, apiError{http.StatusBadRequest, "invalid_request", `The body must be JSON with an email, as in {"email":"maya@roastery.test"}.`})
		return
	}
	key := accountKey + token.claims.Subject
	err := s.create(r.Context(), key, account{})
	if err == nil || errors.Is(err, mockidp.ErrExists) {
		err = modify(r.Context(), s, key, func(a *account) error { a.Email = in.Email; return nil })
	}
	if err != nil {
		s.apiFault(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"email": in.Email})
}

// apiError is a refusal of the API's own, where no token is in question.
type apiError struct {
	status            int
	code, description string
}

func (e apiError) Error() string { return e.code }

func (s *Sandbox) apiRefuse(w http.ResponseWriter, err error) {
	var refusal apiError
	if !errors.As(err, &refusal) {
		s.apiFault(w, err)
		return
	}
	writeJSON(w, refusal.status, map[string]string{"error": refusal.code, "error_description": refusal.description})
}

// Planner with a password: how apps worked before there was OAuth, and how some still do.

// credentials is what Planner must keep to sign in for somebody: the password as it is, since a hash can't be sent.
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// plannerAccountKey is where Planner's server keeps what it has of an account, to publish when it is time: whoever works at
// Planner can read it.
const plannerAccountKey = "planner/account"

// keptAccount is Planner's record of a connected account: a password, or a token.
type keptAccount struct {
	credentials
	AccessToken string `json:"access_token,omitempty"`
}

// plannerPassword takes a password that somebody has typed into Planner's own form.
func (s *Sandbox) plannerPassword(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id, session, err := s.plannerSession(r)
	if err == nil {
		err = r.ParseForm()
	}
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	c := credentials{r.PostForm.Get("username"), r.PostForm.Get("password")}
	if c.Username == "" || c.Password == "" {
		writePlannerPage(w, http.StatusBadRequest, "refused", plannerPage{Problem: "Planner needs a user name and a password."})
		return
	}
	session.Account = &connection{Name: c.Username, Credentials: &c}
	session.Notice = "Planner has your password, and can publish."
	err = s.savePlannerSession(ctx, w, id, session)
	if err == nil {
		err = s.keepAccount(ctx, keptAccount{credentials: c})
	}
	if err == nil {
		err = s.note(ctx, trace.Change{What: trace.WhatKept, Actor: Client, From: "storage of " + Client, To: url.Values{"username": {c.Username}, "password": {c.Password}}.Encode()})
	}
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Sandbox) keepAccount(ctx context.Context, a keptAccount) error {
	return s.write(ctx, plannerAccountKey, a, 0)
}

// signInFor signs in at Chirper in somebody's name, and returns what stands in an Authorization header then. A program has no
// browser and no phone.
func (s *Sandbox) signInFor(ctx context.Context, who string, c credentials) (authorization string, status int, err error) {
	api, _ := actorByID(API)
	req, err := formRequest(s.origin(api)+"/session", url.Values{"username": {c.Username}, "password": {c.Password}})
	if err != nil {
		return "", 0, err
	}
	res, body, _, err := s.call(ctx, who, req)
	if err != nil {
		return "", 0, err
	}
	return "Session " + jsonString(body, "session"), res.StatusCode, nil
}

// signInFailed is what Planner tells its user when Chirper has not let it in.
func signInFailed(status int) string {
	switch status {
	case http.StatusForbidden:
		return "Chirper takes Planner for a program, and it is one. The post is still planned."
	case http.StatusUnauthorized:
		return "Chirper did not let Planner in: the password is not enough any more. The post is still planned."
	}
	return fmt.Sprintf("Chirper answered %d. The post is still planned.", status)
}
