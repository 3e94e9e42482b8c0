package jose

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Verification is what came of verifying a token's signature.
type Verification struct {
	Alg, Kid string // as the token's header claims
	Verified bool
	Problem  string // why it is not verified, for people
}

// Verify checks the signature of a compact JWS against keys. The token's kid may only choose among them, and its alg
// must be the chosen key's own (RFC 8725 §3.1): a token can't talk the verifier into another algorithm, or into none.
func Verify(token string, keys []PublicKey) Verification {
	p, err := split(token)
	if err != nil {
		return Verification{Problem: "not a JWT"}
	}
	var h struct {
		Alg  string          `json:"alg"`
		Kid  string          `json:"kid"`
		Crit json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(p.header, &h); err != nil {
		return Verification{Problem: "not a JWT"}
	}
	v := Verification{Alg: h.Alg, Kid: h.Kid}
	key, problem := choose(keys, h.Alg, h.Kid)
	digest := sha256.Sum256([]byte(p.signed))
	switch {
	case problem != "":
		v.Problem = problem
	// "If any of the listed extension Header Parameters are not understood and supported by the recipient, then the JWS
	// is invalid": RFC 7515 §4.1.11
	case h.Crit != nil:
		v.Problem = "the header demands an extension that is not understood"
	case !key.matches(digest[:], p.signature):
		v.Problem = "the signature does not match"
	default:
		v.Verified = true
	}
	return v
}

// choose finds the key a token names. A token without a kid means the only key of its algorithm.
func choose(keys []PublicKey, alg, kid string) (key PublicKey, problem string) {
	fits := func(k PublicKey) bool { return k.Kid == kid || kid == "" && k.Alg == alg }
	i := slices.IndexFunc(keys, fits)
	switch {
	case alg == "none":
		return key, "the token is not signed"
	case i < 0 && kid == "":
		return key, "no known key is for " + alg
	case i < 0:
		return key, "no known key has this kid"
	case kid == "" && slices.ContainsFunc(keys[i+1:], fits):
		return key, "the token does not say which of several keys signed it"
	case keys[i].Alg != alg:
		return key, "the key is for " + keys[i].Alg + ", the token says " + alg
	}
	return keys[i], ""
}

var errNotJWT = errors.New("jose: not a JWT")

// Decode takes a JWT apart. It verifies nothing.
func Decode(token string) (header, claims json.RawMessage, err error) {
	p, err := split(token)
	return p.header, p.claims, err
}

// LooksLikeJWT tells whether s can be decoded as a JWT; an opaque token can't.
func LooksLikeJWT(s string) bool {
	_, err := split(s)
	return err == nil
}

type parts struct {
	header, claims json.RawMessage
	signature      []byte
	signed         string // what the signature is about
}

// split takes a compact JWS with a JSON payload apart.
func split(token string) (parts, error) {
	end := strings.LastIndexByte(token, '.')
	// The decoder skips line breaks, which are no part of base64url.
	if end < 0 || strings.Count(token, ".") != 2 || strings.ContainsAny(token, "\r\n") {
		return parts{}, errNotJWT
	}
	p := parts{signed: token[:end]}
	head, claims, _ := strings.Cut(p.signed, ".")
	var err error
	if p.header, err = object(head); err != nil {
		return parts{}, err
	}
	if p.claims, err = object(claims); err != nil {
		return parts{}, err
	}
	if p.signature, err = b64.DecodeString(token[end+1:]); err != nil {
		return parts{}, errNotJWT
	}
	return p, nil
}

// object decodes a base64url part that must hold a JSON object.
func object(part string) (json.RawMessage, error) {
	b, err := b64.DecodeString(part)
	if err != nil || len(b) == 0 || b[0] != '{' || !json.Valid(b) {
		return nil, errNotJWT
	}
	return b, nil
}
