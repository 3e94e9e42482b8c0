package trace

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slices"
)

func TestARequestIsKeptAsItCame(t *testing.T) {
	r := httptest.NewRequest("POST", "http://ignored/token%2Fx?b=2&a=1", nil)
	r.Host = "auth.chirper.test"
	r.Header = http.Header{"X-B": {"second", "first"}, "Accept": {"*/*"}, "X-A": {"\xff"}}
	got := RequestOf(r, "https://auth.chirper.test", []byte("a=\xff"), false)
	if got.Method != "POST" || got.URL != "https://auth.chirper.test/token%2Fx?b=2&a=1" || got.Body != "a=\uFFFD" || got.Cut {
		t.Errorf("got %+v", got)
	}
	if want := []Header{{"Host", "auth.chirper.test"}, {"Accept", "*/*"}, {"X-A", "\uFFFD"}, {"X-B", "second"}, {"X-B", "first"}}; !slices.Equal(got.Headers, want) {
		t.Errorf("headers %v, want %v", got.Headers, want)
	}
	r = httptest.NewRequest("GET", "http://ignored/?", nil)
	if got := RequestOf(r, "https://x/s/id/as", nil, false); got.URL != "https://x/s/id/as/?" {
		t.Errorf("an empty query is part of the address: %s", got.URL)
	}
}

func TestALongBodyIsCutBetweenCharacters(t *testing.T) {
	full := strings.Repeat("a", MaxBody)
	for _, tt := range []struct {
		name, in, want string
		cut            bool
	}{
		{"short", "ü", "ü", false},
		{"just as long as is kept", full, full, false},
		{"one longer", full + "a", full, true},
		{"within a character", full[1:] + "üa", full[1:], true},
		{"behind a character", full[2:] + "üa", full[2:] + "ü", true},
		{"within a long character", full[3:] + "😀a", full[3:], true},
	} {
		if got := ResponseOf(200, nil, []byte(tt.in)); got.Body != tt.want || got.Cut != tt.cut {
			t.Errorf("%s: %d bytes, cut %v; want %d, %v", tt.name, len(got.Body), got.Cut, len(tt.want), tt.cut)
		}
	}
	r := httptest.NewRequest("POST", "http://x/", nil)
	if got := RequestOf(r, "https://x", []byte((full[1:] + "ü")[:MaxBody]), true); got.Body != full[1:] || !got.Cut {
		t.Errorf("a body that its receiver has cut: %d bytes, cut %v", len(got.Body), got.Cut)
	}
}
