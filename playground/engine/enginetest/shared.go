package enginetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// Shared holds two engines that keep the same state, as those of two servers do, to what learners need of them: whichever is
// asked, the answer is the same. start makes two that are empty; the suite closes them.
func Shared(t *testing.T, start func(t *testing.T) (a, b engine.Engine)) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, a, b engine.Engine)
	}{
		{"what one has written the other reads at once", readsAtOnce},
		{"of racers on both one wins", oneWinner},
		{"a reader on one follows what the other appends", follows},
		{"both append at once, and readers on both see one order", oneOrder},
		{"a reset on one is told on the other", resetElsewhere},
		{"what is dropped on one is gone on the other", droppedElsewhere},
		{"a window that has moved on is opened where it is", movedWindow},
		{"one is closed, the other goes on", closedElsewhere},
		{"a class votes on both, and each vote is counted once", votes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := start(t)
			defer a.Close()
			defer b.Close()
			tt.test(t, a, b)
		})
	}
}

func readsAtOnce(t *testing.T, a, b engine.Engine) {
	sa, la := open(t, a, "one", engine.Options{})
	sb, lb := open(t, b, "one", engine.Options{Window: true}) // the first who opened has said what it is
	known(t, b, "one", true)
	for i := range 100 {
		key := fmt.Sprint("k/", i)
		rev, err := sa.Create(ctx, key, []byte("1"), 0)
		if err != nil {
			t.Fatal(err)
		}
		v, got, err := sb.Get(ctx, key)
		if err != nil || string(v) != "1" || got != rev {
			t.Fatalf("created on one, read on the other: %q at %d, %v; want 1 at %d", v, got, err, rev)
		}
		if _, err := sb.Update(ctx, key, []byte("2"), rev, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := sa.Update(ctx, key, []byte("3"), rev, 0); !errors.Is(err, mockidp.ErrConflict) {
			t.Fatalf("an update of what the other has updated: %v", err)
		}
		if err := la.Append(ctx, uint64(i), change(uint64(i)+1, "x")); err != nil {
			t.Fatal(err)
		}
		epoch, first, last, err := lb.Info(ctx)
		if own, _, _, _ := la.Info(ctx); epoch != own || first != 1 || last != uint64(i)+1 || err != nil {
			t.Fatalf("the other's record goes from %d to %d, %v", first, last, err)
		}
	}
	events, err := trace.Past(ctx, lb, 98)
	if err != nil || len(events) != 2 || events[1].Seq != 100 {
		t.Errorf("the last two on the other: %v, %v", events, err)
	}
}

func change(seq uint64, what string) trace.Event {
	return trace.Event{Seq: seq, Run: 1, At: time.Unix(0, 0), Kind: trace.KindChange, Change: &trace.Change{What: what}}
}

func oneWinner(t *testing.T, a, b engine.Engine) {
	var stores []mockidp.Store
	for _, e := range []engine.Engine{a, b} {
		s, _ := open(t, e, "one", engine.Options{})
		stores = append(stores, s)
	}
	for round := range 20 {
		var wg sync.WaitGroup
		var mu sync.Mutex // guards won
		won := 0
		for i := range 20 {
			wg.Go(func() {
				_, err := stores[i%2].Create(ctx, fmt.Sprint("spent/", round), []byte("1"), time.Hour)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !errors.Is(err, mockidp.ErrExists) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Fatalf("%d have spent the same, want 1", won)
		}
	}
}

// appendNext appends one event wherever the log ends, as often as somebody is faster.
func appendNext(l trace.Log, what string) error {
	for {
		_, _, last, err := l.Info(ctx)
		if err == nil {
			err = l.Append(ctx, last, change(last+1, what))
		}
		if !errors.Is(err, trace.ErrConflict) {
			return err
		}
	}
}

// read sends the events of a log from its beginning until n have come, and then closes.
func read(t *testing.T, l trace.Log, n int) <-chan []trace.Event {
	got := make(chan []trace.Event, 1)
	go func() {
		var events []trace.Event
		for e, err := range l.Since(t.Context(), 0) {
			if err != nil {
				t.Error(err)
				break
			}
			if events = append(events, e); len(events) == n {
				break
			}
		}
		got <- events
	}()
	return got
}

func follows(t *testing.T, a, b engine.Engine) {
	_, la := open(t, a, "one", engine.Options{})
	_, lb := open(t, b, "one", engine.Options{})
	_, other := open(t, a, "two", engine.Options{})
	events := read(t, lb, 50)
	for range 50 {
		for _, l := range []trace.Log{la, other} {
			if err := appendNext(l, "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
	inOrder(t, <-events, 50)
}

func inOrder(t *testing.T, events []trace.Event, n int) {
	t.Helper()
	if len(events) != n {
		t.Fatalf("%d events came, want %d", len(events), n)
	}
	for i, e := range events {
		if e.Seq != uint64(i)+1 {
			t.Fatalf("event %d came where %d should be", e.Seq, i+1)
		}
	}
}

func oneOrder(t *testing.T, a, b engine.Engine) {
	const writers, each = 4, 25
	var logs []trace.Log
	for _, e := range []engine.Engine{a, b} {
		_, l := open(t, e, "one", engine.Options{})
		logs = append(logs, l)
	}
	here, there := read(t, logs[0], writers*each), read(t, logs[1], writers*each)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := appendNext(logs[w%2], fmt.Sprint(w, ".", i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	one, other := <-here, <-there
	inOrder(t, one, writers*each)
	inOrder(t, other, writers*each)
	seen := map[string]bool{}
	for i := range one {
		if one[i].Change.What != other[i].Change.What {
			t.Fatalf("event %d is %q for one and %q for the other", i+1, one[i].Change.What, other[i].Change.What)
		}
		seen[one[i].Change.What] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d different events, want %d", len(seen), writers*each)
	}
}

// told is the error that ends a reader of a log that has one event.
func told(t *testing.T, l trace.Log, began chan<- bool) <-chan error {
	end := make(chan error, 1)
	go func() {
		for _, err := range l.Since(t.Context(), 0) {
			if err != nil {
				end <- err
				return
			}
			began <- true
		}
		end <- nil
	}()
	return end
}

func resetElsewhere(t *testing.T, a, b engine.Engine) {
	sa, la := open(t, a, "one", engine.Options{})
	fill(t, sa, la)
	sb, lb := open(t, b, "one", engine.Options{})
	began := make(chan bool, 1)
	end := told(t, lb, began)
	<-began
	if err := a.Clear(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if err := <-end; !errors.Is(err, trace.ErrReset) {
		t.Errorf("the reader on the other was told %v, want ErrReset", err)
	}
	if _, _, err := sb.Get(ctx, "k"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("the other still has a value: %v", err)
	}
	own, _, _, _ := la.Info(ctx)
	if epoch, _, last, err := lb.Info(ctx); epoch != own || last != 0 || err != nil {
		t.Errorf("the other's record is of epoch %q, not %q, and ends at %d, %v", epoch, own, last, err)
	}
	fill(t, sb, lb)
}

func droppedElsewhere(t *testing.T, a, b engine.Engine) {
	sa, la := open(t, a, "one", engine.Options{})
	fill(t, sa, la)
	_, lb := open(t, b, "one", engine.Options{})
	began := make(chan bool, 1)
	end := told(t, lb, began)
	<-began
	if err := a.Drop(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if err := <-end; !errors.Is(err, trace.ErrGone) {
		t.Errorf("the reader on the other was told %v, want ErrGone", err)
	}
	known(t, b, "one", false)
	gone(t, lb)
	if ids, err := b.IDs(ctx); len(ids) != 0 || err != nil {
		t.Errorf("the other lists %q, %v", ids, err)
	}
	s, l := open(t, b, "one", engine.Options{})
	fill(t, s, l)
}

func movedWindow(t *testing.T, a, b engine.Engine) {
	_, la := open(t, a, "one", engine.Options{Window: true})
	const many = 2700
	for seq := uint64(1); seq <= many; seq++ {
		if err := la.Append(ctx, seq-1, change(seq, "x")); err != nil {
			t.Fatal(err)
		}
	}
	_, lb := open(t, b, "one", engine.Options{})
	_, first, last, err := lb.Info(ctx)
	if err != nil || last != many || first == 1 || first > many-1000 {
		t.Fatalf("opened on the other it holds %d to %d, %v", first, last, err)
	}
	events, err := trace.Past(ctx, lb, many-1)
	if err != nil || len(events) != 1 || events[0].Seq != many {
		t.Errorf("its last event: %v, %v", events, err)
	}
	if err := lb.Append(ctx, many, change(many+1, "x")); err != nil {
		t.Errorf("it goes on there: %v", err)
	}
}

func closedElsewhere(t *testing.T, a, b engine.Engine) {
	sa, la := open(t, a, "one", engine.Options{})
	fill(t, sa, la)
	sb, lb := open(t, b, "one", engine.Options{})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sb.Get(ctx, "k"); err != nil {
		t.Errorf("what the closed one has written: %v", err)
	}
	events := read(t, lb, 2)
	if err := appendNext(lb, "x"); err != nil {
		t.Fatal(err)
	}
	inOrder(t, <-events, 2)
}

// votes is what a room asks of an engine: each of many learners, on either server, claims a vote by creating it and then records it;
// some do so twice. The record is what the board counts.
func votes(t *testing.T, a, b engine.Engine) {
	const learners = 200
	var stores []mockidp.Store
	var logs []trace.Log
	for _, e := range []engine.Engine{a, b} {
		s, l := open(t, e, "room-1", engine.Options{Limit: 100_000})
		stores, logs = append(stores, s), append(logs, l)
	}
	board := read(t, logs[1], learners)
	var wg sync.WaitGroup
	for i := range learners {
		for try := range 1 + i%2 {
			wg.Go(func() {
				server := (i + try) % 2
				name := fmt.Sprint("learner-", i)
				if _, err := stores[server].Create(ctx, "vote/"+name, []byte("2"), 0); err != nil {
					if !errors.Is(err, mockidp.ErrExists) {
						t.Error(err)
					}
					return
				}
				if err := appendNext(logs[server], name); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	counted := map[string]int{}
	for _, e := range <-board {
		counted[e.Change.What]++
	}
	if len(counted) != learners {
		t.Errorf("%d learners are on the board, want %d", len(counted), learners)
	}
	for name, n := range counted {
		if n != 1 {
			t.Errorf("%s is counted %d times", name, n)
		}
	}
	// A room's record is longer than a lesson's, on whichever server it is opened.
	for seq := uint64(learners); seq < 6000; seq++ {
		if err := logs[seq/500%2].Append(ctx, seq, change(seq+1, "x")); errors.Is(err, trace.ErrConflict) {
			seq-- // this server has not heard of the other's yet: it has now
		} else if err != nil {
			t.Fatalf("event %d: %v", seq+1, err)
		}
	}
}
