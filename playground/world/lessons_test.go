package world

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"html/template"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

var (
	update = flag.Bool("update", false, "write the golden traces anew")
	other  = flag.String("lessons", "", "a folder of lessons to test in place of the course of this repository")
)

// noon is when a golden run begins.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// embedded is the course of this repository, or that of an author who tries one, read once.
var embedded = sync.OnceValues(func() (*lessons.Course, error) {
	if *other != "" {
		return lessons.Load(os.DirFS(*other), Vocabulary())
	}
	return lessons.Load(lessons.Embedded(), Vocabulary())
})

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

// TestSolutionsPlay plays every lesson's solution: all expectations hold, and in each step some positive one does not hold
// before the act.
func TestSolutionsPlay(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: l.Slug})
		if solve(t, s, l); !t.Failed() {
			golden(t, s, l)
		}
	})
}

// TestTheTemplateIsALesson: what the README gives authors to begin with parses, plays and holds.
func TestTheTemplateIsALesson(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "lessons", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const fence = "\n`````"
	_, template, _ := strings.Cut(string(readme), fence+"markdown\n")
	template, _, whole := strings.Cut(template, fence)
	if !whole {
		t.Fatal("the README has no template")
	}
	first, err := fs.ReadFile(lessons.Embedded(), "core/03-code-flow.md")
	if err != nil {
		t.Fatal(err)
	}
	first = regexp.MustCompile(`(?m)^needs: .*\n`).ReplaceAll(first, nil) // it stands alone here
	c, err := lessons.Load(fstest.MapFS{"core/03-code-flow.md": {Data: first}, "core/04-template.md": {Data: []byte(template)}}, Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Config{Engine: engine.NewMemory(), Course: func() (*lessons.Course, error) { return c, nil }, Clock: func() time.Time { return noon }, BaseURL: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	solve(t, newSandbox(t, w, Spec{Lesson: "template"}), c.Lesson("template"))
}

// solve plays a lesson's solution, and holds each step to what it expects.
func solve(t *testing.T, s *Sandbox, l *lessons.Lesson) {
	t.Helper()
	ctx := context.Background()
	for _, step := range l.Steps {
		if err := s.BeginStep(ctx, step.ID); err != nil {
			t.Fatalf("%s:%d: %v", l.File, step.Line, err)
		}
		before, err := s.judgeStep(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if expects := expectations(step); len(expects) > 0 && !failsPositive(expects, before.Expect) {
			t.Errorf("%s:%d: everything that step %q expects is true before anyone acts", l.File, step.Line, step.ID)
		}
		played, err := s.Play(ctx, step.ID, nil)
		if err != nil {
			t.Fatalf("%s:%d: %v", l.File, step.Line, err)
		}
		for i, line := range played.Expect {
			if !line.Held {
				t.Errorf("%s:%d: does not hold: %s", l.File, expectations(step)[i].Line, line.Text)
			}
		}
		if played.Outcome != nil && played.Outcome.Won != step.Succeeds() {
			t.Errorf("%s:%d: attack won: %v", l.File, step.Line, played.Outcome.Won)
		}
	}
	if t.Failed() {
		dump(t, s)
	}
}

func failsPositive(expects []lessons.Expectation, lines []Line) bool {
	for i, x := range expects {
		if !x.No && !lines[i].Held {
			return true
		}
	}
	return false
}

// TestAttacksFailUnderFullEnforcement plays every lesson with everything enforced, whatever its policy blocks say: no attack
// may reach its goals, unless the lesson says why.
func TestAttacksFailUnderFullEnforcement(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		ctx := context.Background()
		s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: l.Slug})
		attacks := 0
		for _, step := range l.Steps {
			for _, b := range step.Blocks {
				switch b := b.(type) {
				case *lessons.Policy:
					continue
				case *lessons.Attack:
					attacks++
					_, _, before, err := s.log.Info(ctx)
					if err != nil {
						t.Fatal(err)
					}
					if err := s.do(ctx, b, nil); err != nil {
						t.Fatal(err)
					}
					o, err := s.outcome(ctx, b, before)
					if err != nil {
						t.Fatal(err)
					}
					if o.Won && l.Residual == "" {
						t.Errorf("%s: the attack of step %q succeeds with everything enforced: %+v", l.File, step.ID, o.Goals)
						dump(t, s)
					}
				default:
					// What a protection stops early leaves later acts without their page: that is its success.
					if err := s.do(ctx, b, nil); err != nil {
						t.Logf("step %q: %v", step.ID, err)
					}
				}
			}
		}
		if l.Attack != "" && attacks == 0 {
			t.Errorf("%s: the catalogue promises an attack and there is none", l.File)
		}
	})
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

