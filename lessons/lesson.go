package lessons

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Course is all the lessons, by track.
type Course struct {
	Tracks []Track
	Cover  Cover

	hidden []*Lesson // in no track, and yet at their address
}

// Track is a folder of lessons, in the order of their numbers.
type Track struct {
	Slug, Title, Blurb string
	Lessons            []*Lesson

	own bool // its title is an author's
}

// Minutes is how long a track takes.
func (t Track) Minutes() (sum int) {
	for _, l := range t.Lessons {
		sum += l.Minutes
	}
	return sum
}

// TrackTitle is what an author calls a track; empty for one that the playground has a name for.
func (c *Course) TrackTitle(slug string) string {
	for _, t := range c.Tracks {
		if t.Slug == slug && t.own {
			return t.Title
		}
	}
	return ""
}

// Lesson finds a lesson by its slug; nil if there is none.
func (c *Course) Lesson(slug string) *Lesson {
	for _, t := range append([]Track{{Lessons: c.hidden}}, c.Tracks...) {
		for _, l := range t.Lessons {
			if l.Slug == slug {
				return l
			}
		}
	}
	return nil
}

// Earlier finds a version of a lesson that its author keeps beside the present one: a lesson of that version, with -v and its
// number behind the slug. It is nil if none is kept.
func (c *Course) Earlier(slug string, version int) *Lesson {
	if l := c.Lesson(fmt.Sprintf("%s-v%d", slug, version)); l != nil && l.Version == version {
		return l
	}
	return nil
}

// Lesson is one Markdown file.
type Lesson struct {
	Slug, Track, File string
	Number            int
	Version           int // counts the lesson's editions, from 1: who shows it elsewhere can say which one is meant
	Title, Question   string
	Minutes           int
	Needs             []string // slugs of lessons that come before
	Spec              []Spec
	Attack            string        // what the attack is called in the catalogue
	Residual          string        // why an attack still succeeds with everything enforced; empty if none does
	Intro             []Block       // before the first step
	Notes             template.HTML // for who speaks to a class, before the first step; learners don't see it
	Steps             []*Step

	from      fs.FS // where its file is, and its recorded run beside it
	needsLine int   // in File, for what Load finds
}

// Spec is a cited section and where it can be read.
type Spec struct{ Ref, URL string }

// Step is what stands under a "##" heading.
type Step struct {
	ID, Title string
	Phase     string // prepare, front, back, use, or ""
	Do        bool   // the learner acts; else the step plays its own solution
	Line      int
	Blocks    []Block
	Notes     template.HTML // for who speaks to a class; learners don't see it
}

// Quiz finds a question of the lesson that is graded by its id, among quizzes, predictions and twins; nil if there is none.
func (l *Lesson) Quiz(id string) *Quiz {
	for _, q := range l.Quizzes() {
		if q.ID == id && !q.SelfCheck {
			return q
		}
	}
	return nil
}

// Quizzes lists the questions of the lesson in order: predictions are among them, and twins, each behind its question.
func (l *Lesson) Quizzes() []*Quiz {
	var list []*Quiz
	add := func(blocks []Block) {
		for _, b := range blocks {
			q, ok := b.(*Quiz)
			if !ok {
				continue
			}
			list = append(list, q)
			if q.Twin != nil {
				list = append(list, q.Twin)
			}
		}
	}
	add(l.Intro)
	for _, s := range l.Steps {
		add(s.Blocks)
	}
	return list
}

// Block is a part of a step: prose, or something alive. The types below are all there are.
type Block interface{ block() }

// Prose is rendered Markdown.
type Prose struct{ HTML template.HTML }

// Browser is what is done in a browser: part of a step's solution.
type Browser struct {
	As   string // whose browser
	Step bool   // stop before each redirect hop
	Acts []BrowserAct
}

