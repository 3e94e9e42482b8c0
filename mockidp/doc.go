// Package mockidp is a mock OpenID Provider and OAuth 2.0 authorization server: an http.Handler per issuer that behaves
// like a certified server, with every protection a switch.
//
// It serves three masters: the lessons of this project, other people's apps under test, and Go tests, which start one with
// [NewServer]. It speaks discovery (OpenID Connect and RFC 8414), the code flow with PKCE, refresh tokens with rotation,
// user info, and dynamic registration; the implicit flow is there as a thing of the past, off unless a policy lets it in.
//
// How it is built: each endpoint is a file with a handler that decodes, runs an ordered table of checks (package check) and
// writes, and beside it the table, which reads from top to bottom like the specification. A grant is a file grant_x.go and
// one line in the table of grants.
//
// Guarantees. An [Issuer] holds nothing but decoded copies: all it must remember is in its [Store], so that any number of
// servers can be the same issuer. (A store must not be emptied under an issuer: make a new one.) What may be used once is
// spent by one Create, as the last check of its request, so that of many at once exactly one succeeds and a request that
// fails spends nothing. An error that must not redirect can't: its type has no way to. What a client is told is a code and
// a dull sentence; what exactly was wrong is in the verdicts, which never hold a secret or a password. Time is the
// issuer's own, and can be wound forward. No bad input is answered with a 500.
//
// Non-goals: to be used in production (it says so on its pages and in its metadata), to keep secrets from who runs it, to
// speak what is obsolete other than to show why.
package mockidp
