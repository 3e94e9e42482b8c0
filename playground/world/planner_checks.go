package world

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// authorizationResponse is what came back with the browser, under judgement.
type authorizationResponse struct {
	params  url.Values
	attempt *attempt // nil: this browser's session has not started a sign-in
	issuer  string   // the one Planner has sent the browser to

	// anybodys says that Planner remembers no sign-ins, since it sends no value that is of one alone: any browser may answer.
	anybodys bool
}

func (a *authorizationResponse) responseType() string {
	if a.attempt == nil {
		return "code"
	}
	return a.attempt.ResponseType
}

// responseChecks are Planner's rules for an authorization response.
var responseChecks = check.Table[*authorizationResponse]{
	{
		ID: "client.attempt", Title: "This browser has started the sign-in that is being answered.",
		Spec: "RFC 6749 §10.12", Required: true,
		Applies: func(a *authorizationResponse) bool { return !a.anybodys },
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			if a.attempt == nil {
				return check.Fail("a sign-in that this session has started", "none, or one that is answered already")
			}
			return check.Pass()
		},
		Refuse: plannerRefusal{http.StatusForbidden, "Planner did not ask for this answer, so it does not use it."},
	},
	{
		// "the client MUST implement CSRF protection for its redirection URI": RFC 6749 §10.12
		ID: "client.state", Title: "The answer carries the state that this browser’s session has stored.",
		Spec:    "RFC 6749 §10.12",
		Applies: func(a *authorizationResponse) bool { return a.attempt.State != "" },
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			return check.Compare(a.attempt.State, a.params.Get("state"))
		},
		Refuse: plannerRefusal{http.StatusForbidden, "This answer belongs to another sign-in. Nothing was connected."},
	},
	{
		// "Clients that have ensured that the authorization server supports [PKCE] MAY rely on the CSRF protection provided by
		// PKCE. In OpenID Connect flows, the nonce parameter provides CSRF protection. Otherwise, one-time use CSRF tokens carried
		// in the state parameter that are securely bound to the user agent MUST be used": RFC 9700 §2.1
		ID: "client.state-bound", Title: "Something ties the answer to this browser: a state of its own, or else a PKCE verifier or a nonce.",
		Spec:    "RFC 9700 §2.1",
		Applies: func(a *authorizationResponse) bool { return !a.attempt.ownState() },
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			const expected = "a state of this browser’s session, a verifier or a nonce"
			switch {
			case a.attempt.CodeVerifier != "":
				return check.Finding{OK: true, Expected: expected, Actual: "a verifier"}
			case a.attempt.Nonce != "" && a.responseType() == "code": // there is an ID token to come, and it will hold the nonce
				return check.Finding{OK: true, Expected: expected, Actual: "a nonce"}
			case a.attempt.State != "":
				return check.Fail(expected, "a state that is the same for everyone")
			}
			return check.Fail(expected, "none of them")
		},
		Refuse: plannerRefusal{http.StatusForbidden, "Planner can’t tell whether this browser has asked for this answer. Nothing was connected."},
	},
	{
		// "If the value does not match the expected issuer identifier, clients MUST reject the authorization response", and
		// "Clients MUST reject authorization responses without the iss parameter from authorization servers that do support the
		// parameter according to the client's configuration": RFC 9207 §2.4. Chirper says that it always sends one.
		ID: "client.issuer", Title: "The answer comes from the server that Planner has sent the browser to.",
		Spec: "RFC 9207 §2.4",
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			return check.Compare(a.issuer, a.params.Get("iss"))
		},
		Refuse: plannerRefusal{http.StatusForbidden, "This answer comes from another server. Nothing was connected."},
	},
	{
		ID: "client.error-response", Title: "The answer is not an error.",
		Spec: "RFC 6749 §4.1.2.1", Required: true,
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			if code := a.params.Get("error"); code != "" {
				f := check.Fail("no error", code)
				f.Refuse = plannerRefusal{http.StatusOK, errorInWords(code)}
				return f
			}
			return check.Pass()
		},
	},
	{
		ID: "client.response-complete", Title: "The answer carries what was asked for: a code, or in one step a token.",
		Spec: "RFC 6749 §4.1.2", Required: true,
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			name := "code"
			if a.responseType() != "code" {
				name = "access_token"
			}
			if n := len(a.params[name]); n != 1 || a.params.Get(name) == "" {
				return check.Fail("one "+name, strconv.Itoa(n))
			}
			return check.Pass()
		},
		Refuse: plannerRefusal{http.StatusBadRequest, "Chirper’s answer is not complete. Nothing was connected."},
	},
	{
		// "Clients MUST prevent authorization code injection attacks", with PKCE or, for a confidential client of OpenID Connect,
		// with a nonce: RFC 9700 §2.1.1. Where neither was sent, the code may be anybody's.
		ID: "client.code-bound", Title: "Something ties the code to the sign-in that was started here: a PKCE verifier, or else a nonce.",
		Spec:    "RFC 9700 §2.1.1",
		Applies: func(a *authorizationResponse) bool { return a.responseType() == "code" && a.attempt.CodeVerifier == "" },
		Judge: func(_ context.Context, a *authorizationResponse) check.Finding {
			if a.attempt.Nonce == "" {
				return check.Fail("a verifier or a nonce", "neither")
			}
			return check.Finding{OK: true, Expected: "a verifier or a nonce", Actual: "a nonce"}
		},
		Refuse: plannerRefusal{http.StatusForbidden, "Planner can’t tell whether this code belongs to your sign-in. Nothing was connected."},
	},
}

