package world

import (
	"net/netip"
	"net/url"
)

// isLoopback tells whether a redirect to u stays on the learner's own machine.
func isLoopback(u string) bool {
	parsed, err := url.Parse(u)
	if err != nil {
		return false
	}
	host := parsed.Hostname()
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
