package world

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

// Content Planner: a confidential web client as its own developers would have written it. It keeps its secret and its
// tokens on its server; Maya's browser holds nothing but a session cookie.

const (
	plannerClientID = "content-planner"
	plannerOrigin   = "https://planner.test"
	plannerCallback = plannerOrigin + "/callback"
	plannerCookie   = "planner_session"
	plannerScope    = "openid profile posts:read posts:write"

	plannerConfigKey  = "planner/config"
	plannerJWKSKey    = "planner/jwks"
	plannerSessionKey = "planner/session/" // and its id
	plannerSessionTTL = 24 * time.Hour
)

// plannerConfig is what Planner's developers were given when they registered it at Chirper.
type plannerConfig struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	NextSecret   string `json:"next_secret"` // what they can have in its place, once it has leaked
}

// plannerSession is one browser's session at Planner.
type plannerSession struct {
	Attempt *attempt    `json:"attempt,omitempty"` // the sign-in that has been started and not yet answered
	Account *connection `json:"account,omitempty"` // the Chirper account that is connected
	Notice  string      `json:"notice,omitempty"`  // shown once on the next page
}

// attempt is what Planner must remember between sending the browser away and its coming back.
type attempt struct {
	State        string `json:"state,omitempty"`
	Nonce        string `json:"nonce,omitempty"`
	CodeVerifier string `json:"code_verifier,omitempty"`
	PKCE         string `json:"pkce,omitempty"` // how the challenge was made of it
	ResponseType string `json:"response_type"`
}

// constantState is what some apps send that were told to send a state, and not what for.
const constantState = "planner-constant-state"

// ownState tells whether the state is of this attempt alone.
func (a *attempt) ownState() bool { return a.State != "" && a.State != constantState }

// kept tells whether there is anything to remember: an app that sends no value of its own has nothing to compare with later.
func (a *attempt) kept() bool {
	return a.ownState() || a.Nonce != "" || a.CodeVerifier != "" || a.ResponseType != "code"
}

// connection is a connected account.
type connection struct {
	Issuer      string `json:"iss,omitempty"` // with Subject, who this is: OpenID Connect Core 1.0 §5.7
	Subject     string `json:"sub,omitempty"`
	Name        string `json:"name,omitempty"`
	AccessToken string `json:"access_token"`
	Scope       string `json:"scope,omitempty"`

	Credentials *credentials `json:"credentials,omitempty"` // instead of a token
}

// planner is Planner's server, in the table of actors. Its routes on one screen.
var planner = map[string]server{
	"GET /{$}":                (*Sandbox).plannerHome,
	"GET /connect":            (*Sandbox).plannerConnect,
	"GET /callback":           (*Sandbox).plannerCallback,
	"POST /callback/fragment": (*Sandbox).plannerFragment,
	"POST /connect/password":  (*Sandbox).plannerPassword,
	"POST /publish":           (*Sandbox).plannerPublish,
	"POST /disconnect":        (*Sandbox).plannerDisconnect,
	"GET /app":                (*Sandbox).plannerApp,
	"GET /go":                 (*Sandbox).plannerGo,
	"GET " + statusPath:       (*Sandbox).plannerStatus,
	"GET /web":                (*Sandbox).plannerWeb,
	"GET /web/start":          (*Sandbox).plannerWeb,
	"GET /web/callback":       (*Sandbox).plannerWeb,
}

func (s *Sandbox) plannerHome(w http.ResponseWriter, r *http.Request) {
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	d, err := s.stateOf(r.Context())
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	page := plannerPage{Account: session.Account, Notice: session.Notice, Counter: s.counts(r), Password: d.Settings.Get(settingConnect) == "password", Status: d.Settings.Get(settingStatusPage) == "open"}
	if session.Notice != "" {
		session.Notice = ""
		if err := s.savePlannerSession(r.Context(), w, id, session); err != nil {
			s.plannerFault(w, err)
			return
		}
	}
	writePlannerPage(w, http.StatusOK, "home", page)
}

