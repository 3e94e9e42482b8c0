package lessons

import (
	"errors"
	"fmt"
	"hash/fnv"
	"html"
	"html/template"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// Kind is how a question is answered.
type Kind string

const (
	OneOf  Kind = "choice" // by one of its Choices
	Order  Kind = "order"  // each of Rows gets its place among them; Columns are the places
	Match  Kind = "match"  // each of Rows gets the one of Columns that belongs to it
	Matrix Kind = "matrix" // each of Rows gets those of Columns that belong to it, none or many
)

// Quiz is a question, or a self-check that nobody grades.
type Quiz struct {
	ID        string
	Kind      Kind
	Predict   bool // asked before the act it is about, which waits for the answer
	SelfCheck bool // the learner compares with Answer
	Question  template.HTML
	Rows      []Row         // in the order in which they are shown, which is not the right one
	RowHead   template.HTML // above the rows, as the table has it
	Columns   []template.HTML
	ColHead   template.HTML // above the columns of a match
	Choices   []Choice      // or, where there are rows, what is said: to all of them right, and to anything else
	Answer    template.HTML // of a self-check
	Twin      *Quiz         // the same idea in another situation: nil if there is none
	Line      int
}

// Choice is one answer. What is right and why stays with the server until it has been chosen.
type Choice struct {
	HTML          template.HTML // empty where the question has rows
	Correct       bool
	Misconception string // on each wrong one
	Feedback      template.HTML
}

// Row is a line of a question that asks for more than one choice.
type Row struct {
	HTML  template.HTML
	Right []int // the columns that belong to it, counted from 1
}

// Answer is what is answered, in numbers that count from 1: the one choice; for each row in turn, its place or the column that
// belongs to it; of a matrix the cells that are marked, counted as one reads.
type Answer []int

// Result is what grading says.
type Result struct {
	Correct       bool
	Rows          []bool // which of the rows are right; nil where there are none
	Feedback      template.HTML
	Misconception string
	Words         string // the answer, in words
}

// Grade grades an answer. An error says what is wrong with it, for people.
func (q *Quiz) Grade(a Answer) (Result, error) {
	if q.SelfCheck {
		return Result{}, errors.New("nobody grades this question, and its answer stands below it")
	}
	if q.Kind == OneOf {
		if len(a) != 1 || a[0] < 1 || a[0] > len(q.Choices) {
			return Result{}, fmt.Errorf("it is none of the %d choices, which count from 1", len(q.Choices))
		}
		c := q.Choices[a[0]-1]
		return Result{Correct: c.Correct, Feedback: c.Feedback, Misconception: c.Misconception, Words: PlainText(c.HTML)}, nil
	}
	given, err := q.byRow(a)
	if err != nil {
		return Result{}, err
	}
	r := Result{Words: q.words(given)}
	for i, row := range q.Rows {
		r.Rows = append(r.Rows, slices.Equal(given[i], row.Right))
	}
	r.Correct = !slices.Contains(r.Rows, false)
	for _, c := range q.Choices {
		if c.Correct == r.Correct {
			r.Feedback, r.Misconception = c.Feedback, c.Misconception
		}
	}
	return r, nil
}

// byRow is an answer as the columns that each row was given, in their order.
func (q *Quiz) byRow(a Answer) ([][]int, error) {
	given := make([][]int, len(q.Rows))
	if q.Kind == Matrix {
		cells := len(q.Rows) * len(q.Columns)
		a = slices.Sorted(slices.Values(a))
		for i, n := range a {
			if n < 1 || n > cells || i > 0 && n == a[i-1] {
				return nil, fmt.Errorf("it lists the cells that are marked, each once, and there are %d, which count from 1, row after row", cells)
			}
			row := (n - 1) / len(q.Columns)
			given[row] = append(given[row], (n-1)%len(q.Columns)+1)
		}
		if len(a) == 0 {
			return nil, errors.New("nothing is marked yet")
		}
		return given, nil
	}
	if len(a) != len(q.Rows) {
		return nil, fmt.Errorf("it has a number for each of the %d rows, and this has %d", len(q.Rows), len(a))
	}
	for i, n := range a {
		if n < 1 || n > len(q.Columns) {
			return nil, fmt.Errorf("each row takes a number from 1 to %d, and row %d has none of them", len(q.Columns), i+1)
		}
		if q.Kind == Order && slices.Contains(a[:i], n) {
			return nil, fmt.Errorf("two stand at place %d, and each has a place of its own", n)
		}
		given[i] = []int{n}
	}
	return given, nil
}

// words says which columns the rows were given.
func (q *Quiz) words(given [][]int) string {
	lines := make([]string, len(q.Rows))
	for i, row := range q.Rows {
		if q.Kind == Order {
			lines[given[i][0]-1] = fmt.Sprintf("%d. %s", given[i][0], PlainText(row.HTML))
			continue
		}
		var columns []string
		for _, n := range given[i] {
			columns = append(columns, PlainText(q.Columns[n-1]))
		}
		lines[i] = PlainText(row.HTML) + ": " + strings.Join(columns, ", ")
		if len(columns) == 0 {
			lines[i] = PlainText(row.HTML) + ": none"
		}
	}
	return strings.Join(lines, "; ")
}

var element = regexp.MustCompile(`<[^>]*>`)

// PlainText is what HTML says, without its elements.
func PlainText(h template.HTML) string {
	return html.UnescapeString(element.ReplaceAllString(string(h), ""))
}

// shuffled is an order in which n things are shown: for an id always the same, so that a page without script has it too, and
// never the one in which they were written.
func shuffled(id string, n int) []int {
	h := fnv.New64a()
	h.Write([]byte(id))
	order := rand.New(rand.NewPCG(h.Sum64(), 0)).Perm(n)
	if slices.IsSorted(order) {
		order = append(order[1:], order[0])
	}
	return order
}
