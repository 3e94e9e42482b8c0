package playground

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestAnAddressIsSlowedDownAndComesBack(t *testing.T) {
	l := newAddressLimiter(60, 1000, func(string) bool { return true })
	for i := range 60 {
		if w := l.wait("198.51.100.7", noon); w != 0 {
			t.Fatalf("the %dth waits %v", i+1, w)
		}
	}
	if w := l.wait("198.51.100.7", noon); w != time.Second {
		t.Errorf("one a second is left, and it is told to wait %v", w)
	}
	if w := l.wait("198.51.100.8", noon); w != 0 {
		t.Errorf("a neighbour waits %v", w)
	}
	if w := l.wait("198.51.100.7", noon.Add(time.Second)); w != 0 {
		t.Errorf("a second later it still waits %v", w)
	}
}

func TestAnAddressHasItsShareOfSandboxes(t *testing.T) {
	ended := map[string]bool{}
	l := newAddressLimiter(600, 2, func(id string) bool { return !ended[id] })
	for _, tt := range []struct {
		name, remote, id string
		may              bool
	}{
		{"the first", "2001:db8::1", "a", true},
		{"the second, from another address of the same network", "2001:db8::2", "b", true},
		{"one too many", "2001:db8::3", "", false},
		{"another network", "2001:db8:0:1::1", "c", true},
		{"an IPv4 address written as IPv6", "::ffff:198.51.100.7", "d", true},
		{"is the same address", "198.51.100.7", "e", true},
		{"and has as many", "198.51.100.7", "", false},
		{"this machine's own have no such limit", "127.0.0.1", "f", true},
		{"nor the second", "127.0.0.1", "g", true},
		{"nor the third", "::1", "h", true},
		{"nor the fourth", "127.0.0.1", "i", true},
	} {
		if may := l.wait(tt.remote, noon) == 0; may != tt.may {
			t.Errorf("%s: may %v, want %v", tt.name, may, tt.may)
		}
		if tt.may {
			l.made(tt.remote, tt.id, noon)
		}
	}
	ended["a"] = true
	if w := l.wait("2001:db8::3", noon); w != 0 {
		t.Errorf("one has ended, and a new one waits %v", w)
	}
}

func TestAddressesAreForgottenBeforeTheyFillTheServer(t *testing.T) {
	l := newAddressLimiter(1, 1, func(string) bool { return true })
	l.made("198.51.100.1", "kept", noon)
	for i := range maxAddresses + 10 {
		l.wait(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), noon.Add(time.Duration(i)*time.Minute))
	}
	if n := len(l.seen); n > maxAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
	if l.wait("198.51.100.1", noon) == 0 {
		t.Error("an address with a sandbox alive was forgotten before those that had none")
	}
}

// TestAStrangersShareIsAnsweredInWords goes through the server: the address is the connection's, never a header's, unless a
// proxy that is known by its address says it.
func TestAStrangersShareIsAnsweredInWords(t *testing.T) {
	for _, tt := range []struct {
		name    string
		proxies []string
		from    string
		second  int // what the second learner behind the same address is answered
	}{
		{"a header of anybody's", nil, "198.51.100.7:999", http.StatusTooManyRequests},
		{"the header of a proxy", []string{"198.51.100.0/24"}, "198.51.100.7:999", http.StatusCreated},
		{"the header of somebody who is not the proxy", []string{"198.51.100.1"}, "198.51.100.7:999", http.StatusTooManyRequests},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := New(Config{BaseURL: "http://play.test", Proxies: tt.proxies, Limits: Limits{PerAddress: 1}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for i, want := range []int{http.StatusCreated, tt.second} {
				r := jsonRequest("POST", "http://play.test/api/sandboxes", `{"kind":"workbench"}`)
				r.RemoteAddr = tt.from
				r.Header.Set("X-Forwarded-For", fmt.Sprint("203.0.113.", i+1))
				var w recorder
				s.Handler().ServeHTTP(&w, r)
				if w.status != want || want > 400 && (w.header.Get("Retry-After") != "60" || !strings.Contains(w.String(), "as many sandboxes")) {
					t.Errorf("request %d: %d %s, Retry-After %q", i+1, w.status, w.String(), w.header.Get("Retry-After"))
				}
			}
		})
	}
}

// TestManyAtOnceGetNoMoreThanTheirShare: what is being made counts, and what fails gives its place back.
func TestManyAtOnceGetNoMoreThanTheirShare(t *testing.T) {
	const remote = "198.51.100.7"
	l := newAddressLimiter(600, 3, func(string) bool { return true })
	var may atomic.Int32
	var asked sync.WaitGroup
	for range 50 {
		asked.Go(func() {
			if l.wait(remote, noon) == 0 {
				may.Add(1)
			}
		})
	}
	asked.Wait()
	if may.Load() != 3 {
		t.Errorf("%d may make one at once, and 3 is their share", may.Load())
	}
	l.failed(remote, noon)
	if l.wait(remote, noon) != 0 {
		t.Error("the place of one that failed is not given back")
	}
}
