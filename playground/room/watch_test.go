package room

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
)

// page is a page that watches, with the last message of each type, and how many of each have come.
type page struct {
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex // guards the fields below
	last  map[string]json.RawMessage
	count map[string]int
	rows  map[string]Row
	err   error
}

// watch starts a page in its own goroutine; inside a synctest bubble, after synctest.Wait it has taken all there is.
func watching(r *Room, role Role, learner string) *page {
	ctx, stop := context.WithCancel(context.Background())
	p := &page{last: map[string]json.RawMessage{}, count: map[string]int{}, rows: map[string]Row{}, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.take(r.Watch(ctx, role, learner))
	}()
	return p
}

func (p *page) take(messages iter.Seq2[*Message, error]) {
	for m, err := range messages {
		p.mu.Lock()
		p.note(m, err)
		p.mu.Unlock()
	}
}

func (p *page) note(m *Message, err error) {
	if err != nil {
		p.err = err
		return
	}
	var kind struct{ Type string }
	json.Unmarshal(m.Data, &kind)
	p.last[kind.Type] = m.Data
	p.count[kind.Type]++
	if kind.Type == "rows" {
		var rows Rows
		json.Unmarshal(m.Data, &rows)
		for _, row := range rows.Rows {
			p.rows[row.ID] = row
		}
		for _, id := range rows.Gone {
			delete(p.rows, id)
		}
	}
}

func (p *page) close() {
	p.stop()
	<-p.done
}

func got[T any](p *page, kind string) (v T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	json.Unmarshal(p.last[kind], &v)
	return v
}

// n is how many messages of a type have come.
func (p *page) n(kind string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count[kind]
}

// board is the rows as they are shown.
func (p *page) board() map[string]Row {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.rows)
}

// classroom is a room in a bubble of fake time.
func classroom(t *testing.T, test func(t *testing.T, rs *Rooms, r *Room)) {
	find := course(t) // parsed outside: goldmark has pools of its own
	synctest.Test(t, func(t *testing.T) {
		e := engine.NewMemory()
		defer e.Close()
		rs := New(Config{Engine: e, Course: find})
		defer rs.Close()
		test(t, rs, begin(t, rs))
	})
}

func TestEverybodyIsToldAtOnceAndTheBoardNotTooOften(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		var seats []Seat
		for range 50 {
			seats = append(seats, join(t, r, ""))
		}
		board, wall, one := watching(r, Instructor, ""), watching(r, Projector, ""), watching(r, Learner, seats[0].ID)
		defer board.close()
		defer wall.close()
		defer one.close()
		synctest.Wait()
		if len(board.board()) != 50 || board.n("board") != 1 {
			t.Fatalf("the board begins with %d rows", len(board.board()))
		}
		must(t, r.Ask(ctx, "pkce", "binds"))
		synctest.Wait()
		for name, p := range map[string]*page{"the wall": wall, "a learner": one} {
			if v := got[View](p, "room"); v.Vote == nil {
				t.Errorf("%s was not told at once: %+v", name, v)
			}
		}
		id := got[View](one, "room").Vote.Ask
		before := one.n("room") + one.n("you")
		time.Sleep(time.Second)
		rooms, rows, tallies := board.n("room"), board.n("rows"), wall.n("tally")
		for i, s := range seats {
			must(t, r.Vote(ctx, s.ID, id, 1, lessons.Answer{1 + i%3}))
			synctest.Wait()
			time.Sleep(4 * time.Millisecond) // 50 in 200 ms
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := board.n("rows") - rows; n < 5 || n > 12 {
			t.Errorf("50 votes in 200 ms were told in %d messages of rows, want 5 to 12", n)
		}
		if n := wall.n("tally") - tallies; n < 2 || n > 5 {
			t.Errorf("50 votes in 200 ms were told in %d tallies, want 2 to 5", n)
		}
		if n := board.n("room") - rooms; n != 0 || got[Tally](board, "tally").Votes[0] != 50 || got[Tally](wall, "tally").Votes[0] != 50 {
			t.Errorf("the board is told %d times what is asked, and that %v have voted", n, got[Tally](board, "tally").Votes)
		}
		if more := one.n("room") + one.n("you") - before; more != 1 {
			t.Errorf("a learner was told %d times, want once: of the own vote", more)
		}
		must(t, r.Phase(ctx, id, Reveal))
		time.Sleep(2 * heatEvery)
		synctest.Wait()
		if h := got[Heat](board, "heat"); len(h.Rows) != 2 || h.Rows[0].Cells[2].Of != 50 {
			t.Errorf("the heat map is %+v", h)
		}
	})
}

