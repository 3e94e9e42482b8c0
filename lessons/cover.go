package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// CourseFile is the file, beside the tracks of a folder, that says how a course is put together.
const CourseFile = "course.yaml"

// otherEnding is how some name it.
const otherEnding = "course.yml"

// Cover is what a course file says of a course, beside which lessons there are.
type Cover struct {
	Title    string // in place of the playground's own; empty: that
	Accent   string // the colour of what is to be pressed, as #rrggbb; empty: none
	Logo     []byte // nil: the playground's own
	LogoType string // its media type
	Names    Names

	plan courseFile
}

// courseFile is a course file as it is written.
type courseFile struct {
	Title  string            `yaml:"title"`
	Accent string            `yaml:"accent"`
	Logo   string            `yaml:"logo"`
	Order  []string          `yaml:"order"`
	Hide   []string          `yaml:"hide"`
	Rename map[string]string `yaml:"rename"`
	Tracks map[string]string `yaml:"tracks"`
	Names  map[string]string `yaml:"names"`
}

// maxLogo is how large a logo may be.
const maxLogo = 64 << 10

// logoTypes are what a logo may be, by how its file's name ends.
var logoTypes = map[string]string{".svg": "image/svg+xml", ".png": "image/png"}

// storyNames are whom a course file may give another name, and what the story calls them, the longest first.
var storyNames = map[string][]string{"maya": {"Maya"}, "mallory": {"Mallory"}, "planner": {"Content Planner", "Planner"}, "chirper": {"Chirper"}}

// Names are other names of the story: what is shown for each of its own. The wire keeps them all as they are.
type Names map[string]string

var storyWord = regexp.MustCompile(`\b(?:Content Planner|Planner|Maya|Mallory|Chirper)\b`)

// In puts the other names into a text.
func (n Names) In(text string) string {
	if len(n) == 0 {
		return text
	}
	return storyWord.ReplaceAllStringFunc(text, func(word string) string {
		if other, ok := n[word]; ok {
			return other
		}
		return word
	})
}

// readCover reads the course file of a folder and holds it against the course; nil if there is none, or if it has mistakes.
func readCover(fsys fs.FS, c *Course) (*Cover, []Problem) {
	src, err := readFile(fsys, CourseFile, maxText)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := fs.Stat(fsys, otherEnding); err == nil {
			return nil, []Problem{{File: otherEnding, Line: 1, Rule: RuleCourse, Text: "nobody reads this", Mend: "name it " + CourseFile}}
		}
		return nil, nil
	case err != nil:
		return nil, []Problem{unreadable(CourseFile, RuleCourse, err)}
	}
	p := &coverParser{fsys: fsys, course: c, cover: &Cover{}}
	p.read(src)
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p.cover, nil
}

// coverParser reads a course file. It collects problems and goes on.
type coverParser struct {
	fsys     fs.FS
	course   *Course
	cover    *Cover
	problems []Problem
}

// fail notes a problem where a node stands.
func (p *coverParser) fail(n *yaml.Node, mend, format string, a ...any) {
	p.problems = append(p.problems, Problem{File: CourseFile, Line: max(n.Line, 1), Column: n.Column, Rule: RuleCourse, Text: fmt.Sprintf(format, a...), Mend: mend})
}

func (p *coverParser) read(src []byte) {
	var doc yaml.Node
	for _, m := range decodeYAML(src, &doc) {
		p.fail(&yaml.Node{Line: m.line}, m.mend, "%s", m.wrong)
	}
	if len(doc.Content) == 0 {
		return // an empty file says nothing
	}
	keys := map[string]func(*yaml.Node){
		"title": p.title, "accent": p.accent, "logo": p.logo, "order": p.order, "hide": p.hide,
		"rename": func(n *yaml.Node) { p.cover.plan.Rename = p.pairs(n, p.lesson) },
		"tracks": func(n *yaml.Node) { p.cover.plan.Tracks = p.pairs(n, p.track) },
		"names":  p.names,
	}
	seen := map[string]int{}
	p.each(doc.Content[0], func(key, value *yaml.Node) {
		read, known := keys[key.Value]
		switch first := seen[key.Value]; {
		case !known:
			p.fail(key, "it has "+strings.Join(slices.Sorted(maps.Keys(keys)), ", "), "there is no key %q", key.Value)
		case first > 0:
			p.fail(key, "leave one of them out", "%s is said in line %d already", key.Value, first)
		default:
			seen[key.Value] = key.Line
			read(value)
		}
	})
}

// each goes through the pairs of a mapping.
func (p *coverParser) each(n *yaml.Node, pair func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "write a name, a colon and a value, one a line", "here stand no pairs of names and values")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		pair(n.Content[i], n.Content[i+1])
	}
}

// text reads a line of text.
func (p *coverParser) text(n *yaml.Node, most int) (string, bool) {
	s := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || s == "" || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl) {
		p.fail(n, fmt.Sprintf("write one line of %d characters at most", most), "here stands no line of text")
		return "", false
	}
	return s, true
}

// list reads a list of slugs of lessons.
func (p *coverParser) list(n *yaml.Node) (slugs []string) {
	if n.Kind != yaml.SequenceNode {
		p.fail(n, "write slugs of lessons in brackets, as in [code-flow, two-steps]", "here stands no list")
		return nil
	}
	for _, item := range n.Content {
		if !p.lesson(item) {
			continue
		}
		if slices.Contains(slugs, item.Value) {
			p.fail(item, "leave one of them out", "%s stands here twice", item.Value)
		}
		slugs = append(slugs, item.Value)
	}
	return slugs
}

