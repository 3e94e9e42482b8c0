package mockidp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorization is an authorization request under judgement (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2.1).
type authorization struct {
	issuer *Issuer
	m      *moment
	params url.Values

	client *Client // filled by as.client-known
	// redirectURI is filled by as.redirect-uri-present; trusted says that as.redirect-uri-safe has been passed, and with it
	// all that comes before.
	redirectURI string
	trusted     bool
}

func (a *authorization) get(name string) string { return a.params.Get(name) }

func (a *authorization) scope() []string { return strings.Fields(a.get("scope")) }

func (a *authorization) responseType() string {
	parts := strings.Fields(a.get("response_type"))
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func (a *authorization) prompts() []string { return strings.Fields(a.get("prompt")) }

// fragment tells whether the answer goes behind the #: for tokens by default and by rule, else when asked. An error for a
// response type nobody knows goes into the query, the default of the framework.
func (a *authorization) fragment() bool {
	for _, part := range strings.Fields(a.get("response_type")) {
		if part == "token" || part == "id_token" {
			return true
		}
	}
	return a.get("response_mode") == "fragment"
}

// method is the PKCE transformation: "defaults to "plain" if not present in the request" (RFC 7636 §4.3).
func (a *authorization) method() string {
	if m := a.get("code_challenge_method"); m != "" {
		return m
	}
	return "plain"
}

// authorize judges an authorization request, and then finds out who the user is and what they allow.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request, m *moment) {
	params, err := authorizeParams(r)
	if err != nil {
		i.errorPage(w, r, err, nil)
		return
	}
	a := &authorization{issuer: i, m: m, params: params}
	if err := authorizeChecks.Run(r.Context(), m.Policy, a); err != nil {
		i.refuse(w, r, a, err)
		return
	}
	if err := i.ask(w, r, m, a); err != nil {
		i.refuse(w, r, a, err)
	}
}

// authorizeParams reads the parameters from the query, or from the form of a POST (OpenID Connect Core 1.0 §3.1.2.1).
func authorizeParams(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		form, err := postForm(r)
		var e Error
		if errors.As(err, &e) {
			return nil, pageError(e)
		}
		return withValue(form), err
	}
	if len(r.URL.RawQuery) > maxBody {
		return nil, pageError(errTooLarge)
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, pageError(errMalformed)
	}
	return withValue(params), nil
}

// refuse answers a request that can't be carried out: on a page if it may not redirect, else at the client.
func (i *Issuer) refuse(w http.ResponseWriter, r *http.Request, a *authorization, err error) {
	var e Error
	switch {
	case errors.As(err, new(pageError)):
		i.errorPage(w, r, err, a)
	case errors.As(err, &e) && a.trusted:
		i.respond(w, r, a.destination(), url.Values{"error": {e.Code}, "error_description": {e.Description}})
	default:
		i.fault(w, r)
	}
}

// destination is where and how an answer goes.
type destination struct {
	RedirectURI string `json:"redirect_uri"`
	State       string `json:"state,omitempty"`
	Fragment    bool   `json:"fragment,omitempty"`
}

func (a *authorization) destination() destination {
	return destination{RedirectURI: a.redirectURI, State: a.get("state"), Fragment: a.fragment()}
}

// respond sends an authorization response with the browser, with state and iss (RFC 9207 §2).
func (i *Issuer) respond(w http.ResponseWriter, r *http.Request, to destination, params url.Values) {
	if to.State != "" {
		params.Set("state", to.State)
	}
	params.Set("iss", i.URL)
	target := to.RedirectURI
	switch {
	case to.Fragment:
		target += "#" + params.Encode()
	case strings.Contains(target, "?"):
		target += "&" + params.Encode()
	default:
		target += "?" + params.Encode()
	}
	if i.Leave != nil && !i.Leave(to.RedirectURI) {
		i.leavePage(w, r, target)
		return
	}
	noStore(w.Header())
	redirect(w, r, target)
}

// redirect sends the browser on: after a form with 303, so that what was typed is not sent along (RFC 9700 §4.12).
func redirect(w http.ResponseWriter, r *http.Request, target string) {
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	h := w.Header()
	h.Set("Location", target)
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
}

// transaction is an authorization request on its way through login and consent. Its id travels in the forms, so that they
// work in a frame that keeps no cookies.
type transaction struct {
	destination
	ClientID     string   `json:"client_id"`
	ClientName   string   `json:"client_name"`
	ResponseType string   `json:"response_type"`
	Scope        []string `json:"scope,omitempty"`
	Nonce        string   `json:"nonce,omitempty"`
	Challenge    string   `json:"code_challenge,omitempty"`
	Method       string   `json:"code_challenge_method,omitempty"`
	SentRedirect bool     `json:"sent_redirect,omitempty"` // the request named its redirect URI, so the redemption must
	LoginHint    string   `json:"login_hint,omitempty"`
	HintedSub    string   `json:"hinted_sub,omitempty"` // the subject of id_token_hint: nobody else will do
	AskConsent   bool     `json:"ask_consent,omitempty"`
	Username     string   `json:"username,omitempty"` // once signed in
	AuthTime     int64    `json:"auth_time,omitempty"`
	Session      string   `json:"session,omitempty"` // the login session, to remember what was consented
}

const (
	txnTTL = 2 * time.Hour
	// slack is how much longer than its protocol life a record is kept, since the sandbox clock may stand still.
	slack = time.Hour
)

