package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// The signature algorithms of RFC 7518 §3.1 that a Key can have.
const (
	ES256 = "ES256" // ECDSA with P-256 and SHA-256
	RS256 = "RS256" // RSASSA-PKCS1-v1_5 with SHA-256, OpenID Connect's default
)

// rsaBits is the least that RFC 7518 §3.3 allows.
const rsaBits = 2048

// Key is a private signing key. It is safe for concurrent use.
type Key struct {
	Alg string // ES256 or RS256
	Kid string // RFC 7638 thumbprint, so that the same key has the same id everywhere

	private crypto.Signer // raw: a jwk.Key would be converted, and lose its precomputed values, at every signature
	jwk     jwk.Key
	headers sync.Map // typ → encoded header
}

// NewKey makes a key. An ES256 key takes microseconds; an RS256 key tens of milliseconds: see Pool.
func NewKey(alg string) (*Key, error) {
	var private crypto.Signer
	var err error
	switch alg {
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, fmt.Errorf("jose: no algorithm %q", alg)
	}
	if err != nil {
		return nil, err
	}
	j, err := jwk.FromRaw(private)
	if err != nil {
		return nil, err
	}
	return newKey(alg, private, j)
}

func newKey(alg string, private crypto.Signer, j jwk.Key) (*Key, error) {
	thumb, err := j.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	k := &Key{Alg: alg, Kid: base64.RawURLEncoding.EncodeToString(thumb), private: private, jwk: j}
	for name, value := range map[string]any{jwk.KeyIDKey: k.Kid, jwk.AlgorithmKey: alg, jwk.KeyUsageKey: "sig"} {
		if err := j.Set(name, value); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Marshal is the key as a private JWK (RFC 7517).
func (k *Key) Marshal() ([]byte, error) { return json.Marshal(k.jwk) }

// ParseKey reads what Marshal wrote.
func ParseKey(b []byte) (*Key, error) {
	j, err := jwk.ParseKey(b)
	if err != nil {
		return nil, fmt.Errorf("jose: not a key: %w", err)
	}
	var raw any
	if err := j.Raw(&raw); err != nil {
		return nil, fmt.Errorf("jose: not a key: %w", err)
	}
	switch private := raw.(type) {
	case *ecdsa.PrivateKey:
		if private.Curve == elliptic.P256() {
			return newKey(ES256, private, j)
		}
	case *rsa.PrivateKey:
		return newKey(RS256, private, j)
	}
	return nil, fmt.Errorf("jose: not a private key of a kind that signs here")
}

// Public is the key that verifies what this one signs.
func (k *Key) Public() PublicKey {
	return PublicKey{Alg: k.Alg, Kid: k.Kid, raw: k.private.Public()}
}

// PublicKey verifies signatures.
type PublicKey struct {
	Alg, Kid string
	raw      crypto.PublicKey
}

// MarshalKeySet is the public keys as a JWK Set (RFC 7517 §5).
func MarshalKeySet(keys []PublicKey) ([]byte, error) {
	set := jwk.NewSet()
	for _, k := range keys {
		j, err := jwk.FromRaw(k.raw)
		if err != nil {
			return nil, err
		}
		for name, value := range map[string]any{jwk.KeyIDKey: k.Kid, jwk.AlgorithmKey: k.Alg, jwk.KeyUsageKey: "sig"} {
			if err := j.Set(name, value); err != nil {
				return nil, err
			}
		}
		if err := set.AddKey(j); err != nil {
			return nil, err
		}
	}
	return json.Marshal(set)
}

// ParseKeySet reads a JWK Set. Keys of kinds that nothing here verifies with are left out.
func ParseKeySet(b []byte) ([]PublicKey, error) {
	set, err := jwk.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("jose: not a key set: %w", err)
	}
	var keys []PublicKey
	for i := range set.Len() {
		j, _ := set.Key(i)
		var raw any
		if err := j.Raw(&raw); err != nil {
			continue
		}
		k := PublicKey{Kid: j.KeyID(), raw: raw}
		switch public := raw.(type) {
		case *ecdsa.PublicKey:
			if public.Curve != elliptic.P256() {
				continue
			}
			k.Alg = ES256
		case *rsa.PublicKey:
			k.Alg = RS256
		default:
			continue
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// HalfHash is the left half of the SHA-256 of s in base64url: at_hash and c_hash under algorithms that end in 256
// (OpenID Connect Core 1.0 §3.1.3.6).
func HalfHash(s string) string {
	h := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(h[:len(h)/2])
}
