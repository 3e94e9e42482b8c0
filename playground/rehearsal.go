package playground

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/lessons"
	"oauthplayground/playground/room"
	"oauthplayground/playground/world"
)

// A rehearsal fills a room with simulated learners, so that an instructor can try every screen before the day. They are learners
// like others: with seats, sandboxes of their own, requests that are really sent and answers that are really graded. They think at
// random, make mistakes, get stuck and ask for help.

// mostSimulated is how many there may be in one room.
const mostSimulated = 60

// rehearsalPause is short: an instructor who tries the screens hasn't got an hour.
const rehearsalPause = 6 * time.Second

// rehearsals are those that run on this server, by the code of their room.
type rehearsals struct {
	server *Server
	pause  time.Duration // about how long a simulated learner thinks

	mu      sync.Mutex // guards running and closed
	running map[string]*rehearsal
	closed  bool
}

type rehearsal struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	n      int // who takes part; guarded by the rehearsals' mu
}

func (s *Server) startRehearsal(c *gin.Context, r *room.Room) {
	var in struct {
		Learners int `json:"learners"`
	}
	if err := decode(c, &in, false); err != nil {
		s.problem(c, err)
		return
	}
	s.reply(c, struct{}{}, s.rehearsals.start(r, in.Learners))
}

func (s *Server) endRehearsal(c *gin.Context, r *room.Room) {
	s.rehearsals.stop(r.Code())
	sandboxes, err := r.Clear(c.Request.Context())
	s.endAll(c, sandboxes, err)
}

// start adds simulated learners to a room. They come in one after the other.
func (rs *rehearsals) start(r *room.Room, n int) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	of := rs.running[r.Code()]
	if of == nil {
		of = &rehearsal{}
	}
	if n < 1 || of.n+n > mostSimulated {
		return world.Problem{Status: http.StatusUnprocessableEntity, Title: "It can’t be", Detail: "learners is how many simulated learners come in: one or more, and sixty in a room at the most."}
	}
	if rs.closed {
		return context.Canceled
	}
	if of.cancel == nil {
		of.ctx, of.cancel = context.WithCancel(context.Background())
		rs.running[r.Code()] = of
	}
	of.n += n
	ctx := of.ctx
	for i := range n {
		of.work.Go(func() {
			defer rs.left(of)
			if rs.think(ctx, rand.N(1+time.Duration(i)*rs.pause/20)) {
				rs.learn(ctx, r)
			}
		})
	}
	return nil
}

// left counts one who is in the room no more, perhaps taken out on another server.
func (rs *rehearsals) left(of *rehearsal) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	of.n--
}

// stop ends the rehearsal of a room, and returns when nobody of it does anything any more.
func (rs *rehearsals) stop(code string) {
	rs.mu.Lock()
	of := rs.running[code]
	delete(rs.running, code)
	rs.mu.Unlock()
	if of != nil {
		of.cancel()
		of.work.Wait()
	}
}

func (rs *rehearsals) close() {
	rs.mu.Lock()
	rs.closed = true
	codes := make([]string, 0, len(rs.running))
	for code := range rs.running {
		codes = append(codes, code)
	}
	rs.mu.Unlock()
	for _, code := range codes {
		rs.stop(code)
	}
}

// think waits; false says that there is nothing to wait for any more.
func (rs *rehearsals) think(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// pauses is a time to think, between a half and one and a half pauses.
func (rs *rehearsals) pauses() time.Duration { return rs.pause/2 + rand.N(rs.pause+1) }

// simulated is one learner of a rehearsal.
type simulated struct {
	rs      *rehearsals
	room    *room.Room
	seat    room.Seat
	slow    int               // how many pauses they take for a step
	errs    float64           // how often they are wrong
	boxes   map[string]string // their sandboxes, by lesson
	lesson  string
	at      int    // the step that they are at
	brought uint64 // how often they were brought somewhere
	asked   string // the round of a vote that they have thought about
}

// learn is one learner's time in the room: it ends with the rehearsal, or when the seat is taken away.
func (rs *rehearsals) learn(ctx context.Context, r *room.Room) {
	seat, err := r.Simulate(ctx)
	if err != nil {
		rs.server.config.Log.Warn("a simulated learner can’t come in", "error", err)
		return
	}
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	views := make(chan room.View, 1) // the newest
	go func() {
		defer gone()
		for m, err := range r.Watch(ctx, room.Learner, seat.ID) {
			if err != nil {
				return
			}
			var v room.View
			if json.Unmarshal(m.Data, &v) != nil || v.Type != "room" {
				continue
			}
			select {
			case <-views:
			default:
			}
			views <- v
		}
	}()
	l := &simulated{rs: rs, room: r, seat: seat, slow: 1 + rand.N(4), errs: .2 + rand.Float64()/2, boxes: map[string]string{}}
	var v room.View
	select {
	case <-ctx.Done():
		return
	case v = <-views:
	}
	l.brought = v.Brought
	l.goTo(v.Lesson, v.Step)
	next := time.NewTimer(rs.pauses())
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case v = <-views:
			if l.hears(ctx, v) {
				next.Reset(rs.pauses())
			}
		case <-next.C:
			if err := l.work(ctx); err != nil && ctx.Err() == nil {
				rs.server.config.Log.Debug("a simulated learner could not go on", "error", err)
			}
			next.Reset(time.Duration(l.slow) * rs.pauses())
		}
	}
}

