// Package enginetest is the contract of an engine: whatever keeps sandboxes passes it.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/storetest"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/trace/tracetest"
)

// Run holds an engine to its contract, and its stores and logs to theirs. start makes an empty one; the suite closes it.
func Run(t *testing.T, start func(t *testing.T) engine.Engine) {
	t.Run("its stores and logs keep their contracts", func(t *testing.T) {
		e := start(t)
		defer e.Close()
		n := 0
		fresh := func(t *testing.T, o engine.Options) (mockidp.Store, trace.Log) {
			n++
			return open(t, e, fmt.Sprint("contract-", n), o)
		}
		storetest.Run(t, func(t *testing.T) mockidp.Store { s, _ := fresh(t, engine.Options{}); return s })
		tracetest.Run(t, func(t *testing.T, window bool) trace.Log {
			_, l := fresh(t, engine.Options{Window: window})
			return l
		})
	})
	for _, tt := range []struct {
		name string
		test func(*testing.T, engine.Engine)
	}{
		{"sandboxes are kept apart, listed and remembered", apart},
		{"cleared, a sandbox is empty and goes on", cleared},
		{"dropped, a sandbox is unknown and its readers are told", dropped},
		{"opened by many at once it is one", concurrent},
		{"closed, an engine opens nothing and its readers are told", closed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := start(t)
			defer e.Close()
			tt.test(t, e)
		})
	}
}

var ctx = context.Background()

func open(t *testing.T, e engine.Engine, id string, o engine.Options) (mockidp.Store, trace.Log) {
	t.Helper()
	s, l, err := e.Open(ctx, id, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func fill(t *testing.T, s mockidp.Store, l trace.Log) {
	t.Helper()
	if _, err := s.Create(ctx, "k", []byte("v"), 0); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, 0, trace.Event{Seq: 1, Run: 1, Kind: trace.KindRequest, Request: &trace.Request{Method: "GET", URL: "https://auth.chirper.test/"}}); err != nil {
		t.Fatal(err)
	}
}

func known(t *testing.T, e engine.Engine, id string, want bool) {
	t.Helper()
	if got, err := e.Has(ctx, id); got != want || err != nil {
		t.Errorf("%q is known: %v, %v; want %v", id, got, err, want)
	}
}

func apart(t *testing.T, e engine.Engine) {
	ids := []string{"A:b#c", "a:b#c", "ä b/c.d*>"}
	for _, id := range ids {
		known(t, e, id, false)
		s, l := open(t, e, id, engine.Options{})
		fill(t, s, l) // fails if another has the key, or the position, already
		known(t, e, id, true)
	}
	got, err := e.IDs(ctx)
	slices.Sort(got)
	if !slices.Equal(got, ids) || err != nil {
		t.Errorf("the ids are %q, %v", got, err)
	}
	s, l := open(t, e, ids[0], engine.Options{})
	if v, _, err := s.Get(ctx, "k"); string(v) != "v" || err != nil {
		t.Errorf("opened again it has %q, %v", v, err)
	}
	if _, _, last, err := l.Info(ctx); last != 1 || err != nil {
		t.Errorf("opened again its log ends at %d, %v", last, err)
	}
}

func cleared(t *testing.T, e engine.Engine) {
	s, l := open(t, e, "one", engine.Options{})
	other, _ := open(t, e, "two", engine.Options{})
	fill(t, s, l)
	if _, err := other.Create(ctx, "k", []byte("v"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(ctx, "claim/a", []byte("v"), 0); err != nil {
		t.Fatal(err)
	}
	before, _, _, _ := l.Info(ctx)
	_, old, err := s.Get(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Clear(ctx, "one", "claim/a"); err != nil {
		t.Fatal(err)
	}
	if v, _, err := s.Get(ctx, "claim/a"); string(v) != "v" || err != nil {
		t.Errorf("what was to be kept is %q, %v", v, err)
	}
	if after, _, last, err := l.Info(ctx); after == before || last != 0 || err != nil {
		t.Errorf("epoch %q then %q, its log ends at %d, %v", before, after, last, err)
	}
	fill(t, s, l)
	if _, rev, err := s.Get(ctx, "k"); rev <= old || err != nil {
		t.Errorf("a revision from before, %d, came again: %d, %v", old, rev, err)
	}
	if _, _, err := other.Get(ctx, "k"); err != nil {
		t.Errorf("another sandbox was cleared with it: %v", err)
	}
	if err := e.Clear(ctx, "nobody"); err != nil {
		t.Error(err)
	}
	known(t, e, "nobody", false)
}

func dropped(t *testing.T, e engine.Engine) {
	s, l := open(t, e, "one", engine.Options{})
	fill(t, s, l)
	for range 2 {
		if err := e.Drop(ctx, "one"); err != nil {
			t.Fatal(err)
		}
	}
	known(t, e, "one", false)
	gone(t, l)
	s, l = open(t, e, "one", engine.Options{})
	fill(t, s, l)
}

// gone wants a log that has ended.
func gone(t *testing.T, l trace.Log) {
	t.Helper()
	if _, _, _, err := l.Info(ctx); !errors.Is(err, trace.ErrGone) {
		t.Errorf("Info says %v, want ErrGone", err)
	}
	if err := l.Append(ctx, 1, trace.Event{Seq: 2, Kind: trace.KindResponse}); !errors.Is(err, trace.ErrGone) {
		t.Errorf("Append says %v, want ErrGone", err)
	}
	for _, err := range l.Since(ctx, 0) {
		if !errors.Is(err, trace.ErrGone) {
			t.Errorf("a reader was told %v, want ErrGone", err)
			break
		}
	}
}

func concurrent(t *testing.T, e engine.Engine) {
	var wg sync.WaitGroup
	var mu sync.Mutex // guards created, appended
	created, appended := 0, 0
	for range 32 {
		wg.Go(func() {
			s, l, err := e.Open(ctx, "one", engine.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			_, createErr := s.Create(ctx, "k", []byte("v"), 0)
			appendErr := l.Append(ctx, 0, trace.Event{Seq: 1, Kind: trace.KindResponse, Response: &trace.Response{Status: 200}})
			mu.Lock()
			defer mu.Unlock()
			if createErr == nil {
				created++
			}
			if appendErr == nil {
				appended++
			}
		})
	}
	wg.Wait()
	if created != 1 || appended != 1 {
		t.Errorf("%d created the same key and %d appended at the same position, want 1 and 1", created, appended)
	}
}

func closed(t *testing.T, e engine.Engine) {
	_, l := open(t, e, "one", engine.Options{})
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	gone(t, l)
	if _, _, err := e.Open(ctx, "two", engine.Options{}); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Open says %v, want ErrClosed", err)
	}
}
