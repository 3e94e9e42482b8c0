package lessons

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The fenced blocks: what is done in a step, and what must come of it.

var (
	fence     = regexp.MustCompile("^```+")
	samples   = []string{"", "text", "json", "html", "go", "sh", "javascript"} // fenced blocks that are only shown
	liveWords = []string{"browser", "http", "expect", "policy", "settings", "clock", "attack", "graph", "hint"}
)

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

// browserActs is how the lines of a browser block are written.
const browserActs = "open URL, click ID, fill ID VALUE, submit ID, follow, follow without PARAMETER, back"

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
			p.fail(begin+1+i, "a browser can't %q: it can %s", f[0], browserActs)
			continue
		case f[0] == "fill" && len(f) >= 3:
			_, rest, _ := strings.Cut(line, f[0])
			_, value, _ := strings.Cut(rest, f[1])
			a.Target, a.Value = f[1], strings.TrimSpace(value)
		case len(f) != want:
			p.fail(begin+1+i, "this is no whole act: a browser can %s", browserActs)
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

// values checks the {{…}} of a line that is read: a value's tag.
func (p *parser) values(line int, text string) {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !p.tag(m[1]) {
			p.fail(line, "{{%s}} is not a value of the run: in a question it is written like {{code#1}}; the kinds are %s", m[1], strings.Join(p.v.Values, ", "))
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
