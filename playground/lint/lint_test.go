package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// course is the folder of the lessons that come with the binary.
var course = filepath.Join("..", "..", "lessons")

// TestTheCourse holds every lesson that comes with the binary to every rule: they have no warning either.
func TestTheCourse(t *testing.T) {
	r, err := Dir(t.Context(), course)
	if err != nil {
		t.Fatal(err)
	}
	graded := 0
	for _, l := range r.Lessons {
		for _, q := range l.Quizzes() {
			if !q.SelfCheck && !q.Predict && !strings.HasSuffix(q.ID, "-twin") {
				graded++
			}
		}
	}
	for _, p := range r.Problems {
		t.Errorf("lessons/%s", p)
	}
	if graded < 27 {
		t.Errorf("the course has %d graded questions, beside predictions and twins: it promises 27", graded)
	}
	if t.Failed() {
		t.Log("go run ./cmd/playground lint lessons says the same; with -record it writes the recorded runs anew, and git diff shows what changed for a learner")
	}
}

// TestTheTemplateIsALesson: what authors begin with keeps every rule, and the README shows it as it is.
func TestTheTemplateIsALesson(t *testing.T) {
	r, err := Lint(t.Context(), fstest.MapFS{"mine/04-template.md": {Data: []byte(lessons.Template)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		if p.Rule != ruleUnrecord {
			t.Error(p)
		}
	}
	readme, err := os.ReadFile(filepath.Join(course, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "\n`````markdown\n"+lessons.Template+"`````\n") {
		t.Error("lessons/README.md does not show lessons/template.md as it is")
	}
}

// TestTheReadmeNamesEveryRule with what it asks, as the table has it.
func TestTheReadmeNamesEveryRule(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(course, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if line := fmt.Sprintf("| `%s` | %s |", r.ID, r.Asks); !strings.Contains(string(readme), line) {
			t.Errorf("lessons/README.md has no line\n%s", line)
		}
	}
}

// TestEachRuleIsAskedOnce: its name is its own, and plain enough for a script.
func TestEachRuleIsAskedOnce(t *testing.T) {
	for i, r := range rules {
		if slices.ContainsFunc(rules[:i], func(o rule) bool { return o.ID == r.ID }) || strings.Trim(string(r.ID), "abcdefghijklmnopqrstuvwxyz-") != "" || !strings.HasSuffix(r.Asks, ".") {
			t.Errorf("%+v", r)
		}
	}
}

func TestAnIdleStepIsOneWithNothingLeftToDo(t *testing.T) {
	expects := []lessons.Expectation{{No: true}, {}, {}}
	for held, want := range map[[3]bool]bool{{true, true, true}: true, {false, true, true}: true, {true, false, true}: false, {true, false, false}: false} {
		lines := []world.Line{{Held: held[0]}, {Held: held[1]}, {Held: held[2]}}
		if got := everyPositive(lines, expects); got != want {
			t.Errorf("%v: %v", held, got)
		}
	}
}

// TestOneFileIsHeldToTheRulesByItself: an editor asks about the file that was saved, which may need its neighbours.
func TestOneFileIsHeldToTheRulesByItself(t *testing.T) {
	r, err := Dir(t.Context(), filepath.Join("testdata", "needs"), "mine/03-three.md")
	if err != nil || len(r.Problems) == 0 || len(r.Runs) != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	for _, p := range r.Problems {
		if p.File != "mine/03-three.md" {
			t.Error(p)
		}
	}
}

func TestWhatIsNoFolderOfLessons(t *testing.T) {
	if _, err := Dir(t.Context(), t.TempDir()); !errors.Is(err, ErrNoLessons) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Dir(t.Context(), "lint.go"); err == nil || !strings.Contains(err.Error(), "there is no such folder") {
		t.Errorf("a file: %v", err)
	}
}

// TestARecordedRunIsWrittenOnceAndThenKept by those that play.
func TestARecordedRunIsWrittenOnceAndThenKept(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "recorded"))); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"mine/01-recorded.golden.ndjson"}, nil} {
		r, err := Dir(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if r.Clean() != (i > 0) {
			t.Errorf("%d: %v", i, r.Problems)
		}
		if changed, err := r.Record(dir); err != nil || !slices.Equal(changed, want) || !r.Clean() {
			t.Errorf("%d: it has changed %v, %v, and says %v", i, changed, err, r.Problems)
		}
	}
}

// TestAPackedRunIsKeptAlike: where the runs of a track are packed too, those of each lesson are, and are the same.
func TestAPackedRunIsKeptAlike(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "recorded"))); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(dir, "mine", "01-recorded.golden.ndjson.gz")
	for _, stale := range []string{filepath.Join(dir, "mine", "02-neighbour.golden.ndjson.gz"), packed} {
		if err := os.WriteFile(stale, pack([]byte("another run")), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Dir(t.Context(), dir)
		if err != nil || r.Clean() {
			t.Fatalf("%s: %+v %v", stale, r.Problems, err)
		}
		if _, err := r.Record(dir); err != nil {
			t.Fatal(err)
		}
		if r, err = Dir(t.Context(), dir); err != nil || !r.Clean() {
			t.Errorf("%s: %+v %v", stale, r.Problems, err)
		}
		if got, err := os.ReadFile(packed); err != nil || !bytes.Equal(got, pack(r.Runs["mine/01-recorded.md"])) {
			t.Errorf("%s: the packed run is another: %v", stale, err)
		}
	}
}

// recorder is a test that is looked at.
type recorder struct {
	ctx          context.Context
	errors, logs []string
	fatal        string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Context() context.Context  { return r.ctx }
func (r *recorder) Logf(f string, a ...any)   { r.logs = append(r.logs, fmt.Sprintf(f, a...)) }
func (r *recorder) Errorf(f string, a ...any) { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, a ...any) { r.fatal = fmt.Sprintf(f, a...) }

// TestATestOfAnotherModule fails for what must be mended, and says what would be better.
func TestATestOfAnotherModule(t *testing.T) {
	r := &recorder{ctx: t.Context()}
	Test(r, filepath.Join("testdata", "minutes"))
	if len(r.errors) != 2 || len(r.logs) != 4 || !strings.HasPrefix(r.errors[0], "mine/01-long.md:4: ") {
		t.Errorf("errors %q, logs %q", r.errors, r.logs)
	}
	Test(r, "nowhere")
	if !strings.Contains(r.fatal, "nowhere: there is no such folder") {
		t.Errorf("fatal %q", r.fatal)
	}
}
