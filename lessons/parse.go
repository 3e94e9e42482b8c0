package lessons

import (
	"bytes"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Vocabulary is what a lesson may name; the world gives it.
type Vocabulary struct {
	Checks   map[string][]string              // id → the modes it may take
	Settings func(id, value string) error     // an error says what is wrong, for people
	Actors   []string                         // ids
	Browsers []string                         // ids of actors that have a browser
	Attacks  []string                         // names of bots
	Values   []string                         // kinds of values that a run holds, as in code#1
	Spec     func(ref string) (string, error) // where a section can be read
}

// parser reads one file. It collects problems and goes on, so that an author sees them all at once.
type parser struct {
	file     string
	v        Vocabulary
	lines    []string
	n        int // the line being read, from 0
	lesson   *Lesson
	step     *Step // nil before the first "##"
	problems []*Problem
	ids      map[string]int // ids of steps and questions, with their lines
}

// ends are those that lines may have, and the one that they get.
var ends = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// linesOf are the lines of a file, however its editor marks its beginning and the ends of its lines.
func linesOf(src []byte) []string {
	return strings.Split(ends.Replace(strings.TrimPrefix(string(src), "\ufeff")), "\n")
}

// Parse reads a lesson. The error joins every Problem.
func Parse(file string, src []byte, v Vocabulary) (*Lesson, error) {
	p := &parser{file: file, v: v, lines: linesOf(src), lesson: &Lesson{File: file}, ids: map[string]int{}}
	if line := notUTF8(src); line > 0 {
		p.fail(line-1, RuleText, notUTF8Wrong).mend(notUTF8Mend)
	} else if p.frontMatter() && p.body() {
		p.whole()
	}
	if len(p.problems) > 0 {
		var all []Problem
		for _, found := range p.problems {
			all = append(all, *found)
		}
		return nil, Join(all)
	}
	return p.lesson, nil
}

// head is the front matter.
type head struct {
	Title    string   `yaml:"title"`
	Question string   `yaml:"question"`
	Minutes  int      `yaml:"minutes"`
	Needs    []string `yaml:"needs"`
	Spec     []string `yaml:"spec"`
	Attack   string   `yaml:"attack"`
	Residual string   `yaml:"residual"`
	Version  *int     `yaml:"version"` // nil: the first
}

// frontMatter is what the front matter must have, each with what it may look like.
var frontMatter = map[string]string{"title": "A stolen code", "question": "What does a code buy who finds it?", "minutes": "8", "spec": `["RFC 6749 §4.1"]`}

// frontMatter reads it; false if there is none, and so nothing that could be a lesson.
func (p *parser) frontMatter() (found bool) {
	rule := func(line string) bool { return strings.TrimRight(line, " \t") == "---" }
	if !rule(p.lines[0]) {
		p.fail(0, RuleFrontMatter, "a lesson begins with its front matter, and this begins otherwise").mend("write a line ---, title, question, minutes and spec, and a line --- again")
		return false
	}
	end := slices.IndexFunc(p.lines[1:], rule)
	if end < 0 {
		p.fail(0, RuleFrontMatter, "the front matter has no end").mend("close it with a line ---")
		return false
	}
	p.n = end + 2
	var h head
	if wrong := decodeYAML([]byte(strings.Join(p.lines[1:end+1], "\n")), &h); len(wrong) > 0 {
		for _, m := range wrong {
			if m.mend == "" {
				m.mend = "the front matter has title, question, minutes, needs, spec, attack, residual and version"
			}
			p.fail(m.line, RuleFrontMatter, "%s", m.wrong).mend("%s", m.mend)
		}
		return true
	}
	l := p.lesson
	l.Title, l.Question, l.Minutes, l.Needs, l.Attack, l.Residual = h.Title, h.Question, h.Minutes, h.Needs, h.Attack, h.Residual
	there := map[string]bool{"title": h.Title != "", "question": h.Question != "", "minutes": h.Minutes > 0, "spec": len(h.Spec) > 0}
	for _, name := range slices.Sorted(maps.Keys(frontMatter)) {
		if !there[name] {
			p.fail(0, RuleFrontMatter, "the front matter has no %s", name).mend("add a line %s: %s", name, frontMatter[name])
		}
	}
	l.Version = 1
	if h.Version != nil {
		if l.Version = *h.Version; l.Version < 1 {
			p.fail(p.find("version:"), RuleFrontMatter, "this is version %d", l.Version).mend("count versions from 1")
		}
	}
	l.needsLine = p.find("needs:") + 1
	for _, ref := range h.Spec {
		url, err := p.v.Spec(ref)
		if err != nil {
			wrong, mend := cutMend(err)
			p.fail(p.find(ref), RuleSpec, "%s", wrong).on(ref).mend("%s", mend)
		}
		l.Spec = append(l.Spec, Spec{Ref: ref, URL: url})
	}
	return true
}

// find is the first line that holds a text: in the front matter, which comes first, for what stands there.
func (p *parser) find(text string) int {
	for i := range min(p.n, len(p.lines)) {
		if strings.Contains(p.lines[i], text) {
			return i
		}
	}
	return 0
}

// body reads everything after the front matter, part by part; false if a block has no end, which takes in all that follows.
func (p *parser) body() (closed bool) {
	prose := []string{}
	from := p.n
	flush := func() {
		text := strings.Join(prose, "\n")
		if strings.TrimSpace(text) != "" {
			p.add(&Prose{HTML: p.prose(from, text)})
		}
		prose = nil
	}
	for p.n < len(p.lines) {
		line := p.lines[p.n]
		switch {
		case strings.HasPrefix(line, "## "):
			flush()
			p.heading(line)
			p.n++
			from = p.n
		case fence.MatchString(line):
			begin := p.n
			info, content, ok := p.fenced()
			if !ok {
				p.fail(begin, RuleBlock, "this block has no end").mend("close it with %s", fence.FindString(line))
				return false
			}
			if word, _, _ := strings.Cut(info, " "); slices.Contains(samples, word) {
				prose = append(prose, p.lines[begin:p.n]...)
				continue
			}
			flush()
			p.live(begin, info, content)
			from = p.n
		case strings.HasPrefix(line, "> [!"), strings.HasPrefix(line, ">[!"):
			flush()
			p.callout()
			from = p.n
		default:
			if strings.HasPrefix(line, "# ") {
				p.fail(p.n, RuleStep, "this heading has one #").mend("leave the title to the front matter; in the text, ## begins a step")
			}
			p.indented(line)
			if len(prose) == 0 {
				from = p.n
			}
			prose = append(prose, line)
			p.n++
		}
	}
	flush()
	return true
}

var inFurther = regexp.MustCompile("^\\s+(?:(?:```+|~~~+)\\s*(\\w+)|>\\s*\\[!(\\w+))")

// indented refuses what would be alive in the first column: as text it would do nothing, and a question would show what is right.
func (p *parser) indented(line string) {
	m := inFurther.FindStringSubmatch(line)
	switch {
	case m == nil:
	case slices.Contains(liveWords, m[1]):
		p.fail(p.n, RuleBlock, "this %s block does not begin in the first column", m[1]).mend("move it there, or call it text if it is only shown")
	case questions[strings.ToUpper(m[2])] != "" || slices.Contains(notes, strings.ToUpper(m[2])):
		p.fail(p.n, RuleCallout, "this callout does not begin in the first column").mend("move it there, line by line")
	}
}

func (p *parser) add(b Block) {
	if p.step == nil {
		p.lesson.Intro = append(p.lesson.Intro, b)
		return
	}
	p.step.Blocks = append(p.step.Blocks, b)
}

// speaker adds to what is said to a class here.
func (p *parser) speaker(html template.HTML) {
	if p.step == nil {
		p.lesson.Notes += html
		return
	}
	p.step.Notes += html
}

var (
	headingLine = regexp.MustCompile(`^##\s+(.*?)\s*(?:\{([^}]*)\})?\s*$`)
	phases      = []string{"prepare", "front", "back", "use"}
)

// heading reads "## Title {#id .do .back}".
func (p *parser) heading(line string) {
	m := headingLine.FindStringSubmatch(line)
	s := &Step{Title: m[1], ID: slug(m[1]), Line: p.n + 1}
	for _, word := range strings.Fields(m[2]) {
		name := strings.TrimPrefix(word, ".")
		switch {
		case strings.HasPrefix(word, "#"):
			s.ID = word[1:]
		case word == ".do":
			s.Do = true
		case slices.Contains(phases, name) && name != word:
			s.Phase = name
		default:
			p.fail(p.n, RuleStep, "%q is nothing a step can be", word).on(word).mend("it has an #id, .do if the learner acts, and one of .prepare .front .back .use")
		}
	}
	if s.Title == "" {
		p.fail(p.n, RuleStep, "this step has no title").mend("write it behind the ##")
	}
	p.name(p.n, s.ID)
	if slices.Contains(Reserved, s.ID) {
		p.fail(p.n, RuleID, "the id %q is the name of a part of the page", s.ID).on(s.ID).mend("give this step another, as in {#%s-step}", s.ID)
	}
	p.step = s
	p.lesson.Steps = append(p.lesson.Steps, s)
}

// name claims an id for a step or a question.
func (p *parser) name(line int, id string) {
	if id != slug(id) || id == "" {
		p.fail(line, RuleID, "%q can't be an id", id).on(id).mend("use small letters, digits and hyphens")
	}
	if first, taken := p.ids[id]; taken {
		p.fail(line, RuleID, "the id %q is taken by line %d", id, first+1).on(id).mend("give this one another, as in {#%s-2}", id)
		return
	}
	p.ids[id] = line
}

// Reserved are ids of parts of a lesson's page: an address with one of them does not lead to a step.
var Reserved = []string{
	"author-h", "ballot", "browser", "checks", "explained", "golden", "help", "help-h", "how-keys", "intro", "main", "news", "next", "play",
	"protections", "run", "share", "single-keys", "status", "step-back", "theme", "theme-h", "themes", "why-locked", "wire",
}

// slug is a text as an id.
func slug(s string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// whole checks what can only be seen at the end.
func (p *parser) whole() {
	if len(p.lesson.Steps) == 0 {
		p.fail(len(p.lines)-1, RuleStep, "this lesson has no step").mend("begin one with ##")
	}
	if p.lesson.Attack != "" && !slices.ContainsFunc(p.lesson.Steps, func(s *Step) bool {
		return slices.ContainsFunc(s.Blocks, func(b Block) bool { _, ok := b.(*Attack); return ok })
	}) {
		p.fail(p.find("attack:"), RuleAttack, "the front matter promises an attack, and no step has one").mend("write an attack block, or leave the key out")
	}
	for _, s := range p.lesson.Steps {
		has := func(kind func(Block) bool) bool { return slices.ContainsFunc(s.Blocks, kind) }
		expects := has(func(b Block) bool { _, ok := b.(*Expect); return ok })
		acts := has(func(b Block) bool {
			switch b.(type) {
			case *Browser, *HTTP, *Attack:
				return true
			}
			return false
		})
		if (s.Do || acts) && !expects {
			p.fail(s.Line-1, RuleStep, "step %q has something to do and no expect block", s.ID).mend("say how it shows that it was done")
		}
		if s.Do && !has(func(b Block) bool { _, ok := b.(*Hint); return ok }) {
			p.fail(s.Line-1, RuleStep, "step %q is the learner's to do and has no hint", s.ID).mend("write a hint block for who is stuck")
		}
		if expects && !acts && !has(func(b Block) bool {
			switch b.(type) {
			case *Policy, *Settings, *Clock:
				return true
			}
			return false
		}) {
			p.fail(s.Line-1, RuleStep, "step %q expects something and has no solution", s.ID).mend("add a block that does it: browser, http, attack, policy, settings or clock")
		}
	}
}

// proseWords are those that DESIGN keeps out of a course: they make who doesn't understand feel small.
var proseWords = regexp.MustCompile(`(?i)\b(just|simply|obviously|easy|easily)\b`)

func (p *parser) plain(line int, text string) {
	for i, l := range strings.Split(text, "\n") {
		if w := proseWords.FindString(l); w != "" && !strings.Contains(l, "`"+w) {
			p.fail(line+i, RuleWords, "this says %q, and what is easy for one is not for another", w).on(w).mend("leave it out")
		}
	}
}

// losses tells what of a text is not shown, once for a line.
func (p *parser) losses(line int, text string, lost []loss) {
	lines := strings.Split(text, "\n")
	for _, l := range lost {
		at := max(slices.IndexFunc(lines, func(s string) bool { return strings.Contains(s, l.at) }), 0)
		if !slices.ContainsFunc(p.problems, func(o *Problem) bool { return o.Line == line+at+1 && o.Text == l.wrong }) {
			p.fail(line+at, l.rule, "%s", l.wrong).on(l.at).mend("%s", l.mend)
		}
	}
}

// markdown is a question, a choice or what is said to it: {{code#1}} in it becomes the learner's own value.
func (p *parser) markdown(line int, text string) template.HTML {
	p.plain(line, text)
	for i, l := range strings.Split(text, "\n") {
		p.values(line+i, l)
	}
	html, lost, err := render(text)
	p.losses(line, text, lost)
	if err != nil {
		p.fail(line, RuleText, "this can't be rendered: %v", err)
	}
	return html
}

// prose is markdown whose terms lead to the glossary.
func (p *parser) prose(line int, text string) template.HTML {
	p.plain(line, text)
	html, lost, err := renderProse(text)
	p.losses(line, text, lost)
	if err != nil {
		p.fail(line, RuleText, "this can't be rendered: %v", err)
	}
	return html
}

// inline is one line without the paragraph around it.
func (p *parser) inline(line int, text string) template.HTML {
	html := bytes.TrimSpace([]byte(p.markdown(line, text)))
	html = bytes.TrimSuffix(bytes.TrimPrefix(html, []byte("<p>")), []byte("</p>"))
	return template.HTML(html)
}