// hears does what the instructor asks of everybody.
func (l *simulated) hears(ctx context.Context, v room.View) (moved bool) {
	if v.Brought > l.brought || v.Pace == room.Follow && v.Lesson != "" && v.Lesson != l.lesson {
		l.brought = v.Brought
		l.goTo(v.Lesson, v.Step)
		moved = true
	}
	if v.Vote == nil || v.Locked || v.Vote.Phase != room.Vote && v.Vote.Phase != room.Revote {
		return moved
	}
	if round := v.Vote.Ask + v.Vote.Phase; round != l.asked {
		l.asked = round
		if l.rs.think(ctx, l.rs.pauses()) {
			l.vote(ctx, v.Vote)
		}
	}
	return moved
}

// vote answers alone at first; who was wrong has often learnt better after the discussion.
func (l *simulated) vote(ctx context.Context, v *room.VoteView) {
	q := l.question(v.Lesson, v.Question)
	if q == nil {
		return
	}
	round, errs := 1, l.errs
	if v.Phase == room.Revote {
		round, errs = 2, errs/2
	}
	if err := l.room.Vote(ctx, l.seat.ID, v.Ask, round, guess(q, errs)); err != nil && ctx.Err() == nil {
		l.rs.server.config.Log.Debug("a simulated learner’s vote came too late", "error", err)
	}
}

// guess is an answer that is wrong about as often as errs says.
func guess(q *lessons.Quiz, errs float64) lessons.Answer {
	right := lessons.Answer(room.Right(q))
	if rand.Float64() > errs {
		return right
	}
	switch q.Kind {
	case lessons.OneOf:
		return lessons.Answer{1 + rand.N(len(q.Choices))}
	case lessons.Order: // two rows change their places
		wrong := slices.Clone(right)
		i, j := rand.N(len(wrong)), rand.N(len(wrong))
		wrong[i], wrong[j] = wrong[j], wrong[i]
		return wrong
	case lessons.Match:
		wrong := slices.Clone(right)
		wrong[rand.N(len(wrong))] = 1 + rand.N(len(q.Columns))
		return wrong
	}
	cells := len(q.Rows) * len(q.Columns)
	return lessons.Answer{1 + rand.N(cells)}
}

func (l *simulated) question(lesson, id string) *lessons.Quiz {
	of, err := l.rs.server.findLesson(lesson)
	if err != nil {
		return nil
	}
	return of.Quiz(id)
}

// goTo opens a lesson at a step, or the first lesson there is.
func (l *simulated) goTo(lesson, step string) {
	course, err := l.rs.server.course()
	if err != nil || len(course.Tracks) == 0 {
		return
	}
	of := course.Lesson(lesson)
	if of == nil {
		of = course.Tracks[0].Lessons[0]
	}
	l.lesson = of.Slug
	l.at = max(0, slices.IndexFunc(of.Steps, func(s *lessons.Step) bool { return s.ID == step }))
}

// work is a step of the lesson: it is played, its questions are answered, and now and then something goes wrong.
func (l *simulated) work(ctx context.Context) error {
	of, err := l.rs.server.findLesson(l.lesson)
	if err != nil || l.at >= len(of.Steps) {
		return err
	}
	sandbox, err := l.sandbox(ctx)
	if err != nil {
		return err
	}
	step := of.Steps[l.at]
	if err := sandbox.BeginStep(ctx, step.ID); err != nil {
		return err
	}
	switch rand.N(12) {
	case 0: // a mistake in an address, which the server refuses and explains
		_, err := sandbox.Act(ctx, world.Browser, world.Act{Do: "open", URL: "https://auth.chirper.test/authorize?response_type=code&client_id=content-planner&redirect_uri=https://planner.test/elsewhere"})
		return err
	case 1:
		return l.room.Hand(ctx, l.seat.ID, true)
	case 2: // they look out of the window
		return nil
	}
	if _, err := sandbox.Play(ctx, step.ID, nil); err != nil { // what came before isn't there: they were brought into the middle
		if _, err := sandbox.PlayTo(ctx, step.ID); err != nil {
			return err
		}
	}
	for _, b := range step.Blocks {
		q, ok := b.(*lessons.Quiz)
		if !ok || q.SelfCheck {
			continue
		}
		if _, err := sandbox.Answer(ctx, q.ID, guess(q, l.errs)); err != nil {
			return err
		}
	}
	l.at++
	return nil
}

// sandbox is the learner's, in the lesson that they are in.
func (l *simulated) sandbox(ctx context.Context) (*world.Sandbox, error) {
	w := l.rs.server.world
	if id := l.boxes[l.lesson]; id != "" {
		return w.Open(ctx, id)
	}
	created, err := l.rs.server.seat(ctx, l.room, l.seat.ID, l.lesson)
	if err != nil {
		return nil, err
	}
	l.boxes[l.lesson] = created.ID
	return w.Open(ctx, created.ID)
}
