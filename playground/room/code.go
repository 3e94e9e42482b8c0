package room

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// alphabet is what codes are written in: letters and digits that nobody takes for each other from the back row.
const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 6

// newCode is a room's code: one of 729 million. It is what a class is told, and lets nobody do more than join.
func newCode() string {
	var b strings.Builder
	for b.Len() < codeLength {
		var r [1]byte
		rand.Read(r[:])
		if n := int(r[0]); n < len(alphabet)*(256/len(alphabet)) { // each as likely as the others
			b.WriteByte(alphabet[n%len(alphabet)])
		}
	}
	return b.String()
}

// cleanCode is a code as it is kept, from what somebody has typed: without hyphens and spaces, in capitals. It is empty where that
// is no code.
func cleanCode(typed string) string {
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(typed))
	if len(code) != codeLength || strings.Trim(code, alphabet) != "" {
		return ""
	}
	return code
}

// Spoken is a code as people read it: K7P-4MX.
func Spoken(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:3] + "-" + code[3:]
}

// newKey is 192 random bits: what an instructor or a learner has and nobody else.
func newKey() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hash is how a key is kept.
func hash(key string) string {
	h := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(h[:])
}
