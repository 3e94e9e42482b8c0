package playground

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// TestNoStepIsTakenForAPartOfThePage: whatever has an id on a lesson's page is a step, belongs to a question, or is among the ids that
// no step may have.
func TestNoStepIsTakenForAPartOfThePage(t *testing.T) {
	course, err := lessons.Load(lessons.Embedded(), world.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	l := course.Tracks[0].Lessons[2]
	page := do(t, http.DefaultClient, mustRequest("GET", startServer(t, Config{})+"/lessons/"+l.Slug, ""))
	ids := regexp.MustCompile(`\sid="([^"]+)"`).FindAllSubmatch(page.body, -1)
	if len(ids) < 20 {
		t.Fatalf("the page has %d ids", len(ids))
	}
	for _, m := range ids {
		id := string(m[1])
		step := slices.ContainsFunc(l.Steps, func(s *lessons.Step) bool { return s.ID == id })
		if question := strings.HasPrefix(id, "q-") || strings.HasPrefix(id, "ql-") || strings.HasPrefix(id, "qh-") || strings.HasPrefix(id, "qv-"); !step && !question && !slices.Contains(lessons.Reserved, id) {
			t.Errorf("a step may be called %q, as a part of the page is: it belongs to lessons.Reserved", id)
		}
	}
}
