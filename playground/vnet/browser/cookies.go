package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Cookie is a cookie in the jar (RFC 6265bis §5.7).
type Cookie struct {
	Name     string    `json:"name"`
	Value    string    `json:"value"`
	Domain   string    `json:"domain"`
	HostOnly bool      `json:"host_only,omitempty"` // sent to exactly Domain
	Path     string    `json:"path"`
	Secure   bool      `json:"secure,omitempty"`
	HTTPOnly bool      `json:"http_only,omitempty"` // no script may read it
	SameSite string    `json:"same_site"`           // Strict, Lax or None
	Expires  time.Time `json:"expires,omitzero"`    // zero: when the browser is closed
	Created  time.Time `json:"created"`
}

const (
	maxCookies = 100
	maxCookie  = 4096 // bytes of name and value

	maxAge = 400 * 24 * time.Hour // the longest life of a cookie (RFC 6265bis §5.5)
)

// keepCookies takes what an answer sets.
func (b *Browser) keepCookies(u *url.URL, h http.Header) {
	now := b.config.Now()
	res := http.Response{Header: h}
	for _, c := range res.Cookies() {
		kept, ok := accept(u, c, now)
		if !ok || u.Scheme != "https" && slices.ContainsFunc(b.state.Cookies, func(o Cookie) bool { return o.Secure && !o.over(now) && o.Name == kept.Name && o.covers(kept) }) {
			continue // not without TLS over one that came with it (RFC 6265bis §5.7)
		}
		i := slices.IndexFunc(b.state.Cookies, func(o Cookie) bool {
			return o.Name == kept.Name && o.Domain == kept.Domain && o.Path == kept.Path && o.HostOnly == kept.HostOnly
		})
		switch {
		case i >= 0 && kept.over(now):
			b.state.Cookies = slices.Delete(b.state.Cookies, i, i+1)
		case i >= 0:
			kept.Created = b.state.Cookies[i].Created
			b.state.Cookies[i] = kept
		case !kept.over(now):
			b.state.Cookies = append(b.state.Cookies, kept)
		}
	}
	b.state.Cookies = slices.DeleteFunc(b.state.Cookies, func(c Cookie) bool { return c.over(now) })
	if n := len(b.state.Cookies) - maxCookies; n > 0 {
		b.state.Cookies = b.state.Cookies[n:]
	}
}

func (c Cookie) over(now time.Time) bool { return !c.Expires.IsZero() && !now.Before(c.Expires) }

// covers tells whether one of two cookies' domains is within the other's, and the second's path within the first's.
func (c Cookie) covers(d Cookie) bool {
	domains := c.Domain == d.Domain || strings.HasSuffix(c.Domain, "."+d.Domain) || strings.HasSuffix(d.Domain, "."+c.Domain)
	return domains && pathMatches(d.Path, c.Path)
}

// pathMatches tells whether a path lies in a cookie's (RFC 6265bis §5.1.4).
func pathMatches(path, cookie string) bool {
	return path == cookie || strings.HasPrefix(path, cookie) && (strings.HasSuffix(cookie, "/") || path[len(cookie)] == '/')
}

// accept decides about one Set-Cookie (RFC 6265bis §5.7).
func accept(u *url.URL, c *http.Cookie, now time.Time) (Cookie, bool) {
	host := strings.ToLower(u.Hostname())
	k := Cookie{Name: c.Name, Value: c.Value, Domain: host, HostOnly: true, Path: c.Path, Secure: c.Secure, HTTPOnly: c.HttpOnly, SameSite: "Lax", Created: now}
	if len(k.Name)+len(k.Value) > maxCookie {
		return k, false
	}
	if d := strings.ToLower(strings.TrimPrefix(c.Domain, ".")); d != "" {
		if d != host {
			if suffix, _ := publicsuffix.PublicSuffix(d); suffix == d || !strings.HasSuffix(host, "."+d) {
				return k, false // a public suffix, or somebody else's domain
			}
		}
		k.Domain, k.HostOnly = d, false
	}
	if !strings.HasPrefix(k.Path, "/") {
		k.Path = defaultPath(u.Path)
	}
	switch {
	case c.MaxAge < 0:
		k.Expires = time.Unix(1, 0)
	case c.MaxAge > 0:
		k.Expires = now.Add(time.Duration(min(c.MaxAge, int(maxAge/time.Second))) * time.Second)
	case !c.Expires.IsZero():
		if k.Expires = c.Expires; k.Expires.After(now.Add(maxAge)) {
			k.Expires = now.Add(maxAge)
		}
	}
	switch c.SameSite {
	case http.SameSiteStrictMode:
		k.SameSite = "Strict"
	case http.SameSiteNoneMode:
		k.SameSite = "None"
	}
	lower := strings.ToLower(k.Name)
	secure := u.Scheme == "https"
	switch {
	case k.Secure && !secure,
		k.SameSite == "None" && !k.Secure,
		strings.HasPrefix(lower, "__secure-") && !k.Secure,
		strings.HasPrefix(lower, "__host-") && (!k.Secure || !k.HostOnly || k.Path != "/"):
		return k, false
	}
	return k, true
}

// defaultPath is the directory of a request's path (RFC 6265bis §5.1.4).
func defaultPath(path string) string {
	i := strings.LastIndex(path, "/")
	if i <= 0 {
		return "/"
	}
	return path[:i]
}

// cookieHeader is what the jar has for a request: longer paths first, then older cookies (RFC 6265bis §5.8.3).
func (b *Browser) cookieHeader(u *url.URL, r *Request) string {
	now := b.config.Now()
	var list []Cookie
	for _, c := range b.state.Cookies {
		if !c.over(now) && c.fits(u) && c.travels(u, r) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(x, y Cookie) int {
		if n := len(y.Path) - len(x.Path); n != 0 {
			return n
		}
		return x.Created.Compare(y.Created)
	})
	pairs := make([]string, len(list))
	for i, c := range list {
		pairs[i] = c.Name + "=" + c.Value
	}
	return strings.Join(pairs, "; ")
}

// fits tells whether a cookie is for this address at all.
func (c Cookie) fits(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if c.Secure && u.Scheme != "https" || host != c.Domain && (c.HostOnly || !strings.HasSuffix(host, "."+c.Domain)) {
		return false
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	return pathMatches(path, c.Path)
}

// travels tells whether SameSite lets a cookie come along: from another site, Lax cookies only to where a link leads, and
// Strict ones never (RFC 6265bis §5.8.3).
func (c Cookie) travels(u *url.URL, r *Request) bool {
	from, err := url.Parse(r.From)
	cross := r.Cross || !r.Typed && err == nil && r.From != "" && !sameSite(from, u)
	if !cross {
		return true
	}
	switch c.SameSite {
	case "None":
		return true
	case "Lax":
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	}
	return false
}

// sameSite tells whether two addresses have the same scheme and registrable domain.
func sameSite(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && site(a.Hostname()) == site(b.Hostname())
}

func site(host string) string {
	host = strings.ToLower(host)
	if s, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return s
	}
	return host
}
