package playground

import (
	"bytes"
	"net/http"
	"testing"
)

func TestEveryTermsSectionCanBeRead(t *testing.T) {
	page, err := glossaryView()
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Terms) < 30 {
		t.Errorf("the glossary has %d terms", len(page.Terms))
	}
}

// Whoever reads a section of OpenID Connect can tell which errata it was checked with, and reads it once a page.
func TestPagesSayWhichEditionTheyCite(t *testing.T) {
	base := startServer(t, Config{})
	const full = "OpenID Connect Core 1.0 incorporating errata set 2"
	for path, times := range map[string]int{"/": 1, "/glossary": 1, "/lessons/code-flow": 1, "/lessons/password": 0} {
		if page := do(t, http.DefaultClient, mustRequest("GET", base+path, "")); bytes.Count(page.body, []byte(full)) != times {
			t.Errorf("%s says %d times what OIDC Core is, want %d", path, bytes.Count(page.body, []byte(full)), times)
		}
	}
}
