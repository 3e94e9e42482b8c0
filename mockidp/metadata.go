package mockidp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"oauthplayground/mockidp/check"
)

// metadata serves OpenID Connect Discovery 1.0 §4 and RFC 8414 §3: one document, at both paths. It advertises exactly
// what is on.
func (i *Issuer) metadata(w http.ResponseWriter, r *http.Request, m *moment) {
	types, grants, methods := []string{"code"}, grantNames(), []string{"S256"}
	if authorizeChecks.Mode(m.Policy, pkceS256ID) != check.Enforce {
		methods = append(methods, "plain")
	}
	if letThrough(m, retiredID) {
		types, grants = responseTypes, append(grants, "implicit")
	}
	cacheable(w, r, "application/json", map[string]any{
		"issuer":                                         i.URL,
		"authorization_endpoint":                         i.URL + "/authorize",
		"token_endpoint":                                 i.URL + "/token",
		"userinfo_endpoint":                              i.URL + "/userinfo",
		"jwks_uri":                                       i.URL + "/jwks",
		"registration_endpoint":                          i.URL + "/register",
		"response_types_supported":                       types,
		"response_modes_supported":                       []string{"query", "fragment"},
		"grant_types_supported":                          grants,
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          algorithms,
		"scopes_supported":                               scopeNames(),
		"claims_supported":                               claimNames(),
		"code_challenge_methods_supported":               methods,
		"prompt_values_supported":                        promptValues,
		"token_endpoint_auth_methods_supported":          authMethods,
		"authorization_response_iss_parameter_supported": true,
		"claims_parameter_supported":                     false,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
		"service_documentation":                          i.URL + "/about",
	})
}

// matches tells whether a client has the representation with this tag: of a list, with the weak comparison (RFC 9110 §13.1.2).
func matches(list, tag string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// cacheable writes a document that clients may keep for a short time and ask for again by its ETag.
func cacheable(w http.ResponseWriter, r *http.Request, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=60")
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	w.Write(body)
}
