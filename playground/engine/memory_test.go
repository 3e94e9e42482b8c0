package engine

import (
	"context"
	"errors"
	"testing"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/storetest"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/trace/tracetest"
)

func TestMemoryKeepsBothContracts(t *testing.T) {
	ctx := context.Background()
	e := NewMemory()
	defer e.Close()
	n := 0
	open := func(t testing.TB, o Options) (mockidp.Store, trace.Log) {
		n++
		store, log, err := e.Open(ctx, string(rune('a'+n)), o)
		if err != nil {
			t.Fatal(err)
		}
		return store, log
	}
	storetest.Run(t, func(t *testing.T) mockidp.Store { s, _ := open(t, Options{}); return s })
	tracetest.Run(t, func(t *testing.T, window bool) trace.Log { _, l := open(t, Options{Window: window}); return l })
}

func TestSandboxesAreKeptApartClearedAndDropped(t *testing.T) {
	ctx := context.Background()
	e := NewMemory()
	defer e.Close()
	store, log, err := e.Open(ctx, "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, _, _ := e.Open(ctx, "two", Options{})
	if _, err := store.Create(ctx, "k", []byte("v"), 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Get(ctx, "k"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("one sandbox sees another's value: %v", err)
	}
	if again, _, _ := e.Open(ctx, "one", Options{}); again != store {
		t.Error("opened again it is another")
	}
	if err := e.Clear(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Get(ctx, "k"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("cleared, it still has its value: %v", err)
	}
	if err := e.Drop(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if known, err := e.Has(ctx, "one"); known || err != nil {
		t.Errorf("dropped, it is known: %v %v", known, err)
	}
	if _, _, _, err := log.Info(ctx); !errors.Is(err, trace.ErrGone) {
		t.Errorf("its log says %v, want ErrGone", err)
	}
}
