package lint

import (
	"html"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"oauthplayground/lessons"
)

// What a lesson promises beside its run: its questions, and the time it takes.

var markup = regexp.MustCompile(`<[^>]*>`)

// visible is what a reader sees of HTML.
func visible(h template.HTML) string {
	return strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(string(h), "")))
}

// chosen are the questions of a lesson that are answered by a choice: quizzes, predictions and twins.
func chosen(l *lessons.Lesson) (list []*lessons.Quiz) {
	for _, q := range l.Quizzes() {
		if q.Kind == lessons.OneOf && !q.SelfCheck {
			list = append(list, q)
		}
	}
	return list
}

// names is up to how many characters choices are names of things, which are as long as they are.
const names = 24

// lengths: who knows nothing does not do well by choosing the longest.
func (c *inspection) lengths() {
	for _, q := range chosen(c.lesson) {
		var n []int
		for _, choice := range q.Choices {
			n = append(n, utf8.RuneCountInString(visible(choice.HTML)))
		}
		if longest := slices.Max(n); longest > names && longest > 2*slices.Min(n) {
			c.say(q.Line, ruleLengths, "the choices of %q have %s characters: the longest has more than twice as many as the shortest", q.ID, numbers(n)).mend("make them alike in length")
		}
	}
	right, questions := placesOf(c.lesson), len(chosen(c.lesson))
	for i, n := range right {
		switch {
		case n > (questions+1)/2:
			c.say(c.atPlace(i).Line, rulePlaces, "of %d right choices %d stand in place %d", questions, n, i+1).mend("move some of them; by place they stand %s", numbers(right[:]))
		case i < 3 && n == 0 && questions > 3:
			c.say(chosen(c.lesson)[0].Line, rulePlaces, "of %d right choices none stands in place %d", questions, i+1).mend("move one there; by place they stand %s", numbers(right[:]))
		}
	}
}

// placesOf counts the right choices of a lesson by their places.
func placesOf(l *lessons.Lesson) (right [4]int) {
	for _, q := range chosen(l) {
		right[slices.IndexFunc(q.Choices, func(c lessons.Choice) bool { return c.Correct })]++
	}
	return right
}

// atPlace is the first question whose right choice stands at a place.
func (c *inspection) atPlace(place int) *lessons.Quiz {
	list := chosen(c.lesson)
	return list[slices.IndexFunc(list, func(q *lessons.Quiz) bool { return q.Choices[place].Correct })]
}

// numbers is a list of numbers for people.
func numbers(n []int) string {
	var b strings.Builder
	for i, v := range n {
		switch {
		case i > 0 && i == len(n)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(v))
	}
	return b.String()
}

// together: who knows nothing does not do well by choosing always the same place, in all the lessons of a folder.
func together(own []*lessons.Lesson) (problems []Problem) {
	var all [4]int
	var questions int
	for _, l := range own {
		for i, n := range placesOf(l) {
			all[i] += n
			questions += n
		}
	}
	for i, n := range all[:3] {
		if questions <= 9 || n >= questions/5 && n <= questions/2 {
			continue
		}
		most := slices.MaxFunc(own, func(a, b *lessons.Lesson) int { return placesOf(a)[i] - placesOf(b)[i] })
		problems = append(problems, Problem{File: most.File, Line: 1, Rule: rulePlaces,
			Message: "in all lessons here, of " + strconv.Itoa(questions) + " right choices " + strconv.Itoa(n) + " stand in place " + strconv.Itoa(i+1),
			Mend:    "move some; by place they stand " + numbers(all[:])})
	}
	return problems
}

// promises are what a good lesson has beside: each quiz has a twin to come back with; something is put in order, matched or
// marked; something is asked of the learner's own values.
func (c *inspection) promises() {
	graded, rows, own := 0, 0, 0
	first := 1
	for _, q := range c.lesson.Quizzes() {
		if q.SelfCheck {
			continue
		}
		if graded++; graded == 1 {
			first = q.Line
		}
		if q.Kind != lessons.OneOf {
			rows++
		} else if !q.Predict && !strings.HasSuffix(q.ID, "-twin") && q.Twin == nil {
			c.say(q.Line, ruleNoTwin, "the question %q has no twin", q.ID).mend("write one behind it, > [!TWIN %s] …", q.ID)
		}
		asked := string(q.Question)
		for _, choice := range q.Choices {
			asked += string(choice.HTML)
		}
		for _, r := range q.Rows {
			asked += string(r.HTML)
		}
		if strings.Contains(asked, "data-value=") {
			own++
		}
	}
	if graded == 0 {
		c.say(1, ruleNoQuestion, "it asks nothing").mend("write a question, as in > [!QUIZ]: what was answered stays")
		return
	}
	if rows == 0 {
		c.say(first, ruleNoRows, "nothing is put in order, matched or marked").mend("write an > [!ORDER], [!MATCH] or [!MATRIX]")
	}
	if own == 0 {
		c.say(first, ruleNoOwn, "no question is built from the learner's own values").mend("name one like {{code#1}}")
	}
}

// minutes: a lesson takes the time that it says, within two fifths. Twins, hints and what is said to an answer are there for who
// wants them.
func (c *inspection) minutes() {
	words, questions, acts := 0, 0, 0
	count := func(parts ...template.HTML) {
		for _, h := range parts {
			words += len(strings.Fields(visible(h)))
		}
	}
	read := func(blocks []lessons.Block) {
		for _, b := range blocks {
			switch b := b.(type) {
			case *lessons.Prose:
				count(b.HTML)
			case *lessons.Note:
				count(b.HTML)
			case *lessons.Takeaway:
				count(b.HTML)
			case *lessons.Experiment:
				count(b.HTML)
			case *lessons.Quiz:
				questions++
				count(b.Question, b.Answer)
				for _, choice := range b.Choices {
					count(choice.HTML)
				}
				for _, r := range b.Rows {
					count(r.HTML)
				}
			}
		}
	}
	read(c.lesson.Intro)
	for _, s := range c.lesson.Steps {
		read(s.Blocks)
		if len(s.Expectations()) > 0 {
			acts++
		}
	}
	takes := float64(words)/200 + float64(questions)/4 + float64(acts)/3
	if says := float64(c.lesson.Minutes); says > 1 && takes < .6*says || takes > 1.4*says { // no lesson is shorter than a minute
		c.say(c.find(1, "minutes:"), ruleMinutes, "it says that it takes %d minutes, and takes about %.1f: %d words, %d questions, %d acts", c.lesson.Minutes, takes, words, questions, acts).mend("write minutes: %d", max(1, int(takes+.5)))
	}
}
