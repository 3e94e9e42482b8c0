package mockidp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"oauthplayground/mockidp/check"
)

// tokenRequest is a request to the token endpoint under judgement.
type tokenRequest struct {
	issuer *Issuer
	m      *moment
	http   *http.Request
	params url.Values

	basicID, basicSecret string // from the Authorization header, decoded
	basic, badBasic      bool
	urlID, urlSecret     string // from the address, where as.credentials-not-in-url lets them through

	// Filled by as.token-client-known.
	client     *Client
	guesses    guesses // wrong secrets that this sender has shown for it
	guessesRev Rev     // of the record of them; 0 if there is none

	// What it redeems, filled by as.code-known or as.refresh-known.
	key     string // of the record in the store
	code    code
	refresh refresh
}

func (t *tokenRequest) get(name string) string { return t.params.Get(name) }

// clientID is whom the request says it comes from.
func (t *tokenRequest) clientID() string {
	switch {
	case t.basic:
		return t.basicID
	case t.urlSecret != "":
		return t.urlID
	}
	return t.get("client_id")
}

// secret is what the request shows to prove that; empty if it shows none.
func (t *tokenRequest) secret() string {
	switch {
	case t.basic:
		return t.basicSecret
	case t.urlSecret != "":
		return t.urlSecret
	}
	return t.get("client_secret")
}

// tokenResponse is RFC 6749 §5.1 with OpenID Connect Core 1.0 §3.1.3.3.
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	// "If the issued access token scope is different from the one requested by the client, the authorization server MUST
	// include the "scope" response parameter": RFC 6749 §3.3. It is told always, and empty when nothing was granted.
	Scope   string `json:"scope"`
	IDToken string `json:"id_token,omitempty"`
}

// grantType is one way to get tokens.
type grantType struct {
	name   string
	checks check.Table[*tokenRequest]
	issue  func(*Issuer, context.Context, *tokenRequest) (tokenResponse, error)
}

// grantTypes is the table of grants: one line each.
var grantTypes = []grantType{
	{"authorization_code", codeChecks, (*Issuer).redeemCode},
	{"refresh_token", refreshChecks, (*Issuer).redeemRefresh},
}

func grantNames() []string {
	names := make([]string, len(grantTypes))
	for i, g := range grantTypes {
		names[i] = g.name
	}
	return names
}

// grantType is the one the request asks for, or one without a name.
func (t *tokenRequest) grantType() grantType {
	for _, g := range grantTypes {
		if g.name == t.get("grant_type") {
			return g
		}
	}
	return grantType{}
}

// token finds out which client is asking, judges its grant and issues tokens.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request, m *moment) {
	ctx := r.Context()
	t := &tokenRequest{issuer: i, m: m, http: r}
	if isForm(r) {
		form, err := postForm(r)
		if err != nil {
			i.writeError(w, r, err)
			return
		}
		t.params = withValue(form)
	}
	t.readBasic()
	t.readAddress()
	if err := clientChecks.Run(ctx, m.Policy, t); err != nil {
		i.writeError(w, r, err)
		return
	}
	g := t.grantType()
	if err := g.checks.Run(ctx, m.Policy, t); err != nil {
		i.writeError(w, r, err)
		return
	}
	res, err := g.issue(i, ctx, t)
	if err != nil {
		i.writeError(w, r, err)
		return
	}
	noStore(w.Header())
	writeJSON(w, http.StatusOK, res)
}

func isForm(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/x-www-form-urlencoded"
}

// readBasic reads the client's credentials from the Authorization header: "The client identifier is encoded using the
// "application/x-www-form-urlencoded" encoding algorithm" (RFC 6749 §2.3.1), and the secret as well.
func (t *tokenRequest) readBasic() {
	header := t.http.Header.Values("Authorization")
	if len(header) == 0 {
		return
	}
	t.basic = true
	id, secret, ok := t.http.BasicAuth()
	if !ok || len(header) > 1 {
		t.badBasic = true
		return
	}
	var err1, err2 error
	t.basicID, err1 = url.QueryUnescape(id)
	t.basicSecret, err2 = url.QueryUnescape(secret)
	t.badBasic = err1 != nil || err2 != nil
}

// credentialsID is the check that keeps a client's credentials out of addresses.
const credentialsID = "as.credentials-not-in-url"

// secretInURL tells whether the address of the request carries a secret.
func (t *tokenRequest) secretInURL() bool { return t.http.URL.Query().Get("client_secret") != "" }

// readAddress takes the client's credentials from the address, as servers do that don't mind.
func (t *tokenRequest) readAddress() {
	if t.secretInURL() && letThrough(t.m, credentialsID) {
		q := t.http.URL.Query()
		t.urlID, t.urlSecret = q.Get("client_id"), q.Get("client_secret")
	}
}

