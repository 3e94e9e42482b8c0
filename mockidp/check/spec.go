package check

import (
	"fmt"
	"regexp"
	"strings"
)

// documents maps how a document is cited to where its text stands; %s is the section. RFCs are found by their number.
var documents = []struct{ prefix, url string }{
	{"OIDC Core", "https://openid.net/specs/openid-connect-core-1_0.html"},
	{"OIDC Discovery", "https://openid.net/specs/openid-connect-discovery-1_0.html"},
	{"OIDC Registration", "https://openid.net/specs/openid-connect-registration-1_0.html"},
	{"OAuth Multiple Response Types", "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html"},
}

var rfcReference = regexp.MustCompile(`^RFC (\d{4,5}) §([0-9A-Z]+(?:\.\d+)*)$`)

// SpecURL is where a section that a check or a lesson cites can be read: "RFC 7636 §4.6", "OIDC Core §3.1.3.7". A
// reference that isn't one is an error that says how to write it.
func SpecURL(ref string) (string, error) {
	if m := rfcReference.FindStringSubmatch(ref); m != nil {
		return "https://www.rfc-editor.org/rfc/rfc" + m[1] + "#section-" + m[2], nil
	}
	name, section, ok := strings.Cut(ref, " §")
	for _, d := range documents {
		if !ok || d.prefix != name || !regexp.MustCompile(`^\d+(\.\d+)*$`).MatchString(section) {
			continue
		}
		return d.url + "#rfc.section." + section, nil
	}
	return "", fmt.Errorf("%q is not a reference: write it like RFC 7636 §4.6 or OIDC Core §3.1.3.7", ref)
}
