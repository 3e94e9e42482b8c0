// Package tracetest is the contract of trace.Log as a test suite: every engine passes it.
package tracetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"oauthplayground/playground/trace"
)

// Run holds a log to its contract. open makes an empty log: a window lets its oldest events go, the other refuses when full.
func Run(t *testing.T, open func(t *testing.T, window bool) trace.Log) {
	for _, tt := range []struct {
		name   string
		window bool
		test   func(*testing.T, trace.Log)
	}{
		{"positions have no gaps, and who is late must read on", false, positions},
		{"many writers make one order", false, manyWriters},
		{"a reader gets the past and then the present", false, pastAndPresent},
		{"a slow reader misses nothing", false, slowReader},
		{"reading ends when it is told to", false, ending},
		{"a full log refuses new requests and takes answers", false, full},
		{"a window lets the oldest go and says so", true, window},
		{"a reset begins at 1 again, in a new epoch", false, reset},
		{"who asks for more than there is, knows another epoch", false, beyond},
		{"several recorders write one log", false, recorders},
		{"an answer to a request of an earlier epoch is refused", false, answerAfterReset},
		{"a reader whom the window has passed is told, and goes on", true, overtaken},
		{"readers follow while many write", false, followers},
		{"who rests is woken by what comes, by a reset and by the end", false, resting},
		{"a closed log takes nothing and tells its readers", false, closed},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t, tt.window)) })
	}
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func event(seq uint64, kind trace.Kind) trace.Event {
	e := trace.Event{Seq: seq, At: noon, Kind: kind, Run: 1}
	switch kind {
	case trace.KindRequest:
		e.Request = &trace.Request{Method: "GET", URL: "https://auth.chirper.test/"}
	case trace.KindResponse:
		e.Response = &trace.Response{Status: 200}
	}
	return e
}

// appendOne adds one event behind seq-1.
func appendOne(l trace.Log, seq uint64, kind trace.Kind) error {
	return l.Append(context.Background(), seq-1, event(seq, kind))
}

func fill(t *testing.T, l trace.Log, from, to uint64) {
	t.Helper()
	for seq := from; seq <= to; seq++ {
		if err := appendOne(l, seq, trace.KindResponse); err != nil {
			t.Fatalf("event %d: %v", seq, err)
		}
	}
}

func positions(t *testing.T, l trace.Log) {
	ctx := context.Background()
	if _, first, last, err := l.Info(ctx); first != 0 || last != 0 || err != nil {
		t.Fatalf("an empty log holds %d to %d, %v", first, last, err)
	}
	if err := l.Append(ctx, 0, event(1, trace.KindRequest), event(2, trace.KindResponse)); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a position that is taken": l.Append(ctx, 0, event(1, trace.KindRequest)),
		"a position ahead":         l.Append(ctx, 5, event(6, trace.KindRequest)),
		"numbers with a gap":       l.Append(ctx, 2, event(3, trace.KindRequest), event(5, trace.KindResponse)),
	} {
		if !errors.Is(err, trace.ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
	}
	if _, first, last, err := l.Info(ctx); first != 1 || last != 2 || err != nil {
		t.Errorf("the log holds %d to %d, %v: a refused append leaves nothing", first, last, err)
	}
}

