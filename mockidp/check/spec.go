package check

import (
	"fmt"
	"regexp"
	"strings"
)

// documents maps how a document is cited to where its text stands. RFCs are found by their number.
var documents = map[string]string{
	"OIDC Core":                     "https://openid.net/specs/openid-connect-core-1_0.html",
	"OIDC Discovery":                "https://openid.net/specs/openid-connect-discovery-1_0.html",
	"OIDC Registration":             "https://openid.net/specs/openid-connect-registration-1_0.html",
	"OAuth Multiple Response Types": "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html",
}

var (
	rfcName  = regexp.MustCompile(`^RFC ([1-9]\d{1,4})$`)
	numbered = regexp.MustCompile(`^\d+(\.\d+)*$`)
	appendix = regexp.MustCompile(`^[A-Z](\.\d+)*$`)
)

// SpecURL is where a section that a check or a lesson cites can be read: "RFC 7636 §4.6", "RFC 7636 §B" for an appendix,
// "OIDC Core §3.1.3.7". What can't be read is an error for people: a reference of another form, a document that isn't
// known, a section that the document doesn't have.
func SpecURL(ref string) (string, error) {
	name, section, ok := strings.Cut(ref, " §")
	if !ok || !numbered.MatchString(section) && !appendix.MatchString(section) {
		return "", fmt.Errorf("%q is not a reference: write it like RFC 7636 §4.6 or OIDC Core §3.1.3.7", ref)
	}
	isAppendix := appendix.MatchString(section)
	if !isAppendix && !exists(name, section) {
		return "", fmt.Errorf("%s has no section %s", name, section)
	}
	if m := rfcName.FindStringSubmatch(name); m != nil {
		anchor := "#section-"
		if isAppendix {
			anchor = "#appendix-"
		}
		return "https://www.rfc-editor.org/rfc/rfc" + m[1] + anchor + section, nil
	}
	url, ok := documents[name]
	if !ok {
		return "", fmt.Errorf("%q cites %q, which is not known: it takes RFC and a number, or OIDC Core, OIDC Discovery, OIDC Registration, OAuth Multiple Response Types", ref, name)
	}
	return url + "#rfc.section." + section, nil
}
