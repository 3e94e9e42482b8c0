package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// userinfoRequest is a request to user info under judgement (OpenID Connect Core 1.0 §5.3).
type userinfoRequest struct {
	issuer *Issuer
	m      *moment
	tokens []string // every access token found in it
	from   []string // and where

	kept   remembered // filled by as.access-token-known
	claims accessClaims
	user   User
}

// bearer is a refusal in the words of RFC 6750 §3.
type bearer struct {
	Status            int
	Code, Description string
	Scope             string
}

func (e bearer) Error() string { return e.Code }

var invalidToken = bearer{Status: http.StatusUnauthorized, Code: "invalid_token", Description: "The access token is not valid."}

// userinfoChecks are the rules of user info. The server knows its own tokens, so it looks one up rather than verify its
// signature, and sees at once when it has been revoked.
var userinfoChecks = check.Table[*userinfoRequest]{
	{
		// "Clients MUST NOT use more than one method to transmit the token in each request": RFC 6750 §2
		ID: "as.access-token-present", Title: "The request carries one access token, in one place.",
		Spec: "RFC 6750 §2", Required: true,
		Judge: func(_ context.Context, u *userinfoRequest) check.Finding {
			switch len(u.tokens) {
			case 1:
				return check.Pass()
			case 0:
				return check.Fail("an access token", "none")
			}
			f := check.Fail("one access token", strconv.Itoa(len(u.tokens))+" in "+strings.Join(u.from, ", "))
			f.Refuse = bearer{Status: http.StatusBadRequest, Code: "invalid_request", Description: "The access token is sent more than once."}
			return f
		},
		Refuse: bearer{Status: http.StatusUnauthorized},
	},
	{
		ID: "as.access-token-known", Title: "The server has issued this access token.",
		Spec: "OIDC Core §5.3.3", Required: true,
		Judge: func(ctx context.Context, u *userinfoRequest) check.Finding {
			_, err := u.issuer.get(ctx, accessKey(u.tokens[0]), &u.kept)
			if errors.Is(err, ErrNotFound) {
				return check.Fail("an access token the server has issued", "one it has not, or has forgotten")
			}
			if err != nil {
				return check.Finding{Err: err}
			}
			_, raw, err := jose.Decode(u.tokens[0]) // it is ours to the last byte: its hash says so
			if err == nil {
				err = json.Unmarshal(raw, &u.claims)
			}
			return check.Finding{OK: err == nil, Err: err}
		},
		Refuse: invalidToken,
	},
	{
		ID: "as.access-token-fresh", Title: "The access token has not expired.",
		Spec: "RFC 6750 §3.1",
		Judge: func(_ context.Context, u *userinfoRequest) check.Finding {
			return check.Finding{OK: u.m.now.Unix() < u.kept.Expires}
		},
		Refuse: invalidToken,
	},
	{
		ID: "as.access-token-live", Title: "What the user has allowed has not been revoked.",
		Spec: "RFC 6749 §4.1.2",
		Judge: func(ctx context.Context, u *userinfoRequest) check.Finding {
			gone, err := u.issuer.revoked(ctx, u.kept.Grant)
			return check.Finding{OK: !gone, Err: err}
		},
		Refuse: invalidToken,
	},
	{
		ID: "as.userinfo-scope", Title: "The access token’s scope has openid.",
		Spec: "OIDC Core §5.3",
		Judge: func(_ context.Context, u *userinfoRequest) check.Finding {
			return check.Finding{OK: slices.Contains(strings.Fields(u.claims.Scope), "openid"), Expected: "openid", Actual: u.claims.Scope}
		},
		Refuse: bearer{Status: http.StatusForbidden, Code: "insufficient_scope", Description: "The access token does not cover this.", Scope: "openid"},
	},
	{
		ID: "as.userinfo-user", Title: "The user still exists.",
		Spec: "OIDC Core §5.3.3", Required: true,
		Judge: func(ctx context.Context, u *userinfoRequest) check.Finding {
			user, ok, err := u.issuer.user(ctx, bySubject(u.claims.Subject))
			u.user = user
			return check.Finding{OK: ok, Err: err}
		},
		Refuse: invalidToken,
	},
}

// userinfo tells a client about the user, as far as its token allows.
func (i *Issuer) userinfo(w http.ResponseWriter, r *http.Request, m *moment) {
	u := &userinfoRequest{issuer: i, m: m}
	if err := u.collect(r); err != nil {
		i.writeError(w, r, err)
		return
	}
	err := userinfoChecks.Run(r.Context(), m.Policy, u)
	var refused bearer
	switch {
	case errors.As(err, &refused):
		refused.write(w)
		return
	case err != nil:
		i.fault(w, r)
		return
	}
	claims := claimsFor(u.user, strings.Fields(u.claims.Scope), func(s scope) []string { return s.claims })
	claims["sub"] = u.user.Sub
	noStore(w.Header())
	writeJSON(w, http.StatusOK, claims)
}

// collect finds the access tokens: in the Authorization header (RFC 6750 §2.1) and in a form body (§2.2). One in the URL
// (§2.3) is not looked at: clients must not send it there (RFC 9700 §4.3.2).
func (u *userinfoRequest) collect(r *http.Request) error {
	for _, h := range r.Header.Values("Authorization") {
		scheme, token, _ := strings.Cut(h, " ")
		if strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) != "" {
			u.tokens, u.from = append(u.tokens, strings.TrimSpace(token)), append(u.from, "the header")
		}
	}
	if r.Method != http.MethodPost || !isForm(r) {
		return nil
	}
	form, err := postForm(r)
	if err != nil {
		return err
	}
	for _, token := range withValue(form)["access_token"] {
		u.tokens, u.from = append(u.tokens, token), append(u.from, "the body")
	}
	return nil
}

func (e bearer) write(w http.ResponseWriter) {
	h := w.Header()
	noStore(h)
	how := `Bearer realm="userinfo"`
	// "If the request lacks any authentication information […], the resource server SHOULD NOT include an error code or
	// other error information": RFC 6750 §3.1
	if e.Code == "" {
		challenge(h, how)
		w.WriteHeader(e.Status)
		return
	}
	how += `, error="` + e.Code + `", error_description="` + e.Description + `"`
	if e.Scope != "" {
		how += `, scope="` + e.Scope + `"`
	}
	challenge(h, how)
	writeJSON(w, e.Status, map[string]string{"error": e.Code, "error_description": e.Description})
}
