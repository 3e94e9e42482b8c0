package lessons

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The callouts: questions, notes, experiments, what to take away.

var (
	notes       = []string{"NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION", "EXPERIMENT", "TAKEAWAY", "SPEAKER"}
	questions   = map[string]Kind{"QUIZ": OneOf, "PREDICT": OneOf, "TWIN": OneOf, "ORDER": Order, "MATCH": Match, "MATRIX": Matrix}
	calloutLine = regexp.MustCompile(`^\[!([A-Za-z]+)(?:\s+([a-z0-9-]+))?\]\s*(.*)$`)
	choiceLine  = regexp.MustCompile(`^- \[([ xX])\] (.*?)\s*(?:\{(M\d+)\})?$`)
	beliefEnd   = regexp.MustCompile(`\s*\{(M\d+)\}$`)
	itemLine    = regexp.MustCompile(`^(\d+)\. (.+)$`)
	ruleLine    = regexp.MustCompile(`^[\s|:-]*---[\s|:-]*$`) // between a table's head and its rows
)

// callout reads a "> [!WORD id] …" and moves behind it.
func (p *parser) callout() {
	begin := p.n
	var lines []string
	for ; p.n < len(p.lines) && strings.HasPrefix(p.lines[p.n], ">"); p.n++ {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(p.lines[p.n], ">"), " "))
	}
	m := calloutLine.FindStringSubmatch(lines[0])
	if m != nil {
		m[1] = strings.ToUpper(m[1]) // it is written either way where such callouts come from
	}
	if m == nil || questions[m[1]] == "" && !slices.Contains(notes, m[1]) {
		p.fail(begin, RuleCallout, "there is no callout like this").mend("they are %s", strings.Join(append(slices.Sorted(maps.Keys(questions)), notes...), ", "))
		return
	}
	lines[0] = m[3]
	if questions[m[1]] != "" {
		p.question(begin, m[1], m[2], lines)
		return
	}
	html := p.prose(begin, strings.Join(lines, "\n"))
	switch m[1] {
	case "EXPERIMENT":
		p.add(&Experiment{HTML: html})
	case "TAKEAWAY":
		p.add(&Takeaway{HTML: html})
	case "SPEAKER":
		p.speaker(html)
	default:
		p.add(&Note{Word: strings.ToLower(m[1]), HTML: html})
	}
}

// question reads a question of any kind: it begins with what is asked, and its last part are the lines "- [x]" and "- [ ]".
func (p *parser) question(begin int, word, id string, lines []string) {
	q := &Quiz{ID: id, Kind: questions[word], Predict: word == "PREDICT", Line: begin + 1}
	var twinOf *Quiz
	switch {
	case word == "TWIN":
		twinOf = p.twinOf(id)
		if twinOf == nil {
			p.fail(begin, RuleTwin, "this is a twin of nothing").mend("put it directly behind the question that it is a twin of, with its id: > [!QUIZ %s] …, then > [!TWIN %s] …", cmp.Or(id, "id"), cmp.Or(id, "id"))
			return
		}
		q.ID = twinOf.ID + "-twin"
	case id == "":
		q.ID = p.unnamed()
	}
	p.name(begin, q.ID)
	last := slices.IndexFunc(lines, func(l string) bool { return choiceLine.MatchString(l) })
	switch {
	case last < 0 && word == "QUIZ":
		p.selfCheck(begin, q, lines)
	case last < 0:
		p.fail(begin, RuleQuestion, "this question has no lines - [x] and - [ ]").mend("write them: they say what is right, and what is said to each answer")
		return
	case q.Kind == OneOf:
		q.Question = p.markdown(begin, strings.Join(lines[:last], "\n"))
		p.choices(begin, q, lines, last)
	default:
		// Before what is said stands what is asked, and before that the question.
		first := slices.IndexFunc(lines[:last], func(l string) bool { return itemLine.MatchString(l) || strings.HasPrefix(l, "|") })
		if first < 0 {
			first = last
		}
		q.Question = p.markdown(begin, strings.Join(lines[:first], "\n"))
		if q.Kind == Order {
			p.items(begin, q, lines, first, last)
		} else {
			p.table(begin, q, lines, first, last)
		}
		p.endings(begin, q, lines, last)
	}
	if twinOf != nil {
		twinOf.Twin = q
		return
	}
	p.add(q)
}

// twinOf is the question that stands directly before; nil if it can't have a twin of this id.
func (p *parser) twinOf(id string) *Quiz {
	blocks := p.lesson.Intro
	if p.step != nil {
		blocks = p.step.Blocks
	}
	if len(blocks) == 0 {
		return nil
	}
	q, ok := blocks[len(blocks)-1].(*Quiz)
	if !ok || q.Predict || q.SelfCheck || q.Twin != nil || id != "" && id != q.ID {
		return nil
	}
	return q
}

// unnamed is an id for a question that has none of its own.
func (p *parser) unnamed() string {
	step, n := "intro", 1
	if p.step != nil {
		step = p.step.ID
	}
	for _, other := range p.lesson.Quizzes() {
		if strings.HasPrefix(other.ID, step+"-") && !strings.HasSuffix(other.ID, "-twin") {
			n++
		}
	}
	return fmt.Sprintf("%s-%d", step, n)
}

