package mockidp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// Issuer is one authorization server. It is an http.Handler and safe for concurrent use; its fields are not changed after
// its first use. Everything it must remember is in Store.
type Issuer struct {
	// URL is the issuer identifier (RFC 8414 §2), without a trailing slash: https://auth.chirper.test. Links, forms,
	// cookies and metadata are built from it and never from a request's Host.
	URL   string
	Store Store
	// Keys is where an RSA key comes from when the first client needs one; nil makes one on the spot.
	Keys *jose.Pool
	// KeysAsNeeded publishes no RSA key before something is signed with it: to make one takes a core 50 ms, which counts where an
	// issuer is made for each of many. A relying party fetches the key set again for a key it doesn't know (OpenID Connect Core
	// 1.0 §10.1.1).
	KeysAsNeeded bool
	// Clock is real time; nil is time.Now.
	Clock func() time.Time
	// Conditions are asked once a request; nil is everything at its default.
	Conditions func(context.Context) (Conditions, error)
	// Leave tells whether a browser may be redirected there without being asked; nil is always. For any other address, a
	// page shows the whole of it and asks (RFC 9700 §4.11.2), for error responses too.
	Leave func(redirectURI string) bool
	// Name is what the pages call the service; empty is "Practice server".
	Name string
	// API is the audience of access tokens; empty is URL.
	API string
	// Seed is what the issuer knows before anything is in Store; nil is nothing. Many issuers may share one.
	Seed *Seed

	base    atomic.Pointer[url.URL]
	keys    atomic.Pointer[keyRing]
	keysMu  sync.Mutex // one key is made at a time
	users   atomic.Pointer[cachedUsers]
	clients sync.Map // client_id → *cachedClient: a decoded copy by revision
}

// Conditions are what may change between two requests.
type Conditions struct {
	Policy   check.Policy
	Settings check.Settings
	Advance  time.Duration // what the clock has been wound forward
	// Credentials are those of clients that have changed theirs since they were registered, by client_id.
	Credentials map[string]Credentials
}

// Credentials are how a client proves at the token endpoint who it is.
type Credentials struct {
	Method string // client_secret_basic or client_secret_post
	Secret string
}

// credentialed is a client with the credentials it has now.
func (c *Conditions) credentialed(client *Client) *Client {
	now, changed := c.Credentials[client.ClientID]
	if !changed {
		return client
	}
	copied := *client
	copied.TokenEndpointAuthMethod, copied.ClientSecret = now.Method, now.Secret
	return &copied
}

// routes are the endpoints of an issuer on one screen.
var routes = map[string]map[string]func(*Issuer, http.ResponseWriter, *http.Request, *moment){
	"/.well-known/openid-configuration":       {http.MethodGet: (*Issuer).metadata},
	"/.well-known/oauth-authorization-server": {http.MethodGet: (*Issuer).metadata},
	"/jwks":      {http.MethodGet: (*Issuer).jwks},
	"/authorize": {http.MethodGet: (*Issuer).authorize, http.MethodPost: (*Issuer).authorize},
	"/login":     {http.MethodGet: (*Issuer).loginPage, http.MethodPost: (*Issuer).login},
	"/consent":   {http.MethodGet: (*Issuer).consentPage, http.MethodPost: (*Issuer).consent},
	"/account":   {http.MethodGet: (*Issuer).account, http.MethodPost: (*Issuer).removeApp},
	"/token":     {http.MethodPost: (*Issuer).token},
	"/userinfo":  {http.MethodGet: (*Issuer).userinfo, http.MethodPost: (*Issuer).userinfo},
	"/register":  {http.MethodPost: (*Issuer).register},
	"/about":     {http.MethodGet: (*Issuer).about},
}

// crossOrigin are the endpoints that a browser app may call from its own origin.
var crossOrigin = map[string]bool{
	"/.well-known/openid-configuration": true, "/.well-known/oauth-authorization-server": true,
	"/jwks": true, "/token": true, "/userinfo": true, "/register": true,
}

// FrontChannel tells whether an endpoint, by its path below the issuer, is one that browsers are sent to.
func FrontChannel(path string) bool {
	return path == "/authorize" || path == "/login" || path == "/consent" || path == "/account"
}

// moment is one request's view of the world: its conditions and its time.
type moment struct {
	Conditions
	now time.Time
}

