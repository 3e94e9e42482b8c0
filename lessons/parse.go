package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
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

// Problem is one mistake in a lesson file.
type Problem struct {
	File string
	Line int
	Text string // what is wrong, and how to mend it
}

func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// parser reads one file. It collects problems and goes on, so that an author sees them all at once.
type parser struct {
	file     string
	v        Vocabulary
	lines    []string
	n        int // the line being read, from 0
	lesson   *Lesson
	step     *Step // nil before the first "##"
	problems []error
	ids      map[string]int // ids of steps and questions, with their lines
}

// Parse reads a lesson. The error joins every Problem.
func Parse(file string, src []byte, v Vocabulary) (*Lesson, error) {
	p := &parser{file: file, v: v, lines: strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n"), lesson: &Lesson{File: file}, ids: map[string]int{}}
	p.frontMatter()
	p.body()
	p.whole()
	if len(p.problems) > 0 {
		return nil, errors.Join(p.problems...)
	}
	return p.lesson, nil
}

// fail notes a problem at a line, counted from 0.
func (p *parser) fail(line int, format string, a ...any) {
	p.problems = append(p.problems, Problem{File: p.file, Line: line + 1, Text: fmt.Sprintf(format, a...)})
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
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

func (p *parser) frontMatter() {
	if len(p.lines) == 0 || p.lines[0] != "---" {
		p.fail(0, "a lesson begins with its front matter: a line ---, title, question and minutes, and a line --- again")
		return
	}
	end := slices.Index(p.lines[1:], "---")
	if end < 0 {
		p.fail(0, "the front matter has no end: close it with a line ---")
		p.n = len(p.lines)
		return
	}
	p.n = end + 2
	var h head
	dec := yaml.NewDecoder(strings.NewReader(strings.Join(p.lines[1:end+1], "\n")))
	dec.KnownFields(true)
	if err := dec.Decode(&h); err != nil {
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			fmt.Sscan(m[1], &line)
		}
		text := yamlLine.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
		text = strings.Join(strings.Fields(strings.TrimPrefix(text, "unmarshal errors:")), " ")
		p.fail(line, "the front matter can't be read: %s; it has title, question, minutes, needs, spec, attack and residual", strings.ReplaceAll(text, "in type lessons.head", "here"))
		return
	}
	l := p.lesson
	l.Title, l.Question, l.Minutes, l.Needs, l.Attack, l.Residual = h.Title, h.Question, h.Minutes, h.Needs, h.Attack, h.Residual
	for name, missing := range map[string]bool{"title": h.Title == "", "question": h.Question == "", "minutes": h.Minutes <= 0, "spec": len(h.Spec) == 0} {
		if missing {
			p.fail(0, "the front matter has no %s", name)
		}
	}
	l.needsLine = p.find("needs:") + 1
	for _, ref := range h.Spec {
		url, err := p.v.Spec(ref)
		if err != nil {
			p.fail(p.find(ref), "%v", err)
		}
		l.Spec = append(l.Spec, Spec{Ref: ref, URL: url})
	}
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

// body reads everything after the front matter, part by part.
func (p *parser) body() {
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
			if word, _, _ := strings.Cut(info, " "); slices.Contains(samples, word) {
				prose = append(prose, p.lines[begin:p.n]...)
				continue
			}
			flush()
			if !ok {
				p.fail(begin, "this block has no end: close it with ```")
			}
			p.live(begin, info, content)
			from = p.n
		case strings.HasPrefix(line, "> [!"):
			flush()
			p.callout()
			from = p.n
		default:
			if strings.HasPrefix(line, "# ") {
				p.fail(p.n, "the title stands in the front matter; in the text, ## begins a step")
			}
			if len(prose) == 0 {
				from = p.n
			}
			prose = append(prose, line)
			p.n++
		}
	}
	flush()
}

func (p *parser) add(b Block) {
	if p.step == nil {
		p.lesson.Intro = append(p.lesson.Intro, b)
		return
	}
	p.step.Blocks = append(p.step.Blocks, b)
}

