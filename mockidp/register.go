package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"oauthplayground/mockidp/check"
)

const (
	maxClients      = 100 // an issuer keeps of those that register themselves; a reset makes room
	maxRedirectURIs = 20
	maxMember       = 512 // characters of a name, an address of a page, a scope
	clientCountKey  = "clients"
)

// registration is a request to register a client, under judgement (RFC 7591 §3.1).
type registration struct {
	issuer *Issuer
	http   *http.Request
	client Client // filled by as.registration-json, with the defaults of RFC 7591 §2
}

// register is dynamic client registration (RFC 7591, OpenID Connect Registration 1.0), open to all: this is a practice
// server. Members it doesn't know are ignored, as RFC 7591 §2 says, and left out of the answer.
func (i *Issuer) register(w http.ResponseWriter, r *http.Request, m *moment) {
	ctx := r.Context()
	reg := &registration{issuer: i, http: r}
	if err := registrationChecks.Run(ctx, m.Policy, reg); err != nil {
		i.writeError(w, r, err)
		return
	}
	c := reg.client
	c.ClientID = "c-" + random(9)
	c.ClientIDIssuedAt = m.now.Unix()
	if !c.public() {
		c.ClientSecret = random(24)
		// "REQUIRED if "client_secret" is issued": RFC 7591 §3.2.1
		c.ClientSecretExpiresAt = new(int64)
	}
	if err := i.AddClient(ctx, c); err != nil {
		i.fault(w, r)
		return
	}
	noStore(w.Header())
	writeJSON(w, http.StatusCreated, c)
}

// refuseMember is a finding with the error of RFC 7591 §3.2.2. It names the member, since who reads it is a developer who
// has to mend it; what was sent is in the verdict alone.
func refuseMember(code, member, expected, actual string) check.Finding {
	f := check.Fail(expected, actual)
	f.Refuse = Error{Code: code, Description: fmt.Sprintf("%s must be %s.", member, expected)}
	return f
}

func refuseMetadata(member, expected, actual string) check.Finding {
	return refuseMember("invalid_client_metadata", member, expected, cut(actual))
}

// cut keeps what a reader needs of a long value.
func cut(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}

// registrationChecks are the rules of client registration.
var registrationChecks = check.Table[*registration]{
	{
		ID: "as.registration-json", Title: "The request is a JSON object with members of the right kind.",
		Spec: "RFC 7591 §3.1", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding { return r.read() },
	},
	{
		ID: "as.registration-redirect-uris", Title: "The redirect URIs are absolute addresses without a fragment that a browser may be sent to.",
		Spec: "RFC 7591 §2", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			uris := r.client.RedirectURIs
			if len(uris) == 0 || len(uris) > maxRedirectURIs {
				return refuseMember("invalid_redirect_uri", "redirect_uris", fmt.Sprintf("a list of 1 to %d addresses", maxRedirectURIs), fmt.Sprint(len(uris)))
			}
			for n, uri := range uris {
				if problem := redirectURIProblem(uri); problem != "" {
					return refuseMember("invalid_redirect_uri", fmt.Sprintf("redirect_uris[%d]", n), "an absolute address without a fragment, not "+problem, cut(uri))
				}
			}
			return check.Pass()
		},
	},
	{
		ID: "as.registration-authentication", Title: "The client authenticates in a way the server knows.",
		Spec: "RFC 7591 §2", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			return oneOf("token_endpoint_auth_method", authMethods, r.client.TokenEndpointAuthMethod)
		},
	},
	{
		ID: "as.registration-grant-types", Title: "The client uses grant types the server knows.",
		Spec: "RFC 7591 §2", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			return oneOf("grant_types", append(grantNames(), "implicit"), r.client.GrantTypes...)
		},
	},
	{
		// "a server supporting these fields SHOULD take steps to ensure that a client cannot register itself into an
		// inconsistent state": RFC 7591 §2.1
		ID: "as.registration-response-types", Title: "The client uses response types the server knows, with the grant types they need.",
		Spec: "RFC 7591 §2.1", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			for _, t := range r.client.ResponseTypes {
				parts := strings.Fields(t)
				slices.Sort(parts)
				if !slices.Contains(responseTypes, strings.Join(parts, " ")) {
					return refuseMetadata("response_types", "of "+strings.Join(responseTypes, ", "), t)
				}
				needs := "implicit"
				if t == "code" {
					needs = "authorization_code"
				}
				if !slices.Contains(r.client.GrantTypes, needs) {
					return refuseMetadata("grant_types", "one that has "+needs+", for response_types asks for "+t, strings.Join(r.client.GrantTypes, ", "))
				}
			}
			return check.Pass()
		},
	},
	{
		ID: "as.registration-application-type", Title: "The client runs on the web or on a device.",
		Spec: "OIDC Registration §2", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			return oneOf("application_type", []string{"web", "native"}, r.client.ApplicationType)
		},
	},
	{
		ID: "as.registration-id-token-alg", Title: "ID tokens are to be signed with an algorithm the server has.",
		Spec: "OIDC Registration §2", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			return oneOf("id_token_signed_response_alg", algorithms, r.client.idTokenAlg())
		},
	},
	{
		ID: "as.registration-max-age", Title: "The default max_age is a number of seconds.",
		Spec: "OIDC Registration §2", Required: true,
		Applies: func(r *registration) bool { return r.client.DefaultMaxAge != nil },
		Judge: func(_ context.Context, r *registration) check.Finding {
			if n := *r.client.DefaultMaxAge; n < 0 {
				return refuseMetadata("default_max_age", "a number of seconds", fmt.Sprint(n))
			}
			return check.Pass()
		},
	},
	{
		ID: "as.registration-text", Title: "What people will read of the client is short, plain text.",
		Spec: "RFC 7591 §5", Required: true,
		Judge: func(_ context.Context, r *registration) check.Finding {
			for _, m := range []struct{ name, value string }{
				{"client_name", r.client.ClientName}, {"client_uri", r.client.ClientURI}, {"scope", r.client.Scope}, {"contacts", strings.Join(r.client.Contacts, "")},
			} {
				if len(m.value) > maxMember || strings.ContainsFunc(m.value, invisible) {
					return refuseMetadata(m.name, fmt.Sprintf("plain text of at most %d characters", maxMember), m.value)
				}
			}
			return check.Pass()
		},
	},
	{
		ID: "as.registration-room", Title: "There is room for one more client.",
		Spec: "RFC 7591 §3", Required: true,
		Judge: func(ctx context.Context, r *registration) check.Finding {
			ok, err := r.issuer.countClient(ctx)
			return check.Finding{OK: ok, Err: err, Expected: fmt.Sprintf("at most %d clients", maxClients)}
		},
		Refuse: Error{Status: http.StatusTooManyRequests, Code: "invalid_client_metadata", Description: "This practice server is full of clients. Reset it, or use one of those it has."},
	},
}

