package jose

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// Verification is what came of verifying a token's signature.
type Verification struct {
	Alg, Kid string // as the token's header claims
	Verified bool
	Problem  string // why it is not verified, for people
}

// Verify checks the signature of a compact JWS against keys. The token's kid may only choose among them, and its alg
// must be the chosen key's (RFC 8725 §3.1).
func Verify(token string, keys []PublicKey) Verification {
	h, _, err := parts(token)
	if err != nil {
		return Verification{Problem: "not a JWT"}
	}
	v := Verification{Alg: h.Alg, Kid: h.Kid}
	i := slices.IndexFunc(keys, func(k PublicKey) bool { return k.Kid == h.Kid && (h.Kid != "" || k.Alg == h.Alg) })
	switch {
	case i < 0:
		v.Problem = "no known key has this kid"
	case keys[i].Alg != h.Alg:
		v.Problem = "the key is for " + keys[i].Alg + ", the token says " + h.Alg
	default:
		if _, err := jws.Verify([]byte(token), jws.WithKey(jwa.SignatureAlgorithm(keys[i].Alg), keys[i].raw)); err != nil {
			v.Problem = "the signature does not match"
			return v
		}
		v.Verified = true
	}
	return v
}

var errNotJWT = errors.New("jose: not a JWT")

type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
}

// Decode takes a JWT apart. It verifies nothing.
func Decode(token string) (head, claims json.RawMessage, err error) {
	h, rest, ok := strings.Cut(token, ".")
	c, _, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 {
		return nil, nil, errNotJWT
	}
	if head, err = object(h); err != nil {
		return nil, nil, err
	}
	if claims, err = object(c); err != nil {
		return nil, nil, err
	}
	return head, claims, nil
}

func parts(token string) (header, json.RawMessage, error) {
	var h header
	raw, claims, err := Decode(token)
	if err != nil {
		return h, nil, err
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, nil, errNotJWT
	}
	return h, claims, nil
}

// object decodes a base64url part that must hold a JSON object.
func object(part string) (json.RawMessage, error) {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || len(b) == 0 || b[0] != '{' || !json.Valid(b) {
		return nil, errNotJWT
	}
	return b, nil
}
