package room

import (
	"cmp"
	"slices"

	"oauthplayground/lessons"
)

// Heat is what the class believes: of the answers that could have shown a misconception, how many did. A vote is in it when it was
// revealed, or is over: before that its share would tell how it stands.
type Heat struct {
	Type    string    `json:"type" ts:"'heat'"` // heat
	Columns []string  `json:"columns"`
	Rows    []HeatRow `json:"rows"` // the worst first
}

// HeatRow is a misconception. Its cells are those of the columns; one is null where nobody was asked.
type HeatRow struct {
	ID     string  `json:"id"`
	Belief string  `json:"belief"`
	Cells  []*Cell `json:"cells" ts:"(HeatCell | null)[]"`
	Next   *Place  `json:"next"` // what to try with the class
}

// Cell counts answers: N of Of fell for it.
type Cell struct {
	N  int `json:"n"`
	Of int `json:"of"`
}

// Where answers were given: before an act, in a lesson’s questions, in a vote before the discussion and after it.
var heatColumns = []string{"predict", "quiz", "vote", "revote"}

// beliefs are how many answers there are to a question, and what they show.
type beliefs struct {
	of   int
	fell map[string]int // by misconception
}

// add counts an answer, or with -1 takes it back.
func (b *beliefs) add(g graded, n int) {
	b.of += n
	if b.fell == nil {
		b.fell = map[string]int{}
	}
	b.fell[g.Misconception] += n
}

// believed is what the answers to a question show.
func (s *state) believed(question string) *beliefs {
	b := s.shown[question]
	if b == nil {
		b = &beliefs{}
		s.shown[question] = b
	}
	return b
}

// heat puts together what all answers and votes show; mu is held.
func (r *Room) heat(c *catalogue) Heat {
	counts := map[string][]*Cell{}
	count := func(column int, question string, shown *beliefs) {
		if shown.of == 0 {
			return
		}
		for belief := range c.questions[question].beliefs {
			cells := counts[belief]
			if cells == nil {
				cells = make([]*Cell, len(heatColumns))
				counts[belief] = cells
			}
			if cells[column] == nil {
				cells[column] = &Cell{}
			}
			cells[column].Of += shown.of
			cells[column].N += shown.fell[belief]
		}
	}
	for question, shown := range r.state.shown {
		column := 1
		if c.questions[question].predict {
			column = 0
		}
		count(column, question, shown)
	}
	for _, a := range r.state.asks {
		if a == r.state.asked && !a.revealed() {
			continue
		}
		for round := range a.shown {
			count(2+round, a.lesson+"/"+a.question, &a.shown[round])
		}
	}
	h := Heat{Type: "heat", Columns: heatColumns, Rows: []HeatRow{}}
	for belief, cells := range counts {
		h.Rows = append(h.Rows, HeatRow{belief, lessons.Misconceptions[belief].Belief, cells, c.try(belief, r.state.lead.lesson)})
	}
	slices.SortFunc(h.Rows, func(a, b HeatRow) int { return cmp.Or(cmp.Compare(b.worst(), a.worst()), cmp.Compare(a.ID, b.ID)) })
	return h
}

// worst is the largest share of a row: what was believed at any time is worth a look.
func (row HeatRow) worst() (share float64) {
	for _, c := range row.Cells {
		if c != nil {
			share = max(share, float64(c.N)/float64(c.Of))
		}
	}
	return share
}
