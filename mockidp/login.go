package mockidp

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"oauthplayground/mockidp/check"
)

// login and consent are two small forms. They carry the transaction in a hidden field and never read the session cookie,
// because a form in an opaque origin, such as a sandboxed frame, loses its SameSite cookies.

// interaction is a request to one of the two pages, under judgement.
type interaction struct {
	issuer *Issuer
	params url.Values
	id     string

	txn  *transaction // filled by as.transaction-known
	user User         // filled by as.user-password
	mine bool         // this request is the one that has finished the sign-in
}

// finish ends the sign-in, so that nothing comes of it twice, and tells whether it was this request that did.
func (n *interaction) finish(ctx context.Context) (bool, error) {
	if n.mine {
		return true, nil
	}
	var err error
	n.mine, err = n.issuer.spend(ctx, finishedKey(n.id), txnTTL)
	return n.mine, err
}

func finishedKey(txn string) string { return "spent/txn/" + keySafe(txn) }

var transactionKnown = check.Check[*interaction]{
	ID: "as.transaction-known", Title: "The page belongs to a sign-in that is under way.",
	Spec: "RFC 6749 §10.12", Required: true,
	Judge: func(ctx context.Context, n *interaction) check.Finding {
		if len(n.params["txn"]) != 1 {
			return check.Fail("one txn", "none, or several")
		}
		n.id = n.params.Get("txn")
		n.txn = new(transaction)
		_, err := n.issuer.get(ctx, txnKey(n.id), n.txn)
		if errors.Is(err, ErrNotFound) {
			return check.Fail("a sign-in that is under way", "none")
		}
		if err != nil {
			return check.Finding{Err: err}
		}
		done, err := n.issuer.exists(ctx, finishedKey(n.id))
		if err == nil && done {
			return check.Fail("a sign-in that is under way", "one that is finished")
		}
		return check.Finding{OK: err == nil, Err: err}
	},
	Refuse: pageError{Code: "invalid_request", Description: "This page has been used already, or is too old. Go back to the app and start again."},
}

// loginChecks are the rules of the login form.
var loginChecks = check.Table[*interaction]{
	transactionKnown,
	{
		ID: "as.user-password", Title: "The user is known and the password is theirs.",
		Spec: "RFC 6749 §3.1", Required: true,
		Judge: func(ctx context.Context, n *interaction) check.Finding {
			u, ok, err := n.issuer.user(ctx, byTyped(n.params.Get("username")))
			if err != nil {
				return check.Finding{Err: err}
			}
			match := subtle.ConstantTimeCompare([]byte(n.params.Get("password")), []byte(u.Password)) == 1
			n.user = u
			return check.Finding{OK: ok && match} // says nothing of which of the two was wrong
		},
		Refuse: errWrongPassword,
	},
	{
		// "If the End-User identified by the ID Token is already logged in or is logged in as a result of the request […],
		// then the Authorization Server returns a positive response; otherwise, it MUST return an error": OpenID Connect
		// Core 1.0 §3.1.2.1
		ID: "as.user-hinted", Title: "Who signs in is whom the app’s id_token_hint names.",
		Spec:    "OIDC Core §3.1.2.1",
		Applies: func(n *interaction) bool { return n.txn.HintedSub != "" },
		Judge: func(_ context.Context, n *interaction) check.Finding {
			return check.Compare(n.txn.HintedSub, n.user.Sub)
		},
		Refuse: Error{Code: "login_required", Description: "Another user has signed in."},
	},
}

var errWrongPassword = pageError{Status: http.StatusUnauthorized, Code: "access_denied", Description: "The user name or the password is wrong."}

// consentChecks are the rules of the consent form.
var consentChecks = check.Table[*interaction]{
	transactionKnown,
	{
		ID: "as.user-signed-in", Title: "The user of this sign-in is known.",
		Spec: "OIDC Core §3.1.2.3", Required: true,
		Judge: func(_ context.Context, n *interaction) check.Finding {
			if n.txn.Username == "" {
				return check.Fail("a signed-in user", "nobody yet")
			}
			return check.Pass()
		},
		Refuse: pageError{Code: "invalid_request", Description: "Sign in first. Go back to the app and start again."},
	},
	{
		ID: "as.consent-given", Title: "The user has allowed it.",
		Spec: "OIDC Core §3.1.2.4", Required: true,
		Judge: func(_ context.Context, n *interaction) check.Finding {
			return check.Compare("allow", n.params.Get("choice"))
		},
		Refuse: Error{Code: "access_denied", Description: "The user did not allow it."},
	},
	{
		ID: "as.consent-once", Title: "The answer is the first one to this question.",
		Spec: "RFC 6749 §10.12", Required: true,
		Judge: func(ctx context.Context, n *interaction) check.Finding {
			first, err := n.finish(ctx)
			return check.Finding{OK: first, Err: err}
		},
		Refuse: pageError{Code: "invalid_request", Description: "This page has been used already. Go back to the app and start again."},
	},
}

// loginPage asks who the user is.
func (i *Issuer) loginPage(w http.ResponseWriter, r *http.Request, m *moment) {
	n := &interaction{issuer: i, params: r.URL.Query()}
	if err := loginChecks[:1].Run(r.Context(), m.Policy, n); err != nil {
		i.interactionError(w, r, n, err)
		return
	}
	hint := n.txn.LoginHint
	if chosen := n.params.Get("login_hint"); chosen != "" { // of the people on the page
		hint = chosen
	}
	i.showLogin(w, r, n, http.StatusOK, hint, "")
}

