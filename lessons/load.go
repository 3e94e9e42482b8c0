package lessons

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The recorded runs are in the binary in their packed form alone: they would be 1.4 MB of it.
//
//go:embed core/*.md core/*.golden.ndjson.gz
var embedded embed.FS

// Embedded is the course that comes with the binary.
func Embedded() fs.FS { return embedded }

// tracks names the known folders, in order.
var tracks = []Track{
	{Slug: "core", Title: "Core", Blurb: "From sharing passwords to proof of possession, with one story and one app."},
	{Slug: "tokens", Title: "Tokens and identity", Blurb: "What tokens say, to whom, for how long, and how you know."},
	{Slug: "advanced", Title: "Advanced", Blurb: "Machines, televisions, bound tokens and Maya’s agent."},
}

// Load reads every lesson below a folder. The error joins every Problem of every file.
func Load(fsys fs.FS, v Vocabulary) (*Course, error) {
	var all []*Lesson
	var problems []error
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" || path.Base(name) == "README.md" {
			return err
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		l, err := Parse(name, src, v)
		if err != nil {
			problems = append(problems, err)
			return nil
		}
		if err := l.place(name); err != nil {
			problems = append(problems, err)
			return nil
		}
		l.from = fsys
		all = append(all, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	problems = append(problems, needs(all)...)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return arrange(all), nil
}

// Golden is a recorded run of the lesson's solution, as NDJSON, with values replaced by their tags; nil if there is none. It is
// read anew each time: it is large, and what pages show of it they keep for themselves.
func (l *Lesson) Golden() ([]byte, error) {
	if l.from == nil { // parsed alone
		return nil, nil
	}
	name := strings.TrimSuffix(l.File, ".md") + GoldenExt
	packed, err := l.from.Open(name + ".gz")
	if errors.Is(err, fs.ErrNotExist) {
		plain, err := fs.ReadFile(l.from, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return plain, err
	}
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("%s.gz: %w", name, err)
	}
	return io.ReadAll(r)
}

// GoldenExt is what the name of a recorded run ends in, where that of its lesson ends in .md. Beside it is the same, packed by gzip,
// with .gz behind: people read the one, and programs the other.
const GoldenExt = ".golden.ndjson"

// place reads track, number and slug from a file's name: core/03-code-flow.md.
func (l *Lesson) place(name string) error {
	l.Track = path.Dir(name)
	number, slug, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".md"), "-")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || slug == "" {
		return Problem{File: name, Line: 1, Text: "a lesson’s file is named by its number and its slug, as in 03-code-flow.md"}
	}
	l.Number, l.Slug = n, slug
	return nil
}

// needs checks that every lesson that is needed is there, and that none needs itself by a detour.
func needs(all []*Lesson) []error {
	bySlug := map[string]*Lesson{}
	var problems []error
	for _, l := range all {
		if other := bySlug[l.Slug]; other != nil {
			problems = append(problems, Problem{File: l.File, Line: 1, Text: fmt.Sprintf("the slug %q is taken by %s", l.Slug, other.File)})
		}
		bySlug[l.Slug] = l
	}
	var reaches func(l *Lesson, target string, seen map[string]bool) bool
	reaches = func(l *Lesson, target string, seen map[string]bool) bool {
		for _, n := range l.Needs {
			if n == target {
				return true
			}
			if next := bySlug[n]; next != nil && !seen[n] {
				seen[n] = true
				if reaches(next, target, seen) {
					return true
				}
			}
		}
		return false
	}
	for _, l := range all {
		for _, n := range l.Needs {
			if bySlug[n] == nil {
				problems = append(problems, Problem{File: l.File, Line: l.needsLine, Text: fmt.Sprintf("it needs %q, and there is no such lesson", n)})
			}
		}
		if reaches(l, l.Slug, map[string]bool{}) {
			problems = append(problems, Problem{File: l.File, Line: l.needsLine, Text: "it needs itself, by way of what it needs"})
		}
	}
	return problems
}

func arrange(all []*Lesson) *Course {
	c := &Course{Tracks: slices.Clone(tracks)}
	for _, l := range all {
		i := slices.IndexFunc(c.Tracks, func(t Track) bool { return t.Slug == l.Track })
		if i < 0 {
			c.Tracks = append(c.Tracks, Track{Slug: l.Track, Title: l.Track})
			i = len(c.Tracks) - 1
		}
		c.Tracks[i].Lessons = append(c.Tracks[i].Lessons, l)
	}
	c.Tracks = slices.DeleteFunc(c.Tracks, func(t Track) bool { return len(t.Lessons) == 0 })
	for _, t := range c.Tracks {
		slices.SortFunc(t.Lessons, func(a, b *Lesson) int { return a.Number - b.Number })
	}
	return c
}
