package mockidp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"oauthplayground/mockidp/check"
)

var invalidGrant = Error{Code: "invalid_grant", Description: "The code can't be redeemed."}

// codeChecks are the rules of redeeming a code (RFC 6749 §4.1.3). What spends comes last, so that a request that fails
// any other rule spends nothing.
var codeChecks = check.Table[*tokenRequest]{
	{
		ID: "as.code-present", Title: "The request carries a code.",
		Spec: "RFC 6749 §4.1.3", Required: true,
		Judge:  func(_ context.Context, t *tokenRequest) check.Finding { return has(t.params, "code") },
		Refuse: invalidRequest("The code is missing."),
	},
	{
		ID: "as.code-known", Title: "The server has issued this code.",
		Spec: "RFC 6749 §5.2", Required: true,
		Judge: func(ctx context.Context, t *tokenRequest) check.Finding {
			return t.find(ctx, codeKey(t.get("code")), "a code", &t.code)
		},
		Refuse: invalidGrant,
	},
	{
		// "ensure that the authorization code was issued to the authenticated confidential client, or if the client is
		// public, ensure that the code was issued to "client_id" in the request": RFC 6749 §4.1.3
		ID: "as.code-bound-to-client", Title: "The code was issued to the client that redeems it.",
		Spec: "RFC 6749 §4.1.3",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			return check.Compare(t.code.ClientID, t.client.ClientID)
		},
		Refuse: invalidGrant,
	},
	{
		ID: "as.code-fresh", Title: "The code has not expired.",
		Spec: "RFC 6749 §4.1.2",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			age := t.m.now.Sub(time.UnixMilli(t.code.Issued))
			life := time.UnixMilli(t.code.Expires).Sub(time.UnixMilli(t.code.Issued))
			return check.Finding{OK: t.m.now.UnixMilli() < t.code.Expires, Expected: "younger than " + life.String(), Actual: age.Round(time.Second).String()}
		},
		Refuse: invalidGrant,
	},
	{
		// "ensure that the "redirect_uri" parameter is present if the "redirect_uri" parameter was included in the initial
		// authorization request […], and if included ensure that their values are identical": RFC 6749 §4.1.3
		ID: "as.redirect-uri-match", Title: "The redirect URI is the one the authorization request named.",
		Spec:    "RFC 6749 §4.1.3",
		Applies: func(t *tokenRequest) bool { return t.code.RedirectURI != "" },
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			return check.Compare(t.code.RedirectURI, t.get("redirect_uri"))
		},
		Refuse: invalidGrant,
	},
	{
		// "a token request containing a code_verifier parameter is accepted only if a code_challenge parameter was present in
		// the authorization request": RFC 9700 §2.1.1. Otherwise somebody may have stripped the challenge on its way.
		ID: "as.pkce-downgrade", Title: "A verifier comes only for a code that was asked for with a challenge.",
		Spec:    "RFC 9700 §2.1.1",
		Applies: func(t *tokenRequest) bool { return t.code.Challenge == "" },
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			if t.params.Has("code_verifier") {
				return check.Fail("no code_verifier", "one")
			}
			return check.Pass()
		},
		Refuse: invalidGrant,
	},
	{
		// "If the values are not equal, an error response indicating "invalid_grant" […] MUST be returned": RFC 7636 §4.6
		ID: "as.pkce-verifier", Title: "The verifier is the one whose challenge the code was asked for with.",
		Spec:    "RFC 7636 §4.6",
		Applies: func(t *tokenRequest) bool { return t.code.Challenge != "" },
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			verifier := t.get("code_verifier")
			switch {
			case verifier == "":
				return check.Fail(t.code.Challenge, "no code_verifier")
			case !pkceForm(verifier):
				return check.Fail("43 to 128 characters of A-Z a-z 0-9 - . _ ~", verifier)
			}
			if t.code.Method == "S256" {
				h := sha256.Sum256([]byte(verifier))
				verifier = base64.RawURLEncoding.EncodeToString(h[:])
			}
			return check.Compare(t.code.Challenge, verifier)
		},
		Refuse: invalidGrant,
	},
	{
		ID: "as.grant-live", Title: "What the user has allowed has not been revoked.",
		Spec:   "RFC 6749 §4.1.2",
		Judge:  func(ctx context.Context, t *tokenRequest) check.Finding { return t.live(ctx, t.code.grant) },
		Refuse: invalidGrant,
	},
	{
		// "The client MUST NOT use the authorization code more than once. If an authorization code is used more than once,
		// the authorization server MUST deny the request and SHOULD revoke (when possible) all tokens previously issued
		// based on that authorization code.": RFC 6749 §4.1.2
		ID: "as.code-single-use", Title: "The code is used for the first time.",
		Spec: "RFC 6749 §4.1.2",
		Judge: func(ctx context.Context, t *tokenRequest) check.Finding {
			return t.spends(ctx, t.code.Expires, "a later one")
		},
		Refuse:   invalidGrant,
		OnRefuse: func(ctx context.Context, t *tokenRequest) error { return t.withdraw(ctx, t.code.grant) },
	},
}

// redeemCode swaps a code for tokens.
func (i *Issuer) redeemCode(ctx context.Context, t *tokenRequest) (tokenResponse, error) {
	return i.tokens(ctx, t, t.code.grant, slices.Contains(t.client.GrantTypes, "refresh_token"))
}