// method is how the request authenticates.
func (t *tokenRequest) method() string {
	switch {
	case t.basic:
		return "client_secret_basic"
	case t.urlSecret != "":
		return "the address"
	case t.params.Has("client_secret"):
		return "client_secret_post"
	}
	return "none"
}

var invalidClient = Error{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "Client authentication failed."}

// clientChecks are the rules of the token endpoint that come before any grant: a request that can be read, from a client
// that is who it says.
var clientChecks = check.Table[*tokenRequest]{
	{
		ID: "as.content-type", Title: "The body is a form.",
		Spec: "RFC 6749 §4.1.3", Required: true,
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			return check.Finding{OK: isForm(t.http), Expected: "application/x-www-form-urlencoded", Actual: t.http.Header.Get("Content-Type")}
		},
		Refuse: errFormType,
	},
	{
		// "Request and response parameters MUST NOT be included more than once": RFC 6749 §3.2
		ID: "as.token-parameters-once", Title: "No parameter is sent more than once.",
		Spec:   "RFC 6749 §3.2",
		Judge:  func(_ context.Context, t *tokenRequest) check.Finding { return once(t.params) },
		Refuse: invalidRequest("A parameter is repeated."),
	},
	{
		// "The parameters can only be transmitted in the request-body and MUST NOT be included in the request URI": RFC 6749 §2.3.1
		ID: credentialsID, Title: "The client’s secret is not in the address, which is kept in logs.",
		Spec:    "RFC 6749 §2.3.1",
		Applies: (*tokenRequest).secretInURL,
		Judge: func(context.Context, *tokenRequest) check.Finding {
			return check.Fail("the secret in the header or in the body", "in the address")
		},
		Refuse: invalidRequest("The client_secret must not be in the address."),
	},
	{
		// "The client MUST NOT use more than one authentication method in each request": RFC 6749 §2.3
		ID: "as.client-authentication-single", Title: "The client authenticates in one way only.",
		Spec: "RFC 6749 §2.3",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			switch {
			case t.basic && t.params.Has("client_secret"):
				return check.Fail("one method", "header and body")
			case t.urlSecret != "" && (t.basic || t.params.Has("client_secret")):
				return check.Fail("one method", "the address and another")
			case t.basic && t.params.Has("client_id") && !t.badBasic && t.get("client_id") != t.basicID:
				return check.Fail(t.basicID, t.get("client_id"))
			}
			return check.Pass()
		},
		Refuse: invalidRequest("The client must authenticate in one way."),
	},
	{
		ID: "as.token-client-known", Title: "The client that asks is registered.",
		Spec: "RFC 6749 §5.2", Required: true,
		Judge: func(ctx context.Context, t *tokenRequest) check.Finding {
			if t.badBasic {
				return check.Fail("Basic, with id and secret form-encoded", "something else")
			}
			if t.clientID() == "" {
				return check.Fail("a client_id", "none")
			}
			c, err := t.issuer.client(ctx, t.clientID())
			if errors.Is(err, ErrNotFound) {
				return check.Fail("a registered client", t.clientID())
			}
			if err != nil {
				return check.Finding{Err: err}
			}
			t.client = t.m.credentialed(c)
			err = t.readGuesses(ctx)
			return check.Finding{OK: err == nil, Err: err}
		},
		Refuse: invalidClient,
	},
	{
		// "Since this client authentication method involves a password, the authorization server MUST protect any endpoint
		// utilizing it against brute force attacks": RFC 6749 §2.3.1. The tests of an app may well show more wrong secrets than a
		// thief would: unless it is told, a mock only notes it.
		ID: "as.client-guesses", Title: "Whoever sends this has not shown too many wrong secrets for this client.",
		Spec:    "RFC 6749 §2.3.1",
		Default: check.Observe,
		Applies: func(t *tokenRequest) bool { return t.guesses.Wrong > 0 },
		Judge:   fewGuesses,
		Refuse:  Error{Status: http.StatusTooManyRequests, Code: "invalid_client", Description: "Too many wrong secrets. Wait a minute."},
	},
	{
		ID: "as.client-authentication", Title: "The client proves who it is, in the way it has registered.",
		Spec: "RFC 6749 §3.2.1",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			want, got := t.client.TokenEndpointAuthMethod, t.method()
			if want != got && (want == "none" || t.urlSecret == "") { // who takes a secret from the address does not mind how it was registered
				return check.Fail(want, got)
			}
			if want == "none" || sameSecret(t.secret(), t.client.ClientSecret) {
				return check.Finding{OK: true, Expected: want, Actual: got}
			}
			if _, raw, _ := t.http.BasicAuth(); t.basic && sameSecret(raw, t.client.ClientSecret) {
				return check.Fail("the secret of "+t.client.ClientID+", form-encoded", "the right one, but not form-encoded")
			}
			return check.Fail("the secret of "+t.client.ClientID, "another")
		},
		Refuse:   invalidClient,
		OnRefuse: func(ctx context.Context, t *tokenRequest) error { return t.guessed(ctx) },
	},
	{
		ID: "as.grant-type-known", Title: "The server knows the grant type.",
		Spec: "RFC 6749 §5.2", Required: true,
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			if t.get("grant_type") == "" {
				f := check.Fail("a grant_type", "none")
				f.Refuse = invalidRequest("The grant_type is missing.")
				return f
			}
			if t.grantType().name == "" {
				return check.Fail(strings.Join(grantNames(), " or "), t.get("grant_type"))
			}
			return check.Pass()
		},
		Refuse: Error{Code: "unsupported_grant_type", Description: "This grant_type is not supported."},
	},
	{
		ID: "as.grant-type-registered", Title: "The client has registered that it uses this grant type.",
		Spec: "RFC 7591 §2",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			return check.Finding{OK: slices.Contains(t.client.GrantTypes, t.get("grant_type")), Expected: strings.Join(t.client.GrantTypes, ", "), Actual: t.get("grant_type")}
		},
		Refuse: Error{Code: "unauthorized_client", Description: "The client is not registered for this grant_type."},
	},
}

