package room

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// class is a lesson with two questions, of which one has a twin.
const class = `---
title: A stolen code
question: Is it money?
minutes: 9
spec: ["RFC 7636 §1"]
---
Words.

## Look

> [!PREDICT guess] What can she do?
> - [ ] Nothing, it is encrypted {M05}
>   No.
> - [x] Redeem it
>   Yes.
> - [ ] Wait for it {M04}
>   No.

## Ask

> [!QUIZ binds] PKCE tells the server…
> - [ ] which app this is {M10}
>   It is no name.
> - [ ] which user this is {M01}
>   It is no user.
> - [x] that who redeems has begun
>   That is it.
`

func course(t testing.TB) func() (*lessons.Course, error) {
	t.Helper()
	l, err := lessons.Parse("core/08-pkce.md", []byte(class), lessons.Vocabulary{Spec: check.SpecURL})
	if err != nil {
		t.Fatal(err)
	}
	l.Slug, l.Number, l.Track = "pkce", 8, "core"
	c := &lessons.Course{Tracks: []lessons.Track{{Slug: "core", Lessons: []*lessons.Lesson{l}}}}
	return func() (*lessons.Course, error) { return c, nil }
}

var ctx = context.Background()

// start makes Rooms on an engine of their own.
func start(t *testing.T, change ...func(*Config)) *Rooms {
	t.Helper()
	c := Config{Engine: engine.NewMemory(), Course: course(t)}
	for _, f := range change {
		f(&c)
	}
	rs := New(c)
	t.Cleanup(func() {
		rs.Close()
		c.Engine.Close()
	})
	return rs
}

// sharing gives one server after the other, all on one engine.
func sharing(t *testing.T) (server func() *Rooms) {
	shared := engine.NewMemory()
	t.Cleanup(func() { shared.Close() })
	return func() *Rooms { return start(t, func(c *Config) { c.Engine = unclosed{shared} }) }
}

func begin(t *testing.T, rs *Rooms) *Room {
	t.Helper()
	made, err := rs.Create(ctx, "Thursday workshop", "pkce")
	if err != nil {
		t.Fatal(err)
	}
	r, err := rs.Open(ctx, made.Code)
	if err != nil {
		t.Fatal(err)
	}
	if whose(t, r, made.Key) != "instructor" || whose(t, r, "") != "" || whose(t, r, "x") != "" {
		t.Fatal("the instructor’s key, and no other, must fit")
	}
	return r
}

