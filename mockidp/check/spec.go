package check

import (
	"fmt"
	"regexp"
	"strings"
)

// document is one that is cited by a short name. Its sections are those of the edition that its title names.
type document struct{ title, url string }

// documents maps how a document is cited to what it is. RFCs are found by their number, and never change.
var documents = map[string]document{
	"OIDC Core":                     {"OpenID Connect Core 1.0 incorporating errata set 2", "https://openid.net/specs/openid-connect-core-1_0.html"},
	"OIDC Discovery":                {"OpenID Connect Discovery 1.0 incorporating errata set 2", "https://openid.net/specs/openid-connect-discovery-1_0.html"},
	"OIDC Registration":             {"OpenID Connect Dynamic Client Registration 1.0 incorporating errata set 2", "https://openid.net/specs/openid-connect-registration-1_0.html"},
	"OAuth Multiple Response Types": {"OAuth 2.0 Multiple Response Type Encoding Practices", "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html"},
}

// Document is the document that a reference cites, as it is called in short and in full: "OIDC Core" and its title with the
// errata set. An RFC has no longer name than its number.
func Document(ref string) (short, full string) {
	short, _, _ = strings.Cut(ref, " §")
	if d, ok := documents[short]; ok {
		return short, d.title
	}
	return short, short
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
	d, ok := documents[name]
	if !ok {
		return "", fmt.Errorf("%q cites %q, which is not known: it takes RFC and a number, or OIDC Core, OIDC Discovery, OIDC Registration, OAuth Multiple Response Types", ref, name)
	}
	return d.url + "#rfc.section." + section, nil
}