var (
	headingLine  = regexp.MustCompile(`^##\s+(.*?)\s*(?:\{([^}]*)\})?\s*$`)
	fence        = regexp.MustCompile("^```+")
	phases       = []string{"prepare", "front", "back", "use"}
	samples      = []string{"", "text", "json", "html", "go", "sh", "javascript"} // fenced blocks that are only shown
	liveWords    = []string{"browser", "http", "expect", "policy", "settings", "clock", "attack", "graph", "hint"}
	calloutWords = []string{"QUIZ", "PREDICT", "NOTE", "EXPERIMENT", "TAKEAWAY"}
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
			p.fail(p.n, "%q is nothing a step can be: it has an #id, .do if the learner acts, and one of .prepare .front .back .use", word)
		}
	}
	if s.Title == "" {
		p.fail(p.n, "this step has no title")
	}
	p.name(p.n, s.ID)
	p.step = s
	p.lesson.Steps = append(p.lesson.Steps, s)
}

// name claims an id for a step or a question.
func (p *parser) name(line int, id string) {
	if id != slug(id) || id == "" {
		p.fail(line, "%q can't be an id: use small letters, digits and hyphens", id)
	}
	if first, taken := p.ids[id]; taken {
		p.fail(line, "the id %q is taken by line %d", id, first+1)
		return
	}
	p.ids[id] = line
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

// fenced reads a fenced block and moves behind it.
func (p *parser) fenced() (info string, content []string, closed bool) {
	mark := fence.FindString(p.lines[p.n])
	info = strings.TrimSpace(p.lines[p.n][len(mark):])
	for p.n++; p.n < len(p.lines); p.n++ {
		if strings.TrimSpace(p.lines[p.n]) == mark {
			p.n++
			return info, content, true
		}
		content = append(content, p.lines[p.n])
	}
	return info, content, false
}

// live reads a block that is alive; begin is the line of its fence.
func (p *parser) live(begin int, info string, content []string) {
	word, args, _ := strings.Cut(info, " ")
	options := strings.Fields(args)
	if word != "browser" && word != "http" && word != "attack" && word != "clock" && len(options) > 0 {
		p.fail(begin, "a %s block takes nothing behind its word", word)
	}
	switch word {
	case "browser":
		p.browser(begin, options, content)
	case "http":
		p.http(begin, options, content)
	case "expect":
		e := &Expect{}
		for i, line := range content {
			if x, ok := p.expectation(begin+1+i, line); ok {
				e.Lines = append(e.Lines, x)
			}
		}
		if !slices.ContainsFunc(e.Lines, func(x Expectation) bool { return !x.No }) {
			p.fail(begin, "an expect block needs a line without no: something that happens only when the learner acts")
		}
		p.add(e)
	case "policy":
		p.add(&Policy{Entries: p.entries(begin, content, p.policyEntry)})
	case "settings":
		p.add(&Settings{Entries: p.entries(begin, content, p.v.Settings)})
	case "clock":
		d, err := time.ParseDuration(strings.TrimPrefix(strings.TrimSpace(args+strings.Join(content, "")), "+"))
		if err != nil || d <= 0 {
			p.fail(begin, "a clock block winds forward, as in ```clock +10m")
		}
		p.add(&Clock{Advance: d})
	case "attack":
		p.attack(begin, options, content)
	case "graph":
		p.graph(begin, content)
	case "hint":
		p.add(&Hint{HTML: p.prose(begin+1, strings.Join(content, "\n"))})
	default:
		p.fail(begin, "there is no block %q: the live ones are %s; for code that is only shown say text, json, html, go, sh or javascript", word, strings.Join(liveWords, ", "))
	}
}

func (p *parser) browser(begin int, options, content []string) {
	b := &Browser{As: "browser"}
	for _, o := range options {
		switch as, ok := strings.CutPrefix(o, "as="); {
		case o == "step":
			b.Step = true
		case ok && slices.Contains(p.v.Browsers, as):
			b.As = as
		default:
			p.fail(begin, "%q is nothing a browser block takes: it is step, or as= and one of %s", o, strings.Join(p.v.Browsers, ", "))
		}
	}
	for i, line := range content {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		a := BrowserAct{Do: f[0], Line: begin + 2 + i}
		if f[0] == "follow" && len(f) == 3 && f[1] == "without" {
			a.Without, f = f[2], f[:1]
		}
		want := map[string]int{"open": 2, "click": 2, "submit": 2, "fill": 3, "follow": 1, "back": 1}[f[0]]
		switch {
		case want == 0:
			p.fail(begin+1+i, "a browser can't %q: it can open URL, click ID, fill ID VALUE, submit ID, follow, follow without PARAMETER, back", f[0])
			continue
		case f[0] == "fill" && len(f) >= 3:
			a.Target, a.Value = f[1], strings.TrimSpace(strings.SplitN(strings.TrimSpace(line), f[1], 2)[1])
		case len(f) != want:
			p.fail(begin+1+i, "%s takes %d word behind it", f[0], want-1)
			continue
		case want == 2:
			a.Target = f[1]
		}
		p.placeholders(begin+1+i, line)
		b.Acts = append(b.Acts, a)
	}
	if len(b.Acts) == 0 {
		p.fail(begin, "this browser block does nothing")
	}
	p.add(b)
}

func (p *parser) http(begin int, options, content []string) {
	h := &HTTP{Source: strings.Join(content, "\n")}
	for _, o := range options {
		switch from, ok := strings.CutPrefix(o, "from="); {
		case o == "edit":
			h.Edit = true
		case ok:
			h.From = from
			p.actor(begin, from)
		default:
			p.fail(begin, "%q is nothing an http block takes: it is from= and an actor, and edit", o)
		}
	}
	if h.From == "" {
		p.fail(begin, "who sends this request? say so with from=, as in ```http from=attacker")
	}
	if len(content) == 0 || len(strings.Fields(content[0])) != 2 {
		p.fail(begin+1, "the first line is a method and an address, as in POST {{as}}/token")
	}
	for i, line := range content {
		p.placeholders(begin+1+i, line)
	}
	p.add(h)
}

func (p *parser) attack(begin int, options, content []string) {
	a := &Attack{}
	if len(options) != 1 || !slices.Contains(p.v.Attacks, options[0]) {
		p.fail(begin, "an attack block names its bot, as in ```attack NAME; there is %s", strings.Join(p.v.Attacks, ", "))
	} else {
		a.Name = options[0]
	}
	for i, line := range content {
		if strings.TrimSpace(line) == "" {
			continue
		}
		goal, ok := strings.CutPrefix(strings.TrimSpace(line), "goal:")
		if !ok {
			p.fail(begin+1+i, "a line of an attack is a goal, as in goal: attacker -> api POST /posts 201")
			continue
		}
		if x, ok := p.expectation(begin+1+i, goal); ok {
			a.Goals = append(a.Goals, x)
		}
	}
	if len(a.Goals) == 0 {
		p.fail(begin, "this attack has no goal: say what must be true for the attacker to have won")
	}
	p.add(a)
}

// entries reads lines "id: value".
func (p *parser) entries(begin int, content []string, check func(id, value string) error) []Entry {
	var list []Entry
	for i, line := range content {
		if strings.TrimSpace(line) == "" {
			continue
		}
		id, value, ok := strings.Cut(line, ":")
		e := Entry{ID: strings.TrimSpace(id), Value: strings.TrimSpace(value)}
		if !ok {
			p.fail(begin+1+i, "a line here is an id, a colon and a value")
		} else if err := check(e.ID, e.Value); err != nil {
			p.fail(begin+1+i, "%v", err)
		} else if slices.ContainsFunc(list, func(o Entry) bool { return o.ID == e.ID }) {
			p.fail(begin+1+i, "%s is set twice in this block", e.ID)
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		p.fail(begin, "this block sets nothing")
	}
	return list
}

func (p *parser) policyEntry(id, mode string) error {
	if id == Everything {
		if mode != "enforce" {
			return errors.New("everything can only be set to enforce")
		}
		return nil
	}
	modes, known := p.v.Checks[id]
	switch {
	case !known:
		return fmt.Errorf("there is no check %q%s", id, p.near(id))
	case !slices.Contains(modes, mode):
		return fmt.Errorf("check %q can't be %q: it can be %s", id, mode, strings.Join(modes, ", "))
	}
	return nil
}

// near suggests checks whose last word is the same.
func (p *parser) near(id string) string {
	var list []string
	for known := range p.v.Checks {
		if i := strings.LastIndexAny(id, ".-"); strings.HasSuffix(known, id[i+1:]) {
			list = append(list, known)
		}
	}
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	return ": did you mean " + strings.Join(list, " or ") + "?"
}

func (p *parser) actor(line int, id string) {
	if !slices.Contains(p.v.Actors, id) {
		p.fail(line, "there is no actor %q: there is %s", id, strings.Join(p.v.Actors, ", "))
	}
}

var placeholder = regexp.MustCompile(`\{\{([^}]*)\}\}`)
var tagForm = regexp.MustCompile(`^[a-z_]+#[1-9]\d*$`)
var methodForm = regexp.MustCompile(`^[A-Z]+$`)
var statusForm = regexp.MustCompile(`^([1-5]\d\d|[1-5]?\d?\*)$`)

// placeholders checks the {{…}} of a line: an actor's origin, or a value's tag.
func (p *parser) placeholders(line int, text string) {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if name := strings.TrimSpace(m[1]); !p.tag(name) && !slices.Contains(p.v.Actors, name) {
			p.fail(line, "{{%s}} is neither a value like code#1 nor an actor", name)
		}
	}
	if strings.Contains(placeholder.ReplaceAllString(text, ""), "{{") {
		p.fail(line, "a {{ has no }}")
	}
}

// tag tells whether a text names a value that a run can hold.
func (p *parser) tag(text string) bool {
	kind, _, _ := strings.Cut(text, "#")
	return tagForm.MatchString(text) && slices.Contains(p.v.Values, kind)
}

// expectation reads one line of an expect block or a goal.
func (p *parser) expectation(line int, text string) (Expectation, bool) {
	f := strings.Fields(text)
	if len(f) == 0 {
		return Expectation{}, false
	}
	x := Expectation{Line: line + 1, Text: strings.Join(f, " ")}
	if f[0] == "no" {
		x.No, f = true, f[1:]
	}
	bad := func() (Expectation, bool) {
		p.fail(line, "%q is not an expectation: write FROM -> TO METHOD PATH STATUS, verdict CHECK OUTCOME MODE, value TAG in PLACE of ACTOR, seen TAG by ACTOR, token TAG verified, or error CODE, with no before it for its opposite", x.Text)
		return x, false
	}
	is := func(pattern ...string) bool {
		if len(f) != len(pattern) {
			return false
		}
		for i, w := range pattern {
			if w != "" && f[i] != w {
				return false
			}
		}
		return true
	}
	switch {
	case is("", "->", "", "", "", ""):
		x.Kind, x.From, x.To, x.Method, x.Path, x.Status = "exchange", f[0], f[2], f[3], f[4], f[5]
		p.actor(line, x.From)
		p.actor(line, x.To)
		if !methodForm.MatchString(x.Method) || !strings.HasPrefix(x.Path, "/") || !statusForm.MatchString(x.Status) {
			return bad()
		}
	case is("verdict", "", "", ""):
		x.Kind, x.Check, x.Outcome, x.Mode = "verdict", f[1], f[2], f[3]
		if !slices.Contains([]string{"pass", "fail", "off"}, x.Outcome) || !slices.Contains([]string{"enforce", "observe", "off"}, x.Mode) {
			return bad()
		}
		if modes, known := p.v.Checks[x.Check]; !known {
			p.fail(line, "there is no check %q%s", x.Check, p.near(x.Check))
		} else if !slices.Contains(modes, x.Mode) || (x.Outcome == "off") != (x.Mode == "off") {
			p.fail(line, "check %q never comes out as %s in mode %s", x.Check, x.Outcome, x.Mode)
		}
	case is("value", "", "in", "", "of", ""):
		x.Kind, x.Tag, x.In, x.Of = "value", f[1], f[3], f[5]
		p.actor(line, x.Of)
		if !slices.Contains([]string{"query", "fragment", "header", "cookie", "body", "path", "history", "storage"}, x.In) {
			return bad()
		}
	case is("seen", "", "by", ""):
		x.Kind, x.Tag, x.Of = "seen", f[1], f[3]
		p.actor(line, x.Of)
	case is("token", "", "verified"):
		x.Kind, x.Tag = "token", f[1]
	case is("error", ""):
		x.Kind, x.Code = "error", f[1]
	default:
		return bad()
	}
	if x.Tag != "" && !p.tag(x.Tag) {
		p.fail(line, "%q is not a value's tag: write it like code#1; the kinds are %s", x.Tag, strings.Join(p.v.Values, ", "))
	}
	return x, true
}

var (
	calloutLine = regexp.MustCompile(`^\[!([A-Z]+)(?:\s+([a-z0-9-]+))?\]\s*(.*)$`)
	choiceLine  = regexp.MustCompile(`^- \[([ x])\] (.*?)\s*(?:\{(M\d+)\})?$`)
)

// callout reads a "> [!WORD id] …" and moves behind it.
func (p *parser) callout() {
	begin := p.n
	var lines []string
	for ; p.n < len(p.lines) && strings.HasPrefix(p.lines[p.n], ">"); p.n++ {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(p.lines[p.n], ">"), " "))
	}
	m := calloutLine.FindStringSubmatch(lines[0])
	if m == nil || !slices.Contains(calloutWords, m[1]) {
		p.fail(begin, "there is no callout like this: they are %s", strings.Join(calloutWords, ", "))
		return
	}
	lines[0] = m[3]
	if m[1] == "QUIZ" || m[1] == "PREDICT" {
		p.quiz(begin, m[1] == "PREDICT", m[2], lines)
		return
	}
	html := p.prose(begin, strings.Join(lines, "\n"))
	switch m[1] {
	case "NOTE":
		p.add(&Note{HTML: html})
	case "EXPERIMENT":
		p.add(&Experiment{HTML: html})
	case "TAKEAWAY":
		p.add(&Takeaway{HTML: html})
	}
}

