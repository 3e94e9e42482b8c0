package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var errDead = errors.New("dead")

// dying counts writes, and fails all after a number of them.
type dying struct{ left int }

func (d *dying) write() error {
	if d.left--; d.left < 0 {
		return errDead
	}
	return nil
}

type dyingJS struct {
	jetstream.JetStream
	d *dying
}

func (j dyingJS) PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	if err := j.d.write(); err != nil {
		return nil, err
	}
	return j.JetStream.PublishMsg(ctx, m, opts...)
}

type dyingStream struct {
	jetstream.Stream
	d *dying
}

func (s dyingStream) Purge(ctx context.Context, opts ...jetstream.StreamPurgeOpt) error {
	if err := s.d.write(); err != nil {
		return err
	}
	return s.Stream.Purge(ctx, opts...)
}

// TestAServerDiesOverAnEnd lets a server die after each write of a Drop: the sandbox is there, whole, or is gone without a trace once
// another has finished what IDs finds.
func TestAServerDiesOverAnEnd(t *testing.T) {
	ctx := t.Context()
	for writes := 0; ; writes++ {
		e, _ := filled(t, 3)
		s, _, err := e.Open(ctx, "one", Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if _, err := s.Create(ctx, fmt.Sprint("key-", n), []byte("1"), 0); err != nil {
				t.Fatal(err)
			}
		}
		next := &natsEngine{js: e.js, store: e.store, log: e.log, alone: true, logs: map[string]*natsLog{}, dropped: map[string]time.Time{}}
		d := &dying{writes}
		e.js, e.store, e.log = dyingJS{e.js, d}, dyingStream{e.store, d}, dyingStream{e.log, d}
		err = e.Drop(ctx, "one")
		if err != nil && !errors.Is(err, errDead) {
			t.Fatal(err)
		}
		ids, err := next.IDs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		keys := next.keys(t)
		known, err := next.Has(ctx, "one")
		if err != nil || known && len(keys) != 3 || len(keys) > 0 && len(ids) == 0 {
			t.Errorf("after %d writes it is known: %v, with %d keys, and listed: %q, %v", writes, known, len(keys), ids, err)
		}
		for _, id := range ids {
			if err := next.Drop(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		nothing(t, next)
		if d.left >= 0 {
			if writes < 3 {
				t.Errorf("an end takes %d writes: this test proves little", writes)
			}
			return
		}
	}
}

// keys are the subjects of the store.
func (e *natsEngine) keys(t *testing.T) map[string]uint64 {
	t.Helper()
	info, err := e.store.Info(t.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Subjects
}

// nothing wants both streams empty.
func nothing(t *testing.T, e *natsEngine) {
	t.Helper()
	for _, s := range []jetstream.Stream{e.store, e.log} {
		info, err := s.Info(t.Context(), jetstream.WithSubjectFilter(">"))
		if err != nil || info.State.Msgs != 0 {
			t.Errorf("left in %s is %v, %v", info.Config.Name, info.State.Subjects, err)
		}
	}
}

// killed is a folder as a server leaves it that is killed at this moment.
func killed(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestKeysWithoutASandbox: what a killed server finds again of a sandbox that has ended, and what was written into one as it ended, is
// taken away, and of no other.
func TestKeysWithoutASandbox(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	e, err := startEmbedded(ctx, EmbeddedOptions{Dir: dir}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, id := range []string{"ended", "left", "é"} {
		s, l, err := e.Open(ctx, id, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rev, err := s.Create(ctx, "k", []byte("1"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Update(ctx, "k", []byte("2"), rev, 0); err != nil {
			t.Fatal(err)
		}
		if err := l.Append(ctx, 0, step(1)); err != nil {
			t.Fatal(err)
		}
	}
	s, _, err := e.Open(ctx, "ended", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Drop(ctx, "ended"); err != nil {
		t.Fatal(err)
	}
	again := killed(t, dir)
	if _, err := s.Create(ctx, "late", []byte("1"), 0); err != nil { // by an act that is not over
		t.Fatal(err)
	}
	if err := e.takeLate(ctx, time.Now().Add(lateFor)); err != nil {
		t.Fatal(err)
	}
	left(t, e)
	if len(e.dropped) != 0 {
		t.Errorf("it remembers %v for ever", e.dropped)
	}

	e, err = startEmbedded(ctx, EmbeddedOptions{Dir: again}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if len(e.keys(t)) != 3 {
		t.Fatal("a killed server finds nothing again: this test proves nothing")
	}
	if err := e.takeStray(ctx); err != nil {
		t.Fatal(err)
	}
	left(t, e)
}

// left wants the keys of the sandboxes that have not ended, and no other.
func left(t *testing.T, e *natsEngine) {
	t.Helper()
	for subject := range e.keys(t) {
		if strings.Contains(subject, ".ended.") {
			t.Errorf("%s is left", subject)
		}
	}
	for _, id := range []string{"left", "é"} {
		s, _, err := e.Open(t.Context(), id, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v, _, err := s.Get(t.Context(), "k"); string(v) != "2" || err != nil {
			t.Errorf("%s has %q, %v", id, v, err)
		}
	}
}
