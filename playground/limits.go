package playground

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxAddresses is how many addresses are remembered; when there are more, all are forgotten and begin anew.
const maxAddresses = 10_000

// addressLimiter bounds how often something may be done from one address: an IPv4 address, or an IPv6 /64.
type addressLimiter struct {
	limit rate.Limit
	burst int

	mu       sync.Mutex // guards limiters
	limiters map[netip.Prefix]*rate.Limiter
}

func newAddressLimiter(limit rate.Limit, burst int) *addressLimiter {
	return &addressLimiter{limit: limit, burst: burst, limiters: map[netip.Prefix]*rate.Limiter{}}
}

// wait is how long this address has to wait; 0 lets it go on.
func (l *addressLimiter) wait(remote string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := prefixOf(remote)
	lim := l.limiters[p]
	if lim == nil {
		if len(l.limiters) >= maxAddresses {
			clear(l.limiters)
		}
		lim = rate.NewLimiter(l.limit, l.burst)
		l.limiters[p] = lim
	}
	r := lim.Reserve()
	if d := r.Delay(); d > 0 {
		r.Cancel()
		return d
	}
	return 0
}

func prefixOf(remote string) netip.Prefix {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	a := ap.Addr().Unmap()
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