func (p *parser) quiz(begin int, predict bool, id string, lines []string) {
	q := &Quiz{ID: id, Predict: predict, Line: begin + 1}
	if q.ID == "" {
		n := 1
		for _, other := range p.lesson.Quizzes() {
			if strings.HasPrefix(other.ID, p.stepID()+"-") {
				n++
			}
		}
		q.ID = fmt.Sprintf("%s-%d", p.stepID(), n)
	}
	p.name(begin, q.ID)
	first := slices.IndexFunc(lines, func(l string) bool { return choiceLine.MatchString(l) })
	if first < 0 {
		p.selfCheck(begin, q, lines)
		return
	}
	q.Question = p.markdown(begin, strings.Join(lines[:first], "\n"))
	for i := first; i < len(lines); {
		m := choiceLine.FindStringSubmatch(lines[i])
		if m == nil {
			p.fail(begin+i, "behind the first choice there are only choices and, indented, their feedback")
			return
		}
		at := begin + i
		c := Choice{HTML: p.inline(at, m[2]), Correct: m[1] == "x", Misconception: m[3]}
		var feedback []string
		for i++; i < len(lines) && !strings.HasPrefix(lines[i], "- "); i++ {
			feedback = append(feedback, strings.TrimPrefix(lines[i], "  "))
		}
		c.Feedback = p.markdown(at+1, strings.Join(feedback, "\n"))
		switch {
		case strings.TrimSpace(strings.Join(feedback, "")) == "":
			p.fail(at, "this choice has no feedback: write it below, indented by two spaces")
		case !c.Correct && c.Misconception == "":
			p.fail(at, "this wrong choice has no misconception: put its id at the end of the line, as in {M05}")
		case c.Correct && c.Misconception != "":
			p.fail(at, "a right choice has no misconception")
		case c.Misconception != "" && Misconceptions[c.Misconception] == "":
			p.fail(at, "there is no misconception %s", c.Misconception)
		}
		q.Choices = append(q.Choices, c)
	}
	right := 0
	for _, c := range q.Choices {
		if c.Correct {
			right++
		}
	}
	if len(q.Choices) < 3 || len(q.Choices) > 4 || right != 1 {
		p.fail(begin, "a question has 3 or 4 choices and one of them is right; this has %d and %d", len(q.Choices), right)
	}
	p.add(q)
}

