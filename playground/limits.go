package playground

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one address may do with rooms: a school has some classes at a time, and mistypes a code now and then.
const (
	roomsPerMinute   = 30
	roomsPerAddress  = 50
	guessesPerMinute = 60
)

// maxAddresses is how many addresses are remembered. When there are more, those that have done nothing lately go, and if that
// is not enough, all: a limit that forgets is better than a server that fills up.
const maxAddresses = 10_000

// addressLimiter bounds what is made from one address, an IPv4 address or an IPv6 /64: how fast, and how much at once.
type addressLimiter struct {
	rate  rate.Limit
	burst int
	most  int                  // alive at once; this machine's own addresses are free of it
	alive func(id string) bool // what was made may have ended in the meantime

	mu   sync.Mutex // guards seen
	seen map[netip.Prefix]*address
}

type address struct {
	bucket *rate.Limiter
	ids    []string
	making int // let go on by wait, and neither made nor failed yet
}

func newAddressLimiter(perMinute, most int, alive func(string) bool) *addressLimiter {
	return &addressLimiter{rate: rate.Limit(float64(perMinute) / 60), burst: perMinute, most: most, alive: alive, seen: map[netip.Prefix]*address{}}
}

// wait is how long this address has to wait before it may make one more; 0 lets it go on, and made or failed must follow: what
// is on its way counts, so that many requests at once get no more than their share.
func (l *addressLimiter) wait(remote string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.address(prefixOf(remote), now)
	if !isOwn(remote) && len(a.ids)+a.making >= l.most {
		a.ids = slices.DeleteFunc(a.ids, func(id string) bool { return !l.alive(id) })
		if len(a.ids)+a.making >= l.most {
			return time.Minute
		}
	}
	r := a.bucket.ReserveN(now, 1)
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return d
	}
	a.making++
	return 0
}

// failed gives back the place that wait has given.
func (l *addressLimiter) failed(remote string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived(remote, now)
}

// arrived takes one off what is on its way; mu is held.
func (l *addressLimiter) arrived(remote string, now time.Time) *address {
	a := l.address(prefixOf(remote), now)
	a.making = max(a.making-1, 0) // 0 for an address that was forgotten in between
	return a
}

// made remembers what an address has made.
func (l *addressLimiter) made(remote, id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.arrived(remote, now)
	if !isOwn(remote) {
		a.ids = append(a.ids, id)
	}
}

// address finds or makes the record of one; mu is held.
func (l *addressLimiter) address(p netip.Prefix, now time.Time) *address {
	a := l.seen[p]
	if a != nil {
		return a
	}
	if len(l.seen) >= maxAddresses {
		for p, a := range l.seen {
			if len(a.ids) == 0 && a.bucket.TokensAt(now) >= float64(l.burst) {
				delete(l.seen, p)
			}
		}
		if len(l.seen) >= maxAddresses {
			clear(l.seen)
		}
	}
	a = &address{bucket: rate.NewLimiter(l.rate, l.burst)}
	l.seen[p] = a
	return a
}

// prefixOf is whom an address belongs to, as far as limits go: an IPv6 user has a /64 to choose from.
func prefixOf(remote string) netip.Prefix {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// isOwn tells whether a request comes from this machine: its user is no stranger, and tests make many sandboxes.
func isOwn(remote string) bool {
	a, err := netip.ParseAddr(remote)
	return err == nil && a.Unmap().IsLoopback()
}
