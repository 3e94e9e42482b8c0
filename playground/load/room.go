package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// RoomReport is what came of a class in a room: what a class does anyway, and the votes.
type RoomReport struct {
	Report
	Seated Usage `json:"seated"` // everybody has a seat and the room's page open, and no sandbox yet
	Acts   int   `json:"acts"`   // of the instructor, that everybody was told of
	Asks   int   `json:"asks"`

	Sent         int `json:"sent"`         // votes, by the learners
	Acknowledged int `json:"acknowledged"` // of those: said to be counted
	Late         int `json:"late"`         // of those: refused, since the round was closed
	Changed      int `json:"changed"`      // acknowledged votes that took an earlier one's place
	Counted      int `json:"counted"`      // in the results that the instructor sees
	Exported     int `json:"exported"`     // in export.json
	OnTheWall    int `json:"on_the_wall"`  // in the tallies of the projector

	BoardP50   time.Duration `json:"board_p50"` // from sending a vote to the board's row with it
	BoardP99   time.Duration `json:"board_p99"`
	AckedP50   time.Duration `json:"acked_p50"` // from its acknowledgement
	AckedP99   time.Duration `json:"acked_p99"`
	VoteP50    time.Duration `json:"vote_p50"` // until it was acknowledged
	VoteP99    time.Duration `json:"vote_p99"`
	LearnerP50 time.Duration `json:"learner_p50"` // from sending an instructor's act to the learner's page that shows it
	LearnerP99 time.Duration `json:"learner_p99"`
	Last       time.Duration `json:"last"`        // the latest of all
	LastP50    time.Duration `json:"last_p50"`    // of the acts: until the last learner had it
	Together   time.Duration `json:"together"`    // p99 between the first learner and each other one, in an act
	RoomsAgain int           `json:"rooms_again"` // sockets of the room that were cut off and came back
}

// Agrees tells whether every event that was recorded has come, and every vote that was acknowledged counts once, everywhere.
func (r RoomReport) Agrees() bool {
	counts := r.Acknowledged - r.Changed
	return r.Report.Agrees() && r.Sent == r.Acknowledged+r.Late && counts == r.Counted && counts == r.Exported && counts == r.OnTheWall
}

// units are the parts of an ask: it is asked (3), hidden, discussed, asked again (3), revealed, and all are brought on.
const units = 10

// patience is how long is waited for what has been done to be seen by all. What is not there by then is missing.
const patience = 20 * time.Second

// changing is which learners vote twice in a round: one in so many.
const changing = 8

// class in a room.
type room struct {
	*class
	servers []Server
	desk    *class // the instructor's own connections: an act doesn't queue behind what 2,000 ask
	code    string
	key     string         // the instructor's
	round   time.Duration  // for how long votes are taken
	choices map[string]int // of each question
	members []*member
	arrived arrivals
	board   board
	voting  sync.WaitGroup

	mu     sync.Mutex // guards the fields below
	report RoomReport
	votes  times
	kept   map[ballot]int // the answer that was acknowledged last
	wall   [2]int         // votes that the projector shows
	again  int            // sockets that came back
	wrong  []string
}

// ballot is a learner's, in a round of an ask.
type ballot struct {
	name, question string
	round          int
}

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

