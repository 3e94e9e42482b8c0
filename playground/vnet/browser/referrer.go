package browser

import (
	"net/http"
	"net/url"
	"strings"
)

// defaultPolicy is what browsers do when a page says nothing.
const defaultPolicy = "strict-origin-when-cross-origin"

// policies are those of the Referrer Policy specification, with what each sends: to the same origin, to another, and
// whether it sends nothing from https to http.
var policies = map[string]struct {
	same, cross string // "url", "origin" or ""
	strict      bool
}{
	"no-referrer":                     {"", "", false},
	"no-referrer-when-downgrade":      {"url", "url", true},
	"origin":                          {"origin", "origin", false},
	"origin-when-cross-origin":        {"url", "origin", false},
	"same-origin":                     {"url", "", false},
	"strict-origin":                   {"origin", "origin", true},
	"strict-origin-when-cross-origin": {"url", "origin", true},
	"unsafe-url":                      {"url", "url", false},
}

// lastPolicy is the last policy of a Referrer-Policy header that is known, or "".
func lastPolicy(h http.Header) string {
	found := ""
	for _, p := range strings.Split(strings.Join(h.Values("Referrer-Policy"), ","), ",") {
		if p = strings.ToLower(strings.TrimSpace(p)); policies[p].same != "" || p == "no-referrer" {
			found = p
		}
	}
	return found
}

// referrer is the Referer header of a request from a page to a target: never with a fragment or a user name.
func referrer(from string, to *url.URL, policy string) string {
	u, err := url.Parse(from)
	if err != nil || u.Host == "" {
		return ""
	}
	p, ok := policies[policy]
	if !ok {
		p = policies[defaultPolicy]
	}
	if p.strict && u.Scheme == "https" && to.Scheme != "https" {
		return ""
	}
	what := p.cross
	if u.Scheme == to.Scheme && u.Host == to.Host {
		what = p.same
	}
	switch what {
	case "url":
		u.User, u.Fragment, u.RawFragment = nil, "", ""
		return u.String()
	case "origin":
		return u.Scheme + "://" + u.Host + "/"
	}
	return ""
}
