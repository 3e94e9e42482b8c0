package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// letGo has a log read anew at its next use.
func letGo(l *natsLog) { l.rest(time.Now().Add(2 * idle)) }

// reading is a stream that calls before each message that is read.
type reading struct {
	jetstream.Stream
	before func() error
}

func (r reading) GetMsg(ctx context.Context, seq uint64, opts ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	if err := r.before(); err != nil {
		return nil, err
	}
	return r.Stream.GetMsg(ctx, seq, opts...)
}

// filled is an engine with a log of a number of events, which is not in memory.
func filled(t *testing.T, n uint64) (*natsEngine, *natsLog) {
	t.Helper()
	e, err := startEmbedded(t.Context(), EmbeddedOptions{Dir: t.TempDir(), Sync: time.Minute}, jetstream.MemoryStorage)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	_, log, err := e.Open(t.Context(), "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := log.(*natsLog)
	for seq := uint64(1); seq <= n; seq++ {
		if err := l.Append(t.Context(), seq-1, step(seq)); err != nil {
			t.Fatal(err)
		}
	}
	letGo(l)
	return e, l
}

func step(seq uint64) trace.Event {
	return trace.Event{Seq: seq, Run: 1, Kind: trace.KindChange, Change: &trace.Change{What: "step"}}
}

// TestHalfARecordIsNotShown: while a record is read from the stream, nobody takes what has been read so far for all of it.
func TestHalfARecordIsNotShown(t *testing.T) {
	e, l := filled(t, 5)
	n := 0
	e.log = reading{e.log, func() error {
		if n++; l.mirror.Load() != nil {
			t.Errorf("before message %d is read, there is something to see", n)
		}
		return nil
	}}
	if events, err := l.Past(t.Context(), 0); len(events) != 5 || n != 6 || err != nil {
		t.Errorf("%d messages were read, and %d events came, %v", n, len(events), err)
	}
}

// TestDroppedWhileItIsRead: a record whose messages another server takes away between two of them has ended.
func TestDroppedWhileItIsRead(t *testing.T) {
	e, l := filled(t, 5)
	e.log = reading{e.log, func() error { return jetstream.ErrMsgNotFound }}
	if _, _, _, err := l.Info(t.Context()); !errors.Is(err, trace.ErrGone) {
		t.Errorf("Info says %v, want ErrGone", err)
	}
	e, l = filled(t, 5)
	e.log = reading{e.log, func() error { l.gone(); return nil }}
	for _, err := range l.Since(t.Context(), 0) {
		if !errors.Is(err, trace.ErrGone) {
			t.Errorf("a reader that comes just then is told %v, want ErrGone", err)
		}
		break
	}
}

// TestALogRests: it is let go of only if nobody reads it, and what is heard in that moment is not passed over.
func TestALogRests(t *testing.T) {
	_, l := filled(t, 3)
	if l.mirror.Load() != nil || l.held != nil {
		t.Fatal("it is still in memory")
	}
	before, err := l.current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.readers.Add(1)
	letGo(l)
	l.readers.Add(-1)
	if after := l.mirror.Load(); after != before {
		t.Error("a reader was left with a record that gets no more")
	}
}

// TestTheEndIsHeardInTheMiddleOfAWrite: who tells of it does not wait, and whoever writes finds out.
func TestTheEndIsHeardInTheMiddleOfAWrite(t *testing.T) {
	_, l := filled(t, 3)
	if _, _, _, err := l.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.turn.Lock()
	l.heard(message{seq: l.rev + 1, end: true})
	if l.ended.Load() {
		t.Error("it has ended under the hands of who has the turn")
	}
	l.yield()
	if _, _, _, err := l.Info(t.Context()); !errors.Is(err, trace.ErrGone) {
		t.Errorf("Info says %v, want ErrGone", err)
	}
}

// TestNothingIsForgottenEarly: a lifetime that is no whole number of seconds is not cut short.
func TestNothingIsForgottenEarly(t *testing.T) {
	e, _ := filled(t, 0)
	for ttl, want := range map[time.Duration]string{time.Millisecond: "1s", time.Second: "1s", 2400 * time.Millisecond: "3s"} {
		seq, err := e.commit(t.Context(), e.store, &nats.Msg{Subject: storeSubject + "one.k"}, anyRevision, ttl)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := e.store.GetMsg(t.Context(), seq); err != nil || m.Header.Get(jetstream.MsgTTLHeader) != want {
			t.Errorf("%v: it is kept for %q, %v; want %s", ttl, m.Header.Get(jetstream.MsgTTLHeader), err, want)
		}
	}
}

// losing is a connection that loses the answer to the next write, and behind it others may write.
type losing struct {
	jetstream.JetStream
	lose   bool // else the write never arrives
	behind func()
}

func (l *losing) PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	behind := l.behind
	if l.behind = nil; behind == nil {
		return l.JetStream.PublishMsg(ctx, m, opts...)
	}
	if l.lose {
		if _, err := l.JetStream.PublishMsg(ctx, m, opts...); err != nil {
			return nil, err
		}
	}
	behind()
	return nil, nats.ErrTimeout
}

// TestAnAnswerIsLost: what was written is not called lost, nor what was not written, and where nobody can tell it says so.
func TestAnAnswerIsLost(t *testing.T) {
	e, _ := filled(t, 0)
	js := &losing{JetStream: e.js}
	e.js = js
	s, _, err := e.Open(t.Context(), "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n, tt := range []struct {
		name   string
		lose   bool
		others int // writes by others before it is tried again
		want   error
	}{
		{"it was written", true, 0, nil},
		{"it was not", false, 0, nil},
		{"it was not, and another was", false, 1, mockidp.ErrConflict},
		{"it was written, and another followed", true, 1, ErrUnavailable},
		{"it was not, and two others were", false, 2, ErrUnavailable},
	} {
		key := fmt.Sprint("k", n)
		rev, err := s.Create(t.Context(), key, []byte("before"), 0)
		if err != nil {
			t.Fatal(err)
		}
		js.lose = tt.lose
		js.behind = func() {
			for range tt.others {
				_, at, err := s.Get(t.Context(), key)
				if err == nil {
					_, err = s.Update(t.Context(), key, []byte("another"), at, 0)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}
		if _, err := s.Update(t.Context(), key, []byte("mine"), rev, 0); !errors.Is(err, tt.want) {
			t.Errorf("%s: it says %v, want %v", tt.name, err, tt.want)
		}
		want := []string{"mine", "another"}[min(tt.others, 1)]
		if v, _, err := s.Get(t.Context(), key); string(v) != want || err != nil {
			t.Errorf("%s: it is %q, %v", tt.name, v, err)
		}
	}
}

// TestAResetBehindAnUnknownWrite: what was written though its answer never came is followed as well, by a server that has the state for
// itself.
func TestAResetBehindAnUnknownWrite(t *testing.T) {
	e, l := filled(t, 2)
	js := &losing{JetStream: e.js}
	e.js = js
	before, _, _, err := l.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	js.lose, js.behind = true, cancel // who asked has gone by the time of the answer
	if err := l.Append(ctx, 2, step(3)); err == nil {
		t.Fatal("the answer was not lost")
	}
	if err := l.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, _, last, err := l.Info(t.Context()); after == before || last != 0 || err != nil {
		t.Errorf("after the reset it is epoch %q, and before it was %q; it ends at %d, %v", after, before, last, err)
	}
	if err := l.Append(t.Context(), 0, step(1)); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
}