func (i *Issuer) showLogin(w http.ResponseWriter, r *http.Request, n *interaction, status int, username, problem string) {
	users, err := i.everyone(r.Context())
	if err != nil {
		i.fault(w, r)
		return
	}
	v := loginView{view: i.view("Sign in"), Action: i.path("/login"), Txn: n.id, Username: username, Client: n.txn.ClientName, Problem: problem}
	if v.Username == "" && len(users) > 0 {
		v.Username = users[0].Username
	}
	chosen, ok := find(users, byTyped(v.Username))
	v.Password = chosen.Password
	for _, u := range users {
		if u.Unlisted {
			continue
		}
		href := v.Action + "?" + url.Values{"txn": {n.id}, "login_hint": {u.Username}}.Encode()
		v.People = append(v.People, personView{Username: u.Username, Words: u.displayName(), Href: href, Chosen: ok && u.Username == chosen.Username})
	}
	i.page(w, status, "login", v)
}

// login checks who the user says they are, and goes on to consent.
func (i *Issuer) login(w http.ResponseWriter, r *http.Request, m *moment) {
	form, err := postForm(r)
	if err != nil {
		i.interactionError(w, r, nil, err)
		return
	}
	n := &interaction{issuer: i, params: form}
	err = loginChecks.Run(r.Context(), m.Policy, n)
	var wrong pageError
	if errors.As(err, &wrong) && wrong == errWrongPassword {
		i.showLogin(w, r, n, wrong.Status, form.Get("username"), wrong.Description)
		return
	}
	if err == nil {
		err = i.signIn(w, r, m, n)
	}
	if err != nil {
		i.interactionError(w, r, n, err)
	}
}

func (i *Issuer) signIn(w http.ResponseWriter, r *http.Request, m *moment, n *interaction) error {
	ctx := r.Context()
	switch first, err := n.finish(ctx); {
	case err != nil:
		return err
	case !first:
		return transactionKnown.Refuse
	}
	t := n.txn
	t.Username, t.AuthTime = n.user.Username, m.now.Unix()
	var err error
	if t.Session, err = i.newSession(ctx, w, session{Username: t.Username, AuthTime: t.AuthTime}); err != nil {
		return err
	}
	if !t.AskConsent {
		may, err := i.maySkip(ctx, m, t, nil)
		if err != nil {
			return err
		}
		if may {
			return i.answer(ctx, w, r, m, t)
		}
	}
	return i.begin(ctx, w, r, t, "/consent") // under a new id: whoever knew the old one can't go on with it
}

// consentPage asks what the client may do.
func (i *Issuer) consentPage(w http.ResponseWriter, r *http.Request, m *moment) {
	n := &interaction{issuer: i, params: r.URL.Query()}
	if err := consentChecks[:2].Run(r.Context(), m.Policy, n); err != nil {
		i.interactionError(w, r, n, err)
		return
	}
	u, _, err := i.user(r.Context(), byUsername(n.txn.Username))
	if err != nil {
		i.fault(w, r)
		return
	}
	v := consentView{view: i.view(consentTitle(n.txn)), Action: i.path("/consent"), Txn: n.id, Client: n.txn.ClientName, Host: hostOf(n.txn.RedirectURI), Not: willNot(n.txn.Scope)}
	v.Person = u.displayName()
	for _, s := range scopes {
		if slices.Contains(n.txn.Scope, s.name) {
			v.Scopes = append(v.Scopes, scopeView{Name: s.name, Words: s.words, Fixed: s.name == "openid"})
		}
	}
	i.page(w, http.StatusOK, "consent", v)
}

// consentTitle asks for the most that the client wants; scopes stand in the order of what they let it do.
func consentTitle(t *transaction) string {
	words := "know that you signed in"
	for _, s := range scopes {
		if s.asks != "" && slices.Contains(t.Scope, s.name) {
			words = s.asks
		}
	}
	return "Let " + t.ClientName + " " + words + "?"
}

// willNot tells what the client may not do, in words: what it did not ask for.
func willNot(asked []string) string {
	list := []string{"see your password"}
	for _, s := range scopes {
		if s.not != "" && !slices.Contains(asked, s.name) {
			list = append(list, s.not)
		}
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// consent takes the user's answer and sends it to the client.
func (i *Issuer) consent(w http.ResponseWriter, r *http.Request, m *moment) {
	ctx := r.Context()
	form, err := postForm(r)
	if err != nil {
		i.interactionError(w, r, nil, err)
		return
	}
	n := &interaction{issuer: i, params: form}
	if err := consentChecks.Run(ctx, m.Policy, n); err != nil {
		i.interactionError(w, r, n, err)
		return
	}
	asked := n.txn.Scope
	n.txn.Scope = slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return s != "openid" && !slices.Contains(form["scope"], s) })
	if err := i.rememberConsent(ctx, n.txn.Session, n.txn.ClientID, asked, n.txn.Scope); err != nil {
		i.fault(w, r)
		return
	}
	if err := i.answer(ctx, w, r, m, n.txn); err != nil {
		i.interactionError(w, r, n, err)
	}
}

// interactionError answers a refused page: on a page, or at the client when the user has said no.
func (i *Issuer) interactionError(w http.ResponseWriter, r *http.Request, n *interaction, err error) {
	var e Error
	switch {
	case errors.As(err, new(pageError)):
		i.errorPage(w, r, err, nil)
	case errors.As(err, &e) && n != nil && n.txn != nil && n.txn.RedirectURI != "":
		switch first, err := n.finish(r.Context()); {
		case err != nil:
			i.fault(w, r)
		case !first:
			i.errorPage(w, r, transactionKnown.Refuse, nil)
		default:
			i.respond(w, r, n.txn.destination, url.Values{"error": {e.Code}, "error_description": {e.Description}})
		}
	case errors.As(err, &e):
		i.errorPage(w, r, pageError(e), nil)
	default:
		i.fault(w, r)
	}
}

func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	if u.Host == "" {
		return u.Scheme + ":"
	}
	return u.Host
}
