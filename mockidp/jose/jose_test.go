package jose

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTestKey(t testing.TB, alg string) *Key {
	t.Helper()
	k, err := NewKey(alg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, k *Key, claims string) string {
	t.Helper()
	token, err := k.Sign("JWT", []byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestSignedTokenVerifiesHereAndElsewhere(t *testing.T) {
	for _, alg := range []string{ES256, RS256} {
		t.Run(alg, func(t *testing.T) {
			k := newTestKey(t, alg)
			token := sign(t, k, `{"sub":"u-1"}`)
			if v := Verify(token, []PublicKey{k.Public()}); !v.Verified || v.Alg != alg || v.Kid != k.Kid {
				t.Errorf("our own token: %+v", v)
			}
			payload, err := jws.Verify([]byte(token), jws.WithKey(jwa.SignatureAlgorithm(alg), k.Public().raw))
			if err != nil || string(payload) != `{"sub":"u-1"}` {
				t.Errorf("jwx reads our token as %s, %v", payload, err)
			}
			head := jws.NewHeaders()
			if err := head.Set(jws.KeyIDKey, k.Kid); err != nil {
				t.Fatal(err)
			}
			theirs, err := jws.Sign([]byte(`{"sub":"u-1"}`), jws.WithKey(jwa.SignatureAlgorithm(alg), k.private, jws.WithProtectedHeaders(head)))
			if err != nil {
				t.Fatal(err)
			}
			if v := Verify(string(theirs), []PublicKey{k.Public()}); !v.Verified {
				t.Errorf("a token that jwx signed: %+v", v)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	ec, rs, other := newTestKey(t, ES256), newTestKey(t, RS256), newTestKey(t, ES256)
	keys := []PublicKey{ec.Public(), rs.Public()}
	token := sign(t, ec, `{"sub":"u-1"}`)
	part := strings.Split(token, ".")
	enc := base64.RawURLEncoding.EncodeToString
	with := func(header string) string { return enc([]byte(header)) + "." + part[1] + "." + part[2] }
	for _, tt := range []struct{ name, token, problem string }{
		{"changed claims", part[0] + "." + enc([]byte(`{"sub":"u-2"}`)) + "." + part[2], "the signature does not match"},
		{"cut signature", token[:len(token)-2], "the signature does not match"},
		{"no signature and alg none", enc([]byte(`{"alg":"none"}`)) + "." + part[1] + ".", "the token is not signed"},
		{"alg none that names a key", enc([]byte(`{"alg":"none","kid":"`+ec.Kid+`"}`)) + "." + part[1] + ".", "the token is not signed"},
		{"HS256 with the public key as its secret", with(`{"alg":"HS256","kid":"` + ec.Kid + `"}`), "the key is for ES256, the token says HS256"},
		{"another algorithm's key", with(`{"alg":"ES256","kid":"` + rs.Kid + `"}`), "the key is for RS256, the token says ES256"},
		{"a stranger's key", sign(t, other, `{}`), "no known key has this kid"},
		{"an extension it must understand", with(`{"alg":"ES256","kid":"` + ec.Kid + `","crit":["b64"],"b64":false}`), "the header demands an extension that is not understood"},
		{"an algorithm nobody has, without a kid", with(`{"alg":"PS256"}`), "no known key is for PS256"},
		{"not a token", "hello", "not a JWT"},
		{"alg that is no text", with(`{"alg":7}`), "not a JWT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if v := Verify(tt.token, keys); v.Verified || v.Problem != tt.problem {
				t.Errorf("got %+v, want the problem %q", v, tt.problem)
			}
		})
	}
}

func TestTokenWithoutKid(t *testing.T) {
	one, two := newTestKey(t, ES256), newTestKey(t, ES256)
	token, err := jws.Sign([]byte(`{}`), jws.WithKey(jwa.ES256, one.private))
	if err != nil {
		t.Fatal(err)
	}
	if v := Verify(string(token), []PublicKey{one.Public()}); !v.Verified {
		t.Errorf("with one key there is no choice: %+v", v)
	}
	if v := Verify(string(token), []PublicKey{one.Public(), two.Public()}); v.Verified || v.Problem != "the token does not say which of several keys signed it" {
		t.Errorf("with two keys: %+v", v)
	}
}

func TestDecodeTakesOnlyJWTs(t *testing.T) {
	const good = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ."
	header, claims, err := Decode(good)
	if err != nil || string(header) != `{"alg":"none"}` || string(claims) != `{"sub":"u-1"}` {
		t.Fatalf("decoded %s, %s, %v", header, claims, err)
	}
	for _, tt := range []struct{ name, token string }{
		{"empty", ""},
		{"opaque", "9f2b7c51aa"},
		{"dots only", ".."},
		{"two parts", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ"},
		{"five parts, as encrypted ones have", good + "x.y"},
		{"not base64url", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ.!!"},
		{"padded", "eyJhbGciOiJub25lIn0=.eyJzdWIiOiJ1LTEifQ."},
		{"a line break inside", "eyJhbGciOiJub25lIn0.eyJzdWIi\nOiJ1LTEifQ."},
		{"a line break in the signature", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ.AA\n"},
		{"left-over bits", "eyJhbGciOiJub25lIn1.eyJzdWIiOiJ1LTEifR."},
		{"header that is a list", "W10.eyJzdWIiOiJ1LTEifQ."},
		{"claims that are text", "eyJhbGciOiJub25lIn0.aGVsbG8."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if LooksLikeJWT(tt.token) {
				t.Errorf("%q looks like a JWT", tt.token)
			}
		})
	}
}

func TestKeysSurviveTheirJSON(t *testing.T) {
	for _, alg := range []string{ES256, RS256} {
		t.Run(alg, func(t *testing.T) {
			k := newTestKey(t, alg)
			raw, err := k.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseKey(raw)
			if err != nil || again.Alg != alg || again.Kid != k.Kid {
				t.Fatalf("parsed %+v, %v", again, err)
			}
			set, err := MarshalKeySet([]PublicKey{k.Public()})
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(set, []byte(`"d":`)) {
				t.Error("the key set has a private key in it")
			}
			keys, err := ParseKeySet(set)
			if err != nil || len(keys) != 1 {
				t.Fatalf("key set: %v, %v", keys, err)
			}
			if v := Verify(sign(t, again, `{}`), keys); !v.Verified {
				t.Errorf("signed by the parsed key: %+v", v)
			}
		})
	}
	for _, bad := range []string{``, `{}`, `{"kty":"oct","k":"AAAA"}`, `[]`} {
		if _, err := ParseKey([]byte(bad)); err == nil {
			t.Errorf("ParseKey took %q", bad)
		}
	}
	if keys, err := ParseKeySet([]byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`)); err != nil || len(keys) != 0 {
		t.Errorf("a key of another kind: %v, %v, want it left out", keys, err)
	}
}

// A thumbprint is made of a key's required members in the order of their names, so that anyone can work out the kid from
// the key itself (RFC 7638 §3.2).
func TestKidIsTheThumbprint(t *testing.T) {
	k := newTestKey(t, RS256)
	public := k.private.(*rsa.PrivateKey)
	members := `{"e":"AQAB","kty":"RSA","n":"` + base64.RawURLEncoding.EncodeToString(public.N.Bytes()) + `"}`
	sum := sha256.Sum256([]byte(members))
	if want := base64.RawURLEncoding.EncodeToString(sum[:]); k.Kid != want {
		t.Errorf("kid %q, want %q", k.Kid, want)
	}
}

func TestPoolGivesEachKeyOnce(t *testing.T) {
	p := NewPool()
	defer p.Close()
	p.Start()
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			k, err := p.Get(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			if bits := k.private.(*rsa.PrivateKey).N.BitLen(); bits != rsaBits {
				t.Errorf("a key of %d bits", bits)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[k.Kid] = true
		})
	}
	wg.Wait()
	if len(seen) != 3 {
		t.Errorf("three callers got %d different keys", len(seen))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	empty := &Pool{ready: make(chan *Key), done: make(chan struct{})}
	empty.start.Do(func() {}) // as if keys took for ever
	if _, err := empty.Get(ctx); err != context.Canceled {
		t.Errorf("a caller that gave up got %v", err)
	}
}

func TestPoolClosesUnasked(t *testing.T) { NewPool().Close() }

func FuzzDecode(f *testing.F) {
	k := newTestKey(f, ES256)
	f.Add(sign(f, k, `{"sub":"u-1"}`))
	for _, s := range []string{"", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ.AA", strings.Repeat(".", 100)} {
		f.Add(s)
	}
	keys := []PublicKey{k.Public()}
	f.Fuzz(func(t *testing.T, token string) {
		header, claims, err := Decode(token)
		if LooksLikeJWT(token) != (err == nil) {
			t.Errorf("%q is and is not a JWT", token)
		}
		if err == nil && (len(header) == 0 || len(claims) == 0) {
			t.Errorf("%q decoded to nothing", token)
		}
		if v := Verify(token, keys); err != nil && v.Verified {
			t.Errorf("%q can't be decoded and is verified", token)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	for _, alg := range []string{ES256, RS256} {
		b.Run(alg, func(b *testing.B) {
			k := newTestKey(b, alg)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Sign("JWT", []byte(`{"iss":"https://auth.chirper.test","sub":"u-1","aud":"content-planner"}`)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
