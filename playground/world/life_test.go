package world

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// servers are two worlds on one engine, as on two machines, with one clock.
type servers struct {
	a, b *World
	now  atomic.Int64 // seconds since noon
}

func twoServers(t *testing.T, e engine.Engine) *servers {
	t.Helper()
	s := &servers{}
	start := func() *World {
		w, err := New(Config{Engine: e, Course: func() (*lessons.Course, error) { return course(t), nil }, BaseURL: "http://127.0.0.1:8080",
			Clock: func() time.Time { return noon.Add(time.Duration(s.now.Load()) * time.Second) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		return w
	}
	s.a, s.b = start(), start()
	return s
}

func (s *servers) wait(d time.Duration) { s.now.Add(int64(d.Seconds())) }

// is tells what a world says of a sandbox: 0 that it is there.
func is(t *testing.T, w *World, id string) int {
	t.Helper()
	_, err := w.Open(t.Context(), id)
	return problemStatus(err)
}

// TestASandboxLivesWhereverItIsUsed: it is idle only if nobody uses it on any server, and what is gone is gone on each.
func TestASandboxLivesWhereverItIsUsed(t *testing.T) {
	ctx := t.Context()
	e := engine.NewMemory()
	s := twoServers(t, e)
	id := newSandbox(t, s.a, Spec{Lesson: "code-flow"}).ID()
	if got := is(t, s.b, id); got != 0 {
		t.Fatalf("made on one, on the other it is %d", got)
	}
	for range 4 { // for longer than it may be idle, it is used on one server only
		s.wait(time.Hour)
		box, err := s.b.Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := box.View(ctx); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.b.sweepOnce(ctx), s.a.sweepOnce(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if got := is(t, s.a, id); got != 0 {
		t.Errorf("used on the other server, here it is %d", got)
	}
	// Its last use, of which the server there has not told yet, counts here as well.
	box, err := s.b.Open(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	s.wait(11 * time.Minute)
	if _, err := box.View(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.b.sweepOnce(ctx); err != nil {
		t.Fatal(err)
	}
	s.wait(2*time.Hour - time.Minute)
	if got := is(t, s.a, id); got != 0 {
		t.Errorf("used on the other server less than two hours ago, here it is %d", got)
	}
	s.wait(15 * time.Minute)
	if err := s.a.sweepOnce(ctx); err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]*World{"the server that ended it": s.a, "the other": s.b} {
		if got := is(t, w, id); got != http.StatusNotFound {
			// The other finds out when it is asked for anything.
			box, err := w.Open(ctx, id)
			if err == nil {
				_, err = box.View(ctx)
			}
			if problemStatus(err) != http.StatusNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if ids, err := e.IDs(ctx); len(ids) != 0 || err != nil {
		t.Errorf("the engine has %q, %v", ids, err)
	}
}

// TestWhatNobodyHasOpenEndsAsWell: after a restart no server knows of its sandboxes, and they end all the same.
func TestWhatNobodyHasOpenEndsAsWell(t *testing.T) {
	ctx := t.Context()
	e := engine.NewMemory()
	first := twoServers(t, e)
	first.now.Store(0)
	idle := newSandbox(t, first.a, Spec{Lesson: "code-flow"}).ID()
	first.wait(90 * time.Minute)
	used := newSandbox(t, first.a, Spec{Lesson: "code-flow"}).ID()
	if _, _, err := e.Open(ctx, "aaaaaaaaaaaaaaaa", engine.Options{}); err != nil { // a server died over making it
		t.Fatal(err)
	}
	if _, _, err := e.Open(ctx, "room-1", engine.Options{}); err != nil { // is no sandbox: not the world's to end
		t.Fatal(err)
	}
	first.a.Close()
	first.b.Close()

	s := twoServers(t, e)
	s.now.Store(int64((2*time.Hour + 14*time.Minute).Seconds()))
	for range 4 {
		if err := errors.Join(s.a.sweepOnce(ctx), s.b.sweepOnce(ctx)); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Minute)
	}
	ids, err := e.IDs(ctx)
	if err != nil || len(ids) != 2 {
		t.Errorf("left are %q, %v; want the one that is used, %s, and the room", ids, err, used)
	}
	if got := is(t, s.a, idle); got != http.StatusNotFound {
		t.Errorf("the idle one is %d", got)
	}
	if got := is(t, s.a, used); got != 0 {
		t.Errorf("the used one is %d", got)
	}
}

// TestManySandboxesThatNobodyHasOpen: each sweep looks at some, and all get their turn.
func TestManySandboxesThatNobodyHasOpen(t *testing.T) {
	ctx := t.Context()
	e := engine.NewMemory()
	s := twoServers(t, e)
	for range sweepMost + 50 {
		newSandbox(t, s.a, Spec{Kind: KindWorkbench})
	}
	s.wait(3 * time.Hour)
	for range 2 {
		if err := s.b.sweepOnce(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if ids, err := e.IDs(ctx); len(ids) != 0 || err != nil {
		t.Errorf("%d are left, %v", len(ids), err)
	}
}

// TestAResetElsewhere: another server's reset makes new keys, clients and a new state, and nothing that this one remembers stands
// in their way.
func TestAResetElsewhere(t *testing.T) {
	ctx := t.Context()
	s := twoServers(t, engine.NewMemory())
	here := newSandbox(t, s.a, Spec{Lesson: "code-flow"})
	there, err := s.b.Open(ctx, here.ID())
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range []*Sandbox{here, there} {
		if p, err := box.PlayTo(ctx, "spend"); err != nil || !p.Passed {
			t.Fatalf("%+v %v", p.Expect, err)
		}
	}
	before, err := there.issuer.VerificationKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := there.View(ctx)
	if err != nil || v.Run != 1 || len(v.Passed) != 0 {
		t.Errorf("on the other it is run %d with %q passed, %v", v.Run, v.Passed, err)
	}
	after, err := there.issuer.VerificationKeys(ctx)
	if err != nil || before[0].Kid == after[0].Kid {
		t.Errorf("on the other the key is still %s, %v", before[0].Kid, err)
	}
	for _, box := range []*Sandbox{there, here} {
		if box, err = s.a.Open(ctx, box.ID()); err != nil {
			t.Fatal(err)
		}
		if p, err := box.PlayTo(ctx, "spend"); err != nil || !p.Passed {
			t.Errorf("after the reset: %+v %v", p.Expect, err)
		}
	}
}

// TestResetsOnTwoServersAtOnce: there is one sandbox afterwards, and a whole one.
func TestResetsOnTwoServersAtOnce(t *testing.T) {
	ctx := t.Context()
	s := twoServers(t, engine.NewMemory())
	id := newSandbox(t, s.a, Spec{Lesson: "code-flow"}).ID()
	for range 20 {
		var wg sync.WaitGroup
		for _, w := range []*World{s.a, s.b} {
			wg.Go(func() {
				box, err := w.Open(ctx, id)
				if err == nil {
					err = box.Reset(ctx)
				}
				if status := problemStatus(err); err != nil && status != http.StatusConflict && status != http.StatusNotFound {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, w := range []*World{s.a, s.b} {
			box, err := w.Open(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := box.PlayTo(ctx, "planner"); err != nil || !p.Passed {
				t.Fatalf("afterwards: %+v %v", p.Expect, err)
			}
		}
	}
}

// TestALessonOnTwoServers plays every lesson with each act on the other server than the one before.
func TestALessonOnTwoServers(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		s := twoServers(t, engine.NewMemory())
		id := newSandbox(t, s.a, Spec{Lesson: l.Slug}).ID()
		worlds := []*World{s.a, s.b}
		for i, step := range l.Steps {
			box, err := worlds[i%2].Open(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			p, err := box.Play(t.Context(), step.ID, nil)
			if err != nil || !p.Passed {
				t.Fatalf("step %q: %+v %v", step.ID, p.Expect, err)
			}
		}
	})
}

// TestHopsOnTwoServers signs Maya in with each redirect followed by another server.
func TestHopsOnTwoServers(t *testing.T) {
	ctx := t.Context()
	s := twoServers(t, engine.NewMemory())
	id := newSandbox(t, s.a, Spec{Lesson: "code-flow"}).ID()
	worlds := []*World{s.a, s.b}
	n := 0
	act := func(a Act) BrowserView {
		t.Helper()
		box, err := worlds[n%2].Open(ctx, id)
		n++
		if err != nil {
			t.Fatal(err)
		}
		a.Step = true
		v, err := box.Act(ctx, Browser, a)
		if err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		for v.Pending != nil {
			if box, err = worlds[n%2].Open(ctx, id); err != nil {
				t.Fatal(err)
			}
			n++
			if v, err = box.Act(ctx, Browser, Act{Do: "follow", Step: true}); err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	act(Act{Do: "open", URL: plannerOrigin + "/connect"})
	act(Act{Do: "submit", Target: "login", Fields: map[string][]string{"username": {"maya"}, "password": {practicePassword}}})
	if v := act(Act{Do: "submit", Target: "allow"}); v.URL != plannerOrigin+"/" {
		t.Errorf("she ended at %s", v.URL)
	}
}

// TestAClaimLastsAsLongAsItsAct: while an act lasts its browser is busy, however long; that of a server which died is free soon.
func TestAClaimLastsAsLongAsItsAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Sandbox{store: mockidp.NewMemoryStore()}
		_, release, err := s.claim(t.Context(), Browser)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * busyTTL)
		if _, _, err := s.claim(t.Context(), Browser, AttackerBrowser); problemStatus(err) != http.StatusConflict {
			t.Errorf("in the middle of a long act: %v", err)
		}
		release()
		_, again, err := s.claim(t.Context(), Browser, AttackerBrowser)
		if err != nil {
			t.Fatalf("after the act: %v", err)
		}
		again()

		if _, err := s.store.Create(t.Context(), busyKey(Browser), []byte("1"), busyTTL); err != nil { // and then its server dies
			t.Fatal(err)
		}
		time.Sleep(busyTTL + time.Second)
		_, release, err = s.claim(t.Context(), Browser)
		if err != nil {
			t.Fatalf("after its server died: %v", err)
		}
		release()
	})
}

// TestALostClaimEndsItsAct: when another server has the browser by now, since this one was out of reach for too long, its act goes no
// further, and the other's claim is left alone.
func TestALostClaimEndsItsAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Sandbox{store: mockidp.NewMemoryStore()}
		act, release, err := s.claim(t.Context(), Browser)
		if err != nil {
			t.Fatal(err)
		}
		s.store.Delete(t.Context(), busyKey(Browser)) // it has run out
		other, releaseOther, err := s.claim(t.Context(), Browser)
		if err != nil {
			t.Fatal(err)
		}
		<-act.Done()
		release()
		if _, _, err := s.claim(t.Context(), Browser); problemStatus(err) != http.StatusConflict {
			t.Errorf("the other's browser is free: %v", err)
		}
		if other.Err() != nil {
			t.Errorf("the other's act: %v", other.Err())
		}
		releaseOther()
	})
}

// failing is an engine whose state can't be reached for a while.
type failing struct {
	engine.Engine
	mu  sync.Mutex
	out bool
}

func (f *failing) Drop(ctx context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out {
		return engine.ErrUnavailable
	}
	return f.Engine.Drop(ctx, id)
}

// TestWhatCouldNotBeEndedIsTriedAgain: no server forgets a sandbox that is still there.
func TestWhatCouldNotBeEndedIsTriedAgain(t *testing.T) {
	ctx := t.Context()
	e := &failing{Engine: engine.NewMemory(), out: true}
	s := twoServers(t, e)
	id := newSandbox(t, s.a, Spec{Lesson: "code-flow"}).ID()
	s.wait(3 * time.Hour)
	if err := s.a.sweepOnce(ctx); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a sweep that could end nothing says %v", err)
	}
	if got := is(t, s.a, id); got != http.StatusNotFound {
		t.Errorf("its time is over, and it is %d", got)
	}
	e.mu.Lock()
	e.out = false
	e.mu.Unlock()
	if err := s.a.sweepOnce(ctx); err != nil {
		t.Fatal(err)
	}
	if ids, _ := e.IDs(ctx); len(ids) != 0 {
		t.Errorf("%q are left", ids)
	}
}

// dying is an engine whose server dies after a number of writes: nothing is written from then on.
type dying struct {
	engine.Engine
	left atomic.Int64
}

var errDead = errors.New("dead")

func (d *dying) Open(ctx context.Context, id string, o engine.Options) (mockidp.Store, trace.Log, error) {
	s, l, err := d.Engine.Open(ctx, id, o)
	return dyingStore{s, d}, dyingLog{l, d}, err
}

func (d *dying) Clear(ctx context.Context, id string, keep ...string) error {
	if d.dead() {
		return errDead
	}
	return d.Engine.Clear(ctx, id, keep...)
}

func (d *dying) dead() bool { return d.left.Add(-1) < 0 }

type dyingStore struct {
	mockidp.Store
	d *dying
}

func (s dyingStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	if s.d.dead() {
		return 0, errDead
	}
	return s.Store.Create(ctx, key, value, ttl)
}

func (s dyingStore) Update(ctx context.Context, key string, value []byte, at mockidp.Rev, ttl time.Duration) (mockidp.Rev, error) {
	if s.d.dead() {
		return 0, errDead
	}
	return s.Store.Update(ctx, key, value, at, ttl)
}

func (s dyingStore) Delete(ctx context.Context, key string) error {
	if s.d.dead() {
		return errDead
	}
	return s.Store.Delete(ctx, key)
}

type dyingLog struct {
	trace.Log
	d *dying
}

func (l dyingLog) Append(ctx context.Context, at uint64, e ...trace.Event) error {
	if l.d.dead() {
		return errDead
	}
	return l.Log.Append(ctx, at, e...)
}

// TestAServerDiesAtEachWrite lets a server die after each of the writes of a step that is played again, and another one go on: the
// step plays there, whatever the first had left behind.
func TestAServerDiesAtEachWrite(t *testing.T) {
	ctx := t.Context()
	for writes := int64(0); ; writes += 2 {
		memory := engine.NewMemory()
		first := &dying{Engine: memory}
		first.left.Store(1 << 40)
		w := newWorld(t, first)
		box := newSandbox(t, w, Spec{Lesson: "two-steps"})
		for _, id := range []string{"one-step", "steal", "two-step"} {
			if p, err := box.Play(ctx, id, nil); err != nil || !p.Passed {
				t.Fatalf("%s: %+v %v", id, p.Expect, err)
			}
		}
		first.left.Store(writes)
		_, err := box.Play(ctx, "two-step", nil) // again: the run begins anew for it
		survived := first.left.Load() >= 0 && err == nil
		for _, a := range agents() { // a claim of a server that has died runs out
			memoryStore, _, err := memory.Open(ctx, box.ID(), engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			memoryStore.Delete(ctx, busyKey(a))
		}
		again, err := newWorld(t, memory).Open(ctx, box.ID())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"two-step", "steal-again"} {
			if p, err := again.Play(ctx, id, nil); err != nil || !p.Passed {
				t.Fatalf("after %d writes, %s: %+v %v", writes, id, p.Expect, err)
			}
		}
		if survived {
			if writes < 50 {
				t.Errorf("a step that is played again takes %d writes: this test proves little", writes)
			}
			return
		}
	}
}

// TestAServerDiesOverAReset: after each of its writes there is either a whole sandbox or none, also for a server that had it open, and
// what is left is swept.
func TestAServerDiesOverAReset(t *testing.T) {
	ctx := t.Context()
	for writes := int64(0); ; writes++ {
		memory := engine.NewMemory()
		s := twoServers(t, memory)
		d := &dying{Engine: memory}
		d.left.Store(1 << 40)
		box := newSandbox(t, newWorld(t, d), Spec{Lesson: "code-flow"})
		if is(t, s.a, box.ID()) != 0 {
			t.Fatal("the other server does not see it")
		}
		d.left.Store(int64(len(agents())) + writes)
		survived := box.Reset(ctx) == nil && d.left.Load() >= 0
		store, _, err := memory.Open(ctx, box.ID(), engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range agents() { // a claim of a server that has died runs out
			store.Delete(ctx, busyKey(a))
		}
		whole := 0
		for name, w := range map[string]*World{"one that had it open": s.a, "one that had not": s.b} {
			status := 0
			for range 2 { // at first it may be one that is being made at this moment
				other, err := w.Open(ctx, box.ID())
				if err == nil {
					_, err = other.PlayTo(ctx, "planner")
				}
				status = problemStatus(err)
				s.wait(renewTime + time.Second)
			}
			switch status {
			case 0:
				whole++
			case http.StatusNotFound:
			default:
				t.Errorf("after %d writes it is %d for %s", writes, status, name)
			}
		}
		if whole == 1 {
			t.Errorf("after %d writes one server has it and the other has not", writes)
		}
		if whole == 0 {
			for range 4 {
				if err := s.a.sweepOnce(ctx); err != nil {
					t.Fatal(err)
				}
				s.wait(time.Minute)
			}
			if ids, err := memory.IDs(ctx); len(ids) != 0 || err != nil {
				t.Errorf("after %d writes %q are left, %v", writes, ids, err)
			}
		}
		if survived {
			if writes < 6 {
				t.Errorf("a reset takes %d writes: this test proves little", writes)
			}
			return
		}
	}
}
