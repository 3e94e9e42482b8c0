package world

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// noon is when a golden run begins.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// embedded is the course of this repository, read once.
var embedded = sync.OnceValues(func() (*lessons.Course, error) { return lessons.Load(lessons.Embedded(), Vocabulary()) })

// newWorld is a world with the course of this repository and a clock that stands still; the test's end closes it.
func newWorld(t testing.TB, e engine.Engine) *World {
	t.Helper()
	w := openWorld(t, e)
	t.Cleanup(func() { w.Close() })
	return w
}

func openWorld(t testing.TB, e engine.Engine) *World {
	t.Helper()
	w, err := New(Config{
		Engine:  e,
		Course:  embedded,
		Clock:   func() time.Time { return noon },
		BaseURL: "http://127.0.0.1:8080",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newSandbox(t testing.TB, w *World, spec Spec) *Sandbox {
	t.Helper()
	c, err := w.Create(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Open(context.Background(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func course(t testing.TB) *lessons.Course {
	t.Helper()
	c, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eachLesson runs a test for every lesson there is: nothing is registered anywhere.
func eachLesson(t *testing.T, test func(*testing.T, *lessons.Lesson)) {
	for _, track := range course(t).Tracks {
		for _, l := range track.Lessons {
			t.Run(l.Slug, func(t *testing.T) {
				t.Parallel()
				test(t, l)
			})
		}
	}
}

// TestALessonGoesOnInAnotherWorld closes the world after every step and opens another on the same engine.
func TestALessonGoesOnInAnotherWorld(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		ctx := context.Background()
		e := engine.NewMemory()
		c, err := newWorld(t, e).Create(ctx, Spec{Lesson: l.Slug})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range l.Steps {
			w := newWorld(t, e)
			s, err := w.Open(ctx, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !s.Authorized(c.Key) {
				t.Fatal("the key is not known any more")
			}
			played, err := s.Play(ctx, step.ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !allHeld(played.Expect) {
				t.Errorf("step %q in another world: %+v", step.ID, played.Expect)
			}
		}
	})
}

// TestMisconceptionsArePutRightSomewhere: each that a lesson may name cites a section that there is.
func TestMisconceptionsArePutRightSomewhere(t *testing.T) {
	for id, m := range lessons.Misconceptions {
		if m.Spec == "" {
			continue // no lesson can name it: the parser refuses
		}
		if _, err := check.SpecURL(m.Spec); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestNamesSayWhatTheyAre: each check and each setting that a lesson may name has a title.
func TestNamesSayWhatTheyAre(t *testing.T) {
	for _, c := range Checks() {
		if c.Title == "" {
			t.Errorf("the check %s has no title", c.ID)
		}
	}
	for _, s := range Settings() {
		if s.Title == "" {
			t.Errorf("the setting %s has no title", s.ID)
		}
	}
}

// TestTheRecordFollowsTheValuesALessonMayName: a kind that the record doesn't know would make a line with no before it true
// for ever.
func TestTheRecordFollowsTheValuesALessonMayName(t *testing.T) {
	for _, kind := range values {
		req := trace.Request{Method: "POST", URL: "https://planner.test/", Headers: []trace.Header{
			{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", "planner_session=something-long"},
		}, Body: kind + "=something-else"}
		log := trace.NewMemoryLog(trace.MemoryOptions{})
		x, err := trace.NewRecorder(log, nil).Begin(context.Background(), noon, trace.Begin{From: Browser, To: Client, Request: req})
		if err != nil {
			t.Fatal(err)
		}
		events, err := trace.Past(context.Background(), log, x.Seq()-1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(events[0].Finds, func(f trace.Find) bool { return f.Kind == kind }) {
			t.Errorf("nothing is found of kind %s: %v", kind, events[0].Finds)
		}
	}
}
