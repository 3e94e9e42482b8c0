package mockidp

import (
	"context"
	"slices"
	"strings"
	"time"

	"oauthplayground/mockidp/check"
)

var invalidRefresh = Error{Code: "invalid_grant", Description: "The refresh token can't be used."}

// refreshChecks are the rules of using a refresh token (RFC 6749 §6), with rotation and reuse detection (RFC 9700
// §4.14.2).
var refreshChecks = check.Table[*tokenRequest]{
	{
		ID: "as.refresh-present", Title: "The request carries a refresh token.",
		Spec: "RFC 6749 §6", Required: true,
		Judge:  func(_ context.Context, t *tokenRequest) check.Finding { return has(t.params, "refresh_token") },
		Refuse: invalidRequest("The refresh_token is missing."),
	},
	{
		ID: "as.refresh-known", Title: "The server has issued this refresh token.",
		Spec: "RFC 6749 §6", Required: true,
		Judge: func(ctx context.Context, t *tokenRequest) check.Finding {
			return t.find(ctx, refreshKey(t.get("refresh_token")), "a refresh token", &t.refresh)
		},
		Refuse: invalidRefresh,
	},
	{
		ID: "as.refresh-bound-to-client", Title: "The refresh token was issued to the client that uses it.",
		Spec: "RFC 6749 §6",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			return check.Compare(t.refresh.ClientID, t.client.ClientID)
		},
		Refuse: invalidRefresh,
	},
	{
		ID: "as.refresh-fresh", Title: "The refresh token has not expired.",
		Spec: "RFC 6749 §6",
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			expires := time.UnixMilli(t.refresh.Expires).UTC()
			return check.Finding{OK: t.m.now.Before(expires), Expected: "before " + expires.Format(time.DateTime), Actual: t.m.now.UTC().Format(time.DateTime)}
		},
		Refuse: invalidRefresh,
	},
	{
		// "The requested scope MUST NOT include any scope not originally granted by the resource owner": RFC 6749 §6
		ID: "as.refresh-scope", Title: "No scope is asked for beyond what the user has allowed.",
		Spec:    "RFC 6749 §6",
		Applies: func(t *tokenRequest) bool { return t.params.Has("scope") },
		Judge: func(_ context.Context, t *tokenRequest) check.Finding {
			for _, s := range strings.Fields(t.get("scope")) {
				if !slices.Contains(t.refresh.Scope, s) {
					return check.Fail(strings.Join(t.refresh.Scope, " "), s)
				}
			}
			return check.Pass()
		},
		Refuse: Error{Code: "invalid_scope", Description: "The scope goes beyond what was allowed."},
	},
	{
		ID: "as.refresh-grant-live", Title: "What the user has allowed has not been revoked.",
		Spec:   "RFC 9700 §4.14.2",
		Judge:  func(ctx context.Context, t *tokenRequest) check.Finding { return t.live(ctx, t.refresh.grant) },
		Refuse: invalidRefresh,
	},
	{
		ID: "as.refresh-reuse", Title: "The refresh token is used for the first time.",
		Spec: "RFC 9700 §4.14.2",
		Judge: func(ctx context.Context, t *tokenRequest) check.Finding {
			return t.spends(ctx, t.refresh.Expires, "a later one: there is a copy")
		},
		Refuse:   invalidRefresh,
		OnRefuse: func(ctx context.Context, t *tokenRequest) error { return t.withdraw(ctx, t.refresh.grant) },
	},
}

// redeemRefresh swaps a refresh token for new tokens, and for a new refresh token.
func (i *Issuer) redeemRefresh(ctx context.Context, t *tokenRequest) (tokenResponse, error) {
	g := t.refresh.grant
	res, err := i.tokens(ctx, t, narrowed(g, t.get("scope")), false)
	if err != nil {
		return tokenResponse{}, err
	}
	// The new refresh token keeps the whole grant: "If a new refresh token is issued, the refresh token scope MUST be
	// identical to that of the refresh token included by the client in the request": RFC 6749 §6
	res.RefreshToken, err = i.issueRefreshToken(ctx, t.m, g)
	return res, err
}

func narrowed(g grant, scope string) grant {
	if want := strings.Fields(scope); len(want) > 0 {
		g.Scope = slices.DeleteFunc(slices.Clone(g.Scope), func(s string) bool { return !slices.Contains(want, s) })
	}
	return g
}
