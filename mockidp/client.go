package mockidp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Client is a registered client, with the member names of RFC 7591 §2 and OpenID Connect Registration 1.0 §2.
type Client struct {
	ClientID                string   `json:"client_id"`
	ClientSecret            string   `json:"client_secret,omitempty"` // empty for public clients
	ClientIDIssuedAt        int64    `json:"client_id_issued_at,omitempty"`
	ClientSecretExpiresAt   *int64   `json:"client_secret_expires_at,omitempty"` // 0 is never; required beside a secret
	RedirectURIs            []string `json:"redirect_uris"`
	ClientName              string   `json:"client_name,omitempty"`
	ClientURI               string   `json:"client_uri,omitempty"`
	ApplicationType         string   `json:"application_type,omitempty"` // web or native
	TokenEndpointAuthMethod string   `json:"token_endpoint_auth_method"`
	GrantTypes              []string `json:"grant_types"`
	ResponseTypes           []string `json:"response_types"`
	Scope                   string   `json:"scope,omitempty"` // empty: any the server knows
	Contacts                []string `json:"contacts,omitempty"`
	// IDTokenSignedResponseAlg is how its ID tokens are signed; empty is RS256, OpenID Connect's default.
	IDTokenSignedResponseAlg string `json:"id_token_signed_response_alg,omitempty"`
	// DefaultMaxAge and RequireAuthTime are of OpenID Connect Registration 1.0 §2.
	DefaultMaxAge   *int `json:"default_max_age,omitempty"`
	RequireAuthTime bool `json:"require_auth_time,omitempty"`
}

// authMethods are how clients authenticate at the token endpoint.
var authMethods = []string{"client_secret_basic", "client_secret_post", "none"}

func (c *Client) public() bool { return c.TokenEndpointAuthMethod == "none" }

func (c *Client) displayName() string {
	if c.ClientName == "" {
		return c.ClientID
	}
	return c.ClientName
}

func (c *Client) idTokenAlg() string {
	if c.IDTokenSignedResponseAlg == "" {
		return algorithms[0]
	}
	return c.IDTokenSignedResponseAlg
}

// redirects tells whether a redirect URI is registered, by exact string comparison (RFC 9700 §2.1). Native apps may vary
// the port of a loopback address, and only that.
func (c *Client) redirects(uri string) bool {
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	if c.ApplicationType != "native" {
		return false
	}
	bare, ok := withoutLoopbackPort(uri)
	return ok && slices.ContainsFunc(c.RedirectURIs, func(registered string) bool {
		r, ok := withoutLoopbackPort(registered)
		return ok && r == bare
	})
}

// redirectsLoosely is what servers do that take a registered address for a pattern (RFC 9700 §4.1): the prefix matcher wants
// the address to begin like a registered one, the domain matcher wants its host, or one below it.
func (c *Client) redirectsLoosely(uri, matcher string) bool {
	u, err := url.Parse(uri)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(c.RedirectURIs, func(registered string) bool {
		if matcher == "prefix" {
			return strings.HasPrefix(uri, registered)
		}
		r, err := url.Parse(registered)
		host := strings.ToLower(u.Hostname())
		return err == nil && r.Hostname() != "" && (host == r.Hostname() || strings.HasSuffix(host, "."+r.Hostname()))
	})
}

// withoutLoopbackPort is an address on this very device without its port. RFC 8252 §7.3 has the IP addresses in mind, and
// its §8.3 advises against localhost; RFC 9700 §4.1.3 allows "native apps using a localhost URI" the same.
func withoutLoopbackPort(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.User != nil {
		return "", false
	}
	if addr, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !addr.IsLoopback()) {
		return "", false
	}
	return strings.Replace(uri, u.Host, strings.TrimSuffix(u.Host, ":"+u.Port()), 1), true
}

func clientKey(id string) string { return "client/" + keySafe(id) }

// noKey is what keySafe makes of what can't be a key: no record has it.
const noKey = "-invalid-"

// keySafe makes a key of what a stranger has sent, or noKey.
func keySafe(s string) string {
	if len(s) == 0 || len(s) > 256 {
		return noKey
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return noKey
		}
	}
	return s
}

// AddClient stores a client. Its id must be new (ErrExists), and up to 256 characters of ASCII without spaces. What it leaves
// empty gets the defaults of RFC 7591 §2, but a client without a secret authenticates with none.
func (i *Issuer) AddClient(ctx context.Context, c Client) error {
	if keySafe(c.ClientID) == noKey {
		return fmt.Errorf("mockidp: %q can't be a client_id: it takes up to 256 characters of ASCII without spaces", cut(c.ClientID))
	}
	if i.Seed.client(c.ClientID) != nil {
		return ErrExists
	}
	return i.put(ctx, clientKey(c.ClientID), c.registered(), 0)
}

// registered is a client with what it leaves empty.
func (c Client) registered() Client {
	if c.TokenEndpointAuthMethod == "" && c.ClientSecret == "" {
		c.TokenEndpointAuthMethod = "none"
	}
	c.defaults()
	if c.ClientSecret != "" && c.ClientSecretExpiresAt == nil {
		c.ClientSecretExpiresAt = new(int64)
	}
	return c
}

type cachedClient struct {
	rev    Rev
	client *Client
}

// maxCachedClients bounds the decoded copies; a server with more clients decodes some again.
const maxCachedClients = 64

// client finds a client; the copy is shared and must not be changed.
func (i *Issuer) client(ctx context.Context, id string) (*Client, error) {
	if c := i.Seed.client(id); c != nil {
		return c, nil
	}
	raw, rev, err := i.Store.Get(ctx, clientKey(id))
	if err != nil {
		return nil, err
	}
	if c, ok := i.clients.Load(id); ok && c.(*cachedClient).rev == rev {
		return c.(*cachedClient).client, nil
	}
	c := new(Client)
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, err
	}
	n := 0
	i.clients.Range(func(any, any) bool { n++; return n < maxCachedClients })
	if n < maxCachedClients {
		i.clients.Store(id, &cachedClient{rev: rev, client: c})
	}
	return c, nil
}

// Client finds a client by its id; one that isn't there is ErrNotFound.
func (i *Issuer) Client(ctx context.Context, id string) (Client, error) {
	if c := i.Seed.client(id); c != nil {
		return *c, nil
	}
	var c Client
	_, err := i.get(ctx, clientKey(id), &c)
	return c, err
}