// ServeHTTP serves the endpoints below the issuer: r.URL.Path is relative to it.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(check.EnsureSheet(r.Context()))
	methods, ok := routes[r.URL.Path]
	if !ok {
		i.errorPage(w, r, pageError{Status: http.StatusNotFound, Code: "not_found", Description: "There is no such page here."}, nil)
		return
	}
	if crossOrigin[r.URL.Path] {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			preflight(w, methods)
			return
		}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	serve, ok := methods[method]
	if !ok {
		w.Header().Set("Allow", allowed(methods))
		e := Error{Status: http.StatusMethodNotAllowed, Code: "invalid_request", Description: "The method must be " + allowed(methods) + "."}
		if crossOrigin[r.URL.Path] {
			i.writeError(w, r, e)
		} else {
			i.errorPage(w, r, pageError(e), nil)
		}
		return
	}
	m, err := i.moment(r.Context())
	if err != nil {
		i.fault(w, r)
		return
	}
	if r.Body != nil { // as in a request made by hand
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	serve(i, w, r, m)
}

// maxBody bounds what is read of a request.
const maxBody = 64 << 10

func allowed[T any](methods map[string]T) string {
	var list []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		if _, ok := methods[m]; ok {
			list = append(list, m)
		}
	}
	return strings.Join(list, ", ")
}

func preflight[T any](w http.ResponseWriter, methods map[string]T) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", allowed(methods))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

func (i *Issuer) moment(ctx context.Context) (*moment, error) {
	m := new(moment)
	if i.Conditions != nil {
		c, err := i.Conditions(ctx)
		if err != nil {
			return nil, err
		}
		m.Conditions = c
	}
	clock := i.Clock
	if clock == nil {
		clock = time.Now
	}
	m.now = clock().Add(m.Advance)
	return m, nil
}

// Now is the issuer's time: the clock plus what has been wound forward. Expiry is judged by it.
func (i *Issuer) Now(ctx context.Context) (time.Time, error) {
	m, err := i.moment(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return m.now, nil
}

// Setup stores the users and clients an issuer begins with and makes its ES256 key.
func (i *Issuer) Setup(ctx context.Context, users []User, clients []Client) error {
	if err := i.put(ctx, usersKey, users, 0); err != nil {
		return fmt.Errorf("storing the users: %w", err)
	}
	for _, c := range clients {
		if err := i.AddClient(ctx, c); err != nil {
			return fmt.Errorf("storing client %q: %w", c.ClientID, err)
		}
	}
	_, err := i.signingKey(ctx, jose.ES256)
	return err
}

// parsed is URL taken apart, once.
func (i *Issuer) parsed() *url.URL {
	if u := i.base.Load(); u != nil {
		return u
	}
	u, err := url.Parse(i.URL)
	if err != nil {
		u = &url.URL{}
	}
	i.base.Store(u)
	return u
}

// path is an endpoint as a browser on the issuer's origin names it.
func (i *Issuer) path(endpoint string) string { return i.parsed().Path + endpoint }

func (i *Issuer) secure() bool { return i.parsed().Scheme == "https" }

func (i *Issuer) name() string {
	if i.Name == "" {
		return "Practice server"
	}
	return i.Name
}

func (i *Issuer) audience() string {
	if i.API == "" {
		return i.URL
	}
	return i.API
}

// put creates a record.
func (i *Issuer) put(ctx context.Context, key string, v any, ttl time.Duration) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = i.Store.Create(ctx, key, raw, ttl)
	return err
}

// get reads a record; one that isn't there is ErrNotFound.
func (i *Issuer) get(ctx context.Context, key string, v any) (Rev, error) {
	raw, rev, err := i.Store.Get(ctx, key)
	if err != nil {
		return 0, err
	}
	return rev, json.Unmarshal(raw, v)
}

// exists tells whether there is a record.
func (i *Issuer) exists(ctx context.Context, key string) (bool, error) {
	_, _, err := i.Store.Get(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// spend creates a mark that only one of many can create, and tells whether this one did.
func (i *Issuer) spend(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	_, err := i.Store.Create(ctx, key, []byte("1"), ttl)
	if errors.Is(err, ErrExists) {
		return false, nil
	}
	return err == nil, err
}

// random is a value of n random bytes in base64url: unguessable from 16 on.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