// errorInWords tells Maya what an error code of RFC 6749 §4.1.2.1 means for her.
func errorInWords(code string) string {
	switch code {
	case "access_denied":
		return "You did not allow Planner at Chirper. Nothing was connected."
	case "unsupported_response_type":
		return "Chirper no longer answers in the way Planner asked for (unsupported_response_type). Nothing was connected."
	}
	return "Chirper answered with an error (" + code + "). Nothing was connected."
}

// idToken is an ID token under judgement.
type idToken struct {
	raw, accessToken string
	issuer, clientID string
	attempt          *attempt
	now              time.Time
	keys             []jose.PublicKey

	decoded bool
	header  struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	claims struct {
		Issuer   string   `json:"iss"`
		Subject  string   `json:"sub"`
		Audience audience `json:"aud"`
		Party    string   `json:"azp"`
		Expires  float64  `json:"exp"`
		IssuedAt float64  `json:"iat"`
		Nonce    string   `json:"nonce"`
		AtHash   string   `json:"at_hash"`
		Name     string   `json:"name"`
	}
}

// audience is a claim that may be one string or several (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// decode reads the token's parts. Decoding proves nothing: the checks do.
func (t *idToken) decode() error {
	header, claims, err := jose.Decode(t.raw)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(header, &t.header); err != nil {
		return err
	}
	if err := json.Unmarshal(claims, &t.claims); err != nil {
		return err
	}
	t.decoded = true
	return nil
}

