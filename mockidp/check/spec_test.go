package check_test

import (
	"strings"
	"testing"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

func TestSpecURL(t *testing.T) {
	for _, tt := range []struct{ ref, want string }{
		{"RFC 7636 §4.6", "https://www.rfc-editor.org/rfc/rfc7636#section-4.6"},
		{"RFC 9700 §4", "https://www.rfc-editor.org/rfc/rfc9700#section-4"},
		{"RFC 7636 §B", "https://www.rfc-editor.org/rfc/rfc7636#appendix-B"},
		{"RFC 9449 §4.3", "https://www.rfc-editor.org/rfc/rfc9449#section-4.3"}, // its sections aren't listed: taken at its word
		{"OIDC Core §3.1.3.7", "https://openid.net/specs/openid-connect-core-1_0.html#rfc.section.3.1.3.7"},
	} {
		if got, err := check.SpecURL(tt.ref); err != nil || got != tt.want {
			t.Errorf("SpecURL(%q) = %q, %v, want %q", tt.ref, got, err, tt.want)
		}
	}
}

// OpenID documents change with their errata, so whoever cites one can say which edition it read.
func TestDocument(t *testing.T) {
	for _, tt := range []struct{ ref, short, full string }{
		{"OIDC Core §3.1.3.7", "OIDC Core", "OpenID Connect Core 1.0 incorporating errata set 2"},
		{"RFC 7636 §B", "RFC 7636", "RFC 7636"},
	} {
		if short, full := check.Document(tt.ref); short != tt.short || full != tt.full {
			t.Errorf("Document(%q) = %q, %q, want %q, %q", tt.ref, short, full, tt.short, tt.full)
		}
	}
}

func TestSpecURLRefuses(t *testing.T) {
	for _, tt := range []struct{ name, ref, says string }{
		{"a section that isn't there", "RFC 7636 §4.9", "has no section 4.9"},
		{"one below a section without parts", "RFC 9207 §2.1.1", "has no section 2.1.1"},
		{"a document nobody knows", "OIDC Hearts §1", "is not known"},
		{"no section", "RFC 7636", "is not a reference"},
		{"a section in words", "RFC 7636 section 4.6", "is not a reference"},
		{"a trailing point", "RFC 7636 §4.6.", "is not a reference"},
		{"empty", "", "is not a reference"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := check.SpecURL(tt.ref); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("SpecURL(%q) = %q, %v, want an error that says %q", tt.ref, got, err, tt.says)
			}
		})
	}
}

// Every check of the authorization server cites a section that can be read, says what it is about in a sentence, and has an
// id of its own.
func TestChecksCiteTheirSections(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range mockidp.Checks() {
		if _, err := check.SpecURL(c.Spec); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if !strings.HasPrefix(c.ID, "as.") || seen[c.ID] {
			t.Errorf("the id %q is not one of its own", c.ID)
		}
		seen[c.ID] = true
		if !strings.HasSuffix(c.Title, ".") || c.Title[0] < 'A' || c.Title[0] > 'Z' {
			t.Errorf("%s: the title %q is no sentence", c.ID, c.Title)
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d checks", len(seen))
	}
}
