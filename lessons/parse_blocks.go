package lessons

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The fenced blocks: what is done in a step, and what must come of it.

var (
	fence     = regexp.MustCompile("^(?:```+|~~~+)")
	nextPart  = regexp.MustCompile("^(?:## |(?:```+|~~~+)\\s*\\w)")            // what begins another part of the lesson
	samples   = []string{"", "text", "json", "html", "go", "sh", "javascript"} // fenced blocks that are only shown
	liveWords = []string{"browser", "http", "expect", "policy", "settings", "clock", "attack", "graph", "hint"}
)

// fenced reads a fenced block and moves behind it. One that is alive ends at the latest where another part begins.
func (p *parser) fenced() (info string, content []string, closed bool) {
	mark := fence.FindString(p.lines[p.n])
	info = strings.TrimSpace(p.lines[p.n][len(mark):])
	for p.n++; p.n < len(p.lines); p.n++ {
		if strings.TrimSpace(p.lines[p.n]) == mark {
			p.n++
			return info, content, true
		}
		if word, _, _ := strings.Cut(info, " "); nextPart.MatchString(p.lines[p.n]) && slices.Contains(liveWords, word) {
			break
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
		p.fail(begin, RuleBlock, "a %s block takes nothing behind its word", word).mend("leave out %s", strings.Join(options, " "))
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
			p.fail(begin, RuleExpect, "everything that this expect block says begins with no").mend("add a line without it: something that happens only when the learner acts")
		}
		p.add(e)
	case "policy":
		p.add(&Policy{Entries: p.entries(begin, content, RuleCheck, p.policyEntry)})
	case "settings":
		p.add(&Settings{Entries: p.entries(begin, content, RuleSetting, p.settingEntry)})
	case "clock":
		d, err := time.ParseDuration(strings.TrimPrefix(strings.TrimSpace(args+strings.Join(content, "")), "+"))
		if err != nil || d <= 0 {
			p.fail(begin, RuleBlock, "this clock block does not say how far to wind").mend("write ```clock +10m")
		}
		p.add(&Clock{Advance: d})
	case "attack":
		p.attack(begin, options, content)
	case "graph":
		p.graph(begin, content)
	case "hint":
		p.add(&Hint{HTML: p.prose(begin+1, strings.Join(content, "\n"))})
	default:
		p.fail(begin, RuleBlock, "there is no block %q", word).on(word).mend("the live ones are %s; for code that is only shown say text, json, html, go, sh or javascript", strings.Join(liveWords, ", "))
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
			p.fail(begin, RuleBrowser, "%q is nothing a browser block takes", o).on(o).mend("it is step, or as= and one of %s", strings.Join(p.v.Browsers, ", "))
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
			p.fail(begin+1+i, RuleBrowser, "a browser can't %q", f[0]).on(f[0]).mend("it can %s", browserActs)
			continue
		case f[0] == "fill" && len(f) >= 3:
			_, rest, _ := strings.Cut(line, f[0])
			_, value, _ := strings.Cut(rest, f[1])
			a.Target, a.Value = f[1], strings.TrimSpace(value)
		case len(f) != want:
			p.fail(begin+1+i, RuleBrowser, "this is not how %s is written", f[0]).mend("a browser can %s", browserActs)
			continue
		case want == 2:
			a.Target = f[1]
		}
		p.placeholders(begin+1+i, line)
		b.Acts = append(b.Acts, a)
	}
	if len(b.Acts) == 0 {
		p.fail(begin, RuleBrowser, "this browser block does nothing").mend("write what is done, as in open https://planner.test/connect")
	}
	p.add(b)
}

func (p *parser) http(begin int, options, content []string) {
	h := &HTTP{Source: strings.Join(content, "\n"), Line: begin + 1}
	for _, o := range options {
		switch from, ok := strings.CutPrefix(o, "from="); {
		case o == "edit":
			h.Edit = true
		case ok:
			h.From = from
			p.actor(begin, from)
		default:
			p.fail(begin, RuleHTTP, "%q is nothing an http block takes", o).on(o).mend("it is from= and an actor, and edit")
		}
	}
	if h.From == "" {
		p.fail(begin, RuleHTTP, "nobody sends this request").mend("say who with from=, as in ```http from=attacker")
	}
	if len(content) == 0 || len(strings.Fields(content[0])) != 2 {
		p.fail(begin+1, RuleHTTP, "the first line is no method and address").mend("write it as in POST {{as}}/token")
	}
	for i, line := range content {
		p.placeholders(begin+1+i, line)
	}
	p.add(h)
}

func (p *parser) attack(begin int, options, content []string) {
	a := &Attack{Line: begin + 1}
	if p.step != nil && p.step.Attack() != nil {
		p.fail(begin, RuleAttack, "this step has an attack already").mend("begin a step of its own for this one")
	}
	if len(options) != 1 || !slices.Contains(p.v.Attacks, options[0]) {
		p.fail(begin, RuleAttack, "this attack block names no bot that there is").mend("write ```attack NAME, with one of %s", strings.Join(p.v.Attacks, ", "))
	} else {
		a.Name = options[0]
	}
	for i, line := range content {
		if strings.TrimSpace(line) == "" {
			continue
		}
		goal, ok := strings.CutPrefix(strings.TrimSpace(line), "goal:")
		if !ok {
			p.fail(begin+1+i, RuleAttack, "this line of an attack is no goal").mend("write it as in goal: attacker -> api POST /posts 201")
			continue
		}
		if x, ok := p.expectation(begin+1+i, goal); ok {
			a.Goals = append(a.Goals, x)
		}
	}
	if len(a.Goals) == 0 {
		p.fail(begin, RuleAttack, "this attack has no goal").mend("say what must be true for the attacker to have won, as in goal: attacker -> api POST /posts 201")
	}
	p.add(a)
}