// idTokenChecks are the steps of OpenID Connect Core 1.0 §3.1.3.7, in its order but for the signature, which comes first:
// nothing is worth reading before it.
var idTokenChecks = check.Table[*idToken]{
	{
		ID: "client.id-token-present", Title: "The token response carries an ID token that can be read, and that names a user.",
		Spec: "OIDC Core §3.1.3.3", Required: true,
		Judge: func(_ context.Context, t *idToken) check.Finding {
			if !t.decoded {
				return check.Fail("a JWT", "something else")
			}
			if t.claims.Subject == "" { // "sub REQUIRED": OpenID Connect Core 1.0 §2
				return check.Fail("a sub", "none")
			}
			return check.Pass()
		},
		Refuse: plannerRefusal{http.StatusBadGateway, "Chirper’s answer does not say who you are. Nothing was connected."},
	},
	{
		ID: "client.id-token-signature", Title: "One of the keys that Chirper publishes has signed it, with an algorithm Planner expects.",
		Spec: "OIDC Core §3.1.3.7",
		Judge: func(_ context.Context, t *idToken) check.Finding {
			if t.header.Alg != "ES256" { // the algorithm Planner has registered; the token doesn't get to choose
				return check.Fail("ES256", t.header.Alg)
			}
			v := jose.Verify(t.raw, t.keys)
			if !v.Verified {
				return check.Fail("a signature that verifies", v.Problem)
			}
			return check.Finding{OK: true, Expected: "ES256, key " + v.Kid, Actual: "verified"}
		},
		Refuse: idTokenRefused,
	},
	{
		ID: "client.id-token-issuer", Title: "Its iss is the issuer that Planner has asked, to the letter.",
		Spec: "OIDC Core §3.1.3.7",
		Judge: func(_ context.Context, t *idToken) check.Finding {
			return check.Compare(t.issuer, t.claims.Issuer)
		},
		Refuse: idTokenRefused,
	},
	{
		// "The ID Token MUST be rejected if the ID Token does not list the Client as a valid audience, or if it contains
		// additional audiences not trusted by the Client": step 3. Planner trusts no other.
		ID: "client.id-token-audience", Title: "Its aud names Planner and nobody else: the token was made for this client.",
		Spec: "OIDC Core §3.1.3.7",
		Judge: func(_ context.Context, t *idToken) check.Finding {
			others := slices.ContainsFunc(t.claims.Audience, func(a string) bool { return a != t.clientID })
			return check.Finding{OK: len(t.claims.Audience) > 0 && !others, Expected: t.clientID, Actual: strings.Join(t.claims.Audience, " ")}
		},
		Refuse: idTokenRefused,
	},
	{
		// "This validation MAY include that when an azp (authorized party) Claim is present, the Client SHOULD verify that its
		// client_id is the Claim Value": step 5, since errata set 2. Planner does.
		ID: "client.id-token-party", Title: "Its azp, if it has one, is Planner.",
		Spec:    "OIDC Core §3.1.3.7",
		Applies: func(t *idToken) bool { return t.claims.Party != "" },
		Judge: func(_ context.Context, t *idToken) check.Finding {
			return check.Compare(t.clientID, t.claims.Party)
		},
		Refuse: idTokenRefused,
	},
	{
		ID: "client.id-token-expiry", Title: "The present time is before its exp.",
		Spec: "OIDC Core §3.1.3.7",
		Judge: func(_ context.Context, t *idToken) check.Finding {
			return check.Finding{OK: float64(t.now.Unix()) < t.claims.Expires, Expected: "an exp after " + clock(t.now), Actual: clock(time.Unix(int64(t.claims.Expires), 0))}
		},
		Refuse: idTokenRefused,
	},
	{
		ID: "client.nonce", Title: "Its nonce is the one that this browser’s session has stored.",
		Spec:    "OIDC Core §3.1.3.7",
		Applies: func(t *idToken) bool { return t.attempt != nil && t.attempt.Nonce != "" },
		Judge: func(_ context.Context, t *idToken) check.Finding {
			return check.Compare(t.attempt.Nonce, t.claims.Nonce)
		},
		Refuse: idTokenRefused,
	},
	{
		ID: "client.at-hash", Title: "Its at_hash fits the access token that came with it.",
		Spec:    "OIDC Core §3.1.3.8",
		Applies: func(t *idToken) bool { return t.claims.AtHash != "" },
		Judge: func(_ context.Context, t *idToken) check.Finding {
			return check.Compare(atHash(t.accessToken), t.claims.AtHash)
		},
		Refuse: idTokenRefused,
	},
}

var idTokenRefused = plannerRefusal{http.StatusBadGateway, "Planner does not believe the ID token it got, so nothing was connected."}

// atHash is the left half of the token's SHA-256, for algorithms that end in 256 (OpenID Connect Core 1.0 §3.1.3.6).
func atHash(accessToken string) string {
	h := sha256.Sum256([]byte(accessToken))
	return base64.RawURLEncoding.EncodeToString(h[:len(h)/2])
}

// s256 is the challenge of a verifier (RFC 7636 §4.2).
func s256(verifier string) string {
	h := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// plannerKeys is Chirper's key set as Planner knows it: fetched once and kept, and fetched again for a key id it doesn't
// have (OpenID Connect Core 1.0 §10.1.1).
func (s *Sandbox) plannerKeys(ctx context.Context, kid string) ([]jose.PublicKey, error) {
	if raw, _, err := s.store.Get(ctx, plannerJWKSKey); err == nil {
		keys, err := jose.ParseKeySet(raw)
		if err == nil && slices.ContainsFunc(keys, func(k jose.PublicKey) bool { return k.Kid == kid }) {
			return keys, nil
		}
	}
	req, err := http.NewRequest(http.MethodGet, s.issuer.URL+"/jwks", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, body, _, err := s.call(ctx, Client, req)
	if err != nil || res.StatusCode != http.StatusOK {
		return nil, plannerRefusal{http.StatusBadGateway, "Planner could not fetch Chirper’s keys. Nothing was connected."}
	}
	keys, err := jose.ParseKeySet(body)
	if err != nil {
		return nil, plannerRefusal{http.StatusBadGateway, "Planner could not read Chirper’s keys. Nothing was connected."}
	}
	if err := s.write(ctx, plannerJWKSKey, json.RawMessage(body), 0); err != nil {
		return nil, fmt.Errorf("keeping the key set: %w", err)
	}
	return keys, nil
}
