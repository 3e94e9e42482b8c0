package lessons

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The callouts: questions, notes, experiments, what to take away.

var (
	calloutWords = []string{"QUIZ", "PREDICT", "NOTE", "EXPERIMENT", "TAKEAWAY"}
	calloutLine  = regexp.MustCompile(`^\[!([A-Z]+)(?:\s+([a-z0-9-]+))?\]\s*(.*)$`)
	choiceLine   = regexp.MustCompile(`^- \[([ x])\] (.*?)\s*(?:\{(M\d+)\})?$`)
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