// TestNobodyIsToldWhatTheyKnow: a class of 2,000 is told of a phase once each, and not of itself anew, nor is the board of its rows.
func TestNobodyIsToldWhatTheyKnow(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a, b := join(t, r, "Heron"), join(t, r, "Wren")
		voted, silent, board := watching(r, Learner, a.ID), watching(r, Learner, b.ID), watching(r, Instructor, "")
		defer voted.close()
		defer silent.close()
		defer board.close()
		time.Sleep(time.Second)
		must(t, r.Ask(ctx, "pkce", "binds"))
		synctest.Wait()
		id := got[View](voted, "room").Vote.Ask
		must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{3}))
		time.Sleep(time.Second)
		synctest.Wait()
		yous := [2]int{voted.n("you"), silent.n("you")}
		rows := board.n("rows")
		step := func(act func() error, you int, row int) {
			t.Helper()
			rooms := silent.n("room")
			must(t, act())
			time.Sleep(time.Second)
			synctest.Wait()
			yous[0] += you
			rows += row
			if now := [2]int{voted.n("you"), silent.n("you")}; now != yous || board.n("rows") != rows || silent.n("room") != rooms+1 {
				t.Errorf("they are told of themselves %v times, want %v, the board of rows %d, want %d, and of the room %d, want once", now, yous, board.n("rows"), rows, silent.n("room")-rooms)
			}
		}
		phase := func(p string) func() error { return func() error { return r.Phase(ctx, id, p) } }
		step(phase(Hidden), 0, 0)
		step(phase(Discuss), 0, 0)
		step(phase(Revote), 0, 0)
		step(phase(Reveal), 1, 0)
		if y := got[You](voted, "you"); y.Vote == nil || y.Vote.Correct == nil || !*y.Vote.Correct {
			t.Errorf("at the reveal she is told %+v", y.Vote)
		}
		step(phase(Explain), 0, 0)
		step(func() error { return r.Ask(ctx, "pkce", "guess") }, 1, 1)
		if y, row := got[You](voted, "you"), board.board()[a.ID]; y.Vote != nil || row.Voted != 0 {
			t.Errorf("of the vote before, her page shows %v and the board %v", y.Vote, row.Voted)
		}
		id = got[View](voted, "room").Vote.Ask
		must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{1}))
		time.Sleep(time.Second)
		synctest.Wait()
		yous[0], rows = voted.n("you"), board.n("rows")
		step(phase(Over), 1, 1)
		if y, row := got[You](voted, "you"), board.board()[a.ID]; y.Vote != nil || row.Voted != 0 {
			t.Errorf("when it is over, her page shows %v and the board %v", y.Vote, row.Voted)
		}
	})
}

// TestWhatIsEverybodysComesFirst: a learner's own part of a reveal and the board's rows wait until everybody has been told, but never
// for long, however often everybody is told something.
func TestWhatIsEverybodysComesFirst(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a := join(t, r, "Heron")
		p, board := watching(r, Learner, a.ID), watching(r, Instructor, "")
		defer p.close()
		defer board.close()
		time.Sleep(time.Second)
		must(t, r.Ask(ctx, "pkce", "binds"))
		synctest.Wait()
		id := got[View](p, "room").Vote.Ask
		must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{3}))
		time.Sleep(time.Second)
		synctest.Wait()
		told := func() bool { y := got[You](p, "you"); return y.Vote != nil && y.Vote.Correct != nil }
		must(t, r.Phase(ctx, id, Reveal))
		synctest.Wait()
		if got[View](p, "room").Vote.Phase != Reveal || told() {
			t.Fatal("at once she is told of herself, or not of the reveal")
		}
		time.Sleep(restAfter)
		synctest.Wait()
		if !told() {
			t.Fatal("she is not told what her vote was worth")
		}

		// Whenever this page looks, everybody has just been told something.
		w := &watch{role: Learner, learner: a.ID}
		look := func(locked bool) int {
			t.Helper()
			must(t, r.Lead(ctx, Change{Locked: &locked}))
			list, _, err := r.due(w)
			must(t, err)
			return len(list)
		}
		look(true)
		time.Sleep(time.Second)
		must(t, r.Hand(ctx, a.ID, true))
		first := look(false)
		time.Sleep(restAfter)
		if then := look(true); first != 1 || then != 2 {
			t.Errorf("she is told %d and then %d things, want the room alone, and then the room and her hand", first, then)
		}
	})
}

