package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// changing is which learners vote twice in a round: one in so many.
const changing = 8

// member is a learner with a seat in a room.
type member struct {
	*learner
	room     *room
	name     string
	seat     string // the learner's id there
	key      string
	ctx      context.Context // ends when the class is over
	ask      string          // as the page showed it last
	phase    string
	question string
	brought  string
}

// join gives the learner a seat.
func (m *member) join(ctx context.Context) error {
	var in struct {
		Learner struct{ ID string }
		Key     string
	}
	err := m.class.ask(ctx, "POST", m.acts+"/api/rooms/join", "", fmt.Sprintf(`{"code":%q,"name":%q}`, m.room.code, m.name), &in)
	m.seat, m.key = in.Learner.ID, in.Key
	return err
}

// begin makes the learner's sandbox.
func (m *member) begin(ctx context.Context) error {
	var made struct{ ID, Key string }
	err := m.class.ask(ctx, "POST", m.acts+"/api/rooms/"+m.room.code+"/sandboxes", m.key, `{"lesson":"code-flow"}`, &made)
	m.learner.id, m.learner.key = made.ID, made.Key
	return err
}

// take looks for what is new in a message of the room, and votes if there is a vote.
func (m *member) take(r io.Reader) error {
	return read(r, func(text []byte, at time.Time) {
		if !bytes.HasPrefix(text, ofRoom) {
			return
		}
		if brought := value(text, "brought"); brought != m.brought {
			m.brought = brought
			m.room.arrived.add("brought/"+brought, at)
		}
		ask, phase := value(text, "ask"), value(text, "phase")
		if ask == m.ask && phase == m.phase {
			return
		}
		m.ask, m.phase, m.question = ask, phase, value(text, "question")
		m.room.arrived.add(ask+"/"+phase, at)
		switch phase {
		case "vote":
			m.votes(1)
		case "revote":
			m.votes(2)
		}
	})
}

// votes has the learner vote at a moment while votes are taken, and some of them think again.
func (m *member) votes(n int) {
	r, ask, question := m.room, m.ask, m.question
	open := round * m.room.unit
	twice := rand.N(changing) == 0
	wait := rand.N(open)
	r.voting.Go(func() {
		answer := rand.N(r.choices[question])
		for first := true; ; first = false {
			select {
			case <-m.ctx.Done():
				return
			case <-time.After(wait):
			}
			if !m.vote(ask, question, n, answer+1, first) || !twice {
				return
			}
			twice, wait, answer = false, rand.N(max(open-wait, 1)), (answer+1)%r.choices[question]
		}
	})
}

// vote sends one, and tells whether it counts. The board shows that there is a first one; that it is another now, it doesn't.
func (m *member) vote(ask, question string, round, answer int, first bool) bool {
	r := m.room
	sent := time.Now()
	var c *cast
	if first {
		c = r.board.cast(m.seat, ask, round, sent)
	}
	err := r.ask(context.WithoutCancel(m.ctx), "POST", m.acts+"/api/rooms/"+r.code+"/votes", m.key, fmt.Sprintf(`{"ask":%q,"round":%d,"answer":[%d]}`, ask, round, answer), nil)
	took := time.Since(sent)
	if first {
		r.board.acknowledged(m.seat, c, err == nil)
	}
	var no refused
	late := errors.As(err, &no) && no.status == http.StatusConflict
	r.votes.add(took)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Sent++
	switch b := (ballot{m.name, question, round}); {
	case late:
		r.report.Late++
	case err != nil:
		r.wrong = append(r.wrong, fmt.Sprintf("%s: a vote came to nothing: %v", m.name, err))
	default:
		if r.report.Acknowledged++; r.kept[b] != 0 {
			r.report.Changed++
		}
		r.kept[b] = answer
	}
	return err == nil
}
