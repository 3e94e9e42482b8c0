package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"oauthplayground/mockidp/jose"
)

// keyRing is the issuer's decoded keys: they never change once stored.
type keyRing struct {
	keys   map[string]*jose.Key // by algorithm
	public []jose.PublicKey
	set    []byte // as a JWK Set
}

// signingKey is the issuer's key for an algorithm. It is made at its first need and stored by Create, so that of two
// servers that make one at once both use the first.
func (i *Issuer) signingKey(ctx context.Context, alg string) (*jose.Key, error) {
	ring, err := i.ringWith(ctx, alg)
	return ring.keys[alg], err
}

// ringWith is the key ring with the keys of these algorithms in it; with an error it is an empty one.
func (i *Issuer) ringWith(ctx context.Context, algs ...string) (keyRing, error) {
	if ring := i.keys.Load(); ring.has(algs) {
		return *ring, nil
	}
	i.keysMu.Lock()
	defer i.keysMu.Unlock()
	old := i.keys.Load()
	if old.has(algs) {
		return *old, nil
	}
	ring := &keyRing{keys: map[string]*jose.Key{}}
	if old != nil {
		maps.Copy(ring.keys, old.keys)
	}
	for _, alg := range algs {
		if ring.keys[alg] != nil {
			continue
		}
		k, err := i.loadKey(ctx, alg)
		if errors.Is(err, ErrNotFound) {
			k, err = i.makeKey(ctx, alg)
		}
		if err != nil {
			return keyRing{}, err
		}
		ring.keys[alg] = k
	}
	for _, a := range algorithms {
		if k := ring.keys[a]; k != nil {
			ring.public = append(ring.public, k.Public())
		}
	}
	var err error
	if ring.set, err = jose.MarshalKeySet(ring.public); err != nil {
		return keyRing{}, err
	}
	i.keys.Store(ring)
	return *ring, nil
}

func (r *keyRing) has(algs []string) bool {
	return r != nil && !slices.ContainsFunc(algs, func(alg string) bool { return r.keys[alg] == nil })
}

// ForgetKeys has the keys read again at their next use: for who has emptied the Store, or knows that somebody else has.
func (i *Issuer) ForgetKeys() {
	i.keysMu.Lock()
	defer i.keysMu.Unlock()
	i.keys.Store(nil)
}

// algorithms are those that ID tokens are signed with, OpenID Connect's default first.
var algorithms = []string{jose.RS256, jose.ES256}

func keyKey(alg string) string { return "keys/" + alg }

func (i *Issuer) loadKey(ctx context.Context, alg string) (*jose.Key, error) {
	raw, _, err := i.Store.Get(ctx, keyKey(alg))
	if err != nil {
		return nil, err
	}
	return jose.ParseKey(raw)
}

func (i *Issuer) makeKey(ctx context.Context, alg string) (k *jose.Key, err error) {
	if alg == jose.RS256 && i.Keys != nil {
		k, err = i.Keys.Get(ctx)
	} else {
		k, err = jose.NewKey(alg)
	}
	if err != nil {
		return nil, err
	}
	raw, err := k.Marshal()
	if err != nil {
		return nil, err
	}
	if _, err = i.Store.Create(ctx, keyKey(alg), raw, 0); errors.Is(err, ErrExists) {
		return i.loadKey(ctx, alg) // somebody was faster: theirs is the key
	}
	return k, err
}

// VerificationKeys are the public keys the issuer has published so far, for those of its own house that verify its
// tokens without fetching them.
func (i *Issuer) VerificationKeys(ctx context.Context) ([]jose.PublicKey, error) {
	ring, err := i.published(ctx)
	return ring.public, err
}

// published is the key ring with the keys that there are: that of ES256, and that of RS256 once something was signed with it.
func (i *Issuer) published(ctx context.Context) (keyRing, error) {
	ring, err := i.ringWith(ctx, jose.ES256)
	if err != nil || ring.keys[jose.RS256] != nil {
		return ring, err
	}
	if known, err := i.exists(ctx, keyKey(jose.RS256)); err != nil || !known {
		return ring, err
	}
	return i.ringWith(ctx, jose.RS256)
}

// jwks serves the key set: every key that may sign, so a relying party finds the key of an algorithm before its first use; or, with
// KeysAsNeeded, those that have signed.
func (i *Issuer) jwks(w http.ResponseWriter, r *http.Request, _ *moment) {
	var ring keyRing
	var err error
	if i.KeysAsNeeded {
		ring, err = i.published(r.Context())
	} else {
		ring, err = i.ringWith(r.Context(), algorithms...)
	}
	if err != nil {
		i.fault(w, r)
		return
	}
	cacheable(w, r, "application/json", json.RawMessage(ring.set))
}
