package lessons

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
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
	shut  []Problem // tracks that can't be read
	cover *Cover    // the last that had no mistake; nil if there is no course file
	dress string    // stamp of the course file and of what may be its logo
}

// file is one file of the folder as it was when it was last looked at.
type file struct {
	stamp    string // says that it is still the same
	sum      string // of what is in it
	lesson   *Lesson
	problems []Problem
	missed   bool // it was not there at the last look
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
// what was read before is taught on. A file is gone when two looks have missed it: an editor may save by putting another in its
// place, and a learner should not be told in between that there is no such lesson.
func (s *Shelf) Look() (*Edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names, shut, err := Files(s.fsys)
	if err != nil {
		return nil, err
	}
	changed := s.files == nil || !slices.Equal(shut, s.shut)
	files := map[string]file{}
	for _, name := range names {
		f, known := s.files[name]
		stamp := s.stamp(name, GoldenFile(name), GoldenFile(name)+".gz")
		if !known || f.stamp != stamp {
			f, changed = s.read(name, f), true
			f.stamp = stamp
		}
		f.missed = false
		files[name] = f
	}
	for name, f := range s.files {
		if _, here := files[name]; here {
			continue
		}
		closed := slices.ContainsFunc(shut, func(p Problem) bool { return p.File == path.Dir(name) })
		moved := slices.ContainsFunc(names, func(n string) bool { return slugOf(n) == slugOf(name) })
		if closed || !moved && !f.missed {
			f.missed = true
			files[name] = f
			continue
		}
		changed = true
	}
	dress := s.dressed() // before it is read: what is saved meanwhile is seen at the next look
	changed = changed || dress != s.dress
	s.files, s.shut, s.dress = files, shut, dress
	if !changed {
		return nil, nil
	}
	return s.edition(), nil
}

// dressed is the stamp of the course file, and of the pictures beside it, of which one may be the logo.
func (s *Shelf) dressed() string {
	names := []string{CourseFile, otherEnding}
	top, _ := fs.ReadDir(s.fsys, ".") // the course file says what is wrong with a logo
	for _, d := range top {
		if logoTypes[path.Ext(d.Name())] != "" {
			names = append(names, d.Name())
		}
	}
	return strings.Join(names, " ") + s.stamp(names...)
}

// stamp tells files from what they were: by time, size and who may read them, so that nothing is read that is the same.
func (s *Shelf) stamp(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		if info, err := fs.Stat(s.fsys, n); err == nil {
			fmt.Fprintf(&b, "%d %d %s;", info.ModTime().UnixNano(), info.Size(), info.Mode())
		} else {
			b.WriteString("none;")
		}
	}
	return b.String()
}

// read reads one file. If it is no lesson now, the one that it last was stays.
func (s *Shelf) read(name string, old file) file {
	sum := sha256.New()
	for _, n := range []string{name, GoldenFile(name), GoldenFile(name) + ".gz"} {
		b, _ := readFile(s.fsys, n, maxRun) // of a lesson that can't be read the problem tells
		fmt.Fprintf(sum, "%d\n%s", len(b), b)
	}
	l, problems := readLesson(s.fsys, name, s.v)
	if l == nil {
		l = old.lesson
	}
	return file{sum: hex.EncodeToString(sum.Sum(nil)[:8]), lesson: l, problems: problems}
}

// edition makes a course of what the shelf holds.
func (s *Shelf) edition() *Edition {
	e := &Edition{Problems: slices.Clone(s.shut), marks: map[string]string{}}
	var own []*Lesson
	for _, name := range slices.SortedFunc(maps.Keys(s.files), func(a, b string) int {
		return cmp.Or(strings.Compare(path.Dir(a), path.Dir(b)), strings.Compare(a, b))
	}) {
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
	cover, wrong := readCover(s.fsys, e.Course)
	e.Problems = append(e.Problems, wrong...)
	if len(wrong) == 0 {
		s.cover = cover
	}
	if s.cover != nil {
		e.Course = e.Course.put(s.cover)
		sum := sha256.New()
		fmt.Fprintf(sum, "%+v", *s.cover)
		e.cover = hex.EncodeToString(sum.Sum(nil)[:8])
	}
	return e
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
