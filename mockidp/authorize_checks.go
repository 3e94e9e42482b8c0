package mockidp

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"oauthplayground/mockidp/check"
)

// responseTypes are those the server knows; all but code are retired (RFC 9700 §2.1.2).
var responseTypes = []string{"code", "token", "id_token", "id_token token"}

// promptValues are those of OpenID Connect Core 1.0 §3.1.2.1.
var promptValues = []string{"none", "login", "consent", "select_account"}

// The checks that the metadata must know of: it advertises what they let through.
const (
	retiredID  = "as.response-type-retired"
	pkceS256ID = "as.pkce-s256"
)

// redirectExactID is the check that another stands in for while it lets through what it fails.
const redirectExactID = "as.redirect-uri-exact"

var redirectURIRefused = pageError{Code: "invalid_request", Description: "This sign-in would have sent you to an address that the app has not registered."}

// letThrough tells whether the policy lets through what a check refuses by itself.
func letThrough(m *moment, id string) bool {
	mode := m.Policy[id]
	return mode == check.Observe || mode == check.Off
}

func invalidRequest(description string) Error {
	return Error{Code: "invalid_request", Description: description}
}

// authorizeChecks are the rules of the authorization endpoint. Who asks and where the answer goes come first: until both
// are right, nothing may redirect.
var authorizeChecks = check.Table[*authorization]{
	{
		ID: "as.client-known", Title: "The request names one client, and it is registered.",
		Spec: "RFC 6749 §4.1.2.1", Required: true,
		Judge: func(ctx context.Context, a *authorization) check.Finding {
			if n := len(a.params["client_id"]); n != 1 {
				return check.Fail("one client_id", strconv.Itoa(n))
			}
			c, err := a.issuer.client(ctx, a.get("client_id"))
			if errors.Is(err, ErrNotFound) {
				return check.Fail("a registered client", a.get("client_id"))
			}
			a.client = c
			return check.Finding{OK: err == nil, Err: err}
		},
		Refuse: pageError{Code: "invalid_request", Description: "The app that sent you here is not known to us."},
	},
	{
		ID: "as.redirect-uri-present", Title: "The request names one redirect URI, or the client has registered only one.",
		Spec: "RFC 6749 §3.1.2.3", Required: true,
		Judge: func(_ context.Context, a *authorization) check.Finding {
			switch uris := a.params["redirect_uri"]; {
			case len(uris) == 1 && uris[0] != "":
				a.redirectURI = uris[0]
			// OpenID Connect requires the parameter; plain OAuth lets it be left out when there is no choice.
			case len(uris) == 0 && len(a.client.RedirectURIs) == 1 && !slices.Contains(a.scope(), "openid"):
				a.redirectURI = a.client.RedirectURIs[0]
			default:
				return check.Fail("one redirect_uri", strconv.Itoa(len(uris)))
			}
			return check.Pass()
		},
		Refuse: pageError{Code: "invalid_request", Description: "This sign-in does not say where to send you back."},
	},
	{
		// "authorization servers MUST utilize exact string matching except for port numbers in localhost redirection URIs
		// of native apps": RFC 9700 §2.1
		ID: redirectExactID, Title: "The redirect URI is one the client has registered, character by character.",
		Spec: "RFC 9700 §2.1",
		Judge: func(_ context.Context, a *authorization) check.Finding {
			return check.Finding{OK: a.client.redirects(a.redirectURI), Expected: strings.Join(a.client.RedirectURIs, " "), Actual: a.redirectURI}
		},
		Refuse: redirectURIRefused,
	},
	{
		// "Several successful attacks exploiting flaws in the pattern-matching implementation or concrete configurations have been
		// observed in the wild": RFC 9700 §4.1. What such a server compares is shown here, in place of the rule above.
		ID: "as.redirect-uri-loose", Title: "Where the exact comparison lets others through: the looser one accepts the redirect URI.",
		Spec: "RFC 9700 §4.1", Required: true,
		Applies: func(a *authorization) bool {
			return letThrough(a.m, redirectExactID) && a.m.Settings.Get(settingMatcher) != "none"
		},
		Judge: func(_ context.Context, a *authorization) check.Finding {
			matcher := a.m.Settings.Get(settingMatcher)
			return check.Finding{OK: a.client.redirectsLoosely(a.redirectURI, matcher), Expected: matcher + ": " + strings.Join(a.client.RedirectURIs, " "), Actual: a.redirectURI}
		},
		Refuse: redirectURIRefused,
	},
	{
		ID: "as.redirect-uri-safe", Title: "The redirect URI is an absolute address without a fragment that a browser may be sent to.",
		Spec: "RFC 6749 §3.1.2", Required: true,
		Judge: func(_ context.Context, a *authorization) check.Finding {
			if problem := redirectURIProblem(a.redirectURI); problem != "" {
				return check.Fail("an absolute address without a fragment", problem)
			}
			a.trusted = true
			return check.Pass()
		},
		Refuse: pageError{Code: "invalid_request", Description: "This sign-in would have sent you to an address that can't be used."},
	},
	{
		// "Request and response parameters MUST NOT be included more than once": RFC 6749 §3.1
		ID: "as.parameters-once", Title: "No parameter is sent more than once.",
		Spec:   "RFC 6749 §3.1",
		Judge:  func(_ context.Context, a *authorization) check.Finding { return once(a.params) },
		Refuse: invalidRequest("A parameter is repeated."),
	},
	{
		// "The authorization server and client MUST sanitize (and validate when possible) any value received": RFC 6749 §10.14
		ID: "as.parameters-clean", Title: "The parameters are text of a sane length.",
		Spec: "RFC 6749 §10.14", Required: true,
		Judge:  func(_ context.Context, a *authorization) check.Finding { return clean(a.params) },
		Refuse: invalidRequest("A parameter can't be used as it is."),
	},
	{
		ID: "as.request-object-unsupported", Title: "The parameters are sent as such, not as a request object.",
		Spec: "OIDC Core §3.1.2.6", Required: true,
		Judge: func(_ context.Context, a *authorization) check.Finding {
			switch {
			case a.params.Has("request"):
				f := check.Fail("plain parameters", "request")
				f.Refuse = Error{Code: "request_not_supported", Description: "Request objects are not supported."}
				return f
			case a.params.Has("request_uri"):
				f := check.Fail("plain parameters", "request_uri")
				f.Refuse = Error{Code: "request_uri_not_supported", Description: "Request objects by reference are not supported."}
				return f
			case a.params.Has("registration"):
				f := check.Fail("plain parameters", "registration")
				f.Refuse = Error{Code: "registration_not_supported", Description: "The registration parameter is not supported."}
				return f
			}
			return check.Pass()
		},
	},
	{
		ID: "as.response-type-present", Title: "The request says what it wants back.",
		Spec: "RFC 6749 §3.1.1", Required: true,
		Judge:  func(_ context.Context, a *authorization) check.Finding { return has(a.params, "response_type") },
		Refuse: invalidRequest("The response_type is missing."),
	},
	{
		ID: "as.response-type-known", Title: "The server knows the response type.",
		Spec: "RFC 6749 §4.1.2.1", Required: true,
		Judge: func(_ context.Context, a *authorization) check.Finding {
			return check.Finding{OK: slices.Contains(responseTypes, a.responseType()), Expected: strings.Join(responseTypes, ", "), Actual: a.get("response_type")}
		},
		Refuse: Error{Code: "unsupported_response_type", Description: "This response_type is not supported."},
	},
	{
		// "clients SHOULD NOT use the implicit grant (response type token) or other response types issuing access tokens in
		// the authorization response": RFC 9700 §2.1.2
		ID: retiredID, Title: "Tokens are not issued through the browser: those response types are retired.",
		Spec:    "RFC 9700 §2.1.2",
		Applies: func(a *authorization) bool { return a.responseType() != "code" },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			return check.Fail("code", a.get("response_type"))
		},
		Refuse: Error{Code: "unsupported_response_type", Description: "This response_type is no longer supported."},
	},
	{
		ID: "as.response-type-registered", Title: "The client has registered that it uses this response type.",
		Spec: "RFC 7591 §2",
		Judge: func(_ context.Context, a *authorization) check.Finding {
			ok := slices.ContainsFunc(a.client.ResponseTypes, func(t string) bool {
				parts := strings.Fields(t)
				slices.Sort(parts)
				return strings.Join(parts, " ") == a.responseType()
			})
			return check.Finding{OK: ok, Expected: strings.Join(a.client.ResponseTypes, ", "), Actual: a.get("response_type")}
		},
		Refuse: Error{Code: "unauthorized_client", Description: "The client is not registered for this response_type."},
	},
	{
		ID: "as.response-mode", Title: "The way the answer is to be sent is known, and never puts a token in a query.",
		Spec:    "OAuth Multiple Response Types §2.1",
		Applies: func(a *authorization) bool { return a.params.Has("response_mode") },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			mode := a.get("response_mode")
			if mode == "query" && a.responseType() != "code" {
				return check.Fail("fragment", mode)
			}
			return check.Finding{OK: mode == "query" || mode == "fragment", Expected: "query or fragment", Actual: mode}
		},
		Refuse: invalidRequest("This response_mode can't be used here."),
	},
	{
		ID: "as.scope-form", Title: "The scope is a list of plain words.",
		Spec: "RFC 6749 §3.3",
		Judge: func(_ context.Context, a *authorization) check.Finding {
			for _, c := range []byte(a.get("scope")) {
				if c < ' ' || c > '~' || c == '"' || c == '\\' {
					return check.Fail("printable words", "another character")
				}
			}
			return check.Pass()
		},
		Refuse: Error{Code: "invalid_scope", Description: "The scope is malformed."},
	},
	{
		ID: "as.scope-registered", Title: "The client has registered the scopes it asks for.",
		Spec:    "RFC 7591 §2",
		Applies: func(a *authorization) bool { return a.client.Scope != "" },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			registered := strings.Fields(a.client.Scope)
			for _, s := range known(a.scope()) {
				if !slices.Contains(registered, s) {
					return check.Fail(a.client.Scope, s)
				}
			}
			return check.Pass()
		},
		Refuse: Error{Code: "invalid_scope", Description: "The scope goes beyond what the client may ask for."},
	},
	{
		ID: "as.prompt-valid", Title: "The prompt is known, and none stands alone.",
		Spec:    "OIDC Core §3.1.2.1",
		Applies: func(a *authorization) bool { return len(a.prompts()) > 0 },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			for _, p := range a.prompts() {
				if !slices.Contains(promptValues, p) || p == "none" && len(a.prompts()) > 1 {
					return check.Fail("none, or some of login, consent, select_account", a.get("prompt"))
				}
			}
			return check.Pass()
		},
		Refuse: invalidRequest("The prompt can't be used."),
	},
	{
		ID: "as.max-age-valid", Title: "The max_age is a number of seconds.",
		Spec:    "OIDC Core §3.1.2.1",
		Applies: func(a *authorization) bool { return a.params.Has("max_age") },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			n, err := strconv.Atoi(a.get("max_age"))
			return check.Finding{OK: err == nil && n >= 0, Expected: "seconds", Actual: a.get("max_age")}
		},
		Refuse: invalidRequest("The max_age is not a number of seconds."),
	},
	{
		// "nonce: REQUIRED" where an ID token comes with the browser: OpenID Connect Core 1.0 §3.2.2.1
		ID: "as.nonce-required", Title: "An ID token that travels through the browser is tied to a nonce.",
		Spec:    "OIDC Core §3.2.2.1",
		Applies: func(a *authorization) bool { return strings.Contains(a.responseType(), "id_token") },
		Judge:   func(_ context.Context, a *authorization) check.Finding { return has(a.params, "nonce") },
		Refuse:  invalidRequest("The nonce is missing."),
	},
	{
		// "Public clients MUST use PKCE": RFC 9700 §2.1.1
		ID: "as.pkce-required", Title: "A client that can't keep a secret uses PKCE.",
		Spec:    "RFC 9700 §2.1.1",
		Applies: func(a *authorization) bool { return a.client.public() && a.responseType() == "code" },
		Judge:   func(_ context.Context, a *authorization) check.Finding { return has(a.params, "code_challenge") },
		Refuse:  invalidRequest("A code_challenge is required."),
	},
	{
		ID: "as.pkce-method", Title: "The code challenge method is one the server knows, and comes with a challenge.",
		Spec:    "RFC 7636 §4.4.1",
		Applies: func(a *authorization) bool { return a.params.Has("code_challenge_method") },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			if a.get("code_challenge") == "" {
				return check.Fail("a code_challenge", "none")
			}
			return check.Finding{OK: a.method() == "S256" || a.method() == "plain", Expected: "S256 or plain", Actual: a.method()}
		},
		Refuse: invalidRequest("The code_challenge_method is not supported."),
	},
	{
		// "Because of this, "plain" SHOULD NOT be used": RFC 7636 §7.2. Apps under test may still use it: they are told, and served.
		ID: pkceS256ID, Title: "The challenge is a hash, so that who reads the request does not read the verifier.",
		Spec:    "RFC 7636 §7.2",
		Default: check.Observe,
		Applies: func(a *authorization) bool { return a.get("code_challenge") != "" && a.method() == "plain" },
		Judge:   func(_ context.Context, a *authorization) check.Finding { return check.Fail("S256", a.method()) },
		Refuse:  invalidRequest("The code_challenge_method must be S256."),
	},
	{
		ID: "as.pkce-challenge-form", Title: "The code challenge has 43 to 128 plain characters.",
		Spec:    "RFC 7636 §4.2",
		Applies: func(a *authorization) bool { return a.get("code_challenge") != "" },
		Judge: func(_ context.Context, a *authorization) check.Finding {
			return check.Finding{OK: pkceForm(a.get("code_challenge")), Expected: "43 to 128 characters of A-Z a-z 0-9 - . _ ~", Actual: a.get("code_challenge")}
		},
		Refuse: invalidRequest("The code_challenge is malformed."),
	},
}

