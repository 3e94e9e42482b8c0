package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"

	"rsc.io/qr"

	"oauthplayground/playground"
)

// -classroom: the server can be reached from the network that this machine is in, and has a room that learners join.

// here is where a server listens if it isn't told, and nobody but this machine reaches it.
const here = "127.0.0.1:8080"

// everywhere is where a classroom's server listens if it isn't told.
const everywhere = "0.0.0.0:8080"

// lanAddress is how others in the same network reach this machine: its private IPv4 address, of several the one that home and
// school networks use most. It is not valid on a machine that is in no network.
func lanAddress(addresses []net.Addr) netip.Addr {
	var own []netip.Addr
	for _, a := range addresses {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			own = append(own, p.Addr())
		}
	}
	nets := []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12")}
	for _, n := range nets {
		if i := slices.IndexFunc(own, n.Contains); i >= 0 {
			return own[i]
		}
	}
	if len(own) > 0 {
		return own[0]
	}
	return netip.Addr{}
}

// lanBase is the base URL of a server that listens everywhere, as the class reaches it.
func lanBase(got net.Addr) (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", fmt.Errorf("-classroom: the addresses of this machine can’t be read: %w", err)
	}
	own := lanAddress(addresses)
	if !own.IsValid() {
		return "", fmt.Errorf("-classroom: this machine is in no network that a class could reach it by. Join one, or say how it is reached with -base-url")
	}
	_, port, err := net.SplitHostPort(got.String())
	if err != nil {
		return "", err
	}
	return "http://" + net.JoinHostPort(own.String(), port), nil
}

// printClassroom tells who has started the server how the class comes in.
func printClassroom(out io.Writer, c playground.Classroom) error {
	code, err := terminalQR(c.Join)
	if err != nil {
		return err
	}
	host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(c.Join, "http://"), "https://"), "/join/"+strings.ReplaceAll(c.Code, "-", ""))
	fmt.Fprintf(out, `
%s
    Learners join at  %s
    with the code     %s

    The wall          %s
    You begin here    %s
                      This address works once, on the machine that opens it. Don’t project it before that.

`, code, host, c.Code, c.Wall, c.Teach)
	return nil
}

// terminalQR draws a QR code of half blocks: two rows of it to a line of text, light on dark as terminals are.
func terminalQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("a QR code of %s can’t be made: %w", text, err)
	}
	const quiet = 2 // modules around it, or cameras don't find it
	var b strings.Builder
	light := func(x, y int) bool { return !code.Black(x, y) } // outside it is light as well
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("    ")
		for x := -quiet; x < code.Size+quiet; x++ {
			switch up, down := light(x, y), light(x, y+1); {
			case up && down:
				b.WriteString("█")
			case up:
				b.WriteString("▀")
			case down:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}
