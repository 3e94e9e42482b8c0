// Package check holds the smallest idea of the project: a check is one sentence of a specification, and a
// verdict is what came of it for one request.
//
// Every party that decides something (the authorization server, a client, an API) keeps its rules as a [Table]: an
// ordered list of checks that reads from top to bottom like the specification. The order is part of the behaviour. The
// mode of a check is a policy entry: enforce rejects, observe records the failure and lets the request through, off
// does not evaluate. The decision trace, the switches in a page, the error a client gets and the appendix of checks
// all come from these tables.
//
// Guarantees: a table runs its checks in order and stops at the first refusal; a check that is not reached leaves no
// verdict; a check that is required can't be switched. Verdicts are collected in a [Sheet] that travels in the
// context, so that a handler need not know who is recording.
//
// Not here: what the checks are (that is the party's), what is done with verdicts (that is the record's).
package check