// choices reads the answers of a question, each with what is said to it.
func (p *parser) choices(begin int, q *Quiz, lines []string, first int) {
	for i := first; i < len(lines); {
		m := choiceLine.FindStringSubmatch(lines[i])
		if m == nil {
			p.fail(begin+i, RuleChoice, "this is no choice").mend("behind the first choice there are only choices and, indented, their feedback")
			return
		}
		at := begin + i
		c := Choice{HTML: p.inline(at, m[2]), Correct: m[1] != " ", Misconception: m[3]}
		var feedback []string
		for i++; i < len(lines) && !strings.HasPrefix(lines[i], "- "); i++ {
			feedback = append(feedback, strings.TrimPrefix(lines[i], "  "))
		}
		c.Feedback = p.markdown(at+1, strings.Join(feedback, "\n"))
		if strings.TrimSpace(strings.Join(feedback, "")) == "" {
			p.fail(at, RuleFeedback, "this choice has no feedback").mend("write it below, indented by two spaces")
		}
		p.belief(at, c)
		q.Choices = append(q.Choices, c)
	}
	right := 0
	for _, c := range q.Choices {
		if c.Correct {
			right++
		}
	}
	if len(q.Choices) < 3 || len(q.Choices) > 4 || right != 1 {
		p.fail(begin, RuleChoice, "a question has 3 or 4 choices and one of them is right; this has %d and %d", len(q.Choices), right).mend("mark the right one with - [x], the others with - [ ]")
	}
}

// endings reads what is said where the answer is no choice: "- [x] …" if all is right, "- [ ] … {M04}" to anything else.
func (p *parser) endings(begin int, q *Quiz, lines []string, first int) {
	for i := first; i < len(lines); {
		at := begin + i
		m := choiceLine.FindStringSubmatch(lines[i])
		if m == nil {
			p.fail(at, RuleChoice, "this is neither - [x] nor - [ ]").mend("behind the first of them there are only these, and what goes on below them, indented")
			return
		}
		c := Choice{Correct: m[1] != " ", Misconception: m[3]}
		said := []string{m[2]}
		for i++; i < len(lines) && !strings.HasPrefix(lines[i], "- "); i++ {
			said = append(said, strings.TrimSpace(lines[i]))
		}
		text := strings.TrimSpace(strings.Join(said, "\n"))
		if m := beliefEnd.FindStringSubmatch(text); m != nil && c.Misconception == "" { // it may stand behind all that is said
			text, c.Misconception = text[:len(text)-len(m[0])], m[1]
		}
		c.Feedback = p.markdown(at, text)
		if text == "" {
			p.fail(at, RuleFeedback, "nothing is said here").mend("write the feedback behind the brackets")
		}
		p.belief(at, c)
		q.Choices = append(q.Choices, c)
	}
	if len(q.Choices) != 2 || q.Choices[0].Correct == q.Choices[1].Correct {
		p.fail(begin, RuleChoice, "this question has other than one line - [x] and one line - [ ]").mend("write one - [x], for all of it right, and one - [ ], for anything else")
	}
}

// belief checks that what is wrong names why it is believed, and that what is right doesn't.
func (p *parser) belief(at int, c Choice) {
	switch {
	case !c.Correct && c.Misconception == "":
		p.fail(at, RuleMisconception, "this wrong choice has no misconception").mend("put its id at the end of the line, as in {M05}")
	case c.Correct && c.Misconception != "":
		p.fail(at, RuleMisconception, "a right choice has no misconception").on("{"+c.Misconception).mend("leave out {%s}", c.Misconception)
	case c.Misconception != "" && Misconceptions[c.Misconception].Belief == "":
		p.fail(at, RuleMisconception, "there is no misconception %s", c.Misconception).on("{" + c.Misconception).mend("lessons/misconceptions.go lists them")
	case c.Misconception != "" && Misconceptions[c.Misconception].Spec == "":
		p.fail(at, RuleMisconception, "misconception %s has no section yet that puts it right", c.Misconception).on("{" + c.Misconception).mend("find it, and add it to lessons/misconceptions.go")
	}
}

// items reads what is to be put in order: a numbered list in the right order, which is shown in another.
func (p *parser) items(begin int, q *Quiz, lines []string, first, last int) {
	var items []Row
	for i := first; i < last; {
		if strings.TrimSpace(lines[i]) == "" {
			i++
			continue
		}
		m := itemLine.FindStringSubmatch(lines[i])
		place := len(items) + 1
		if m == nil || m[1] != strconv.Itoa(place) {
			p.fail(begin+i, RuleTable, "here stands item %d of the list", place).mend("write it as in %d. What comes then", place)
			return
		}
		at, item := begin+i, []string{m[2]}
		for i++; i < last && strings.HasPrefix(lines[i], "  "); i++ {
			item = append(item, strings.TrimSpace(lines[i]))
		}
		items = append(items, Row{HTML: p.inline(at, strings.Join(item, " ")), Right: []int{place}})
		q.Columns = append(q.Columns, template.HTML(strconv.Itoa(place)))
	}
	if len(items) < 3 || len(items) > 8 {
		p.fail(begin, RuleTable, "an order has 3 to 8 items; this has %d", len(items)).mend("number them in the right order")
		return
	}
	for _, i := range shuffled(q.ID, len(items)) {
		q.Rows = append(q.Rows, items[i])
	}
}

