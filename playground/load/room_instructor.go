package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An ask takes units of time: it is asked for a round, hidden, discussed, asked again for a round, revealed, and all are brought on.
const (
	round = 3
	units = 2*round + 4
)

// vote is what the instructor is told of the vote.
type vote struct {
	Ask     string
	Results []struct {
		Round, Votes int
		Options      []int
	}
}

// lead is what the instructor does: ask, hide, have them talk, ask again, reveal, and bring everybody on.
func (r *room) lead(ctx context.Context) error {
	asks, unit := r.options.Asks, r.unit
	if asks > len(r.questions) {
		return fmt.Errorf("the lesson has %d questions to ask, and not %d", len(r.questions), asks)
	}
	steps := []string{"sign-in", "swap"}
	for n, question := range r.questions[:asks] {
		v, err := r.act(ctx, "POST", "/asks", fmt.Sprintf(`{"lesson":"code-flow","question":%q}`, question), "vote", round*unit)
		for _, phase := range []struct {
			name  string
			units time.Duration
		}{{"hidden", 1}, {"discuss", 1}, {"revote", round}, {"reveal", 1}} {
			if err == nil {
				v, err = r.act(ctx, "PUT", "/phase", fmt.Sprintf(`{"ask":%q,"phase":%q}`, v.Ask, phase.name), phase.name, phase.units*unit)
			}
			if phase.name == "hidden" || phase.name == "reveal" {
				r.voting.Wait()
			}
		}
		if err == nil {
			r.counted(question, v)
			_, err = r.act(ctx, "POST", "/bring", fmt.Sprintf(`{"lesson":"code-flow","step":%q}`, steps[n%len(steps)]), "brought/"+strconv.Itoa(n+1), unit)
		}
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.report.Asks++
		r.mu.Unlock()
	}
	return nil
}

// act does one act, waits until all learners are told of it, and lets some time go by. shows is the phase, or the mark, by which
// it is known.
func (r *room) act(ctx context.Context, method, path, body, shows string, wait time.Duration) (vote, error) {
	var now struct{ Vote vote }
	pause := time.NewTimer(wait)
	defer pause.Stop()
	sent := time.Now()
	if err := r.desk.ask(ctx, method, r.options.Servers[0].URL()+"/api/rooms/"+r.code+path, r.key, body, &now); err != nil {
		return vote{}, err
	}
	if !strings.Contains(shows, "/") {
		shows = now.Vote.Ask + "/" + shows
	}
	select {
	case <-ctx.Done():
		return vote{}, ctx.Err()
	case <-pause.C:
	}
	if !r.until(func() bool { return r.arrived.count(shows) >= len(r.members) }) {
		r.disagree("%s %s came to %d of %d learners", method, path, r.arrived.count(shows), len(r.members))
	}
	r.arrived.measure(shows, sent)
	r.mu.Lock()
	r.report.Acts++
	r.mu.Unlock()
	return now.Vote, nil
}

// counted holds the results of a vote against what was acknowledged, on the instructor's board and on the wall.
func (r *room) counted(question string, v vote) {
	if !r.until(func() bool { return r.board.waiting() == 0 }) {
		r.disagree("%d acknowledged votes never came to the board", r.board.waiting())
	}
	want := [2][]int{make([]int, r.choices[question]), make([]int, r.choices[question])}
	var sum [2]int
	r.mu.Lock()
	for b, answer := range r.kept {
		if b.question == question {
			want[b.round-1][answer-1]++
			sum[b.round-1]++
		}
	}
	r.mu.Unlock()
	r.until(func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.wall == sum
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.OnTheWall += r.wall[0] + r.wall[1]
	for _, result := range v.Results {
		r.report.Counted += result.Votes
		if w := want[result.Round-1]; !slices.Equal(result.Options, w) {
			r.wrong = append(r.wrong, fmt.Sprintf("%s, round %d: the results are %v, and %v was acknowledged", question, result.Round, result.Options, w))
		}
	}
}

// export holds what a server exports against what was acknowledged.
func (r *room) export(ctx context.Context, server string) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) { // another server may be a moment behind
		var e struct {
			Votes []struct {
				Name, Question string
				Round          int
				Answer         []int
			}
		}
		if err := r.ask(ctx, "GET", server+"/api/rooms/"+r.code+"/export.json", r.key, "", &e); err != nil {
			return err
		}
		has := map[ballot]int{}
		for _, v := range e.Votes {
			if len(v.Answer) == 1 {
				has[ballot{v.Name, v.Question, v.Round}] = v.Answer[0]
			}
		}
		r.report.Exported = len(e.Votes)
		switch {
		case len(e.Votes) == len(has) && maps.Equal(has, r.kept):
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("it exports %d votes, of %d learners and rounds, and %d were acknowledged", len(e.Votes), len(has), len(r.kept))
		}
	}
}
