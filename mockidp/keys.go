package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

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
	if ring := i.keys.Load(); ring != nil && ring.keys[alg] != nil {
		return ring.keys[alg], nil
	}
	i.keysMu.Lock()
	defer i.keysMu.Unlock()
	old := i.keys.Load()
	if old != nil && old.keys[alg] != nil {
		return old.keys[alg], nil
	}
	k, err := i.loadKey(ctx, alg)
	if errors.Is(err, ErrNotFound) {
		k, err = i.makeKey(ctx, alg)
	}
	if err != nil {
		return nil, err
	}
	ring := &keyRing{keys: map[string]*jose.Key{alg: k}}
	if old != nil {
		for a, k := range old.keys {
			ring.keys[a] = k
		}
	}
	for _, a := range algorithms {
		if k := ring.keys[a]; k != nil {
			ring.public = append(ring.public, k.Public())
		}
	}
	if ring.set, err = jose.MarshalKeySet(ring.public); err != nil {
		return nil, err
	}
	i.keys.Store(ring)
	return k, nil
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
	ring := i.keys.Load()
	if ring == nil || ring.keys[jose.ES256] == nil {
		if _, err := i.signingKey(ctx, jose.ES256); err != nil {
			return nil, err
		}
		ring = i.keys.Load()
	}
	if ring.keys[jose.RS256] == nil {
		if known, err := i.exists(ctx, keyKey(jose.RS256)); err != nil || !known {
			return ring.public, err
		}
		if _, err := i.signingKey(ctx, jose.RS256); err != nil {
			return nil, err
		}
		ring = i.keys.Load()
	}
	return ring.public, nil
}

// jwks serves the key set: every key that may sign, so a relying party finds the key of an algorithm before its first use.
func (i *Issuer) jwks(w http.ResponseWriter, r *http.Request, _ *moment) {
	for _, alg := range algorithms {
		if _, err := i.signingKey(r.Context(), alg); err != nil {
			i.fault(w, r)
			return
		}
	}
	cacheable(w, r, "application/json", json.RawMessage(i.keys.Load().set))
}