// lesson checks that a node names a lesson.
func (p *coverParser) lesson(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode && p.course.Lesson(n.Value) != nil {
		return true
	}
	var known []string
	for _, t := range p.course.Tracks {
		for _, l := range t.Lessons {
			known = append(known, l.Slug)
		}
	}
	p.fail(n, "there is "+strings.Join(known, ", "), "there is no lesson %q", n.Value)
	return false
}

// track checks that a node names a track.
func (p *coverParser) track(n *yaml.Node) bool {
	if slices.ContainsFunc(p.course.Tracks, func(t Track) bool { return t.Slug == n.Value }) {
		return true
	}
	var known []string
	for _, t := range p.course.Tracks {
		known = append(known, t.Slug)
	}
	p.fail(n, "there is "+strings.Join(known, ", "), "there is no track %q", n.Value)
	return false
}

// pairs reads titles of what is known.
func (p *coverParser) pairs(n *yaml.Node, known func(*yaml.Node) bool) map[string]string {
	titles := map[string]string{}
	p.each(n, func(key, value *yaml.Node) {
		title, ok := p.text(value, 80)
		if _, twice := titles[key.Value]; twice {
			p.fail(key, "leave one of them out", "%s has a title already", key.Value)
		} else if known(key) && ok {
			titles[key.Value] = title
		}
	})
	return titles
}

func (p *coverParser) title(n *yaml.Node) { p.cover.Title, _ = p.text(n, 60) }

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func (p *coverParser) accent(n *yaml.Node) {
	if !colour.MatchString(n.Value) {
		p.fail(n, `write a # and six digits of 0 to 9 and a to f, in quotes, as in "#0b6e4f"`, "%q is no colour", n.Value)
		return
	}
	p.cover.Accent = n.Value
}

func (p *coverParser) logo(n *yaml.Node) {
	kind := logoTypes[path.Ext(n.Value)]
	if kind == "" || path.Base(n.Value) != n.Value {
		p.fail(n, "name a .svg or .png that lies beside the course file, as in logo.svg", "%q is no picture of this folder", n.Value)
		return
	}
	picture, err := readFile(p.fsys, n.Value, maxLogo)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.fail(n, "put it beside the course file", "there is no file %s", n.Value)
	case errors.Is(err, errTooLarge):
		p.fail(n, "make it smaller", "%s has more than %d kB", n.Value, maxLogo>>10)
	case err != nil:
		wrong := unreadable(n.Value, RuleCourse, err)
		p.fail(n, wrong.Mend, "%s: %s", n.Value, wrong.Text)
	case !bytes.Contains(picture, []byte(map[string]string{".svg": "<svg", ".png": "\x89PNG\r\n"}[path.Ext(n.Value)])):
		p.fail(n, "save it as what its name says", "%s is no %s", n.Value, strings.ToUpper(path.Ext(n.Value)[1:]))
	default:
		p.cover.Logo, p.cover.LogoType, p.cover.plan.Logo = picture, kind, n.Value
	}
}

func (p *coverParser) order(n *yaml.Node) { p.cover.plan.Order = p.list(n) }

func (p *coverParser) hide(n *yaml.Node) {
	hidden := p.list(n)
	p.cover.plan.Hide = hidden
	all := 0
	for _, t := range p.course.Tracks {
		all += len(t.Lessons)
	}
	if all > 0 && len(hidden) >= all {
		p.fail(n, "leave one in", "every lesson is hidden")
	}
}

// nameForm is what a name may look like: it stands in sentences of any page.
var nameForm = regexp.MustCompile(`^[\pL\d][\pL\d .’-]*$`)

func (p *coverParser) names(n *yaml.Node) {
	p.cover.Names = Names{}
	p.each(n, func(key, value *yaml.Node) {
		words, known := storyNames[key.Value]
		if !known {
			p.fail(key, "there is "+strings.Join(slices.Sorted(maps.Keys(storyNames)), ", "), "nobody in the story is called %q", key.Value)
			return
		}
		name, ok := p.text(value, 40)
		if ok && !nameForm.MatchString(name) {
			p.fail(value, "write letters, digits, spaces, hyphens and dots", "%q can't be a name", name)
			return
		}
		for _, word := range words {
			p.cover.Names[word] = name
		}
	})
}

// put puts a course together as its cover says. The lessons of the course stay as they are; those that are called otherwise
// are copies.
func (c *Course) put(cover *Cover) *Course {
	plan := cover.plan
	put := &Course{Cover: *cover}
	rank := func(l *Lesson) int {
		if i := slices.Index(plan.Order, l.Slug); i >= 0 {
			return i
		}
		return len(plan.Order)
	}
	for _, t := range c.Tracks {
		if title := plan.Tracks[t.Slug]; title != "" {
			t.Title, t.own = title, true
		}
		var shown []*Lesson
		for _, l := range t.Lessons {
			if title := plan.Rename[l.Slug]; title != "" {
				l = l.copy()
				l.Title = title
			}
			if slices.Contains(plan.Hide, l.Slug) {
				put.hidden = append(put.hidden, l)
			} else {
				shown = append(shown, l)
			}
		}
		slices.SortStableFunc(shown, func(a, b *Lesson) int { return rank(a) - rank(b) })
		if t.Lessons = shown; len(shown) > 0 {
			put.Tracks = append(put.Tracks, t)
		}
	}
	slices.SortStableFunc(put.Tracks, func(a, b Track) int { return rank(a.Lessons[0]) - rank(b.Lessons[0]) })
	if len(plan.Order)+len(plan.Hide) > 0 {
		n := 0
		for _, t := range put.Tracks {
			for i, l := range t.Lessons {
				n++
				t.Lessons[i] = l.copy()
				t.Lessons[i].Number = n
			}
		}
	}
	return put
}

func (l *Lesson) copy() *Lesson {
	other := *l
	return &other
}
