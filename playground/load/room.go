package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// patience is how long is waited for what has been done to be seen by all. What is not there by then is missing.
const patience = 20 * time.Second

// room is a class in a room.
type room struct {
	*class
	desk      *class // the instructor's own connections: an act doesn't queue behind what 2,000 ask
	options   Options
	unit      time.Duration // of the instructor's time
	code, key string        // key is the instructor's
	questions []string      // that can be asked
	choices   map[string]int
	members   []*member
	learners  []*learner // the same
	arrived   arrivals
	board     board
	sockets   sync.WaitGroup
	voting    sync.WaitGroup

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

// RunRoom has a class come into a room, work, vote, talk and vote again, and be counted.
func RunRoom(ctx context.Context, o Options) (RoomReport, error) {
	o, err := o.whole()
	if err != nil {
		return RoomReport{}, err
	}
	if o.Asks == 0 {
		o.Asks = 3
	}
	r := &room{class: newClass(), desk: newClass(), options: o, unit: o.For / time.Duration(units*o.Asks), kept: map[ballot]int{}}
	r.arrived.all = map[string][]time.Time{}
	r.board.open = map[string]*cast{}
	r.report.Learners = o.Learners
	defer r.leave()
	defer r.desk.leave()
	defer r.voting.Wait()
	defer r.sockets.Wait()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if err := r.begin(ctx); err != nil {
		return r.report, fmt.Errorf("there is no room: %w", err)
	}
	if err := r.comeIn(ctx, watching); err != nil {
		return r.report, fmt.Errorf("not all learners can come in: %w", err)
	}
	if err := r.teach(ctx); err != nil {
		return r.report, err
	}
	r.count(context.WithoutCancel(ctx))
	return r.report, ctx.Err()
}

// comeIn gives everybody a seat, with the page of the room open, and then a sandbox of theirs.
func (r *room) comeIn(ctx, watching context.Context) (err error) {
	o, servers := r.options, r.options.Servers
	if r.report.Before, err = usage(servers); err != nil {
		return err
	}
	last := servers[len(servers)-1].URL()
	r.watch(watching, last, r.key, r.board.take)
	r.watch(watching, last, "", r.takeTally)

	begin := time.Now()
	o.Say(fmt.Sprintf("%d learners join room %s", o.Learners, r.code))
	r.members, r.learners = make([]*member, o.Learners), make([]*learner, o.Learners)
	err = each(r.members, func(i int) error {
		m := &member{learner: r.learner(o, i), room: r, ctx: watching, name: fmt.Sprint("Learner ", i+1)}
		r.members[i], r.learners[i] = m, m.learner
		if err := m.join(ctx); err != nil {
			return err
		}
		r.watch(watching, m.watches, m.key, m.take)
		return nil
	})
	if err == nil && !r.until(func() bool { return r.arrived.count("brought/0") == o.Learners }) {
		err = fmt.Errorf("%d see the room", r.arrived.count("brought/0"))
	}
	if err == nil {
		r.report.Seated, err = usage(servers)
	}
	if err == nil {
		err = each(r.members, func(i int) error {
			m := r.members[i]
			if err := m.begin(ctx); err != nil {
				return err
			}
			r.sockets.Go(func() { m.learner.watch(watching) })
			return nil
		})
	}
	if err != nil {
		return err
	}
	r.report.Join = time.Since(begin)
	r.report.Joined, err = usage(servers)
	return err
}

// watch opens a page of the room: without a key the wall.
func (r *room) watch(watching context.Context, server, key string, take func(io.Reader) error) {
	r.sockets.Go(func() {
		dial := func(ctx context.Context) (*websocket.Conn, error) {
			return r.dial(ctx, server, "/api/rooms/"+r.code+"/stream", key)
		}
		if err := stay(watching, dial, take, r.cameBack); err != nil {
			r.disagree("a page of the room doesn’t open: %v", err)
		}
	})
}

// teach has the class work while the instructor leads.
func (r *room) teach(ctx context.Context) (err error) {
	o := r.options
	o.Say(fmt.Sprintf("they work for %v, and are asked %d times", o.For, o.Asks))
	working, over := context.WithCancel(ctx)
	defer over()
	begin := time.Now()
	var work sync.WaitGroup
	if o.Pace > 0 {
		for _, l := range r.learners {
			work.Go(func() { l.work(working, o.Pace, o.Again) })
		}
	}
	work.Go(func() { r.report.Samples = samples(working, o) })
	err = r.lead(ctx)
	over()
	work.Wait()
	if err != nil {
		return fmt.Errorf("the instructor: %w", err)
	}
	r.report.Took = time.Since(begin)
	r.report.After, err = usage(o.Servers)
	r.report.CPU = r.report.After.CPU - r.report.Joined.CPU
	return err
}

// count finishes the report.
func (r *room) count(ctx context.Context) {
	r.options.Say("they are counted")
	report := &r.report
	report.count(ctx, r.class, r.learners)
	for _, s := range r.options.Servers {
		if err := r.export(ctx, s.URL()); err != nil {
			r.disagree("%s: %v", s.URL(), err)
		}
	}
	report.VoteP50, report.VoteP99 = r.votes.rank(.5), r.votes.rank(.99)
	report.BoardP50, report.BoardP99 = r.board.sent.rank(.5), r.board.sent.rank(.99)
	report.AckedP50, report.AckedP99 = r.board.acked.rank(.5), r.board.acked.rank(.99)
	report.LearnerP50, report.LearnerP99, report.Last = r.arrived.since.rank(.5), r.arrived.since.rank(.99), r.arrived.since.rank(1)
	report.LastP50, report.Together = r.arrived.last.rank(.5), r.arrived.apart.rank(.99)
	r.mu.Lock()
	defer r.mu.Unlock()
	report.Disagrees, report.RoomsAgain = append(report.Disagrees, r.wrong...), r.again
}

// begin makes the room, and finds what can be asked in it.
func (r *room) begin(ctx context.Context) error {
	var made struct{ Code, Key string }
	if err := r.ask(ctx, "POST", r.options.Servers[0].URL()+"/api/rooms", "", `{"title":"A class","lesson":"code-flow"}`, &made); err != nil {
		return err
	}
	r.code, r.key = made.Code, made.Key
	var lesson struct {
		Questions []struct {
			ID      string
			Choices []json.RawMessage
		}
	}
	if err := r.ask(ctx, "GET", r.options.Servers[0].URL()+"/api/lessons/code-flow", "", "", &lesson); err != nil {
		return err
	}
	r.choices = map[string]int{}
	for _, q := range lesson.Questions {
		if len(q.Choices) > 1 {
			r.choices[q.ID] = len(q.Choices)
			r.questions = append(r.questions, q.ID)
		}
	}
	return nil
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
