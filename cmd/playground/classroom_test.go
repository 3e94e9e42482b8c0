package main

import (
	"net"
	"strings"
	"testing"

	"rsc.io/qr"

	"oauthplayground/playground"
)

func addresses(list ...string) (all []net.Addr) {
	for _, s := range list {
		ip, n, err := net.ParseCIDR(s)
		if err != nil {
			panic(err)
		}
		n.IP = ip
		all = append(all, n)
	}
	return all
}

func TestTheClassReachesTheNetworksAddress(t *testing.T) {
	for _, tt := range []struct {
		name string
		own  []net.Addr
		want string
	}{
		{"a home network before a container's", addresses("127.0.0.1/8", "172.17.0.1/16", "192.168.4.20/24", "::1/128"), "192.168.4.20"},
		{"a school's", addresses("10.20.30.40/8", "172.17.0.1/16"), "10.20.30.40"},
		{"a public one, if there is no other", addresses("203.0.113.9/24", "fe80::1/64"), "203.0.113.9"},
		{"an address that was not given by anybody is none", addresses("169.254.1.2/16", "127.0.0.1/8"), "invalid IP"},
	} {
		if got := lanAddress(tt.own).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestTheTerminalsCodeIsTheCode reads the half blocks back.
func TestTheTerminalsCodeIsTheCode(t *testing.T) {
	const text = "http://192.168.4.20:8080/join/K7P4MX"
	drawn, err := terminalQR(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(drawn, "\n"), "\n")
	for y := -2; y < code.Size+2; y++ {
		row := []rune(strings.TrimPrefix(lines[(y+2)/2], "    "))
		for x := -2; x < code.Size+2; x++ {
			c := row[x+2]
			light := c == '█' || c == '▀' && (y+2)%2 == 0 || c == '▄' && (y+2)%2 == 1
			if light == code.Black(x, y) {
				t.Fatalf("the module at %d, %d is drawn wrongly", x, y)
			}
		}
	}
}

func TestWhatAClassroomPrints(t *testing.T) {
	var b strings.Builder
	c := playground.Classroom{Code: "K7P-4MX", Join: "http://192.168.4.20:8080/join/K7P4MX", Teach: "http://192.168.4.20:8080/teach/K7P4MX#pass=ab", Wall: "http://192.168.4.20:8080/projector/K7P4MX"}
	if err := printClassroom(&b, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"join at  192.168.4.20:8080\n", "K7P-4MX\n", c.Teach, c.Wall, "█"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
