package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxClients      = 100 // an issuer keeps; a reset makes room
	maxRedirectURIs = 20
	clientCountKey  = "clients"
)

// register is dynamic client registration (RFC 7591, OpenID Connect Registration 1.0), open to all: this is a practice
// server. Members it doesn't know are ignored, as §2 says.
func (i *Issuer) register(w http.ResponseWriter, r *http.Request, m *moment) {
	c, err := readClient(r)
	if err == nil {
		err = i.countClient(r.Context())
	}
	if err == nil {
		c.ClientID = "c-" + random(9)
		c.ClientIDIssuedAt = m.now.Unix()
		if !c.public() {
			c.ClientSecret = random(24)
		}
		err = i.AddClient(r.Context(), c)
	}
	if err != nil {
		i.writeError(w, r, err)
		return
	}
	if !c.public() {
		c.ClientSecretExpiresAt = new(int64)
	}
	noStore(w.Header())
	writeJSON(w, http.StatusCreated, c)
}

func metadataError(format string, a ...any) error {
	return Error{Code: "invalid_client_metadata", Description: fmt.Sprintf(format, a...)}
}

func redirectError(format string, a ...any) error {
	return Error{Code: "invalid_redirect_uri", Description: fmt.Sprintf(format, a...)}
}

// readClient reads and checks the metadata of a new client and fills in the defaults of RFC 7591 §2. Errors are those of
// §3.2.2 and name the member, since who reads them is a developer who has to mend it.
func readClient(r *http.Request) (Client, error) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return Client{}, metadataError("The body must be application/json.")
	}
	var c Client
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		var large *http.MaxBytesError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &large):
			return Client{}, errTooLarge
		case errors.As(err, &kind) && kind.Field != "":
			return Client{}, metadataError("%s can't be a %s.", kind.Field, kind.Value)
		}
		return Client{}, metadataError("The body must be a JSON object.")
	}
	c.ClientID, c.ClientSecret, c.ClientSecretExpiresAt = "", "", nil // never the client's to choose
	c.defaults()
	return c, c.check()
}

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

func (c *Client) check() error {
	if len(c.RedirectURIs) == 0 {
		return redirectError("redirect_uris is missing: name at least one.")
	}
	if len(c.RedirectURIs) > maxRedirectURIs {
		return redirectError("redirect_uris has %d entries; at most %d are kept.", len(c.RedirectURIs), maxRedirectURIs)
	}
	for n, uri := range c.RedirectURIs {
		if problem := redirectURIProblem(uri); problem != "" {
			return redirectError("redirect_uris[%d] is %s.", n, problem)
		}
	}
	for _, rule := range []struct {
		member string
		values []string
		known  []string
	}{
		{"token_endpoint_auth_method", []string{c.TokenEndpointAuthMethod}, authMethods},
		{"grant_types", c.GrantTypes, []string{"authorization_code", "refresh_token", "implicit"}},
		{"application_type", []string{c.ApplicationType}, []string{"web", "native"}},
		{"id_token_signed_response_alg", []string{c.idTokenAlg()}, algorithms},
	} {
		for _, v := range rule.values {
			if !slices.Contains(rule.known, v) {
				return metadataError("%s can't be %q: it is one of %s.", rule.member, v, strings.Join(rule.known, ", "))
			}
		}
	}
	for _, t := range c.ResponseTypes {
		parts := strings.Fields(t)
		slices.Sort(parts)
		if !slices.Contains(responseTypes, strings.Join(parts, " ")) {
			return metadataError("response_types can't have %q.", t)
		}
		// "the client SHOULD […] ensure that a client cannot register itself into an inconsistent state": RFC 7591 §2.1
		needs := "implicit"
		if t == "code" {
			needs = "authorization_code"
		}
		if !slices.Contains(c.GrantTypes, needs) {
			return metadataError("response_types has %q, which needs the grant type %s.", t, needs)
		}
	}
	for member, v := range map[string]string{"client_name": c.ClientName, "client_uri": c.ClientURI, "scope": c.Scope} {
		if len(v) > 512 {
			return metadataError("%s is longer than 512 characters.", member)
		}
	}
	return nil
}

// forbiddenSchemes are those that would run or show something of the sender's choice in our name.
var forbiddenSchemes = []string{"javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "view-source"}

// redirectURIProblem says what keeps an address from being a redirect URI (RFC 6749 §3.1.2), or "".
func redirectURIProblem(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil || len(uri) > 2048 || strings.ContainsFunc(uri, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }):
		return "not an address"
	case !u.IsAbs():
		return "not absolute"
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

var errClientsFull = Error{Status: http.StatusTooManyRequests, Code: "invalid_client_metadata", Description: "This practice server keeps 100 clients. Reset it, or use one of those."}

// countClient counts one more client, or refuses.
func (i *Issuer) countClient(ctx context.Context) error {
	for {
		var n int
		rev, err := i.get(ctx, clientCountKey, &n)
		if errors.Is(err, ErrNotFound) {
			err = i.put(ctx, clientCountKey, 1, 0)
		} else if err == nil {
			if n >= maxClients {
				return errClientsFull
			}
			raw, _ := json.Marshal(n + 1)
			_, err = i.Store.Update(ctx, clientCountKey, raw, rev, 0)
		}
		if errors.Is(err, ErrExists) || errors.Is(err, ErrConflict) {
			continue
		}
		return err
	}
}
