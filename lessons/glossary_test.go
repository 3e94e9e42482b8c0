package lessons

import (
	"strings"
	"testing"
)

func TestEveryTermIsDefinedOnce(t *testing.T) {
	terms, err := Glossary()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, term := range terms {
		if len(term.HTML) < 40 {
			t.Errorf("%s: %q explains too little", term.Name, term.HTML)
		}
		for _, form := range append([]string{term.Name}, term.Also...) {
			key := strings.ToLower(form)
			if other, taken := seen[key]; taken {
				t.Errorf("%q means both %s and %s", form, other, term.Name)
			}
			seen[key] = term.Name
		}
	}
}

func TestTheFirstAppearanceOfATermLeadsToTheGlossary(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"An access token opens it.", `<p>An <a class="term" href="/glossary#access-token">access token</a> opens it.</p>`},
		{"Access tokens, and *one* access token more.", `<p><a class="term" href="/glossary#access-token">Access tokens</a>, and <em>one</em> access token more.</p>`},
		{"`scope` is a word, [a scope](#GET /x) is a link.", `<p><code>scope</code> is a word, <a class="x-ref" href="#wire" data-ref="GET /x">a scope</a> is a link.</p>`},
		{"A microscope decodes nothing.", `<p>A microscope decodes nothing.</p>`},
		{"**Client**", `<p><strong><a class="term" href="/glossary#client">Client</a></strong></p>`},
		{"The client\nasks.", "<p>The <a class=\"term\" href=\"/glossary#client\">client</a>\nasks.</p>"},
		{"A code, a client secret, a code.", `<p>A <a class="term" href="/glossary#code">code</a>, a <a class="term" href="/glossary#client-secret">client secret</a>, a code.</p>`},
	} {
		got, _, err := renderProse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(got)) != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestAGlossaryWithAMistakeSaysWhich(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"# G\n\n## scope\n\nText.\n", `"scope" needs an id`},
		{"# G\n\n## scope {#scope}\n\nText.\n\n## scopes {#scope}\n\nText.\n", "needs an id of its own"},
	} {
		if _, err := parseGlossary(c.src); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.src, err, c.want)
		}
	}
}