// invisible are characters that could make a name look like another: control characters, and those that turn the
// direction of the text or have no width.
func invisible(c rune) bool { return unicode.Is(unicode.C, c) || c == unicode.ReplacementChar }

func oneOf(member string, known []string, values ...string) check.Finding {
	for _, v := range values {
		if !slices.Contains(known, v) {
			return refuseMetadata(member, "of "+strings.Join(known, ", "), v)
		}
	}
	return check.Pass()
}

// read decodes the body and fills in the defaults.
func (r *registration) read() check.Finding {
	kind := r.http.Header.Get("Content-Type")
	if t, _, err := mime.ParseMediaType(kind); err != nil || t != "application/json" {
		return refuseMetadata("The Content-Type", "application/json", kind)
	}
	body, err := io.ReadAll(r.http.Body)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		f := check.Fail("a short body", "a long one")
		f.Refuse = errTooLarge
		return f
	}
	c := &r.client
	if err == nil {
		err = json.Unmarshal(body, c)
	}
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) && wrong.Field != "" {
		return refuseMetadata(wrong.Field, "of another kind", wrong.Value)
	}
	if err != nil || !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		return refuseMetadata("The body", "a JSON object", "something else")
	}
	c.ClientID, c.ClientSecret, c.ClientSecretExpiresAt = "", "", nil // never the client's to choose
	c.defaults()
	return check.Pass()
}

// defaults are those of RFC 7591 §2.
func (c *Client) defaults() {
	if c.TokenEndpointAuthMethod == "" {
		c.TokenEndpointAuthMethod = "client_secret_basic"
	}
	if len(c.GrantTypes) == 0 {
		c.GrantTypes = []string{"authorization_code"}
	}
	if len(c.ResponseTypes) == 0 {
		c.ResponseTypes = []string{"code"}
	}
	if c.ApplicationType == "" {
		c.ApplicationType = "web"
	}
}

// forbiddenSchemes are those that would run or show something of the sender's choice in our name.
var forbiddenSchemes = []string{"javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "view-source"}

// redirectURIProblem says what keeps an address from being a redirect URI (RFC 6749 §3.1.2), or "".
func redirectURIProblem(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil || len(uri) > 2048 || strings.ContainsFunc(uri, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }):
		return "something that can't be read as one"
	case !u.IsAbs():
		return "a part of one"
	case strings.Contains(uri, "#"):
		return "one with a fragment"
	case slices.Contains(forbiddenSchemes, strings.ToLower(u.Scheme)):
		return "one that a browser must not be sent to"
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return "one without a host"
	case u.User != nil:
		return "one with a user name in it"
	}
	return ""
}

// countClient counts one more client if there is room.
func (i *Issuer) countClient(ctx context.Context) (bool, error) {
	for {
		var n int
		rev, err := i.get(ctx, clientCountKey, &n)
		if errors.Is(err, ErrNotFound) {
			err = i.put(ctx, clientCountKey, 1, 0)
		} else if err == nil {
			if n >= maxClients {
				return false, nil
			}
			_, err = i.Store.Update(ctx, clientCountKey, fmt.Append(nil, n+1), rev, 0)
		}
		if errors.Is(err, ErrExists) || errors.Is(err, ErrConflict) {
			continue
		}
		return err == nil, err
	}
}
