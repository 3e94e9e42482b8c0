package engine

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/playground/trace"
)

// TestWhatAKilledServerFindsAgain: a sandbox that had ended is not known, though its messages are there again, and a new one of its
// name begins empty, also when it is read from the files.
func TestWhatAKilledServerFindsAgain(t *testing.T) {
	ctx := t.Context()
	e, err := startEmbedded(ctx, EmbeddedOptions{Dir: t.TempDir()}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	event := func(seq uint64) trace.Event {
		return trace.Event{Seq: seq, Run: 1, Kind: trace.KindChange, Change: &trace.Change{What: "step"}}
	}
	_, l, err := e.Open(ctx, "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= 3; seq++ {
		if err := l.Append(ctx, seq-1, event(seq)); err != nil {
			t.Fatal(err)
		}
	}
	l.(*natsLog).gone() // ended, and of what was purged nothing is gone
	if _, err := e.commit(ctx, e.log, &nats.Msg{Subject: logSubject + "one", Header: nats.Header{headerDeleted: {"1"}}}, anyRevision, 0); err != nil {
		t.Fatal(err)
	}
	if known, err := e.Has(ctx, "one"); known || err != nil {
		t.Errorf("it is known: %v, %v", known, err)
	}
	_, l, err = e.Open(ctx, "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, 0, event(1)); err != nil {
		t.Errorf("the first event of the new one: %v", err)
	}
	letGo(l.(*natsLog)) // as after a restart
	if _, first, last, err := l.Info(ctx); first != 1 || last != 1 || err != nil {
		t.Errorf("read again it holds %d to %d, %v", first, last, err)
	}
	if err := e.Drop(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if ids, err := e.IDs(ctx); len(ids) != 0 || err != nil {
		t.Errorf("after it has ended there are %q, %v", ids, err)
	}
}
