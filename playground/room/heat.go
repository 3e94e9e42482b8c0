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

// heat counts all answers and votes; mu is held.
func (r *Room) heat(c *catalogue) Heat {
	counts := map[string][]*Cell{}
	count := func(column int, question string, g graded) {
		for belief := range c.questions[question].beliefs {
			cells := counts[belief]
			if cells == nil {
				cells = make([]*Cell, len(heatColumns))
				counts[belief] = cells
			}
			if cells[column] == nil {
				cells[column] = &Cell{}
			}
			cells[column].Of++
			if g.Misconception == belief {
				cells[column].N++
			}
		}
	}
	for _, l := range r.state.learners {
		for key, a := range l.answers {
			column := 1
			if c.questions[key].predict {
				column = 0
			}
			count(column, key, a.graded)
		}
	}
	for _, a := range r.state.asks {
		if a == r.state.asked && !a.revealed() {
			continue
		}
		for round, votes := range a.rounds {
			for _, v := range votes {
				count(2+round, a.lesson+"/"+a.question, v.graded)
			}
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