// whose is who has a key: a role, or a learner's id.
func whose(t *testing.T, r *Room, key string) string {
	t.Helper()
	role, learner, err := r.Bearer(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	return cmp.Or(learner, string(role))
}

func join(t *testing.T, r *Room, name string) Seat {
	t.Helper()
	s, err := r.Join(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func why(err error) Why {
	var e Error
	errors.As(err, &e)
	return e.Why
}

// shown is what a role is shown now.
func viewOf(t *testing.T, r *Room, role Role) View {
	t.Helper()
	var v View
	if err := json.Unmarshal(r.Now(role).Data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestACodeIsForgivingAndFindsItsRoom(t *testing.T) {
	rs := start(t)
	r := begin(t, rs)
	for _, typed := range []string{r.Code(), Spoken(r.Code()), strings.ToLower(Spoken(r.Code())), " " + r.Code() + " "} {
		if got, err := rs.Open(ctx, typed); got != r {
			t.Errorf("Open(%q): %v", typed, err)
		}
	}
	for _, typed := range []string{"", "K7P", "K7P-4M0", "K7P-4MX-2", "room-"} {
		if _, err := rs.Open(ctx, typed); why(err) != NotFound {
			t.Errorf("Open(%q): %v, want not found", typed, err)
		}
	}
}

func TestNamesAreDistinctAndSeatsTheirOwners(t *testing.T) {
	r := begin(t, start(t))
	a, b, bird := join(t, r, "Heron"), join(t, r, "heron"), join(t, r, "")
	if a.Name != "Heron" || b.Name != "heron 2" || bird.Name == "" {
		t.Errorf("they are called %q, %q and %q", a.Name, b.Name, bird.Name)
	}
	if id := whose(t, r, a.Key); id != a.ID {
		t.Errorf("the key of %s is of %q", a.ID, id)
	}
	if _, err := r.Join(ctx, "\x00\u200b"); why(err) != Invalid {
		t.Errorf("a name that can’t be read: %v", err)
	}
	long := join(t, r, strings.Repeat("x", 100)+"\n\x07")
	if len(long.Name) != maxName {
		t.Errorf("a long name became %q", long.Name)
	}
	if _, err := r.Remove(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	if whose(t, r, a.Key) != "" {
		t.Error("who was removed still has a seat")
	}
	if err := r.Hand(ctx, a.ID, true); why(err) != NotFound {
		t.Errorf("who was removed raises a hand: %v", err)
	}
}

// TestAVote is peer instruction from the question to its explanation: who sees what, and when.
func TestAVote(t *testing.T) {
	r := begin(t, start(t))
	a, b := join(t, r, "Heron"), join(t, r, "Wren")
	if err := r.Ask(ctx, "pkce", "nothing"); why(err) != NotFound {
		t.Errorf("a question that isn’t there: %v", err)
	}
	secret := func(phase string) {
		t.Helper()
		for _, role := range []Role{Learner, Projector} {
			v := viewOf(t, r, role)
			if v.Vote.Phase != phase || v.Vote.Results != nil || v.Vote.Right != nil || v.Vote.Feedback != nil {
				t.Errorf("in %s a %s is shown %+v", phase, role, v.Vote)
			}
		}
		// Whoever looks at the instructor's screen learns no more than how many were right, and that only when the round is closed.
		v := viewOf(t, r, Instructor).Vote
		if shown := fmt.Sprint(v.Results, v.Right, v.Feedback); shown != map[bool]string{true: "[] [] []", false: "[{1 2 1 [] []}] [] []"}[phase == Vote] {
			t.Errorf("in %s the instructor is shown %s", phase, shown)
		}
		for _, row := range r.Rows().Rows {
			if said, _ := json.Marshal(row); row.Voted == 0 || strings.Contains(string(said), "[") {
				t.Errorf("in %s the board says of a learner %s", phase, said)
			}
		}
		if r.mu.Lock(); len(r.heat(r.rooms.catalogue()).Rows) > 0 {
			t.Errorf("in %s the heat map counts the vote", phase)
		}
		r.mu.Unlock()
		if v, err := r.Peek(); err != nil || len(v.Results[0].Options) != 3 || fmt.Sprint(v.Right) != "[3]" || len(v.Feedback) != 3 {
			t.Errorf("in %s an instructor who asks is told %+v, %v", phase, v, err)
		}
	}
	if _, err := r.Peek(); why(err) != Conflict {
		t.Errorf("nothing is asked, and a peek gives %v", err)
	}
	must(t, r.Ask(ctx, "pkce", "binds"))
	id := viewOf(t, r, Learner).Vote.Ask
	must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{1}))
	must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{2})) // she thinks again
	must(t, r.Vote(ctx, b.ID, id, 1, lessons.Answer{3}))
	for name, err := range map[string]error{
		"no such choice": r.Vote(ctx, a.ID, id, 1, lessons.Answer{4}),
		"no such round":  r.Vote(ctx, a.ID, id, 3, lessons.Answer{1}),
	} {
		if why(err) != Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"the other round": r.Vote(ctx, a.ID, id, 2, lessons.Answer{1}),
		"another vote":    r.Vote(ctx, a.ID, "a1", 1, lessons.Answer{1}),
	} {
		if why(err) != Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	secret(Vote)
	must(t, r.Phase(ctx, id, Hidden))
	secret(Hidden)
	if err := r.Vote(ctx, a.ID, id, 1, lessons.Answer{3}); why(err) != Conflict {
		t.Errorf("a vote after the round: %v", err)
	}
	if err := r.Phase(ctx, id, Vote); why(err) != Conflict {
		t.Errorf("back to the vote: %v", err)
	}
	must(t, r.Phase(ctx, id, Discuss))
	secret(Discuss)
	must(t, r.Phase(ctx, id, Revote))
	must(t, r.Vote(ctx, a.ID, id, 2, lessons.Answer{3}))
	secret(Revote)
	must(t, r.Phase(ctx, id, Reveal))
	v := viewOf(t, r, Projector).Vote
	if fmt.Sprint(v.Results) != "[{1 2 1 [0 1 1] []} {2 1 1 [0 0 1] []}]" || fmt.Sprint(v.Right) != "[3]" || v.Feedback != nil {
		t.Errorf("revealed: %+v", v)
	}
	must(t, r.Phase(ctx, id, Explain))
	if v := viewOf(t, r, Learner).Vote; len(v.Feedback) != 3 {
		t.Errorf("explained: %+v", v)
	}
	r.mu.Lock()
	if h := r.heat(r.rooms.catalogue()); len(h.Rows) == 0 || *h.Rows[0].Cells[2] != (Cell{1, 2}) {
		t.Errorf("revealed, the vote is on the heat map as %+v", h.Rows)
	}
	r.mu.Unlock()
	must(t, r.Phase(ctx, id, Over))
	if v := viewOf(t, r, Learner); v.Vote != nil {
		t.Errorf("over: %+v", v.Vote)
	}
	e := r.Export()
	if len(e.Votes) != 3 || e.Votes[0].Name != "Heron" || e.Votes[0].Misconception != "M01" || !e.Votes[1].Correct {
		t.Errorf("exported: %+v", e.Votes)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLockedAnswersAreRefused(t *testing.T) {
	r := begin(t, start(t))
	a := join(t, r, "Heron")
	must(t, r.Ask(ctx, "pkce", "binds"))
	id := viewOf(t, r, Learner).Vote.Ask
	yes, no := true, false
	must(t, r.Lead(ctx, Change{Locked: &yes}))
	if err := r.Vote(ctx, a.ID, id, 1, lessons.Answer{1}); why(err) != Conflict {
		t.Errorf("a vote while answers are locked: %v", err)
	}
	must(t, r.Lead(ctx, Change{Locked: &no}))
	must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{1}))
}

// TestALockHoldsOnEveryServer: from when it is acknowledged until it is opened, wherever that is done.
func TestALockHoldsOnEveryServer(t *testing.T) {
	server := sharing(t)
	r := begin(t, server())
	there, err := server().Open(ctx, r.Code())
	must(t, err)
	for i := range 100 {
		locked := i%2 == 0
		must(t, r.Lead(ctx, Change{Locked: &locked}))
		if is, err := there.Locked(ctx); err != nil || is != locked {
			t.Fatalf("locked is %v here, and there %v, %v", locked, is, err)
		}
	}
}

// TestARoomIsWhatItsRecordSays: another server, and one that is started later, hold the same room.
func TestARoomIsWhatItsRecordSays(t *testing.T) {
	server := sharing(t)
	r := begin(t, server())
	a := join(t, r, "Heron")
	there, err := server().Open(ctx, r.Code())
	must(t, err)
	if whose(t, there, a.Key) != a.ID {
		t.Error("the other server does not know her")
	}
	must(t, there.Ask(ctx, "pkce", "binds"))
	must(t, r.do2(record{What: hinted, Learner: a.ID, Text: "Look at exchange 8."})) // it comes behind: so the vote is known here
	id := viewOf(t, r, Learner).Vote.Ask
	var wg sync.WaitGroup
	seats := []Seat{a}
	for range 40 {
		seats = append(seats, join(t, there, ""))
	}
	for i, s := range seats {
		wg.Go(func() {
			on := []*Room{r, there}[i%2]
			if err := on.Vote(ctx, s.ID, id, 1, lessons.Answer{1 + i%3}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, r.Phase(ctx, id, Reveal))
	v := viewOf(t, r, Projector).Vote
	if v.Results[0].Votes != len(seats) {
		t.Errorf("%d votes are counted, want %d", v.Results[0].Votes, len(seats))
	}
	later := server()
	again, err := later.Open(ctx, r.Code())
	must(t, err)
	if got, want := viewOf(t, again, Projector).Vote, v; fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", *want) {
		t.Errorf("a server that starts later shows\n%+v, want\n%+v", got, want)
	}
}

// unclosed is an engine that several Rooms use.
type unclosed struct{ engine.Engine }

func (unclosed) Close() error { return nil }

func (r *Room) do2(rec record) error {
	_, err := r.do(ctx, rec)
	return err
}

func TestADeletedRoomIsGone(t *testing.T) {
	var ended []string
	rs := start(t, func(c *Config) { c.Ended = func(_ context.Context, s []string) { ended = s } })
	r := begin(t, rs)
	a := join(t, r, "Heron")
	if _, err := r.Seated(ctx, a.ID, "pkce", "box"); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	watching := make(chan bool, 1)
	go func() {
		for _, err := range r.Watch(ctx, Projector, "") {
			if err != nil {
				over <- err
				return
			}
			select {
			case watching <- true:
			default:
			}
		}
		over <- nil
	}()
	<-watching
	must(t, rs.Delete(ctx, r.Code()))
	if err := <-over; !errors.Is(err, ErrEnded) {
		t.Errorf("who watches is told %v", err)
	}
	if _, err := rs.Open(ctx, r.Code()); why(err) != NotFound {
		t.Errorf("it can still be opened: %v", err)
	}
	if fmt.Sprint(ended) != "[box]" {
		t.Errorf("sandboxes that end with it: %v", ended)
	}
}

func TestARoomEndsByTime(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	advance := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	rs := start(t, func(c *Config) {
		c.Clock = clock
		c.Limits = Limits{Idle: 24 * time.Hour, Life: 72 * time.Hour}
	})
	r := begin(t, rs)
	for range 3 {
		advance(20 * time.Hour)
		if _, err := rs.Open(ctx, r.Code()); err != nil {
			t.Fatalf("used every 20 hours: %v", err)
		}
		must(t, rs.sweepOnce(ctx))
	}
	advance(13 * time.Hour)
	must(t, rs.sweepOnce(ctx))
	if _, err := rs.Open(ctx, r.Code()); why(err) != NotFound {
		t.Errorf("after its whole life: %v", err)
	}
	half := engineID("222222") // a server died over it
	if _, _, err := rs.config.Engine.Open(ctx, half, engine.Options{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		must(t, rs.sweepOnce(ctx))
		if known, err := rs.config.Engine.Has(ctx, half); !known || err != nil {
			t.Fatalf("a room that may be being made is gone: %v", err)
		}
		advance(2 * time.Minute)
	}
	idle := begin(t, rs)
	advance(25 * time.Hour)
	must(t, rs.sweepOnce(ctx))
	if _, err := rs.Open(ctx, idle.Code()); why(err) != NotFound {
		t.Errorf("after a day without use: %v", err)
	}
	if ids, err := rs.config.Engine.IDs(ctx); len(ids) != 0 || err != nil {
		t.Errorf("on the engine is still %q, %v", ids, err)
	}
}

// TestTheWallIsWhereThoseAreWhoHaveBegun: a class comes in, and one of it begins. The wall shows that lesson at once, whoever is
// counted first.
func TestTheWallIsWhereThoseAreWhoHaveBegun(t *testing.T) {
	r := begin(t, start(t))
	var seats []Seat
	for range 8 {
		seats = append(seats, join(t, r, ""))
	}
	if err := r.Moved(ctx, seats[0].ID, "pkce", "look", nil); err != nil {
		t.Fatal(err)
	}
	for range 20 { // a map has another order each time
		r.mu.Lock()
		tally := r.tally(r.rooms.catalogue())
		r.mu.Unlock()
		if tally.Lesson != "pkce" || len(tally.Spread) != 2 || tally.Spread[0].Learners != 1 {
			t.Fatalf("the class is in %q, at %+v", tally.Lesson, tally.Spread)
		}
	}
}

// TestTheHeatMapForgets: who votes again or is taken out is not counted as they were.
func TestTheHeatMapForgets(t *testing.T) {
	r := begin(t, start(t))
	a, b := join(t, r, "Heron"), join(t, r, "Wren")
	for _, s := range []Seat{a, b} {
		must(t, r.Answered(ctx, s.ID, "pkce", "guess", lessons.Answer{1}, lessons.Result{Misconception: "M05"}))
	}
	must(t, r.Ask(ctx, "pkce", "binds"))
	id := viewOf(t, r, Learner).Vote.Ask
	for _, choice := range []int{1, 3, 2} {
		must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{choice}))
	}
	must(t, r.Vote(ctx, b.ID, id, 1, lessons.Answer{1}))
	must(t, r.Phase(ctx, id, Reveal))
	shows := func(want string) {
		t.Helper()
		r.mu.Lock()
		defer r.mu.Unlock()
		got := ""
		for _, row := range r.heat(r.rooms.catalogue()).Rows {
			got += row.ID
			for _, c := range row.Cells {
				if c != nil {
					got += fmt.Sprint(" ", *c)
				}
			}
			got += "; "
		}
		if got != want {
			t.Errorf("the heat map is %s, want %s", got, want)
		}
	}
	shows("M05 {2 2}; M01 {1 2}; M10 {1 2}; M04 {0 2}; ")
	_, err := r.Remove(ctx, a.ID)
	must(t, err)
	shows("M05 {1 1}; M10 {1 1}; M01 {0 1}; M04 {0 1}; ")
	_, err = r.Remove(ctx, b.ID)
	must(t, err)
	shows("")
}

// TestWhatWasDoneStaysWhenItsLearnerLeaves: with the class and in what is kept; the seat, the row and the sandbox go. Who did nothing
// is forgotten, with their name.
func TestWhatWasDoneStaysWhenItsLearnerLeaves(t *testing.T) {
	r := begin(t, start(t))
	a, b, c := join(t, r, "Heron"), join(t, r, "Wren"), join(t, r, "Owl")
	must(t, r.Ask(ctx, "pkce", "binds"))
	id := viewOf(t, r, Learner).Vote.Ask
	must(t, r.Vote(ctx, a.ID, id, 1, lessons.Answer{1}))
	must(t, r.Vote(ctx, b.ID, id, 1, lessons.Answer{3}))
	must(t, r.Answered(ctx, a.ID, "pkce", "guess", lessons.Answer{1}, lessons.Result{Misconception: "M05"}))
	_, err := r.Seated(ctx, a.ID, "pkce", "box")
	must(t, err)
	if over, err := r.Leave(ctx, a.ID); err != nil || !slices.Equal(over, []string{"box"}) {
		t.Errorf("with the seat end %q, %v", over, err)
	}
	if _, err := r.Leave(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Vote(ctx, a.ID, id, 1, lessons.Answer{2}); why(err) != NotFound || whose(t, r, a.Key) != "" {
		t.Errorf("who has left still votes: %v", err)
	}
	if rows := r.Rows().Rows; len(rows) != 1 || rows[0].ID != b.ID {
		t.Errorf("on the board are %+v", rows)
	}
	must(t, r.Phase(ctx, id, Reveal))
	if v := viewOf(t, r, Projector); v.Learners != 1 || v.Vote.Results[0].Votes != 2 {
		t.Errorf("of %d learners, the wall has %+v", v.Learners, v.Vote.Results)
	}
	e := r.Export()
	if len(e.Learners) != 2 || e.Learners[0].Name != "Heron" || len(e.Votes) != 2 || len(e.Answers) != 1 {
		t.Errorf("kept are %+v", e)
	}
	r.mu.Lock()
	if h := r.heat(r.rooms.catalogue()); len(h.Rows) == 0 || h.Rows[0].ID != "M05" {
		t.Errorf("what they believed is forgotten: %+v", h.Rows)
	}
	r.mu.Unlock()
	if again, owl := join(t, r, "Heron"), join(t, r, "Owl"); again.Name != "Heron 2" || owl.Name != "Owl" {
		t.Errorf("they come back as %s and %s", again.Name, owl.Name)
	}
}

// TestOneLearnerCantFillTheRoom: who does the same in a loop is stopped, and nobody else.
func TestOneLearnerCantFillTheRoom(t *testing.T) {
	r := begin(t, start(t))
	a, b := join(t, r, "Heron"), join(t, r, "Wren")
	for i := range maxActs {
		must(t, r.Hand(ctx, a.ID, i%2 == 0))
	}
	if err := r.Hand(ctx, a.ID, true); why(err) != Full {
		t.Errorf("once more: %v", err)
	}
	must(t, r.Hint(ctx, a.ID, "Stop it."))
	must(t, r.Hand(ctx, b.ID, true))
}

// troubled is an engine whose logs have trouble when they are told to.
type troubled struct {
	engine.Engine
	unread, misheard atomic.Bool
}

func (e *troubled) Open(ctx context.Context, id string, o engine.Options) (mockidp.Store, trace.Log, error) {
	s, l, err := e.Engine.Open(ctx, id, o)
	return s, troubledLog{l, e}, err
}

type troubledLog struct {
	trace.Log
	engine *troubled
}

func (l troubledLog) Info(ctx context.Context) (string, uint64, uint64, error) {
	if l.engine.unread.Load() {
		return "", 0, 0, engine.ErrUnavailable
	}
	return l.Log.Info(ctx)
}

func (l troubledLog) Append(ctx context.Context, at uint64, events ...trace.Event) error {
	err := l.Log.Append(ctx, at, events...)
	if err == nil && l.engine.misheard.CompareAndSwap(true, false) {
		return trace.ErrConflict
	}
	return err
}

// TestNobodyIsTurnedAwayForTrouble: whether a key fits a room that can't be read now is not known, and a page that hears that it
// doesn't gives up its seat.
func TestNobodyIsTurnedAwayForTrouble(t *testing.T) {
	e := &troubled{Engine: engine.NewMemory()}
	r := begin(t, start(t, func(c *Config) { c.Engine = e }))
	a := join(t, r, "Heron")
	e.unread.Store(true)
	if role, _, err := r.Bearer(ctx, "of somebody who came in on another server"); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a key that is not known here: %q, %v", role, err)
	}
	if err := r.Vote(ctx, a.ID, "a9", 1, lessons.Answer{1}); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a vote that was asked for on another server: %v", err)
	}
	if err := r.Hand(ctx, "l9", true); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("somebody who came in on another server: %v", err)
	}
	if whose(t, r, a.Key) != a.ID {
		t.Error("who is known here is not")
	}
}

// TestWhatWasWrittenIsNotWrittenAgain: a record is kept, and its writer is told that somebody was faster.
func TestWhatWasWrittenIsNotWrittenAgain(t *testing.T) {
	e := &troubled{Engine: engine.NewMemory()}
	r := begin(t, start(t, func(c *Config) { c.Engine = e }))
	e.misheard.Store(true)
	a := join(t, r, "Heron")
	join(t, r, "Wren") // whatever is written for her again stands before
	if rows := r.Rows().Rows; len(rows) != 2 || rows[0].ID != a.ID || whose(t, r, a.Key) != a.ID {
		t.Errorf("two have come in, and on the board are %+v", rows)
	}
}

// TestNoSandboxIsLeftWithoutASeat: of who leaves, whoever knew of their sandbox, and of who has too many.
func TestNoSandboxIsLeftWithoutASeat(t *testing.T) {
	server := sharing(t)
	r := begin(t, server())
	there, err := server().Open(ctx, r.Code())
	must(t, err)
	for i := range 50 {
		a := join(t, there, "")
		if _, err := there.Seated(ctx, a.ID, "pkce", fmt.Sprint("box ", i)); err != nil {
			t.Fatal(err)
		}
		if over, err := r.Remove(ctx, a.ID); err != nil || len(over) != 1 || over[0] != fmt.Sprint("box ", i) {
			t.Fatalf("with the seat end %q, %v", over, err)
		}
	}
	b := join(t, r, "Wren")
	for i := range maxSandboxes + 2 {
		over, err := r.Seated(ctx, b.ID, "pkce", fmt.Sprint(i))
		if want := max(0, i+1-maxSandboxes); err != nil || len(over) != min(want, 1) || len(over) == 1 && over[0] != fmt.Sprint(i-maxSandboxes) {
			t.Errorf("with sandbox %d end %q, %v", i, over, err)
		}
	}
}