func TestWhoIsHere(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a := join(t, r, "Heron")
		board := watching(r, Instructor, "")
		defer board.close()
		here := func(want bool) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			if board.board()[a.ID].Here != want || (r.Here() == 1) != want {
				t.Fatalf("she is here: %t (%d are), want %t", board.board()[a.ID].Here, r.Here(), want)
			}
		}
		here(false)
		one, two := watching(r, Learner, a.ID), watching(r, Learner, a.ID)
		here(true)
		one.close()
		here(true)
		two.close()
		here(false)
		for range 5 { // a page that is loaded again and again is where it was at last
			watching(r, Learner, a.ID).close()
		}
		three := watching(r, Learner, a.ID)
		here(true)
		time.Sleep(10 * time.Minute)
		here(true)
		three.close()
		here(false)
	})
}

// TestASilentServerTakesItsLearnersWithIt: who was on a server that died is not here any more.
func TestASilentServerTakesItsLearnersWithIt(t *testing.T) {
	find := course(t)
	synctest.Test(t, func(t *testing.T) {
		e := unclosed{engine.NewMemory()}
		defer e.Engine.Close()
		one, two := New(Config{Engine: e, Course: find}), New(Config{Engine: e, Course: find})
		defer two.Close()
		r := begin(t, one)
		a := join(t, r, "Heron")
		there, err := two.Open(ctx, r.Code())
		must(t, err)
		board := watching(there, Instructor, "")
		defer board.close()
		p := watching(r, Learner, a.ID)
		time.Sleep(time.Second)
		synctest.Wait()
		if !board.board()[a.ID].Here {
			t.Fatal("the other server does not know that she is here")
		}
		one.Close() // it says nothing any more
		p.close()
		time.Sleep(2 * heardFor)
		synctest.Wait()
		if board.board()[a.ID].Here {
			t.Error("she is still here, on a server that died")
		}
	})
}

func ptr(s string) *string { return &s }

// TestWhoIsStuck: whoever makes no progress for five minutes, and could.
func TestWhoIsStuck(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a := join(t, r, "Heron")
		p, board := watching(r, Learner, a.ID), watching(r, Instructor, "")
		defer p.close()
		defer board.close()
		must(t, r.Moved(ctx, a.ID, "pkce", "look", nil))
		stuck := func(after time.Duration, want bool) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if row := board.board()[a.ID]; row.Stuck != want || r.Rows().Rows[0].Stuck != want {
				t.Fatalf("after %v she is stuck: %t", after, !want)
			}
		}
		on, off := true, false
		lead := func(c Change) func() error { return func() error { return r.Lead(ctx, c) } }
		id := ""
		phase := func(p string) func() error { return func() error { return r.Phase(ctx, id, p) } }
		const soon, late = 200 * time.Millisecond, 6 * time.Minute
		stuck(4*time.Minute, false)
		stuck(90*time.Second, true)
		for _, tt := range []struct {
			name  string
			act   func() error
			after time.Duration
			stuck bool
		}{
			{"a hand and a refusal are no progress", func() error {
				r.Note(a.ID, "pkce", nil, &Refusal{N: 4, Status: 400})
				return r.Hand(ctx, a.ID, true)
			}, soon, true},
			{"nor is what she has said before", func() error { return r.Moved(ctx, a.ID, "pkce", "look", nil) }, soon, true},
			{"an answer is, at once", func() error {
				return r.Answered(ctx, a.ID, "pkce", "guess", lessons.Answer{2}, lessons.Result{Correct: true})
			}, soon, false},
			{"and not for ever", nil, late, true},
			{"the same answer is none", func() error {
				return r.Answered(ctx, a.ID, "pkce", "guess", lessons.Answer{1}, lessons.Result{})
			}, soon, true},
			{"the instructor goes on alone", lead(Change{Lesson: ptr("pkce"), Step: ptr("ask")}), lookEvery, true},
			{"all are brought", func() error { return r.Bring(ctx, "pkce", "look") }, lookEvery, false},
			{"and do nothing", nil, late, true},
			{"while all vote nobody is stuck", func() error { return r.Ask(ctx, "pkce", "binds") }, lookEvery, false},
			{"for as long as it takes", func() error { id = viewOf(t, r, Learner).Vote.Ask; return nil }, late, false},
			{"the reveal lets them go on", phase(Reveal), 4 * time.Minute, false},
			{"and not doing it is being stuck, though the vote stays", nil, 2 * time.Minute, true},
			{"answers are locked", lead(Change{Locked: &on}), late, false},
			{"and open again", lead(Change{Locked: &off}), 4 * time.Minute, false},
			{"for her too", nil, 2 * time.Minute, true},
			{"a step that is passed is progress, though she stays there", func() error { return r.Moved(ctx, a.ID, "pkce", "look", []string{"look"}) }, soon, false},
			{"and one goes on from it", nil, late, true},
			{"or waits there, where all follow", lead(Change{Pace: ptr(Follow)}), late, false},
			{"the last step: she may be done", func() error { return r.Moved(ctx, a.ID, "pkce", "ask", nil) }, time.Hour, false},
		} {
			t.Log(tt.name)
			if tt.act != nil {
				must(t, tt.act())
			}
			stuck(tt.after, tt.stuck)
		}
	})
}

