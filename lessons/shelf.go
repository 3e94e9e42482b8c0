package lessons

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Shelf is a course that its author may change while it is taught: the lessons that come with the binary and, in their place or
// beside them, those of a folder as it is now. A lesson that can't be read any more is taught as it last could.
type Shelf struct {
	base []*Lesson
	fsys fs.FS
	v    Vocabulary

	mu    sync.Mutex // guards the fields below, and is held by who looks
	files map[string]file
	cover *Cover // the last that had no mistake; nil if there is no course file
	dress string // stamp of the course file and its logo
}

// file is one file of the folder as it was when it was last looked at.
type file struct {
	stamp    string // says that it is still the same
	sum      string // of what is in it
	lesson   *Lesson
	problems []Problem
}

// Edition is what a shelf holds at a moment. It never changes.
type Edition struct {
	Course   *Course
	Problems []Problem // of all files, in their order

	marks map[string]string // by slug
	cover string            // mark of what a course file says
}

// NewShelf is a shelf with the lessons of base, over which those of a folder will stand: look at it first.
func NewShelf(base []*Lesson, fsys fs.FS, v Vocabulary) *Shelf {
	return &Shelf{base: base, fsys: fsys, v: v}
}

// Look reads what has changed in the folder since the last look; nil if nothing has. The error is a folder that can't be read:
// what was read before is taught on.
func (s *Shelf) Look() (*Edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names, err := Files(s.fsys)
	if err != nil {
		return nil, err
	}
	changed := s.files == nil || len(names) != len(s.files)
	files := map[string]file{}
	for _, name := range names {
		old, known := s.files[name]
		stamp := s.stamp(name, GoldenFile(name), GoldenFile(name)+".gz")
		if known && old.stamp == stamp {
			files[name] = old
			continue
		}
		f, err := s.read(name, old)
		if errors.Is(err, fs.ErrNotExist) {
			changed = true // taken away since it was listed
			continue
		}
		if err != nil {
			return nil, err
		}
		f.stamp = stamp
		files[name], changed = f, true
	}
	dress := s.dressed()
	if !changed && dress == s.dress {
		return nil, nil
	}
	s.files = files
	return s.edition(names)
}

// dressed is the stamp of the course file and of the logo that it names.
func (s *Shelf) dressed() string {
	names := []string{CourseFile}
	if s.cover != nil && s.cover.plan.Logo != "" {
		names = append(names, s.cover.plan.Logo)
	}
	return s.stamp(names...)
}

// stamp tells files from what they were: by time and size, so that nothing is read that is the same.
func (s *Shelf) stamp(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		if info, err := fs.Stat(s.fsys, n); err == nil {
			fmt.Fprintf(&b, "%d %d;", info.ModTime().UnixNano(), info.Size())
		} else {
			b.WriteString("none;")
		}
	}
	return b.String()
}

// read reads one file. If it is no lesson now, the one that it last was stays.
func (s *Shelf) read(name string, old file) (file, error) {
	sum := sha256.New()
	for _, n := range []string{name, GoldenFile(name)} {
		b, err := fs.ReadFile(s.fsys, n)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return file{}, err
		}
		fmt.Fprintf(sum, "%d\n%s", len(b), b)
	}
	l, problems, err := readLesson(s.fsys, name, s.v)
	if err != nil {
		return file{}, err
	}
	if l == nil {
		l = old.lesson
	}
	return file{sum: hex.EncodeToString(sum.Sum(nil)[:8]), lesson: l, problems: problems}, nil
}

// edition makes a course of what the shelf holds.
func (s *Shelf) edition(names []string) (*Edition, error) {
	e := &Edition{marks: map[string]string{}}
	var own []*Lesson
	for _, name := range names {
		f := s.files[name]
		e.Problems = append(e.Problems, f.problems...)
		e.marks[slugOf(name)] += f.sum
		if f.lesson != nil {
			own = append(own, f.lesson)
		}
	}
	var more []Problem
	e.Course, more = compose(s.base, own, e.Problems)
	e.Problems = append(e.Problems, more...)
	cover, wrong, err := readCover(s.fsys, e.Course)
	if err != nil {
		return nil, err
	}
	e.Problems = append(e.Problems, wrong...)
	if cover != nil || len(wrong) == 0 {
		s.cover = cover
	}
	s.dress = s.dressed()
	if s.cover != nil {
		e.Course = e.Course.put(s.cover)
		sum := sha256.New()
		fmt.Fprintf(sum, "%+v", *s.cover)
		e.cover = hex.EncodeToString(sum.Sum(nil)[:8])
	}
	return e, nil
}

// Of are the problems of the files of one lesson, by its slug.
func (e *Edition) Of(slug string) []Problem {
	return slices.DeleteFunc(slices.Clone(e.Problems), func(p Problem) bool { return slugOf(p.File) != slug })
}

// Mark is another whenever what there is to see of a lesson is another: its text, its recorded run, what is wrong with it. Without a
// slug it is that of all lessons.
func (e *Edition) Mark(slug string) string {
	sum := sha256.New()
	fmt.Fprintln(sum, e.cover)
	problems := e.Problems
	if slug == "" {
		for _, s := range slices.Sorted(maps.Keys(e.marks)) {
			fmt.Fprintln(sum, s, e.marks[s])
		}
	} else {
		fmt.Fprintln(sum, e.marks[slug])
		problems = e.Of(slug)
	}
	for _, p := range problems {
		fmt.Fprintln(sum, p)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