func manyWriters(t *testing.T, l trace.Log) {
	const each, writers = 25, 8
	manyWritersOf(t, l, writers, each)
	events, err := trace.Past(context.Background(), l, 0)
	if err != nil || len(events) != each*writers {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i, e := range events {
		if e.Seq != uint64(i+1) {
			t.Fatalf("event %d is at %d", e.Seq, i+1)
		}
	}
}

// manyWritersOf appends writers*each events, all writers at once.
func manyWritersOf(t *testing.T, l trace.Log, writers, each int) {
	t.Helper()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for done := 0; done < each; {
				_, _, last, err := l.Info(context.Background())
				if err == nil {
					err = appendOne(l, last+1, trace.KindResponse)
				}
				switch {
				case err == nil:
					done++
				case !errors.Is(err, trace.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func pastAndPresent(t *testing.T, l trace.Log) {
	fill(t, l, 1, 5)
	var writer sync.WaitGroup
	defer writer.Wait()
	var got []uint64
	for e, err := range l.Since(context.Background(), 2) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e.Seq); e.Seq == 5 {
			writer.Go(func() { fill(t, l, 6, 9) })
		}
		if e.Seq == 9 {
			break
		}
	}
	if len(got) != 7 || got[0] != 3 {
		t.Errorf("since 2 came %v", got)
	}
}

func slowReader(t *testing.T, l trace.Log) {
	fill(t, l, 1, 1)
	want := uint64(1)
	for e, err := range l.Since(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != want {
			t.Fatalf("event %d where %d should be", e.Seq, want)
		}
		want++
		if e.Seq == 500 {
			return
		}
		if e.Seq%50 == 1 { // between two events the log moves on by fifty
			fill(t, l, e.Seq+1, e.Seq+49)
			if e.Seq+50 <= 500 {
				fill(t, l, e.Seq+50, e.Seq+50)
			}
		}
	}
}

func ending(t *testing.T, l trace.Log) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		for _, err := range l.Since(ctx, 0) {
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("a reader who left was told %v", err)
	}
}

func full(t *testing.T, l trace.Log) {
	seq := uint64(1)
	for ; ; seq++ {
		if err := appendOne(l, seq, trace.KindRequest); err != nil {
			if !errors.Is(err, trace.ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if err := l.Append(context.Background(), seq-1, trace.Event{Seq: seq, Kind: trace.KindChange, Change: &trace.Change{What: "step"}}); !errors.Is(err, trace.ErrFull) {
		t.Errorf("a change in a full log: %v, want ErrFull", err)
	}
	if err := appendOne(l, seq, trace.KindResponse); err != nil {
		t.Errorf("the answer to an open request: %v", err)
	}
	if err := l.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := appendOne(l, 1, trace.KindRequest); err != nil {
		t.Errorf("after a reset: %v", err)
	}
}

func window(t *testing.T, l trace.Log) {
	ctx := context.Background()
	const many = 3000
	for seq := uint64(1); seq <= many; seq++ {
		if err := appendOne(l, seq, trace.KindRequest); err != nil {
			t.Fatalf("event %d: %v", seq, err)
		}
	}
	_, first, last, err := l.Info(ctx)
	if err != nil || last != many || first < 2 {
		t.Fatalf("the window holds %d to %d, %v", first, last, err)
	}
	gaps, next := 0, first
	for e, err := range l.Since(ctx, 0) {
		var gap trace.GapError
		if errors.As(err, &gap) {
			if gaps++; gap.First != first {
				t.Errorf("the gap ends at %d, the window begins at %d", gap.First, first)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != next {
			t.Fatalf("event %d where %d should be", e.Seq, next)
		}
		if next++; e.Seq == last {
			break
		}
	}
	if gaps != 1 {
		t.Errorf("%d gaps were told, want 1", gaps)
	}
}

func reset(t *testing.T, l trace.Log) {
	ctx := context.Background()
	fill(t, l, 1, 3)
	before, _, _, _ := l.Info(ctx)
	told := false
	for e, err := range l.Since(ctx, 0) {
		if errors.Is(err, trace.ErrReset) {
			told = true
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq == 3 {
			if err := l.Reset(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, first, last, err := l.Info(ctx)
	if !told || before == after || before == "" || first != 0 || last != 0 || err != nil {
		t.Errorf("told %v, epoch %q then %q, holds %d to %d, %v", told, before, after, first, last, err)
	}
	fill(t, l, 1, 1)
}

func beyond(t *testing.T, l trace.Log) {
	fill(t, l, 1, 3)
	if err := l.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	fill(t, l, 1, 2)
	for _, err := range l.Since(t.Context(), 3) {
		if !errors.Is(err, trace.ErrReset) {
			t.Errorf("got %v, want ErrReset", err)
		}
		return
	}
	t.Error("the reader ended and was told nothing")
}

func recorders(t *testing.T, l trace.Log) {
	var wg sync.WaitGroup
	const each, writers = 10, 4
	for range writers {
		r := trace.NewRecorder(l, nil)
		wg.Go(func() {
			for range each {
				x, err := r.Begin(context.Background(), noon, trace.Begin{From: "browser", To: "as", Request: trace.Request{Method: "GET", URL: "https://auth.chirper.test/?state=the-same-state"}})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := x.End(context.Background(), noon, trace.Response{Status: 200}, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	events, err := trace.Past(context.Background(), l, 0)
	if err != nil || len(events) != 2*each*writers {
		t.Fatalf("%d events, %v", len(events), err)
	}
	numbers := map[uint64]bool{}
	for _, e := range events {
		if e.Request == nil {
			continue
		}
		if numbers[e.N] {
			t.Errorf("two exchanges have the number %d", e.N)
		}
		numbers[e.N] = true
		if e.Finds[0].Tag != "state#1" {
			t.Errorf("the same value is called %s", e.Finds[0].Tag)
		}
	}
}

func answerAfterReset(t *testing.T, l trace.Log) {
	ctx := context.Background()
	x, err := trace.NewRecorder(l, nil).Begin(ctx, noon, trace.Begin{From: "browser", To: "as", Request: trace.Request{Method: "GET", URL: "https://auth.chirper.test/"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	fill(t, l, 1, 1) // as far as the log was before
	if _, err := x.End(ctx, noon, trace.Response{Status: 200}, nil); !errors.Is(err, trace.ErrReset) {
		t.Errorf("the answer: %v, want ErrReset", err)
	}
}

func overtaken(t *testing.T, l trace.Log) {
	fill(t, l, 1, 1)
	const many = 6000
	next, gaps := uint64(1), 0
	for e, err := range l.Since(context.Background(), 0) {
		var gap trace.GapError
		if errors.As(err, &gap) {
			if gap.First <= next {
				t.Fatalf("a gap up to %d was told where %d was due", gap.First, next)
			}
			gaps, next = gaps+1, gap.First
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != next {
			t.Fatalf("event %d where %d should be", e.Seq, next)
		}
		if next++; e.Seq == 1 {
			fill(t, l, 2, many)
		}
		if e.Seq == many {
			break
		}
	}
	if gaps != 1 {
		t.Errorf("%d gaps were told, want 1", gaps)
	}
}

func followers(t *testing.T, l trace.Log) {
	const readers, writers, each = 200, 4, 25
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			next := uint64(1)
			for e, err := range l.Since(context.Background(), 0) {
				if err != nil || e.Seq != next {
					t.Errorf("event %d where %d should be, %v", e.Seq, next, err)
					return
				}
				if next++; next > writers*each {
					return
				}
			}
		})
	}
	manyWritersOf(t, l, writers, each)
	wg.Wait()
}

// closed is for logs that can be closed by themselves; of others, what ends them is the engine's.
// resting: whatever Since would tell a reader wakes one who rests, once; nothing else does.
func resting(t *testing.T, l trace.Log) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fill(t, l, 1, 2)
	rest := func(seq uint64) (woken chan struct{}, stop func()) {
		t.Helper()
		epoch, _, _, err := l.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		woken = make(chan struct{}, 10)
		return woken, l.Wake(ctx, epoch, seq, func() { woken <- struct{}{} })
	}
	wait := func(why string, woken chan struct{}) {
		t.Helper()
		select {
		case <-woken:
		case <-ctx.Done():
			t.Fatalf("%s wakes nobody", why)
		}
	}
	behind, _ := rest(1)
	wait("an event that is there already", behind)

	woken, _ := rest(2)
	given, stop := rest(2)
	stop()
	stop()
	fill(t, l, 3, 4)
	wait("an event", woken)
	if len(woken) > 0 || len(given) > 0 {
		t.Errorf("woken %d times too often, and %d times after it was given up", len(woken), len(given))
	}

	woken, _ = rest(4)
	before, _, _, err := l.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	wait("a reset", woken)
	fill(t, l, 1, 4)
	woken = make(chan struct{}, 10)
	l.Wake(ctx, before, 4, func() { woken <- struct{}{} })
	wait("the end of an epoch at the same position", woken)

	c, ok := l.(interface{ Close() })
	if !ok {
		return // engines end logs in their own way
	}
	woken, _ = rest(4)
	c.Close()
	wait("the end", woken)
}

func closed(t *testing.T, l trace.Log) {
	c, ok := l.(interface{ Close() })
	if !ok {
		t.Skip("this log has no Close")
	}
	ctx := context.Background()
	fill(t, l, 1, 1)
	var last error
	for _, err := range l.Since(ctx, 0) {
		if last = err; err == nil {
			c.Close()
		}
	}
	_, _, _, info := l.Info(ctx)
	for name, err := range map[string]error{"a reader": last, "Append": appendOne(l, 2, trace.KindResponse), "Info": info, "Reset": l.Reset(ctx)} {
		if !errors.Is(err, trace.ErrGone) {
			t.Errorf("%s: %v, want ErrGone", name, err)
		}
	}
}