// RunRoom has a class come into a room, work, vote, talk and vote again, and be counted.
func RunRoom(ctx context.Context, o Options) (RoomReport, error) {
	o, err := o.whole()
	if err != nil {
		return RoomReport{}, err
	}
	if o.Asks == 0 {
		o.Asks = 3
	}
	r := &room{class: newClass(), desk: newClass(), servers: o.Servers, kept: map[ballot]int{}, round: 3 * o.For / time.Duration(units*o.Asks), members: make([]*member, o.Learners)}
	r.arrived.all = map[string][]time.Time{}
	r.board.open = map[string]*cast{}
	defer r.leave()
	defer r.desk.leave()
	defer r.voting.Wait()
	report := &r.report
	report.Learners = o.Learners
	questions, err := r.begin(ctx)
	if err != nil {
		return *report, fmt.Errorf("there is no room: %w", err)
	}
	if report.Before, err = usage(o.Servers); err != nil {
		return *report, err
	}

	watching, stop := context.WithCancel(ctx)
	var sockets sync.WaitGroup
	defer sockets.Wait()
	defer stop()
	stream := "/api/rooms/" + r.code + "/stream"
	watch := func(server Server, key string, take func(io.Reader) error) {
		sockets.Go(func() {
			dial := func(ctx context.Context) (*websocket.Conn, error) { return r.dial(ctx, server.URL(), stream, key) }
			if err := stay(watching, dial, take, r.cameBack); err != nil {
				r.disagree("a page of the room can’t be opened: %v", err)
			}
		})
	}
	last := o.Servers[len(o.Servers)-1]
	watch(last, r.key, r.board.take)
	watch(last, "", r.takeTally)

	begin := time.Now()
	o.Say(fmt.Sprintf("%d learners join room %s", o.Learners, r.code))
	err = each(r.members, func(i int) error {
		m := &member{learner: r.learner(o, i), room: r, ctx: watching, name: fmt.Sprint("Learner ", i+1)}
		r.members[i] = m
		if err := m.join(ctx); err != nil {
			return err
		}
		watch(Scraped(m.watches), m.key, m.take)
		return nil
	})
	if err == nil && !r.until(func() bool { return r.arrived.count("brought/0") == o.Learners }) {
		err = fmt.Errorf("%d of them see the room", r.arrived.count("brought/0"))
	}
	if err == nil {
		report.Seated, err = usage(o.Servers)
	}
	if err != nil {
		return *report, fmt.Errorf("not all learners can join: %w", err)
	}
	learners := make([]*learner, o.Learners)
	err = each(r.members, func(i int) error {
		m := r.members[i]
		learners[i] = m.learner
		if err := m.begin(ctx); err != nil {
			return err
		}
		sockets.Go(func() { m.watch(watching) })
		return nil
	})
	if err != nil {
		return *report, fmt.Errorf("a learner can’t begin: %w", err)
	}
	report.Join = time.Since(begin)
	if report.Joined, err = usage(o.Servers); err != nil {
		return *report, err
	}

	o.Say(fmt.Sprintf("they work for %v, and are asked %d times", o.For, o.Asks))
	working, over := context.WithCancel(ctx)
	defer over()
	begin = time.Now()
	var work sync.WaitGroup
	if o.Pace > 0 {
		for _, l := range learners {
			work.Go(func() { l.work(working, o.Pace, o.Again) })
		}
	}
	work.Go(func() { report.Samples = samples(working, o) })
	err = r.lead(ctx, questions, o.Asks, o.For/time.Duration(units*o.Asks))
	over()
	work.Wait()
	if err != nil {
		return *report, err
	}
	report.Took = time.Since(begin)
	if report.After, err = usage(o.Servers); err != nil {
		return *report, err
	}
	report.CPU = report.After.CPU - report.Joined.CPU

	o.Say("they are counted")
	ctx = context.WithoutCancel(ctx)
	report.count(ctx, r.class, learners)
	for _, s := range o.Servers {
		if err := r.export(ctx, s.URL()); err != nil {
			r.disagree("%s: %v", s.URL(), err)
		}
	}
	r.mu.Lock()
	report.Disagrees, report.RoomsAgain = append(report.Disagrees, r.wrong...), r.again
	r.mu.Unlock()
	report.VoteP50, report.VoteP99 = r.votes.rank(.5), r.votes.rank(.99)
	report.BoardP50, report.BoardP99 = r.board.sent.rank(.5), r.board.sent.rank(.99)
	report.AckedP50, report.AckedP99 = r.board.acked.rank(.5), r.board.acked.rank(.99)
	report.LearnerP50, report.LearnerP99, report.Last = r.arrived.since.rank(.5), r.arrived.since.rank(.99), r.arrived.since.rank(1)
	report.LastP50, report.Together = r.arrived.last.rank(.5), r.arrived.apart.rank(.99)
	return *report, ctx.Err()
}

