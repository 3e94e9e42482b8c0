package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// escape writes any string as a token of a NATS subject, where dots, spaces, * and > have a meaning: bytes other than letters,
// digits, - _ and / become = and two hexadecimal digits. It stays readable for people who look into a stream.
func escape(s string) string {
	if s == "" {
		return "="
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '/':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02x", c)
		}
	}
	return b.String()
}

// unescape is escape's way back.
func unescape(token string) string {
	if !strings.Contains(token, "=") {
		return token
	}
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		if token[i] == '=' && i+2 < len(token) {
			if c, err := strconv.ParseUint(token[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
			}
			i += 2
			continue
		}
		if token[i] != '=' {
			b.WriteByte(token[i])
		}
	}
	return b.String()
}