// table reads the pairs of a match, whose right-hand sides are shown in another order, or the cells of a matrix.
func (p *parser) table(begin int, q *Quiz, lines []string, first, last int) {
	for last > first && strings.TrimSpace(lines[last-1]) == "" {
		last--
	}
	if last-first < 3 || !ruleLine.MatchString(lines[first+1]) {
		p.fail(begin, RuleTable, "this question has no table").mend("write a row of heads, a row | --- | --- |, and its rows")
		return
	}
	head := cells(lines[first])
	if q.Kind == Match && len(head) != 2 || q.Kind == Matrix && (len(head) < 3 || len(head) > 7) {
		p.fail(begin+first, RuleTable, "this table has %d columns", len(head)).mend("a match has two columns; a matrix has one of names and 2 to 6 to mark")
		return
	}
	q.RowHead = p.inline(begin+first, head[0])
	if q.Kind == Match {
		q.ColHead = p.inline(begin+first, head[1])
	} else {
		for _, c := range head[1:] {
			q.Columns = append(q.Columns, p.inline(begin+first, c))
		}
	}
	marked := false
	for i := first + 2; i < last; i++ {
		at, row := begin+i, cells(lines[i])
		if len(row) != len(head) {
			p.fail(at, RuleTable, "this row has %d cells, and the head %d", len(row), len(head)).mend("write a bar inside a cell as \\|")
			return
		}
		r := Row{HTML: p.inline(at, row[0])}
		if row[0] == "" || slices.ContainsFunc(q.Rows, func(o Row) bool { return o.HTML == r.HTML }) {
			p.fail(at, RuleTable, "this row has no name of its own").mend("write one into its first cell")
		}
		if q.Kind == Match {
			right := p.inline(at, row[1])
			switch {
			case right == "":
				p.fail(at, RuleTable, "nothing belongs to this: its second cell is empty").mend("write what does")
			case placeholder.MatchString(row[1]):
				p.fail(at, RuleTable, "a match has values of the run in its first column only").mend("what is chosen is plain text")
			}
			n := slices.Index(q.Columns, right)
			if n < 0 {
				n = len(q.Columns)
				q.Columns = append(q.Columns, right)
			}
			r.Right = []int{n + 1}
		} else {
			for n, c := range row[1:] {
				switch c {
				case "x":
					r.Right = append(r.Right, n+1)
					marked = true
				case "":
				default:
					p.fail(at, RuleTable, "this cell says %q", c).mend("a cell of a matrix is x or empty")
				}
			}
		}
		q.Rows = append(q.Rows, r)
	}
	switch {
	case len(q.Rows) < 2 || len(q.Rows) > 8:
		p.fail(begin, RuleTable, "a table like this has 2 to 8 rows; this has %d", len(q.Rows)).mend("split it, or ask in another way")
	case q.Kind == Matrix && !marked:
		p.fail(begin, RuleTable, "nothing in this matrix is marked").mend("put an x where it is right")
	case q.Kind == Match && len(q.Columns) < 2:
		p.fail(begin, RuleTable, "everything here belongs to the same, so there is nothing to match").mend("write two different right-hand sides")
	case q.Kind == Match:
		q.shuffleColumns()
	}
}

// shuffleColumns brings the right-hand sides of a match out of the order of their rows.
func (q *Quiz) shuffleColumns() {
	order := shuffled(q.ID, len(q.Columns))
	columns := make([]template.HTML, len(order))
	for n, i := range order {
		columns[n] = q.Columns[i]
	}
	for _, r := range q.Rows {
		r.Right[0] = slices.Index(order, r.Right[0]-1) + 1
	}
	q.Columns = columns
}

// cells are the cells of a table's row. \| is a bar within one.
func cells(line string) []string {
	const bar = "\x00"
	line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar)
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(part, bar, "|"))
	}
	return parts
}

// selfCheck reads the plain form: a question, a line ---, an answer. It may be pasted from other documentation, so nothing is asked of
// its words: they are another author's.
func (p *parser) selfCheck(begin int, q *Quiz, lines []string) {
	cut := slices.IndexFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "---" })
	if cut < 0 {
		p.fail(begin, RuleQuestion, "this question has no choices, as in - [x] …").mend("for a self-check put a line --- before its answer")
		return
	}
	q.SelfCheck = true
	for i, part := range [][]string{lines[:cut], lines[cut+1:]} {
		html, _, err := render(strings.Join(part, "\n"))
		if err != nil {
			p.fail(begin, RuleText, "this can't be rendered: %v", err)
		}
		*[]*template.HTML{&q.Question, &q.Answer}[i] = html
	}
}
