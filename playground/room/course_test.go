package room

import (
	"testing"

	"oauthplayground/lessons"
)

// TestWhatIsTriedNext: a misconception is tried where who believes it predicts something else than what then happens, in an attack
// if there is one; without such a step, in the lesson's attack. The class's own lesson comes first.
func TestWhatIsTriedNext(t *testing.T) {
	asks := func(id string, predict bool, beliefs ...string) *lessons.Quiz {
		q := &lessons.Quiz{ID: id, Predict: predict, Choices: []lessons.Choice{{Correct: true}}}
		for _, b := range beliefs {
			q.Choices = append(q.Choices, lessons.Choice{Misconception: b})
		}
		return q
	}
	expects := &lessons.Expect{Lines: []lessons.Expectation{{Text: "client -> as POST /token 200"}}}
	step := func(id string, blocks ...lessons.Block) *lessons.Step {
		return &lessons.Step{ID: id, Title: id, Blocks: blocks}
	}
	pkce := &lessons.Lesson{Slug: "pkce", Number: 8, Steps: []*lessons.Step{
		step("read", asks("q1", true, "M05")), // nothing happens in it
		step("swap", asks("q2", true, "M10", "M13"), expects),
		step("steal", asks("q3", true, "M10"), &lessons.Attack{Name: "thief"}),
		step("look-back", asks("q4", false, "M12")),
	}}
	state := &lessons.Lesson{Slug: "state", Number: 6, Steps: []*lessons.Step{step("link", asks("q5", true, "M13"), expects)}}
	c := catalogueOf(&lessons.Course{Tracks: []lessons.Track{{Slug: "core", Lessons: []*lessons.Lesson{state, pkce}}}})
	for _, try := range []struct{ belief, lesson, want string }{
		{"M10", "pkce", "8.3 steal"},
		{"M13", "pkce", "8.2 swap"},
		{"M05", "pkce", "8.3 steal"},
		{"M12", "pkce", "8.3 steal"},
		{"M13", "", "6.1 link"},
		{"M10", "state", "8.3 steal"},
	} {
		if at := c.try(try.belief, try.lesson); at == nil || at.Title != try.want {
			t.Errorf("%s of a class at %q is tried at %+v, want %s", try.belief, try.lesson, at, try.want)
		}
	}
	if at := c.try("M99", "pkce"); at != nil {
		t.Errorf("what no question asks about is tried at %+v", at)
	}
}