// sameSecret compares in a time that tells nothing of how much was right.
func sameSecret(a, b string) bool {
	ha, hb := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return b != "" && subtle.ConstantTimeCompare(ha[:], hb[:]) == 1
}

// The rules that are the same for whatever is redeemed, a code or a refresh token.

// find reads the record of what is redeemed.
func (t *tokenRequest) find(ctx context.Context, key, what string, record any) check.Finding {
	t.key = key
	_, err := t.issuer.get(ctx, key, record)
	if errors.Is(err, ErrNotFound) {
		return check.Fail(what+" the server has issued", "one it has not")
	}
	return check.Finding{OK: err == nil, Err: err}
}

// live passes while a grant has not been revoked.
func (t *tokenRequest) live(ctx context.Context, g grant) check.Finding {
	gone, err := t.issuer.revoked(ctx, g.ID)
	if err == nil && gone {
		return check.Fail("a live grant", "one that was revoked: its code or refresh token was used twice, or its owner has removed the app")
	}
	return check.Finding{OK: err == nil, Err: err}
}

// spends passes when this request is the one that spends what it redeems.
func (t *tokenRequest) spends(ctx context.Context, expires int64, again string) check.Finding {
	first, err := t.issuer.spend(ctx, spentKey(t.key), spentTTL(t.m, expires))
	if err == nil && !first {
		return check.Fail("the first use", again)
	}
	return check.Finding{OK: first, Err: err}
}

// withdraw revokes a grant that was redeemed twice, unless the second was a stranger: they can't make the owner's tokens go
// away.
func (t *tokenRequest) withdraw(ctx context.Context, g grant) error {
	if g.ClientID != t.client.ClientID {
		return nil
	}
	return t.issuer.revoke(ctx, t.m, g.ID)
}

// revoked tells whether a grant has been withdrawn.
func (i *Issuer) revoked(ctx context.Context, grant string) (bool, error) {
	return i.exists(ctx, revokedKey(grant))
}

// revoke withdraws everything that came of a grant. The mark must outlive the longest of it, which may have been issued under
// the default lifetimes before somebody shortened them.
func (i *Issuer) revoke(ctx context.Context, m *moment, grant string) error {
	longest := max(m.Settings.Duration(settingRefreshLife), m.Settings.Duration(settingAccessLife), check.Settings(nil).Duration(settingRefreshLife))
	_, err := i.spend(ctx, revokedKey(grant), longest+2*slack)
	return err
}

// tokens issues what a grant gives: an access token, an ID token under openid, a refresh token if the client may use one.
func (i *Issuer) tokens(ctx context.Context, t *tokenRequest, g grant, mayRefresh bool) (tokenResponse, error) {
	u, ok, err := i.user(ctx, byUsername(g.Username))
	if err != nil {
		return tokenResponse{}, err
	}
	if !ok {
		return tokenResponse{}, Error{Code: "invalid_grant", Description: "The user no longer exists."}
	}
	access, life, err := i.issueAccessToken(ctx, t.m, g, u)
	if err != nil {
		return tokenResponse{}, err
	}
	res := tokenResponse{AccessToken: access, TokenType: "Bearer", ExpiresIn: int(life.Seconds()), Scope: strings.Join(g.Scope, " ")}
	if slices.Contains(g.Scope, "openid") {
		if res.IDToken, err = i.issueIDToken(ctx, t.m, g, u, t.client, access); err != nil {
			return tokenResponse{}, err
		}
	}
	if mayRefresh {
		if res.RefreshToken, err = i.issueRefreshToken(ctx, t.m, g); err != nil {
			return tokenResponse{}, err
		}
	}
	return res, nil
}
