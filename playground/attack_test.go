package playground

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// TestAnAttackPageReadsWithoutScript: of each attack the page names what can stop it, and where the lesson tells it.
func TestAnAttackPageReadsWithoutScript(t *testing.T) {
	base := startServer(t, Config{})
	course, err := lessons.Load(lessons.Embedded(), world.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range course.Tracks {
		for _, l := range track.Lessons {
			r := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/"+l.Slug+"/attack", ""))
			if len(l.Attacks()) == 0 {
				if r.status != 404 {
					t.Errorf("%s has no attack, and its page is %d", l.Slug, r.status)
				}
				continue
			}
			page := html.UnescapeString(string(r.body))
			want := []string{"<h1>", "/lessons/" + l.Slug + "#" + l.Attacks()[0].ID, "data-lab"}
			if g := l.Graph(); g != nil {
				want = append(want, g.Nodes...)
				if l.Residual == "" {
					want = append(want, "With everything on enforce, the end is out of reach.")
				}
				for _, e := range g.Edges {
					for _, c := range e.Cuts {
						want = append(want, c.ID)
					}
				}
			}
			for _, text := range want {
				if r.status != 200 || !strings.Contains(page, text) {
					t.Errorf("%s: %d, and %q is not on the page", l.Slug, r.status, text)
				}
			}
		}
	}
}

// TestAnAttacksGraphIsItsOwn: a lesson's second attack begins under other settings than its first, and its page's graph says so
// before any script has run.
func TestAnAttacksGraphIsItsOwn(t *testing.T) {
	base := startServer(t, Config{})
	for step, closed := range map[string]bool{"thief": true, "guess": false} { // the log has the secret; then a short one is guessed
		page := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/codes/attack?step="+step, ""))
		if got := regexp.MustCompile(`<span class="ag-c is"[^>]*data-id="planner.secret"`).Match(page.body); got != closed {
			t.Errorf("%s: that the secret can't be guessed is in place: %v, want %v", step, got, closed)
		}
	}
}