// golden compares the run with the recorded one that the page shows before a learner starts.
func golden(t *testing.T, s *Sandbox, l *lessons.Lesson) {
	t.Helper()
	events, err := s.events(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, e := range trace.Anonymous(events) {
		line, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	name := filepath.Join(cmp.Or(*other, filepath.Join("..", "..", "lessons")), strings.TrimSuffix(filepath.FromSlash(l.File), ".md")+lessons.GoldenExt)
	if *update {
		if err := errors.Join(os.WriteFile(name, b.Bytes(), 0o644), os.WriteFile(name+".gz", packed(b.Bytes()), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	read, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := l.Golden()
	if err != nil {
		t.Fatal(err)
	}
	for which, run := range map[string][]byte{"that is read": read, "that is shown": shown} {
		if !bytes.Equal(b.Bytes(), run) {
			t.Errorf("the run of %s is not the recorded one %s: look at what changed with go test ./playground/world -run TestSolutionsPlay -update and git diff\n%s", l.File, which, firstDifference(b.Bytes(), run))
		}
	}
}

// packed is a recorded run as it comes with the binary.
func packed(run []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write(run)
	w.Close()
	return b.Bytes()
}

// goldenEvents are those of a lesson's recorded run.
func goldenEvents(t *testing.T, l *lessons.Lesson) []trace.Event {
	t.Helper()
	raw, err := l.Golden()
	if err != nil {
		t.Fatal(err)
	}
	events, err := trace.ReadNDJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return ""
}

func dump(t *testing.T, s *Sandbox) {
	t.Helper()
	events, _ := s.events(context.Background(), 0)
	for _, e := range events {
		line, _ := e.Encode()
		if len(line) > 400 {
			line = line[:400]
		}
		t.Logf("%s", line)
	}
}

var (
	tagIn = regexp.MustCompile(`data-tag="([^"]+)"`)
	refIn = regexp.MustCompile(`data-ref="([^"]+)"`)
)

// TestPointersLeadSomewhere: whatever a lesson's text points to is in the run that its solution makes, and whatever is said
// about a choice points into it.
func TestPointersLeadSomewhere(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		events := goldenEvents(t, l)
		known := map[string]bool{}
		for _, e := range events {
			for _, f := range e.Finds {
				known[f.Tag] = true
			}
			if e.Request != nil {
				u, err := url.Parse(e.Request.URL)
				if err != nil {
					t.Fatal(err)
				}
				known[e.Request.Method+" "+u.Path] = true
			}
		}
		points := func(where string, text template.HTML) (n int) {
			for _, form := range []*regexp.Regexp{tagIn, refIn} {
				for _, m := range form.FindAllStringSubmatch(string(text), -1) {
					n++
					if !known[m[1]] {
						t.Errorf("%s: %s: nothing in the run is called %q", l.File, where, m[1])
					}
				}
			}
			return n
		}
		check := func(where string, blocks []lessons.Block) {
			for _, b := range blocks {
				switch b := b.(type) {
				case *lessons.Prose:
					points(where, b.HTML)
				case *lessons.Note:
					points(where, b.HTML)
				case *lessons.Hint:
					points(where, b.HTML)
				case *lessons.Experiment:
					points(where, b.HTML)
				case *lessons.Takeaway:
					points(where, b.HTML)
				case *lessons.Quiz:
					points(b.ID, b.Question)
					for i, c := range b.Choices {
						points(b.ID, c.HTML)
						if points(b.ID, c.Feedback) == 0 {
							t.Errorf("%s: what is said about choice %d of %s points nowhere", l.File, i+1, b.ID)
						}
					}
				case *lessons.Expect:
					for _, x := range b.Lines {
						if x.Tag != "" && !known[x.Tag] {
							t.Errorf("%s:%d: nothing in the run is called %q", l.File, x.Line, x.Tag)
						}
					}
				}
			}
		}
		check("before the first step", l.Intro)
		for _, s := range l.Steps {
			check("step "+s.ID, s.Blocks)
		}
	})
}

// TestTheBackChannelIsProved: a step that is told as back channel expects an exchange that no browser has sent, and the record
// of its solution has one.
func TestTheBackChannelIsProved(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		events := goldenEvents(t, l)
		for _, step := range l.Steps {
			if step.Phase != "back" {
				continue
			}
			proved := slices.ContainsFunc(expectations(step), func(x lessons.Expectation) bool {
				return x.Kind == "exchange" && !x.No && !slices.Contains(agents(), x.From) && !slices.Contains(agents(), x.To) && holds(events, x)
			})
			if !proved {
				t.Errorf("%s:%d: step %q is told as back channel, and expects nothing that was sent without a browser", l.File, step.Line, step.ID)
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

// TestNames lists, with -v, what a lesson may name; each says what it is.
func TestNames(t *testing.T) {
	for _, c := range Checks() {
		t.Logf("check    %-34s %-22s %-12s %s", c.ID, strings.Join(Vocabulary().Checks[c.ID], " "), c.Spec, c.Title)
		if c.Title == "" {
			t.Errorf("the check %s has no title", c.ID)
		}
	}
	for _, s := range Settings() {
		values := strings.Join(s.Values, " ")
		if s.Duration {
			values = "a time, as 10m"
		}
		t.Logf("setting  %-34s %-22s %-12s %s", s.ID, values, s.Default, s.Title)
		if s.Title == "" {
			t.Errorf("the setting %s has no title", s.ID)
		}
	}
	v := Vocabulary()
	t.Logf("attacks  %s", strings.Join(v.Attacks, " "))
	t.Logf("actors   %s; browsers: %s", strings.Join(v.Actors, " "), strings.Join(v.Browsers, " "))
	t.Logf("values   %s", strings.Join(v.Values, " "))
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
