package lint

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// exchange is a request and its answer as an expectation would say it.
func exchange(e trace.Event, all []trace.Event) string {
	address := e.Request.URL
	if u, err := url.Parse(address); err == nil {
		address = u.Path
	}
	status := "*"
	for _, a := range all {
		if a.Response != nil && a.Of == e.Seq {
			status = fmt.Sprint(a.Response.Status)
		}
	}
	return fmt.Sprintf("%s -> %s %s %s %s", e.From, e.To, e.Request.Method, address, status)
}

func unique(list []string) []string {
	var once []string
	for _, s := range list {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// record makes of the run what is kept of it, and holds it to what is.
func (c *inspection) record(fsys fs.FS) {
	var b bytes.Buffer
	if err := trace.WriteNDJSON(&b, trace.Anonymous(c.events)); err != nil {
		c.say(1, ruleRecorded, "its run can't be written: %v", err)
		return
	}
	c.recorded = b.Bytes()
	name := lessons.GoldenFile(c.lesson.File)
	kept, err := fs.ReadFile(fsys, name)
	if err != nil {
		c.say(1, ruleUnrecord, "it has no recorded run, so its page shows none before the learner acts").mend("playground lint -record writes it")
		return
	}
	if !bytes.Equal(kept, c.recorded) {
		c.say(1, ruleRecorded, "its run is not the recorded one from line %d of %s on", firstDifference(c.recorded, kept), name).mend("playground lint -record writes it anew; look at the difference")
	} else if shown, err := c.lesson.Golden(); err != nil || !bytes.Equal(shown, kept) || packs(fsys, c.lesson) && !exists(fsys, name+".gz") {
		c.say(1, ruleRecorded, "the packed run, %s.gz, is not the recorded one", name).mend("playground lint -record writes it anew")
	}
}

// packs tells whether the runs of a lesson's track are kept packed as well: those that come with the binary are.
func packs(fsys fs.FS, l *lessons.Lesson) bool {
	packed, err := fs.Glob(fsys, path.Join(path.Dir(l.File), "*.golden.ndjson.gz"))
	return err == nil && len(packed) > 0
}

func exists(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err == nil
}

// firstDifference is the line, counted from 1, where two texts part.
func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	n := 0
	for n < min(len(x), len(y)) && bytes.Equal(x[n], y[n]) {
		n++
	}
	return n + 1
}

var (
	tagIn = regexp.MustCompile(`data-tag="([^"]+)"`)
	refIn = regexp.MustCompile(`data-ref="([^"]+)"`)
)

// pointersIn are what a text points to, in its own words.
func pointersIn(text template.HTML) (list []string) {
	for _, form := range []*regexp.Regexp{tagIn, refIn} {
		for _, m := range form.FindAllStringSubmatch(string(text), -1) {
			list = append(list, html.UnescapeString(m[1]))
		}
	}
	return list
}

// pointers holds whatever the text points to against the run.
func (c *inspection) pointers() {
	known := map[string]bool{}
	for _, e := range c.events {
		for _, f := range e.Finds {
			known[f.Tag] = true
		}
		if e.Request != nil {
			if u, err := url.Parse(e.Request.URL); err == nil {
				known[e.Request.Method+" "+u.Path] = true
			}
		}
	}
	c.texts(func(from int, text template.HTML) {
		for _, ref := range pointersIn(text) {
			if !known[ref] {
				c.say(c.find(from, "`"+ref+"`", "(#"+ref+")"), rulePointer, "nothing in the run is called %q", ref).mend("%s", like(ref, known))
			}
		}
	})
	for _, s := range c.lesson.Steps {
		for _, x := range s.Expectations() {
			if x.Tag != "" && !known[x.Tag] {
				c.say(x.Line, rulePointer, "nothing in the run is called %q, so this says nothing", x.Tag).mend("%s", like(x.Tag, known))
			}
		}
	}
	for _, q := range c.lesson.Quizzes() {
		for i, choice := range q.Choices {
			if len(pointersIn(choice.Feedback)) == 0 {
				c.say(c.choiceLine(q, i), ruleUnpointed, "what is said about choice %d of %q points nowhere", i+1, q.ID).mend("point into the run, as in [her request](#POST /token) or `code#1`")
			}
		}
	}
}

var lessonLink = regexp.MustCompile(`href="/lessons/([^"/?#]+)`)

// links holds those that lead to lessons against those that there are.
func (c *inspection) links() {
	c.texts(func(from int, text template.HTML) {
		for _, m := range lessonLink.FindAllStringSubmatch(string(text), -1) {
			if c.course.Lesson(m[1]) == nil {
				c.say(c.find(from, "(/lessons/"+m[1]), lessons.RuleLink, "there is no lesson %q", m[1]).mend("write the slug of one, which is its file’s name without number and .md")
			}
		}
	})
}

// texts goes through all that is read in the lesson, each with a line at or before its first.
func (c *inspection) texts(see func(from int, text template.HTML)) {
	blocks := func(from int, list []lessons.Block) {
		for _, b := range list {
			switch b := b.(type) {
			case *lessons.Prose:
				see(from, b.HTML)
			case *lessons.Note:
				see(from, b.HTML)
			case *lessons.Hint:
				see(from, b.HTML)
			case *lessons.Experiment:
				see(from, b.HTML)
			case *lessons.Takeaway:
				see(from, b.HTML)
			}
		}
	}
	blocks(1, c.lesson.Intro)
	for _, s := range c.lesson.Steps {
		blocks(s.Line, s.Blocks)
	}
	for _, q := range c.lesson.Quizzes() {
		see(q.Line, q.Question)
		for i, choice := range q.Choices {
			at := c.choiceLine(q, i)
			see(at, choice.HTML)
			see(at, choice.Feedback)
		}
	}
}

// choiceLine is where a choice of a question stands.
func (c *inspection) choiceLine(q *lessons.Quiz, n int) int {
	line := q.Line
	for range n + 1 {
		line = c.find(line+1, "> - [")
	}
	return line
}

// like names what is in the run and begins alike.
func like(ref string, known map[string]bool) string {
	kind := strings.FieldsFunc(ref, func(r rune) bool { return r == '#' || r == ' ' })[0]
	var list []string
	for k := range known {
		if strings.HasPrefix(k, kind+"#") || strings.HasPrefix(k, kind+" ") {
			list = append(list, k)
		}
	}
	if len(list) == 0 {
		return "no " + kind + " is in it at all"
	}
	slices.Sort(list)
	return "there is " + strings.Join(list, ", ")
}

// backChannel: a step that is told as back channel expects an exchange that no browser has sent, and the run has one.
func (c *inspection) backChannel() {
	agents := world.Vocabulary().Browsers
	for _, step := range c.lesson.Steps {
		if step.Phase != "back" {
			continue
		}
		proved := slices.ContainsFunc(step.Expectations(), func(x lessons.Expectation) bool {
			return x.Kind == "exchange" && !x.No && !slices.Contains(agents, x.From) && !slices.Contains(agents, x.To) && world.Judge(c.events, []lessons.Expectation{x})[0].Held
		})
		if !proved {
			c.say(step.Line, ruleBack, "step %q is told as back channel, and expects nothing that was sent without a browser", step.ID).mend("expect it, as in client -> as POST /token 200, or leave out .back")
		}
	}
}