// pkceForm tells whether s has the form of a verifier or a challenge (RFC 7636 §4.1, §4.2).
func pkceForm(s string) bool {
	if len(s) < 43 || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
		default:
			return false
		}
	}
	return true
}

// withValue leaves out what has none: "Parameters sent without a value MUST be treated as if they were omitted from the
// request" (RFC 6749 §3.1, §3.2).
func withValue(params url.Values) url.Values {
	out := url.Values{}
	for name, values := range params {
		for _, v := range values {
			if v != "" {
				out.Add(name, v)
			}
		}
	}
	return out
}

// has passes when there is such a parameter.
func has(params url.Values, name string) check.Finding {
	if params.Get(name) == "" {
		return check.Fail("a "+name, "none")
	}
	return check.Pass()
}

// once passes when no parameter is repeated but resource, which may be (RFC 8707 §2).
func once(params url.Values) check.Finding {
	for name, values := range params {
		if len(values) > 1 && name != "resource" {
			return check.Fail("each once", strconv.Itoa(len(values))+" × "+strings.ToValidUTF8(name, "?"))
		}
	}
	return check.Pass()
}

// maxValue bounds one parameter; the longest that is met in practice are tokens.
const maxValue = 8 << 10

// clean passes when every value is text, not too long, and without control characters other than those of white space.
func clean(params url.Values) check.Finding {
	for name, values := range params {
		for _, v := range values {
			if len(v) > maxValue {
				return check.Fail("at most "+strconv.Itoa(maxValue)+" characters", strings.ToValidUTF8(name, "?")+" with "+strconv.Itoa(len(v)))
			}
			if strings.ToValidUTF8(v, "") != v || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' }) {
				return check.Fail("text", "control characters in "+strings.ToValidUTF8(name, "?"))
			}
		}
	}
	return check.Pass()
}