// begin makes the room, and finds what can be asked in it.
func (r *room) begin(ctx context.Context) (questions []string, err error) {
	var made struct{ Code, Key string }
	if err := r.ask(ctx, "POST", r.servers[0].URL()+"/api/rooms", "", `{"title":"A class","lesson":"code-flow"}`, &made); err != nil {
		return nil, err
	}
	r.code, r.key = made.Code, made.Key
	var lesson struct {
		Questions []struct {
			ID      string
			Choices []json.RawMessage
		}
	}
	if err := r.ask(ctx, "GET", r.servers[0].URL()+"/api/lessons/code-flow", "", "", &lesson); err != nil {
		return nil, err
	}
	r.choices = map[string]int{}
	for _, q := range lesson.Questions {
		if len(q.Choices) > 1 {
			r.choices[q.ID] = len(q.Choices)
			questions = append(questions, q.ID)
		}
	}
	return questions, nil
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
func (m *member) votes(round int) {
	r, ask, question := m.room, m.ask, m.question
	twice := rand.N(changing) == 0
	wait := rand.N(r.round)
	r.voting.Go(func() {
		answer := rand.N(r.choices[question])
		for {
			select {
			case <-m.ctx.Done():
				return
			case <-time.After(wait):
			}
			if !m.vote(ask, question, round, answer+1) || !twice {
				return
			}
			twice, wait, answer = false, rand.N(max(r.round-wait, 1)), (answer+1)%r.choices[question]
		}
	})
}

// vote sends one, and tells whether it counts.
func (m *member) vote(ask, question string, round, answer int) bool {
	r := m.room
	c := r.board.cast(m.seat, ask, round, answer)
	err := r.ask(context.WithoutCancel(m.ctx), "POST", m.acts+"/api/rooms/"+r.code+"/votes", m.key, fmt.Sprintf(`{"ask":%q,"round":%d,"answer":[%d]}`, ask, round, answer), nil)
	took := time.Since(c.sent)
	r.board.acknowledged(m.seat, c, err == nil)
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
	round, answer      int
	sent, acked, shown time.Time
}

func (b *board) cast(learner, ask string, round, answer int) *cast {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &cast{ask: ask, round: round, answer: answer, sent: time.Now()}
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
					ID           string
					Vote, Revote []int
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
				if given := [][]int{row.Vote, row.Revote}[c.round-1]; slices.Equal(given, []int{c.answer}) {
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

func (r *room) cameBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.again++
}

func (r *room) disagree(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// until waits until something is so, and tells whether it came to be.
func (r *room) until(so func() bool) bool {
	for deadline := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// vote is what the instructor is told of the vote.
type vote struct {
	Ask     string
	Results []struct {
		Round, Votes int
		Options      []int
	}
}

// lead is what the instructor does: ask, hide, have them talk, ask again, reveal, and bring everybody on.
func (r *room) lead(ctx context.Context, questions []string, asks int, unit time.Duration) error {
	if asks > len(questions) {
		return fmt.Errorf("the lesson has %d questions to ask, and not %d", len(questions), asks)
	}
	steps := []string{"sign-in", "swap"}
	for n, question := range questions[:asks] {
		v, err := r.act(ctx, "POST", "/asks", fmt.Sprintf(`{"lesson":"code-flow","question":%q}`, question), "vote", 3*unit)
		for _, phase := range []struct {
			name  string
			units time.Duration
		}{{"hidden", 1}, {"discuss", 1}, {"revote", 3}, {"reveal", 1}} {
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
			return fmt.Errorf("the instructor: %w", err)
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
	if err := r.desk.ask(ctx, method, r.servers[0].URL()+"/api/rooms/"+r.code+path, r.key, body, &now); err != nil {
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
