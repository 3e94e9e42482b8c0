package mockidp

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strings"
	"time"

	"oauthplayground/mockidp/jose"
)

// grant is what a user has allowed a client in one sign-in. Codes and tokens name it, so that all of them can be revoked
// at once.
type grant struct {
	ID       string   `json:"grant"`
	ClientID string   `json:"client_id"`
	Username string   `json:"username"`
	Scope    []string `json:"scope,omitempty"`
	AuthTime int64    `json:"auth_time"`
	Nonce    string   `json:"nonce,omitempty"`
}

// code is what the server remembers of an authorization code (RFC 6749 §4.1.2).
type code struct {
	grant
	RedirectURI string `json:"redirect_uri,omitempty"` // as the request named it; empty if it didn't
	Challenge   string `json:"code_challenge,omitempty"`
	Method      string `json:"code_challenge_method,omitempty"`
	Issued      int64  `json:"iat"` // in milliseconds
	Expires     int64  `json:"exp"` // in milliseconds
}

// refresh is what the server remembers of a refresh token.
type refresh struct {
	grant
	Expires int64 `json:"exp"` // in milliseconds
}

func codeKey(code string) string     { return "code/" + keySafe(code) }
func refreshKey(token string) string { return "refresh/" + keySafe(token) }
func revokedKey(grant string) string { return "revoked/" + keySafe(grant) }

// spentKey marks a code or a refresh token as used.
func spentKey(key string) string { return "spent/" + key }

// spentTTL is how long the mark on something that expires then, in milliseconds, is kept: longer than the thing itself.
func spentTTL(m *moment, expires int64) time.Duration {
	return max(0, time.UnixMilli(expires).Sub(m.now)) + 2*slack
}

// accessKey remembers an access token by its hash, so that user info can look it up where an API would verify it.
func accessKey(token string) string {
	h := sha256.Sum256([]byte(token))
	return "at/" + base64.RawURLEncoding.EncodeToString(h[:])
}

func (i *Issuer) issueCode(ctx context.Context, m *moment, t *transaction, g grant) (url.Values, error) {
	life := m.Settings.Duration(settingCodeLife)
	c := code{grant: g, Challenge: t.Challenge, Method: t.Method, Issued: m.now.UnixMilli(), Expires: m.now.Add(life).UnixMilli()}
	if t.SentRedirect {
		c.RedirectURI = t.RedirectURI
	}
	value := random(24)
	if err := i.put(ctx, codeKey(value), c, life+slack); err != nil {
		return nil, err
	}
	return url.Values{"code": {value}}, nil
}

// The typ of what is signed: a verifier that looks at it can't take one kind for the other (RFC 9068 §2.1).
const (
	accessTokenType = "at+jwt"
	idTokenType     = "JWT"
)

// accessClaims are those of RFC 9068 §2.2.
type accessClaims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	ClientID string `json:"client_id"`
	Scope    string `json:"scope,omitempty"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	AuthTime int64  `json:"auth_time,omitempty"`
}

// remembered is what is kept of an access token: the rest is in the token itself.
type remembered struct {
	Grant   string `json:"g"`
	Expires int64  `json:"e"` // in seconds
}

// issueAccessToken makes a JWT access token (RFC 9068). It is signed with ES256 whatever the client's ID tokens are signed
// with: an RSA signature costs twenty times as much, and who verifies access tokens is the API, which is ours.
func (i *Issuer) issueAccessToken(ctx context.Context, m *moment, g grant, u User) (string, time.Duration, error) {
	key, err := i.signingKey(ctx, jose.ES256)
	if err != nil {
		return "", 0, err
	}
	life := m.Settings.Duration(settingAccessLife)
	claims := accessClaims{
		Issuer: i.URL, Subject: u.Sub, Audience: i.audience(), ClientID: g.ClientID, Scope: strings.Join(g.Scope, " "),
		ID: random(12), IssuedAt: m.now.Unix(), Expires: m.now.Add(life).Unix(), AuthTime: g.AuthTime,
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", 0, err
	}
	token, err := key.Sign(accessTokenType, payload)
	if err != nil {
		return "", 0, err
	}
	return token, life, i.put(ctx, accessKey(token), remembered{Grant: g.ID, Expires: claims.Expires}, life+slack)
}

// issueIDToken makes an ID token (OpenID Connect Core 1.0 §2) for the client, with at_hash if an access token comes along.
func (i *Issuer) issueIDToken(ctx context.Context, m *moment, g grant, u User, c *Client, access string) (string, error) {
	key, err := i.signingKey(ctx, c.idTokenAlg())
	if err != nil {
		return "", err
	}
	claims := map[string]any{
		"iss": i.URL, "sub": u.Sub, "aud": g.ClientID,
		"iat": m.now.Unix(), "exp": m.now.Add(m.Settings.Duration(settingIDTokenLife)).Unix(), "auth_time": g.AuthTime,
	}
	if g.Nonce != "" {
		claims["nonce"] = g.Nonce
	}
	if access != "" {
		claims["at_hash"] = jose.HalfHash(access)
	}
	released := func(s scope) []string { return s.inID }
	if access == "" {
		// "when no Access Token is issued (which is the case for the response_type value id_token), the resulting Claims are
		// returned in the ID Token": OpenID Connect Core 1.0 §5.4
		released = func(s scope) []string { return s.claims }
	}
	maps.Copy(claims, claimsFor(u, g.Scope, released))
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return key.Sign(idTokenType, payload)
}

// issueRefreshToken makes an opaque refresh token (RFC 6749 §1.5).
func (i *Issuer) issueRefreshToken(ctx context.Context, m *moment, g grant) (string, error) {
	life := m.Settings.Duration(settingRefreshLife)
	g.Nonce = "" // belongs to the sign-in, and to its first ID token only
	token := random(32)
	return token, i.put(ctx, refreshKey(token), refresh{grant: g, Expires: m.now.Add(life).UnixMilli()}, life+slack)
}

// subjectOf is the subject of an ID token that this issuer has signed, expired or not. An access token, which the same key
// may have signed, is none.
func (i *Issuer) subjectOf(ctx context.Context, token string) (sub string, ok bool, err error) {
	keys, err := i.VerificationKeys(ctx)
	if err != nil || !jose.Verify(token, keys).Verified {
		return "", false, err
	}
	head, payload, err := jose.Decode(token)
	if err != nil {
		return "", false, err
	}
	var header struct {
		Type string `json:"typ"`
	}
	var claims struct {
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
	}
	if err := errors.Join(json.Unmarshal(head, &header), json.Unmarshal(payload, &claims)); err != nil {
		return "", false, err
	}
	return claims.Subject, header.Type == idTokenType && claims.Issuer == i.URL, nil
}
