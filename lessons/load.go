package lessons

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// The recorded runs are in the binary in their packed form alone: they would be 1.4 MB of it.
//
//go:embed core/*.md core/*.golden.ndjson.gz
var embedded embed.FS

// Embedded is the course that comes with the binary.
func Embedded() fs.FS { return embedded }

// Template is a lesson to begin with: it has one of most things, and keeps every rule.
//
//go:embed template.md
var Template string

// tracks names the known folders, in order.
var tracks = []Track{
	{Slug: "core", Title: "Core", Blurb: "From sharing passwords to proof of possession, with one story and one app."},
	{Slug: "tokens", Title: "Tokens and identity", Blurb: "What tokens say, to whom, for how long, and how you know."},
	{Slug: "advanced", Title: "Advanced", Blurb: "Machines, televisions, bound tokens and Maya’s agent."},
}

// Load reads every lesson below a folder. The error joins every Problem of every file.
func Load(fsys fs.FS, v Vocabulary) (*Course, error) {
	all, problems, err := Read(fsys, v)
	if err != nil {
		return nil, err
	}
	if problems = append(problems, needs(all, problems)...); len(problems) > 0 {
		return nil, Join(problems)
	}
	return arrange(all), nil
}

// Compose makes a course of the lessons that come with the binary and those of a folder, which stand in for others of the same slug,
// and puts it together as the course file of the folder says. The problems are those that found doesn't have, which are of
// lessons that can't be read: of those that need them nothing more is said.
func Compose(base, own []*Lesson, folder fs.FS, found []Problem) (*Course, []Problem) {
	c, problems := compose(base, own, found)
	cover, more := readCover(folder, c)
	if cover != nil {
		c = c.put(cover)
	}
	return c, append(problems, more...)
}

func compose(base, own []*Lesson, found []Problem) (*Course, []Problem) {
	all := slices.Clone(own)
	for _, l := range base {
		if !slices.ContainsFunc(own, func(o *Lesson) bool { return o.Slug == l.Slug }) {
			all = append(all, l)
		}
	}
	return arrange(all), needs(all, found)
}

// Read reads every lesson of a folder, those that can be read; what stops the others are the problems. The error is a folder that
// can't be read.
func Read(fsys fs.FS, v Vocabulary) (all []*Lesson, problems []Problem, err error) {
	names, problems, err := Files(fsys)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		l, wrong := readLesson(fsys, name, v)
		if problems = append(problems, wrong...); l != nil {
			all = append(all, l)
		}
	}
	return all, problems, nil
}

// Golden is a recorded run of the lesson's solution, as NDJSON, with values replaced by their tags; nil if there is none. It is
// read anew each time: it is large, and what pages show of it they keep for themselves.
func (l *Lesson) Golden() ([]byte, error) {
	if l.from == nil { // parsed alone
		return nil, nil
	}
	name := GoldenFile(l.File)
	packed, err := readFile(l.from, name+".gz", maxRun)
	if errors.Is(err, fs.ErrNotExist) {
		plain, err := readFile(l.from, name, maxRun)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return plain, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s.gz: %w", name, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s.gz: %w", name, err)
	}
	return io.ReadAll(r)
}

// needs checks that every lesson that is needed is there, and that none needs itself by a detour.
func needs(all []*Lesson, found []Problem) []Problem {
	bySlug := map[string]*Lesson{}
	broken := map[string]bool{}
	for _, p := range found {
		broken[slugOf(p.File)] = true
	}
	var problems []Problem
	fail := func(l *Lesson, line int, rule Rule, mend, format string, a ...any) {
		problems = append(problems, Problem{File: l.File, Line: line, Rule: rule, Text: fmt.Sprintf(format, a...), Mend: mend})
	}
	for _, l := range all {
		if other := bySlug[l.Slug]; other != nil {
			fail(l, 1, RuleFile, "give one of them another name", "the slug %q is taken by %s", l.Slug, other.File)
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
			if bySlug[n] == nil && !broken[n] {
				fail(l, l.needsLine, RuleNeeds, "write the slug of a lesson, which is its file’s name without number and .md", "it needs %q, and there is no such lesson", n)
			}
		}
		if reaches(l, l.Slug, map[string]bool{}) {
			fail(l, l.needsLine, RuleNeeds, "leave out what leads back to it", "it needs itself, by way of what it needs")
		}
	}
	return problems
}

// titleOf makes a title of a slug.
func titleOf(slug string) string {
	return strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
}

func arrange(all []*Lesson) *Course {
	c := &Course{Tracks: slices.Clone(tracks)}
	for _, l := range all {
		i := slices.IndexFunc(c.Tracks, func(t Track) bool { return t.Slug == l.Track })
		if i < 0 {
			c.Tracks = append(c.Tracks, Track{Slug: l.Track, Title: titleOf(l.Track), own: true})
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
