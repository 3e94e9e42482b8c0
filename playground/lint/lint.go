package lint

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/world"
)

// Problem is one thing that is not right, as programs read it.
type Problem struct {
	File     string       `json:"file"`             // below the folder, with slashes
	Line     int          `json:"line"`             // from 1
	Column   int          `json:"column,omitempty"` // in characters, from 1; 0 if it is the whole line
	Severity Severity     `json:"severity"`
	Rule     lessons.Rule `json:"rule"`
	Message  string       `json:"message"` // what is wrong
	Mend     string       `json:"mend"`    // how to mend it; may be empty
}

// String is the problem as people read it.
func (p Problem) String() string {
	said := p.Message
	if p.Mend != "" {
		said += ": " + p.Mend
	}
	if p.Severity == Warning {
		said = "warning: " + said
	}
	return fmt.Sprintf("%s:%d: %s [%s]", p.File, p.Line, said, p.Rule)
}

// Report is what came of a folder.
type Report struct {
	Lessons  []*lessons.Lesson // those of the folder that can be read
	Problems []Problem         // by file and line
	Runs     map[string][]byte // of each lesson whose solution plays, by its file: the run as it is recorded
}

// Clean tells whether nothing must be mended.
func (r Report) Clean() bool {
	return !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Severity == Error })
}

// ErrNoLessons is a folder in which nothing could be a lesson.
var ErrNoLessons = errors.New("there is no lesson in it: a lesson is a file in a folder of it, as in core/01-password.md")

// Dir holds a folder to the rules. If only are given, those of its files alone, by their paths below it; the others are read
// along with them. The error is a folder that can't be read.
func Dir(ctx context.Context, dir string, only ...string) (Report, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return Report{}, fmt.Errorf("%s: there is no such folder", dir)
	}
	r, err := Lint(ctx, os.DirFS(dir), only...)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", dir, err)
	}
	return r, nil
}

// Lint holds the lessons below fsys to the rules, as Dir does.
func Lint(ctx context.Context, fsys fs.FS, only ...string) (Report, error) {
	vocabulary := world.Vocabulary()
	base, _, err := lessons.Read(lessons.Embedded(), vocabulary)
	if err != nil {
		return Report{}, err
	}
	own, found, err := lessons.Read(fsys, vocabulary)
	if err != nil {
		return Report{}, err
	}
	if _, err := fs.Stat(fsys, lessons.CourseFile); err != nil && len(own)+len(found) == 0 {
		return Report{}, ErrNoLessons
	}
	course, more := lessons.Compose(base, own, fsys, found)
	asked := slices.DeleteFunc(slices.Clone(own), func(l *lessons.Lesson) bool { return len(only) > 0 && !slices.Contains(only, l.File) })
	r := Report{Lessons: asked, Runs: map[string][]byte{}}
	for _, p := range append(found, more...) {
		r.Problems = append(r.Problems, Problem{File: p.File, Line: p.Line, Column: p.Column, Rule: p.Rule, Message: p.Text, Mend: p.Mend})
	}
	w, err := world.New(world.Config{
		Engine: engine.NewMemory(), BaseURL: "http://127.0.0.1", Clock: func() time.Time { return noon },
		Course: func() (*lessons.Course, error) { return course, nil },
	})
	if err != nil {
		return Report{}, err
	}
	defer w.Close()
	var (
		mu   sync.Mutex // guards r
		wait sync.WaitGroup
		free = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for _, l := range asked {
		wait.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			c := inspect(ctx, w, course, fsys, l)
			mu.Lock()
			defer mu.Unlock()
			r.Problems = append(r.Problems, c.problems...)
			if c.recorded != nil {
				r.Runs[l.File] = c.recorded
			}
		})
	}
	wait.Wait()
	r.Problems = append(r.Problems, together(own)...)
	if len(only) > 0 {
		r.Problems = slices.DeleteFunc(r.Problems, func(p Problem) bool { return !slices.Contains(only, p.File) })
	}
	for i, p := range r.Problems {
		r.Problems[i].Severity = severity(p.Rule)
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Message, b.Message))
	})
	return r, ctx.Err()
}

// noon is when a run begins: the clock of a world that is looked at stands still.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Record writes the runs of a report beside their lessons, and tells which files it has changed. What the report said of them is
// no longer so.
func (r *Report) Record(dir string) (changed []string, err error) {
	for _, l := range r.Lessons {
		run, played := r.Runs[l.File]
		wrong := func(p Problem) bool { return p.File == l.File && (p.Rule == ruleRecorded || p.Rule == ruleUnrecord) }
		if !played || !slices.ContainsFunc(r.Problems, wrong) {
			continue
		}
		name := lessons.GoldenFile(l.File)
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.WriteFile(path, run, 0o644)
		if err == nil && packs(os.DirFS(dir), l) {
			err = os.WriteFile(path+".gz", pack(run), 0o644)
		}
		if err != nil {
			return changed, err
		}
		changed = append(changed, name)
		r.Problems = slices.DeleteFunc(r.Problems, wrong)
	}
	return changed, nil
}

// pack compresses a run, on every machine to the same bytes.
func pack(run []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that there is
	w.Write(run)
	w.Close()
	return b.Bytes()
}