// selfCheck reads the plain form: a question, a line ---, an answer.
func (p *parser) selfCheck(begin int, q *Quiz, lines []string) {
	cut := slices.IndexFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "---" })
	if cut < 0 || q.Predict {
		p.fail(begin, "this question has no choices, as in - [x] …; for a self-check put a line --- before its answer")
		return
	}
	q.SelfCheck = true
	q.Question = p.markdown(begin, strings.Join(lines[:cut], "\n"))
	q.Answer = p.markdown(begin+cut+1, strings.Join(lines[cut+1:], "\n"))
	p.add(q)
}

func (p *parser) stepID() string {
	if p.step == nil {
		return "intro"
	}
	return p.step.ID
}

// whole checks what can only be seen at the end.
func (p *parser) whole() {
	if len(p.lesson.Steps) == 0 {
		p.fail(len(p.lines)-1, "a lesson has at least one step: ## begins one")
	}
	if p.lesson.Attack != "" && !slices.ContainsFunc(p.lesson.Steps, func(s *Step) bool {
		return slices.ContainsFunc(s.Blocks, func(b Block) bool { _, ok := b.(*Attack); return ok })
	}) {
		p.fail(p.find("attack:"), "the front matter promises an attack, and no step has one")
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
			p.fail(s.Line-1, "step %q has something to do and no expect block: say how it shows that it was done", s.ID)
		}
		if s.Do && !has(func(b Block) bool { _, ok := b.(*Hint); return ok }) {
			p.fail(s.Line-1, "step %q is the learner's to do and has no hint: write one for who is stuck", s.ID)
		}
		if expects && !acts && !has(func(b Block) bool {
			switch b.(type) {
			case *Policy, *Settings, *Clock:
				return true
			}
			return false
		}) {
			p.fail(s.Line-1, "step %q expects something and has no solution: no block that does it", s.ID)
		}
	}
}