func txnKey(id string) string { return "txn/" + keySafe(id) }

// ask finds out who the user is and what they allow: at once if both are known, else by a page.
func (i *Issuer) ask(w http.ResponseWriter, r *http.Request, m *moment, a *authorization) error {
	ctx := r.Context()
	t := &transaction{
		destination: a.destination(), ClientID: a.client.ClientID, ClientName: a.client.displayName(), ResponseType: a.responseType(),
		Scope: known(a.scope()), Nonce: a.get("nonce"), Challenge: a.get("code_challenge"), LoginHint: a.get("login_hint"), SentRedirect: a.get("redirect_uri") != "",
	}
	if t.Challenge != "" {
		t.Method = a.method()
	}
	prompts := a.prompts()
	t.AskConsent = slices.Contains(prompts, "consent") || m.Settings.Get(settingConsent) == "ask"
	silent := slices.Contains(prompts, "none")
	hinted, ok, err := i.hinted(ctx, a.get("id_token_hint"))
	if err != nil {
		return err
	}
	if ok {
		t.HintedSub, t.LoginHint = hinted.Sub, hinted.Username
	}

	session, id, err := i.session(ctx, r, m)
	if err != nil {
		return err
	}
	if session != nil && (slices.Contains(prompts, "login") || slices.Contains(prompts, "select_account") || tooOld(session, a, m) ||
		a.get("id_token_hint") != "" && session.Username != hinted.Username) {
		session, id = nil, "" // an earlier sign-in won't do
	}
	if session == nil && m.Settings.Get(settingLogin) == "auto" {
		if session, err = i.autoSession(ctx, m, t.LoginHint); err != nil {
			return err
		}
	}
	if session == nil {
		if silent {
			return Error{Code: "login_required", Description: "The user is not signed in."}
		}
		return i.begin(ctx, w, r, t, "/login")
	}
	t.Username, t.AuthTime, t.Session = session.Username, session.AuthTime, id
	if !t.AskConsent {
		may, err := i.maySkip(ctx, m, t, session)
		if err != nil {
			return err
		}
		t.AskConsent = !may
	}
	if silent && t.AskConsent && !session.consented(t.ClientID, t.Scope) {
		return Error{Code: "consent_required", Description: "The user has not allowed this yet."}
	}
	if !silent && t.AskConsent {
		return i.begin(ctx, w, r, t, "/consent")
	}
	return i.answer(ctx, w, r, m, t)
}

// begin puts the request aside and sends the browser to a page.
func (i *Issuer) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, t *transaction, page string) error {
	id := random(16)
	if err := i.put(ctx, txnKey(id), t, txnTTL); err != nil {
		return err
	}
	noStore(w.Header())
	redirect(w, r, i.path(page)+"?txn="+id)
	return nil
}

// known drops scopes the server doesn't know, and repetitions: "Scope values used that are not understood by an
// implementation SHOULD be ignored" (OpenID Connect Core 1.0 §3.1.2.1).
func known(scope []string) []string {
	var list []string
	for _, s := range scope {
		if knownScope(s) && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// tooOld tells whether max_age asks for a fresher sign-in (OpenID Connect Core 1.0 §3.1.2.1). Seconds are all that is kept of
// a sign-in, so one that may be too old is; max_age=0 is then what it must be, the same as prompt=login.
func tooOld(s *session, a *authorization, m *moment) bool {
	maxAge := a.client.DefaultMaxAge
	if v := a.get("max_age"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return true
		}
		maxAge = &n
	}
	return maxAge != nil && m.now.Unix()-s.AuthTime >= int64(*maxAge)
}

// answer issues what was asked for and sends it with the browser.
func (i *Issuer) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, m *moment, t *transaction) error {
	u, ok, err := i.user(ctx, byUsername(t.Username))
	if err != nil {
		return err
	}
	if !ok {
		return Error{Code: "access_denied", Description: "The user no longer exists."}
	}
	g := grant{ID: random(12), ClientID: t.ClientID, Username: u.Username, Scope: t.Scope, AuthTime: t.AuthTime, Nonce: t.Nonce}
	var params url.Values
	if t.ResponseType == "code" {
		params, err = i.issueCode(ctx, m, t, g)
	} else {
		params, err = i.issueFront(ctx, m, t, g, u)
	}
	if err != nil {
		return err
	}
	if err := i.rememberGrant(ctx, t.Session, g); err != nil {
		return err
	}
	i.respond(w, r, t.destination, params)
	return nil
}

// issueFront issues tokens with the browser: the retired response types.
func (i *Issuer) issueFront(ctx context.Context, m *moment, t *transaction, g grant, u User) (url.Values, error) {
	params := url.Values{}
	types := strings.Fields(t.ResponseType)
	var access string
	if slices.Contains(types, "token") {
		var life time.Duration
		var err error
		if access, life, err = i.issueAccessToken(ctx, m, g, u); err != nil {
			return nil, err
		}
		params.Set("access_token", access)
		params.Set("token_type", "Bearer")
		params.Set("expires_in", strconv.Itoa(int(life.Seconds())))
		params.Set("scope", strings.Join(g.Scope, " "))
	}
	if slices.Contains(types, "id_token") {
		c, err := i.client(ctx, g.ClientID)
		if err != nil {
			return nil, err
		}
		id, err := i.issueIDToken(ctx, m, g, u, c, access)
		if err != nil {
			return nil, err
		}
		params.Set("id_token", id)
	}
	return params, nil
}
