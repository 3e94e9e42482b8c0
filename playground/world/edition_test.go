package world

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
)

// changing is a world whose lesson x its author changes, or takes away: it is then empty.
func changing(t *testing.T, asked func(n int64) string) *World {
	t.Helper()
	var n atomic.Int64
	w, err := New(Config{Engine: engine.NewMemory(), Clock: func() time.Time { return noon }, BaseURL: "http://127.0.0.1:8080",
		Course: func() (*lessons.Course, error) {
			files := fstest.MapFS{"core/02-y.md": {Data: []byte(aLesson)}}
			if src := asked(n.Add(1)); src != "" {
				files["core/01-x.md"] = &fstest.MapFile{Data: []byte(src)}
			}
			return lessons.Load(files, Vocabulary())
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// TestAnActGoesOnWithTheLessonThatItBeganWith: the author saves while a step is played.
func TestAnActGoesOnWithTheLessonThatItBeganWith(t *testing.T) {
	var saved atomic.Int64 // from this question on the file is another
	saved.Store(1 << 60)
	w := changing(t, func(n int64) string {
		if n > saved.Load() {
			return strings.ReplaceAll(aLesson, "{#code}", "{#another}")
		}
		return aLesson
	})
	s := newSandbox(t, w, Spec{Lesson: "x"}) // asks once
	saved.Store(2)
	if p, err := s.Play(t.Context(), "code", nil); err != nil || !p.Passed {
		t.Fatalf("%+v %v", p, err)
	}
	if _, err := s.Play(t.Context(), "code", nil); problemStatus(err) != http.StatusNotFound {
		t.Errorf("the next act has the old lesson: %v", err)
	}
	if p, err := s.Play(t.Context(), "another", nil); err != nil || !p.Passed {
		t.Errorf("the step under its new name: %+v %v", p, err)
	}
}

// TestWhatALessonHasLostCountsForNothing: the step that a learner is on, and then the whole lesson, are gone. The sandbox is
// there, and its browsers go on.
func TestWhatALessonHasLostCountsForNothing(t *testing.T) {
	var src atomic.Pointer[string]
	lose := func(old, now string) {
		text := strings.ReplaceAll(aLesson, old, now)
		src.Store(&text)
	}
	lose("", "")
	w := changing(t, func(int64) string { return *src.Load() })
	s := newSandbox(t, w, Spec{Lesson: "x"})
	if _, err := s.Play(t.Context(), "code", nil); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		v, err := s.Act(t.Context(), Browser, Act{Do: "open", URL: "https://planner.test/"})
		if err != nil || v.Step != nil {
			t.Errorf("%s: %+v %v", when, v.Step, err)
		}
		if _, err := s.View(t.Context()); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		if _, err := s.Play(t.Context(), "code", nil); problemStatus(err) != http.StatusNotFound {
			t.Errorf("%s: %v", when, err)
		}
	}
	lose("{#code}", "{#another}")
	look("without its step")
	if p, err := s.Play(t.Context(), "try", nil); err != nil || !p.Passed {
		t.Errorf("a step that is left: %+v %v", p, err)
	}
	gone := ""
	src.Store(&gone)
	look("without its lesson")
}