// plannerConnect starts a sign-in: it remembers what the answer must match and sends the browser to Chirper.
func (s *Sandbox) plannerConnect(w http.ResponseWriter, r *http.Request) {
	d, err := s.stateOf(r.Context())
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	a, q := newAttempt(d.Settings)
	if session.Attempt = a; !a.kept() {
		session.Attempt = nil
	}
	if err := s.savePlannerSession(r.Context(), w, id, session); err != nil {
		s.plannerFault(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, s.issuer.URL+"/authorize?"+q.Encode(), http.StatusFound)
}

// plannerApp is the page from which a phone opens Planner's app.
func (s *Sandbox) plannerApp(w http.ResponseWriter, r *http.Request) {
	writePlannerPage(w, http.StatusOK, "app", plannerPage{})
}

// counts tells whether Planner's developers have put a visitor counter of another company into its pages.
func (s *Sandbox) counts(r *http.Request) bool {
	d, err := s.stateOf(r.Context())
	return err == nil && d.Settings.Get(settingCounter) == "on"
}

// newAttempt makes the values of one sign-in and the authorization request that carries them.
func newAttempt(settings check.Settings) (*attempt, url.Values) {
	a := &attempt{ResponseType: settings.Get(settingResponseType)}
	q := url.Values{
		"response_type": {a.ResponseType},
		"client_id":     {plannerClientID},
		"redirect_uri":  {plannerCallback},
		"scope":         {plannerScope},
	}
	if settings.Get(settingScope) == "account" {
		q.Set("scope", plannerScope+" account:admin")
	}
	switch settings.Get(settingState) {
	case "bound":
		a.State = randomValue()
	case "constant":
		a.State = constantState
	}
	if a.State != "" {
		q.Set("state", a.State)
	}
	if settings.Get(settingNonce) == "bound" {
		a.Nonce = randomValue()
		q.Set("nonce", a.Nonce)
	}
	if a.ResponseType != "code" {
		return a, q // there is no exchange for PKCE to protect
	}
	a.CodeVerifier = challenge(q, settings.Get(settingPKCE))
	return a, q
}

// challenge makes a verifier and adds its challenge to an authorization request (RFC 7636 §4.1 to §4.3). With the method none
// there is neither.
func challenge(q url.Values, method string) (verifier string) {
	switch method {
	case "S256":
		verifier = randomValue()
		q.Set("code_challenge", s256(verifier))
	case "plain":
		verifier = randomValue()
		q.Set("code_challenge", verifier)
	default:
		return ""
	}
	q.Set("code_challenge_method", method)
	return verifier
}

// plannerCallback takes the answer that the browser carries, and swaps the code for tokens on Planner's own connection.
func (s *Sandbox) plannerCallback(w http.ResponseWriter, r *http.Request) {
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	if session.Attempt != nil && session.Attempt.ResponseType != "code" && len(r.URL.Query()) == 0 {
		// The answer is in the fragment, which browsers keep to themselves: a script of this page has to send it.
		writePlannerPage(w, http.StatusOK, "fragment", plannerPage{Counter: s.counts(r), Fragment: true})
		return
	}
	s.plannerAnswer(w, r, id, session, r.URL.Query())
}

// plannerFragment takes what the callback page's script has read from the fragment: the one-step variant.
func (s *Sandbox) plannerFragment(w http.ResponseWriter, r *http.Request) {
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	if err := r.ParseForm(); err != nil {
		writePlannerPage(w, http.StatusBadRequest, "refused", plannerPage{Problem: "Planner could not read this form."})
		return
	}
	s.plannerAnswer(w, r, id, session, r.PostForm)
}

// plannerAnswer judges an authorization response, fetches the tokens if it carries a code, judges those, and connects
// the account.
func (s *Sandbox) plannerAnswer(w http.ResponseWriter, r *http.Request, id string, session plannerSession, params url.Values) {
	ctx := r.Context()
	d, err := s.stateOf(ctx)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	answer := &authorizationResponse{params: params, attempt: session.Attempt, issuer: s.issuer.URL}
	if answer.attempt == nil {
		if same, _ := newAttempt(d.Settings); !same.kept() {
			answer.attempt, answer.anybodys = same, true
		}
	}
	session.Attempt = nil // whatever comes of it, an attempt is answered once
	account, err := s.connect(ctx, d, answer)
	var refusal plannerRefusal
	switch {
	case errors.As(err, &refusal):
		if err := s.savePlannerSession(ctx, w, id, session); err != nil {
			s.plannerFault(w, err)
			return
		}
		writePlannerPage(w, refusal.status, "refused", plannerPage{Problem: refusal.text})
		return
	case err != nil:
		s.plannerFault(w, err)
		return
	}
	session.Account = account
	session.Notice = "Chirper is connected."
	if err := s.keepAccount(ctx, keptAccount{AccessToken: account.AccessToken}); err != nil {
		s.plannerFault(w, err)
		return
	}
	// A session that has gained rights gets a new id, so that nobody who knew the old one gains them too. The old one ends:
	// it holds an attempt that has been answered.
	if err := s.store.Delete(ctx, plannerSessionKey+id); err != nil {
		s.plannerFault(w, err)
		return
	}
	if err := s.savePlannerSession(ctx, w, newSecret(), session); err != nil {
		s.plannerFault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// connect turns an authorization response into a connected account.
func (s *Sandbox) connect(ctx context.Context, d *decoded, answer *authorizationResponse) (*connection, error) {
	if err := responseChecks.Run(ctx, d.Policy, answer); err != nil {
		return nil, err
	}
	if token := answer.params.Get("access_token"); token != "" && answer.responseType() != "code" {
		return &connection{AccessToken: token, Scope: answer.params.Get("scope")}, nil
	}
	tokens, err := s.exchange(ctx, d.Settings, answer)
	if err != nil {
		return nil, err
	}
	now := s.now(d)
	idt := &idToken{raw: tokens.IDToken, accessToken: tokens.AccessToken, issuer: s.issuer.URL, clientID: plannerClientID, attempt: answer.attempt, now: now}
	if err := idt.decode(); err == nil {
		if idt.keys, err = s.plannerKeys(ctx, idt.header.Kid); err != nil {
			return nil, err
		}
	}
	if err := idTokenChecks.Run(ctx, d.Policy, idt); err != nil {
		return nil, err
	}
	return &connection{Issuer: idt.claims.Issuer, Subject: idt.claims.Subject, Name: idt.claims.Name, AccessToken: tokens.AccessToken, Scope: tokens.Scope}, nil
}

// tokenResponse is what Planner reads of a token response (RFC 6749 §5.1, OpenID Connect Core 1.0 §3.1.3.3).
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	IDToken     string `json:"id_token"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
}

// exchange redeems the code at the token endpoint, from Planner's server, with Planner's secret (RFC 6749 §4.1.3).
func (s *Sandbox) exchange(ctx context.Context, settings check.Settings, answer *authorizationResponse) (tokenResponse, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {answer.params.Get("code")}, "redirect_uri": {plannerCallback}}
	if answer.attempt != nil && answer.attempt.CodeVerifier != "" {
		form.Set("code_verifier", answer.attempt.CodeVerifier)
	}
	req, err := s.tokenCall(ctx, settings, form)
	if err != nil {
		return tokenResponse{}, err
	}
	res, body, _, err := s.call(ctx, Client, req)
	if err != nil {
		return tokenResponse{}, plannerRefusal{http.StatusBadGateway, "Planner could not reach Chirper. Nothing was connected."}
	}
	var tokens tokenResponse
	if err := json.Unmarshal(body, &tokens); err != nil && res.StatusCode == http.StatusOK {
		return tokenResponse{}, plannerRefusal{http.StatusBadGateway, "Planner could not read Chirper’s answer. Nothing was connected."}
	}
	if res.StatusCode != http.StatusOK {
		return tokenResponse{}, plannerRefusal{http.StatusBadGateway, "Chirper refused to swap the code: " + orUnknown(tokens.Error) + ". Nothing was connected."}
	}
	return tokens, nil
}

// plannerPublish spends the access token at the API.
func (s *Sandbox) plannerPublish(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	if session.Account == nil {
		writePlannerPage(w, http.StatusForbidden, "refused", plannerPage{Problem: "No Chirper account is connected, so there is nowhere to publish."})
		return
	}
	authorization, signedIn := "Bearer "+session.Account.AccessToken, http.StatusOK
	if session.Account.Credentials != nil {
		authorization, signedIn, err = s.signInFor(ctx, Client, *session.Account.Credentials)
	}
	var res *http.Response
	if err == nil && signedIn == http.StatusOK {
		body, _ := json.Marshal(map[string]string{"text": plannedPost})
		var req *http.Request
		if req, err = s.apiRequest(http.MethodPost, "/posts", authorization, string(body)); err == nil {
			res, _, _, err = s.call(ctx, Client, req)
		}
	}
	switch {
	case err != nil:
		session.Notice = "Chirper could not be reached. The post is still planned."
	case signedIn != http.StatusOK:
		session.Notice = signInFailed(signedIn)
	case res.StatusCode == http.StatusCreated:
		session.Notice = "Published on Chirper."
	case res.StatusCode == http.StatusUnauthorized:
		session.Account = nil // the token is of no use any more: Maya has to connect again
		session.Notice = "Chirper no longer accepts Planner’s token. Connect again to publish."
	default:
		session.Notice = fmt.Sprintf("Chirper answered %d. The post is still planned.", res.StatusCode)
	}
	if err := s.savePlannerSession(ctx, w, id, session); err != nil {
		s.plannerFault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// plannerDisconnect forgets the account: Planner's side of it only.
func (s *Sandbox) plannerDisconnect(w http.ResponseWriter, r *http.Request) {
	id, session, err := s.plannerSession(r)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	session.Account, session.Notice = nil, "Planner has forgotten what it had of your account."
	if err := s.store.Delete(r.Context(), plannerAccountKey); err != nil {
		s.plannerFault(w, err)
		return
	}
	if err := s.savePlannerSession(r.Context(), w, id, session); err != nil {
		s.plannerFault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// plannerRefusal is how Planner tells its user that it will not go on.
type plannerRefusal struct {
	status int
	text   string
}

func (p plannerRefusal) Error() string { return p.text }

func (s *Sandbox) plannerFault(w http.ResponseWriter, err error) {
	s.world.config.Log.Error("Content Planner failed", "error", err)
	writePlannerPage(w, http.StatusInternalServerError, "refused", plannerPage{Problem: "Something went wrong at Planner."})
}

func orUnknown(code string) string {
	if code == "" {
		return "no reason given"
	}
	return code
}

// plannerSession reads the session of the browser that asks; without a cookie, or with one that is unknown, it is new.
func (s *Sandbox) plannerSession(r *http.Request) (id string, session plannerSession, err error) {
	if c, err := r.Cookie(plannerCookie); err == nil && len(c.Value) == 32 {
		switch err := s.read(r.Context(), plannerSessionKey+c.Value, &session); {
		case err == nil:
			return c.Value, session, nil
		case !errors.Is(err, mockidp.ErrNotFound):
			return "", plannerSession{}, err
		}
	}
	return newSecret(), plannerSession{}, nil
}

// savePlannerSession writes the session and hands its id to the browser.
func (s *Sandbox) savePlannerSession(ctx context.Context, w http.ResponseWriter, id string, session plannerSession) error {
	if err := s.write(ctx, plannerSessionKey+id, session, plannerSessionTTL); err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: plannerCookie, Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

// randomValue is 256 random bits in 43 characters, the least that RFC 7636 §4.1 allows for a verifier; state and nonce
// are made alike.
func randomValue() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
