package playground

import (
	"net/http/httptest"
	"strings"
	"testing"

	"oauthplayground/lessons"
)

// acme is a course file that changes everything it can.
const acme = `title: OAuth at Acme
accent: "#0b6e4f"
logo: logo.svg
order: [two-steps, first]
hide: [cast]
rename:
  code-flow: The flow at Acme
tracks:
  mine: Ours alone
names:
  maya: Zoë
  planner: Acme Planner
`

// TestACourseFileDressesTheCourse: the catalogue and the pages are those of who teaches.
func TestACourseFileDressesTheCourse(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A text of Maya and `Maya`."), "course.yaml": acme, "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
	_, home := d.get("/")
	for _, want := range []string{"<title>OAuth at Acme</title>", `<img src="/course/logo"`, "#0b6e4f", "The flow at Acme", "Ours alone", "Zoë"} {
		if !strings.Contains(home, want) {
			t.Errorf("the catalogue does not say %q", want)
		}
	}
	if strings.Contains(home, `href="/lessons/cast"`) {
		t.Error("what is hidden is in the catalogue")
	}
	if at, then := strings.Index(home, `data-slug="two-steps"`), strings.Index(home, `data-slug="password"`); at < 0 || then < at {
		t.Errorf("two-steps is at %d and password at %d", at, then)
	}
	if status, _ := d.get("/lessons/cast"); status != 200 {
		t.Errorf("what is hidden is not at its address: %d", status)
	}

	_, page := d.get("/lessons/first")
	for _, want := range []string{"A text of Zoë and <code>Maya</code>.", "A lesson of mine · OAuth at Acme", "Ours alone", `<meta name="names" content="{"Content Planner":"Acme Planner"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the lesson's page does not say %q", want)
		}
	}
	if _, flow := d.get("/lessons/code-flow"); strings.Contains(flow, "Acme Acme") || !strings.Contains(flow, "<h1>The flow at Acme</h1>") || !strings.Contains(flow, "planner.test") {
		t.Error("the page of a lesson of the binary is not dressed, or its recorded run is another")
	}

	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/course/logo", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("the logo is %d %v", w.Code, w.Header())
	}

	d.save("course.yaml", "title: Another")
	if _, home := d.get("/"); !strings.Contains(home, "<title>Another</title>") || !strings.Contains(home, `href="/lessons/cast"`) || strings.Contains(home, "/course/logo") {
		t.Error("the course file was saved, and the catalogue is the old one")
	}
	if status, _ := d.get("/course/logo"); status != 404 {
		t.Errorf("the logo that is no more: %d", status)
	}
}

// TestAMistakeInACourseFileIsSaidInTheCatalogue, and what it last said counts.
func TestAMistakeInACourseFileIsSaidInTheCatalogue(t *testing.T) {
	d := newDesk(t, map[string]string{"course.yaml": "title: OAuth at Acme"})
	d.save("course.yaml", "title: Next\nhide: [nothing]")
	_, home := d.get("/")
	for _, want := range []string{"<code>course.yaml:2</code>", `there is no lesson "nothing"`, "<title>OAuth at Acme</title>"} {
		if !strings.Contains(home, want) {
			t.Errorf("the catalogue does not say %q", want)
		}
	}
}

// TestOtherNamesStandInProseAlone: what is code, an address or part of the wire keeps its names.
func TestOtherNamesStandInProseAlone(t *testing.T) {
	names := lessons.Names{"Maya": "Zoë", "Content Planner": "Acme", "Planner": "Acme"}
	for _, tt := range []struct{ name, page, want string }{
		{"prose", `<p>Maya’s <b>Content Planner</b> asks Chirper.</p>`, `<p>Zoë’s <b>Acme</b> asks Chirper.</p>`},
		{"part of a word", `<p>Mayan planners, PlannerX</p>`, `<p>Mayan planners, PlannerX</p>`},
		{"code", `<code>Maya</code> and <pre>a <b>Planner</b></pre> Maya`, `<code>Maya</code> and <pre>a <b>Planner</b></pre> Zoë`},
		{"a script", `<script nonce="x">"Maya < Planner"</script>Maya`, `<script nonce="x">"Maya < Planner"</script>Zoë`},
		{"an address", `<a href="/Maya" id="Maya" title="To Maya">Maya</a>`, `<a href="/Maya" id="Maya" title="To Zoë">Zoë</a>`},
		{"what is read out", `<img alt="Maya" aria-label="Planner’s"/>`, `<img alt="Zoë" aria-label="Acme’s"/>`},
		{"what scripts look up", `<meta name="names" content="Maya"><meta name="description" content="Maya">`, `<meta name="names" content="Maya"><meta name="description" content="Zoë">`},
		{"a page that is none", `Maya < Planner <`, `Zoë < Acme <`},
	} {
		if got := string(renamed(names, []byte(tt.page))); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
		if got := string(renamed(nil, []byte(tt.page))); got != tt.page {
			t.Errorf("%s, without names: %s", tt.name, got)
		}
	}
}