// BrowserAct is a line of a browser block.
type BrowserAct struct {
	Do      string // open, click, fill, submit, follow, back
	Target  string // an address, or an id on the page
	Value   string // fill
	Without string // follow: the parameter that is taken out of the waiting request before it is sent
	Line    int
}

// HTTP is a literal request. Its source keeps placeholders: see Expand.
type HTTP struct {
	From   string
	Edit   bool // the learner may change it
	Source string
	Line   int
}

// Expect is what must be true of the run since the step began.
type Expect struct{ Lines []Expectation }

// Expectation is one line over the trace.
type Expectation struct {
	Line                   int
	Text                   string
	No                     bool   // the opposite
	Kind                   string // exchange, verdict, value, seen, token, error
	From, To, Method, Path string // exchange
	Status                 string // exchange; may end in *
	Check, Outcome, Mode   string // verdict
	Tag                    string // value, seen, token
	In                     string // value
	Of                     string // value, seen: an actor
	Code                   string // error
}

// Everything, in a policy block, stands for every check that can be switched.
const Everything = "everything"

// Entry is a line "id: value" of a policy or a settings block.
type Entry struct{ ID, Value string }

// Policy sets modes of checks.
type Policy struct{ Entries []Entry }

// Settings sets what actors do.
type Settings struct{ Entries []Entry }

// Clock winds the sandbox's clock forward.
type Clock struct{ Advance time.Duration }

// Attack runs a named bot. Goals are what must be true for the attacker to have won.
type Attack struct {
	Name  string
	Goals []Expectation
	Line  int
}

// Expectations are what the step expects, in order.
func (s *Step) Expectations() []Expectation {
	var lines []Expectation
	for _, b := range s.Blocks {
		if e, ok := b.(*Expect); ok {
			lines = append(lines, e.Lines...)
		}
	}
	return lines
}

// Attack is the step's attack; nil if it has none.
func (s *Step) Attack() *Attack {
	for _, b := range s.Blocks {
		if a, ok := b.(*Attack); ok {
			return a
		}
	}
	return nil
}

// Succeeds tells whether the step's own expectations say that its attack reaches a goal.
func (s *Step) Succeeds() bool {
	a := s.Attack()
	if a == nil {
		return false
	}
	for _, b := range s.Blocks {
		e, ok := b.(*Expect)
		if ok && slices.ContainsFunc(e.Lines, func(x Expectation) bool {
			return slices.ContainsFunc(a.Goals, func(g Expectation) bool { return g.Text == x.Text })
		}) {
			return true
		}
	}
	return false
}

// Attacks are the steps whose attack succeeds, in order.
func (l *Lesson) Attacks() []*Step {
	var list []*Step
	for _, s := range l.Steps {
		if s.Succeeds() {
			list = append(list, s)
		}
	}
	return list
}

// Hint helps with a step.
type Hint struct{ HTML template.HTML }

// Note, Experiment and Takeaway are callouts.
type Note struct {
	Word string // note, tip, important, warning or caution
	HTML template.HTML
}
type Experiment struct{ HTML template.HTML }
type Takeaway struct{ HTML template.HTML }

func (*Prose) block()      {}
func (*Browser) block()    {}
func (*HTTP) block()       {}
func (*Expect) block()     {}
func (*Policy) block()     {}
func (*Settings) block()   {}
func (*Clock) block()      {}
func (*Attack) block()     {}
func (*Graph) block()      {}
func (*Hint) block()       {}
func (*Quiz) block()       {}
func (*Note) block()       {}
func (*Experiment) block() {}
func (*Takeaway) block()   {}

// Expand puts values in place of {{name}}; a name that lookup doesn't know is an error.
func Expand(text string, lookup func(name string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return "", errors.New("a {{ has no }}")
		}
		value, known := lookup(strings.TrimSpace(name))
		if !known {
			return "", fmt.Errorf("there is no value {{%s}} in this run yet", strings.TrimSpace(name))
		}
		b.WriteString(value)
		text = after
	}
}