// proseWords are those that DESIGN keeps out of a course: they make who doesn't understand feel small.
var proseWords = regexp.MustCompile(`(?i)\b(just|simply|obviously|easy|easily)\b`)

func (p *parser) plain(line int, text string) {
	for i, l := range strings.Split(text, "\n") {
		if w := proseWords.FindString(l); w != "" && !strings.Contains(l, "`"+w) {
			p.fail(line+i, "leave out %q: what is easy for one is not for another", w)
		}
	}
}

func (p *parser) markdown(line int, text string) template.HTML {
	p.plain(line, text)
	html, err := render(text)
	if err != nil {
		p.fail(line, "this can't be rendered: %v", err)
	}
	return html
}

// prose is markdown whose terms lead to the glossary.
func (p *parser) prose(line int, text string) template.HTML {
	p.plain(line, text)
	html, err := renderProse(text)
	if err != nil {
		p.fail(line, "this can't be rendered: %v", err)
	}
	return html
}

// inline is one line without the paragraph around it.
func (p *parser) inline(line int, text string) template.HTML {
	html := bytes.TrimSpace([]byte(p.markdown(line, text)))
	html = bytes.TrimSuffix(bytes.TrimPrefix(html, []byte("<p>")), []byte("</p>"))
	return template.HTML(html)
}
