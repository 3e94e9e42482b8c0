package load

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"
)

// messages are those that are being read.
var messages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read reads a message, and says when it was there.
func read(r io.Reader, do func(text []byte, at time.Time)) error {
	b := messages.Get().(*bytes.Buffer)
	defer messages.Put(b)
	b.Reset()
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	do(b.Bytes(), time.Now())
	return nil
}

var (
	ofRoom  = []byte(`{"type":"room"`)
	ofRows  = []byte(`{"type":"rows"`)
	ofTally = []byte(`{"type":"tally"`)
)

// value is a word or a number of a message, found without reading the rest: 2,000 learners share their cores with the server. A
// text can't be mistaken for it, since quotes in a text are escaped.
func value(text []byte, name string) string {
	_, rest, ok := bytes.Cut(text, []byte(`"`+name+`":`))
	if !ok {
		return ""
	}
	rest = bytes.TrimPrefix(rest, []byte(`"`))
	return string(rest[:max(bytes.IndexAny(rest, `",}`), 0)])
}

// arrivals are when what the instructor did came to the learners, by what their pages show of it.
type arrivals struct {
	mu                 sync.Mutex // guards all
	all                map[string][]time.Time
	since, last, apart times
}

func (a *arrivals) add(mark string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all[mark] = append(a.all[mark], at)
}

func (a *arrivals) count(mark string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.all[mark])
}

// measure takes the times of one act.
func (a *arrivals) measure(mark string, sent time.Time) {
	a.mu.Lock()
	list := a.all[mark]
	delete(a.all, mark)
	a.mu.Unlock()
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, time.Time.Compare)
	for _, at := range list {
		a.since.add(at.Sub(sent))
		a.apart.add(at.Sub(list[0]))
	}
	a.last.add(list[len(list)-1].Sub(sent))
}

// board is the instructor's, as far as votes go.
type board struct {
	sent, acked times // from then until the board shows the vote

	mu   sync.Mutex       // guards the fields below
	ask  string           // that it shows
	open map[string]*cast // votes that are not on it yet, by learner
}

// cast is a vote on its way.
type cast struct {
	ask                string
	round              int
	sent, acked, shown time.Time
}

func (b *board) cast(learner, ask string, round int, sent time.Time) *cast {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &cast{ask: ask, round: round, sent: sent}
	b.open[learner] = c
	return c
}

// acknowledged says how a vote was answered: one that doesn't count is not waited for.
func (b *board) acknowledged(learner string, c *cast, counts bool) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !counts {
		delete(b.open, learner)
		return
	}
	c.acked = now
	b.settle(learner, c)
}

// settle is done with a vote that is answered and shown, whichever was first; mu is held.
func (b *board) settle(learner string, c *cast) {
	if c.acked.IsZero() || c.shown.IsZero() {
		return
	}
	b.sent.add(c.shown.Sub(c.sent))
	b.acked.add(c.shown.Sub(c.acked))
	if b.open[learner] == c {
		delete(b.open, learner)
	}
}

// waiting is how many votes the board does not show yet.
func (b *board) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// take finds votes in a message to the board.
func (b *board) take(r io.Reader) error {
	return read(r, func(text []byte, at time.Time) {
		switch {
		case bytes.HasPrefix(text, ofRoom):
			b.mu.Lock()
			b.ask = value(text, "ask")
			b.mu.Unlock()
		case bytes.HasPrefix(text, ofRows):
			var m struct {
				Rows []struct {
					ID    string
					Voted int
				}
			}
			if json.Unmarshal(text, &m) != nil {
				return
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, row := range m.Rows {
				c := b.open[row.ID]
				if c == nil || c.ask != b.ask || !c.shown.IsZero() {
					continue
				}
				if row.Voted == c.round {
					c.shown = at
					b.settle(row.ID, c)
				}
			}
		}
	})
}

// takeTally reads what the wall shows.
func (r *room) takeTally(from io.Reader) error {
	return read(from, func(text []byte, _ time.Time) {
		var m struct{ Votes [2]int }
		if !bytes.HasPrefix(text, ofTally) || json.Unmarshal(text, &m) != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wall = m.Votes
	})
}
