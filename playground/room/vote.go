package room

import (
	"slices"
	"strconv"
	"time"

	"oauthplayground/lessons"
)

// The phases of a vote, in their order. Peer instruction: everybody answers alone, sees no result, talks, and answers again.
const (
	Vote    = "vote"    // alone; round 1 is open
	Hidden  = "hidden"  // nobody votes; the instructor is told how many were right
	Discuss = "discuss" // they talk
	Revote  = "revote"  // round 2 is open
	Reveal  = "reveal"  // both results are shown, and what is right
	Explain = "explain" // and why
	Over    = "over"    // there is no vote
)

var phases = []string{Vote, Hidden, Discuss, Revote, Reveal, Explain, Over}

// ask is a question that is put to the room.
type ask struct {
	id, lesson, question string
	phase                string
	began                time.Time
	rounds               [2]map[string]vote // by learner
	shown                [2]beliefs         // in each
}

type vote struct {
	given lessons.Answer
	graded
	at time.Time
}

func askID(seq uint64) string     { return "a" + strconv.FormatUint(seq, 10) }
func learnerID(seq uint64) string { return "l" + strconv.FormatUint(seq, 10) }

func idNumber(id string) int {
	n, _ := strconv.Atoi(id[1:])
	return n
}

// mayGo tells whether the vote can go to a phase: forward only, and some may be left out.
func (a *ask) mayGo(phase string) error {
	to := slices.Index(phases, phase)
	switch {
	case to < 0:
		return refuse(Invalid, "phase can’t be %q: it is one of hidden, discuss, revote, reveal, explain and over.", phase)
	case to <= slices.Index(phases, a.phase):
		return refuse(Conflict, "This vote is at %s already: it goes forward only. Ask the question again to vote anew.", a.phase)
	}
	return nil
}

// open tells whether votes of a round are taken.
func (a *ask) open(round int) error {
	if round < 1 || round > 2 {
		return refuse(Invalid, "round is 1, or 2 for the vote after the discussion.")
	}
	if a.phase == Vote && round == 1 || a.phase == Revote && round == 2 {
		return nil
	}
	return refuse(Conflict, "This round of the vote is closed.")
}

// revealed tells whether everybody may know the results.
func (a *ask) revealed() bool { return a.phase == Reveal || a.phase == Explain }

// round is the one that was open last, counted from 1.
func (a *ask) round() int {
	if slices.Index(phases, a.phase) >= slices.Index(phases, Revote) && (a.phase == Revote || len(a.rounds[1]) > 0) {
		return 2
	}
	return 1
}

// last is a learner's last vote, and in which round.
func (a *ask) last(learner string) (vote, int) {
	if v, ok := a.rounds[1][learner]; ok {
		return v, 2
	}
	if v, ok := a.rounds[0][learner]; ok {
		return v, 1
	}
	return vote{}, 0
}

// Result is how a round came out. Options and Rows are nil where no more than the share is told.
type Result struct {
	Round   int   `json:"round"`
	Votes   int   `json:"votes"`
	Right   int   `json:"right"`
	Options []int `json:"options" ts:"number[] | null"` // how many chose each
	Rows    []int `json:"rows" ts:"number[] | null"`    // how many have each row right
}

func (a *ask) result(round int, q *lessons.Quiz) Result {
	r := Result{Round: round, Options: []int{}, Rows: []int{}}
	if q.Kind == lessons.OneOf {
		r.Options = make([]int, len(q.Choices))
	} else {
		r.Rows = make([]int, len(q.Rows))
	}
	for _, v := range a.rounds[round-1] {
		r.Votes++
		if v.Correct {
			r.Right++
		}
		if q.Kind == lessons.OneOf && len(v.given) == 1 && v.given[0] <= len(r.Options) {
			r.Options[v.given[0]-1]++
		}
		for i, right := range v.Rows {
			if right && i < len(r.Rows) {
				r.Rows[i]++
			}
		}
	}
	return r
}

// results are those of the rounds that have been voted in.
func (a *ask) results(q *lessons.Quiz) []Result {
	list := []Result{a.result(1, q)}
	if len(a.rounds[1]) > 0 || a.phase == Revote {
		list = append(list, a.result(2, q))
	}
	return list
}
