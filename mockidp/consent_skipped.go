package mockidp

import (
	"context"
	"errors"

	"oauthplayground/mockidp/check"
)

// skipped is a sign-in whose user would not be asked, under judgement.
type skipped struct {
	txn     *transaction
	session *session // nil for somebody who has signed in just now
	m       *moment
}

// errMustAsk sends the browser to the consent page after all.
var errMustAsk = Error{Code: "consent_required", Description: "The user has not allowed this yet."}

// skipChecks are the rules for not asking. Who enforces them asks.
var skipChecks = check.Table[*skipped]{
	{
		// "The authorization server SHOULD NOT process repeated authorization requests automatically (without active resource
		// owner interaction) without authenticating the client or relying on other measures": RFC 6749 §10.2. Apps under test
		// are often let through on purpose, so it is observed unless told.
		ID: "as.consent-asked", Title: "The user is asked, or has allowed this app the same in this session.",
		Spec:    "RFC 6749 §10.2",
		Default: check.Observe,
		Applies: func(k *skipped) bool { return k.m.Settings.Get(settingLogin) != "auto" }, // there nobody is asked anything
		Judge: func(_ context.Context, k *skipped) check.Finding {
			if k.session == nil || !k.session.consented(k.txn.ClientID, k.txn.Scope) {
				return check.Fail("the user’s consent", "none")
			}
			return check.Pass()
		},
		Refuse: errMustAsk,
	},
}

// maySkip tells whether a sign-in may end without a question, where the server is told not to ask.
func (i *Issuer) maySkip(ctx context.Context, m *moment, t *transaction, s *session) (bool, error) {
	err := skipChecks.Run(ctx, m.Policy, &skipped{txn: t, session: s, m: m})
	if errors.Is(err, errMustAsk) {
		return false, nil
	}
	return err == nil, err
}