// TestALearnersWire: what comes is counted, and the last refusal stays until she goes on.
func TestALearnersWire(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a, b := join(t, r, "Heron"), join(t, r, "Wren")
		board := watching(r, Instructor, "")
		defer board.close()
		must(t, r.Moved(ctx, a.ID, "pkce", "look", nil))
		must(t, r.Moved(ctx, b.ID, "pkce", "look", nil))
		authorize, token := Arrow{From: "browser", To: "as", Method: "GET", Path: "/authorize"}, Arrow{From: "client", To: "as", Method: "POST", Path: "/token"}
		refused := token
		refused.Refused = true
		r.Note(a.ID, "pkce", []Arrow{authorize, refused}, &Refusal{N: 11, Status: 400, Error: "invalid_grant"})
		r.Note(b.ID, "pkce", []Arrow{authorize}, nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if e := board.board()[a.ID].Error; e == nil || e.N != 11 {
			t.Errorf("the board shows %+v", e)
		}
		want := []ArrowView{{From: "browser", To: "as", Method: "GET", Path: "/authorize", Sent: 2, Last: 1}, {From: "client", To: "as", Method: "POST", Path: "/token", Sent: 1, Refused: 1, Last: 1}}
		if w := got[Tally](board, "tally").Wire; fmt.Sprint(w) != fmt.Sprint(want) {
			t.Errorf("the class’s wire is\n%v, want\n%v", w, want)
		}
		must(t, r.Moved(ctx, a.ID, "pkce", "ask", nil))
		time.Sleep(time.Second)
		synctest.Wait()
		if e := board.board()[a.ID].Error; e != nil {
			t.Errorf("she has gone on, and the board shows %+v", e)
		}
		r.Note(b.ID, "pkce", []Arrow{refused}, &Refusal{N: 12, Status: 400, Error: "invalid_grant"}) // as the step wants it
		must(t, r.Moved(ctx, b.ID, "pkce", "look", []string{"look"}))
		time.Sleep(time.Second)
		synctest.Wait()
		if e := board.board()[b.ID].Error; e != nil {
			t.Errorf("by what was refused she has passed the step, and the board shows %+v", e)
		}
	})
}

func TestARemovedLearnersPageIsTold(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		a := join(t, r, "Heron")
		p, board := watching(r, Learner, a.ID), watching(r, Instructor, "")
		defer board.close()
		synctest.Wait()
		_, err := r.Remove(ctx, a.ID)
		must(t, err)
		<-p.done
		if why(p.err) != Unauthorized {
			t.Errorf("her page was told %v", p.err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(board.board()) != 0 {
			t.Errorf("the board still shows %v", board.board())
		}
	})
}

// TestWhatRefusedThemIsForgottenWithTheirRun: a sandbox that is made anew is told as a move to no step. The learner stays where they
// were, and nothing of the run before is shown as their trouble.
func TestWhatRefusedThemIsForgottenWithTheirRun(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		seat := join(t, r, "Heron")
		if err := r.Moved(ctx, seat.ID, "pkce", "ask", []string{"look"}); err != nil {
			t.Fatal(err)
		}
		r.Note(seat.ID, "pkce", nil, &Refusal{N: 9, Method: "POST", Path: "/token", Status: 400, Error: "invalid_grant"})
		row := func() Row { return r.Rows().Rows[0] }
		time.Sleep(flushEvery)
		synctest.Wait()
		if row().Error == nil {
			t.Fatal("the refusal is not told")
		}
		if err := r.Moved(ctx, seat.ID, "pkce", "", nil); err != nil {
			t.Fatal(err)
		}
		if got := row(); got.Error != nil || got.Step != "ask" || got.Passed != 1 {
			t.Errorf("after the reset: %+v", got)
		}
	})
}

// TestWhoIsClearedAwayIsTold: simulated learners of another server's rehearsal come to an end when they are taken out here.
func TestWhoIsClearedAwayIsTold(t *testing.T) {
	classroom(t, func(t *testing.T, rs *Rooms, r *Room) {
		seat, err := r.Simulate(ctx)
		must(t, err)
		p := watching(r, Learner, seat.ID)
		time.Sleep(time.Second)
		synctest.Wait()
		if _, err := r.Clear(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-p.done:
		default:
			p.close()
			t.Error("a page of who was taken out goes on")
		}
		if why(p.err) != Unauthorized {
			t.Errorf("it was told %v", p.err)
		}
	})
}