// entries reads lines "id: value".
func (p *parser) entries(begin int, content []string, rule Rule, judge func(id, value string) (wrong, mend string)) []Entry {
	var list []Entry
	for i, line := range content {
		if strings.TrimSpace(line) == "" {
			continue
		}
		id, value, ok := strings.Cut(line, ":")
		e := Entry{ID: strings.TrimSpace(id), Value: strings.TrimSpace(value)}
		if wrong, mend := judge(e.ID, e.Value); !ok {
			p.fail(begin+1+i, rule, "this line sets nothing").mend("write an id, a colon and a value")
		} else if wrong != "" {
			p.fail(begin+1+i, rule, "%s", wrong).on(e.ID).mend("%s", mend)
		} else if slices.ContainsFunc(list, func(o Entry) bool { return o.ID == e.ID }) {
			p.fail(begin+1+i, rule, "%s is set twice in this block", e.ID).on(e.ID).mend("leave one of them out")
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		p.fail(begin, rule, "this block sets nothing").mend("write an id, a colon and a value, one a line")
	}
	return list
}

func (p *parser) policyEntry(id, mode string) (wrong, mend string) {
	if id == Everything {
		if mode != "enforce" {
			return fmt.Sprintf("everything can't be %q", mode), "everything can only be set to enforce"
		}
		return "", ""
	}
	modes, known := p.v.Checks[id]
	switch {
	case !known:
		return fmt.Sprintf("there is no check %q", id), p.near(id)
	case !slices.Contains(modes, mode):
		return fmt.Sprintf("check %q can't be %q", id, mode), "it can be " + strings.Join(modes, ", ")
	}
	return "", ""
}

func (p *parser) settingEntry(id, value string) (wrong, mend string) {
	if err := p.v.Settings(id, value); err != nil {
		if wrong, mend = cutMend(err); mend == "" {
			mend = "playground names lists them"
		}
	}
	return wrong, mend
}

// cutMend parts an error of the vocabulary, "what is wrong: how to mend it".
func cutMend(err error) (wrong, mend string) {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		return text[:i], text[i+2:]
	}
	return text, ""
}

// near suggests checks that are written alike, or whose last word is the same.
func (p *parser) near(id string) string {
	known := slices.Sorted(maps.Keys(p.v.Checks))
	list := nearest(id, known)
	if len(list) == 0 {
		list = slices.DeleteFunc(known, func(k string) bool { return !strings.HasSuffix(k, id[strings.LastIndexAny(id, ".-")+1:]) })
	}
	if len(list) == 0 {
		return "playground names lists them"
	}
	return "did you mean " + strings.Join(list, " or ") + "?"
}

func (p *parser) actor(line int, id string) {
	if !slices.Contains(p.v.Actors, id) {
		p.fail(line, RuleActor, "there is no actor %q", id).on(id).mend("there is %s", strings.Join(p.v.Actors, ", "))
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
			p.fail(line, RuleValue, "{{%s}} is neither a value like code#1 nor an actor", name).on("{{"+m[1]).mend("the kinds of values are %s; the actors are %s", strings.Join(p.v.Values, ", "), strings.Join(p.v.Actors, ", "))
		}
	}
	if strings.Contains(placeholder.ReplaceAllString(text, ""), "{{") {
		p.fail(line, RuleValue, "a {{ has no }}").on("{{").mend("close it, as in {{code#1}}")
	}
}

// values checks the {{…}} of a line that is read: a value's tag.
func (p *parser) values(line int, text string) {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !p.tag(m[1]) {
			p.fail(line, RuleValue, "{{%s}} is not a value of the run", m[1]).on("{{"+m[1]).mend("in a question it is written like {{code#1}}; the kinds are %s", strings.Join(p.v.Values, ", "))
		}
	}
	if strings.Contains(placeholder.ReplaceAllString(text, ""), "{{") {
		p.fail(line, RuleValue, "a {{ has no }}").on("{{").mend("close it, as in {{code#1}}")
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
		p.fail(line, RuleExpect, "%q is not an expectation", x.Text).on(x.Text).mend("write FROM -> TO METHOD PATH STATUS, verdict CHECK OUTCOME MODE, value TAG in PLACE of ACTOR, seen TAG by ACTOR, token TAG verified, or error CODE, with no before it for its opposite")
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
			p.fail(line, RuleCheck, "there is no check %q", x.Check).on(x.Check).mend("%s", p.near(x.Check))
		} else if !slices.Contains(modes, x.Mode) || (x.Outcome == "off") != (x.Mode == "off") {
			p.fail(line, RuleExpect, "check %q never comes out as %s in mode %s", x.Check, x.Outcome, x.Mode).on(x.Check).mend("it may be on %s, and is off in mode off alone", strings.Join(modes, ", "))
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
		p.fail(line, RuleValue, "%q is not a value's tag", x.Tag).on(x.Tag).mend("write it like code#1; the kinds are %s", strings.Join(p.v.Values, ", "))
	}
	return x, true
}
