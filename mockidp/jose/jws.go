package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// The compact serialization (RFC 7515 §7.1) is put together by hand: header, payload and signature, each in base64url,
// with two dots. A general library spends more time around an ES256 signature than the signature itself takes.

var b64 = base64.RawURLEncoding.Strict()

// es256Half is the length of each of the two numbers of an ES256 signature (RFC 7518 §3.4).
const es256Half = 32

// Sign makes a compact JWS around payload, which is the JSON of the claims, with the given typ in its header.
func (k *Key) Sign(typ string, payload []byte) (string, error) {
	head, err := k.header(typ)
	if err != nil {
		return "", err
	}
	size := len(head) + 1 + b64.EncodedLen(len(payload))
	token := make([]byte, 0, size+1+b64.EncodedLen(k.signatureSize()))
	token = append(token, head...)
	token = append(token, '.')
	token = b64.AppendEncode(token, payload)
	digest := sha256.Sum256(token)
	signature, err := k.signDigest(digest[:])
	if err != nil {
		return "", err
	}
	token = append(token, '.')
	return string(b64.AppendEncode(token, signature)), nil
}

// header is the encoded header for a typ: there are few of them, and each is made once for a key.
func (k *Key) header(typ string) (string, error) {
	if h, ok := k.headers.Load(typ); ok {
		return h.(string), nil
	}
	raw, err := json.Marshal(struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
		Typ string `json:"typ,omitempty"`
	}{k.Alg, k.Kid, typ})
	if err != nil {
		return "", err
	}
	h := b64.EncodeToString(raw)
	k.headers.Store(typ, h)
	return h, nil
}

func (k *Key) signatureSize() int {
	if private, ok := k.private.(*rsa.PrivateKey); ok {
		return private.Size()
	}
	return 2 * es256Half
}

func (k *Key) signDigest(digest []byte) ([]byte, error) {
	switch private := k.private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, digest)
		if err != nil {
			return nil, err
		}
		// "The octet sequence representations MUST NOT be shortened to omit any leading zero octets": RFC 7518 §3.4
		signature := make([]byte, 2*es256Half)
		r.FillBytes(signature[:es256Half])
		s.FillBytes(signature[es256Half:])
		return signature, nil
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest)
	}
	return nil, fmt.Errorf("jose: can't sign with a %T", k.private)
}

// matches tells whether the signature over a digest was made with the private half of k.
func (k PublicKey) matches(digest, signature []byte) bool {
	switch public := k.raw.(type) {
	case *ecdsa.PublicKey:
		if len(signature) != 2*es256Half {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:es256Half]), new(big.Int).SetBytes(signature[es256Half:])
		return ecdsa.Verify(public, digest, r, s)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature) == nil
	}
	return false
}
