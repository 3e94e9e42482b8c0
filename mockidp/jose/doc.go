// Package jose signs, verifies and decodes the tokens of the project, and keeps keys. It is the only place that knows
// jwx, so that another version, or another library, is a change to this package alone.
//
// Guarantees: a signature is made and verified with raw keys whose precomputed values are kept; the algorithm of a
// verification is the key's own, never the token's choice; decoding and verifying are separate calls, and only verifying
// says anything about who made a token.
//
// Not here: claims and what they mean (mockidp, world), encryption.
package jose
