package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/playground/trace"
)

// The headers of a log's messages. Each says all that must be known of the log, so that any of them can be the first one that is
// left: older ones go when a window moves on.
const (
	headerEpoch  = "Epoch"
	headerWindow = "Window" // "1" where the log is one
	headerLimit  = "Limit"  // how many events it holds, where that isn't the usual
	headerFirst  = "First"  // position of the first event; of a message without events, that of the next
)

// message is one of a log's: events that were appended together, or none where it begins an epoch. Heard, it may also be the word
// that the sandbox has ended.
type message struct {
	seq    uint64
	header nats.Header
	data   []byte
	end    bool
}

func (m message) number(header string) uint64 {
	n, _ := strconv.ParseUint(m.header.Get(header), 10, 64)
	return n
}

// natsLog is a sandbox's record. What is in the stream is held in memory as well, where readers follow it: an append is written to
// the stream first and then shown to them, and what other servers append is heard, or looked for where it matters.
type natsLog struct {
	engine  *natsEngine
	id      string
	subject string

	turn    sync.Mutex       // held by whoever writes, reads on, or changes what is below; also while the stream is asked
	held    *trace.MemoryLog // what is in memory, as far as it is read; nil: nothing
	options Options
	epoch   string
	rev     uint64  // of the last message that is held
	batches []batch // of a window, those that are still in the stream

	mirror atomic.Pointer[trace.MemoryLog] // what is held, once it is whole: what anybody else sees

	told    sync.Mutex // guards pending
	pending []message  // heard, not yet held

	ended   atomic.Bool
	readers atomic.Int64
	used    atomic.Int64 // unix seconds
}

// batch is a message of a window's log: its revision, and the last event in it.
type batch struct{ rev, last uint64 }

// open finds the log in the stream, or begins it. It is read at its first use.
func (l *natsLog) open(ctx context.Context, o Options) error {
	l.turn.Lock()
	defer l.yield()
	if l.held != nil {
		return nil
	}
	for {
		last, known, err := l.engine.lastOf(ctx, l.id)
		if err != nil || known {
			return err
		}
		l.options, l.epoch, l.rev = o, trace.NewEpoch(), last.Sequence
		err = l.begin(ctx)
		if !errors.Is(err, errFaster) {
			return err
		}
	}
}

// begin writes the message that begins an epoch, behind the present revision, and shows it.
func (l *natsLog) begin(ctx context.Context) error {
	m := l.message(1, nil)
	seq, err := l.engine.commit(ctx, l.engine.log, m, l.rev, 0)
	if err != nil {
		return err
	}
	err = l.apply(message{seq: seq, header: m.Header})
	l.mirror.Store(l.held)
	return err
}

func (l *natsLog) message(first uint64, data []byte) *nats.Msg {
	m := &nats.Msg{Subject: l.subject, Data: data, Header: nats.Header{
		headerEpoch: {l.epoch}, headerFirst: {fmt.Sprint(first)},
	}}
	if l.options.Window {
		m.Header.Set(headerWindow, "1")
	}
	if l.options.Limit > 0 {
		m.Header.Set(headerLimit, fmt.Sprint(l.options.Limit))
	}
	return m
}

// load reads the whole log into memory; found is false if there is none, or no more. The caller holds turn.
func (l *natsLog) load(ctx context.Context) (found bool, err error) {
	last, known, err := l.engine.lastOf(ctx, l.id)
	if err != nil || !known {
		return false, err
	}
	l.rev, l.epoch, l.batches = 0, "", nil
	l.options = Options{Window: last.Header.Get(headerWindow) != "", Limit: int(message{header: last.Header}.number(headerLimit))}
	if err := l.readTo(ctx, last.Sequence, nil); err != nil {
		l.held = nil // half of a log is none
		return true, err
	}
	return l.held != nil, nil
}

// readTo reads the messages behind the present revision up to another one, and then shows them. The caller holds turn.
func (l *natsLog) readTo(ctx context.Context, to uint64, each func(message)) error {
	for l.rev < to {
		var next *jetstream.RawStreamMsg
		err := retry(ctx, func(ctx context.Context) (err error) {
			next, err = l.engine.log.GetMsg(ctx, l.rev+1, jetstream.WithGetMsgSubject(l.subject))
			return err
		})
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			return unavailable("the state can’t be read", err)
		}
		m := message{seq: next.Sequence, header: next.Header, data: next.Data}
		if err := l.apply(m); err != nil {
			return err
		}
		if each != nil {
			each(m)
		}
	}
	l.mirror.Store(l.held)
	return nil
}

// apply takes a message of the stream into what is held. The caller holds turn.
func (l *natsLog) apply(m message) error {
	if m.seq <= l.rev {
		return nil
	}
	if m.header.Get(headerDeleted) != "" { // what was before it is another sandbox's, of the same name
		if l.held != nil {
			l.held.Close()
		}
		l.held = nil
		l.rev, l.epoch, l.batches = m.seq, "", nil
		return nil
	}
	var events []trace.Event
	if len(m.data) > 0 {
		if err := json.Unmarshal(m.data, &events); err != nil {
			return fmt.Errorf("engine: the record of a sandbox is damaged at %d: %w", m.seq, err)
		}
	}
	return l.show(m, events)
}

// show is apply for events that are decoded.
func (l *natsLog) show(m message, events []trace.Event) error {
	first := m.number(headerFirst)
	if epoch := m.header.Get(headerEpoch); l.held == nil || epoch != l.epoch {
		l.epoch, l.batches = epoch, nil
		if l.held == nil {
			l.held = trace.NewMemoryLog(trace.MemoryOptions{Window: l.options.Window, Limit: l.options.Limit})
		}
		if err := l.held.Restart(epoch, first-1); err != nil {
			return err
		}
	}
	if len(events) > 0 {
		switch err := l.held.Append(context.Background(), first-1, events...); {
		case errors.Is(err, trace.ErrGone):
			return err
		case err != nil:
			return fmt.Errorf("engine: the record of a sandbox is damaged at %d: %w", m.seq, err)
		}
	}
	l.rev = m.seq
	if l.options.Window {
		l.batches = append(l.batches, batch{m.seq, first + uint64(len(events)) - 1})
	}
	return nil
}

// sync brings what is held to where the stream is now. The caller holds turn.
func (l *natsLog) sync(ctx context.Context) error {
	if l.ended.Load() {
		return trace.ErrGone
	}
	if l.held == nil {
		found, err := l.load(ctx)
		if err == nil && !found {
			return l.goneNow()
		}
		return err
	}
	if l.engine.alone {
		return nil
	}
	last, known, err := l.engine.lastOf(ctx, l.id)
	if err != nil {
		return err
	}
	if !known {
		return l.goneNow()
	}
	return l.readTo(ctx, last.Sequence, nil)
}

// current is what is in memory, as far as the stream goes now.
func (l *natsLog) current(ctx context.Context) (*trace.MemoryLog, error) {
	l.used.Store(time.Now().Unix())
	if l.ended.Load() {
		return nil, trace.ErrGone
	}
	if m := l.mirror.Load(); m != nil && l.engine.alone {
		return m, nil
	}
	l.turn.Lock()
	defer l.yield()
	if err := l.sync(ctx); err != nil {
		return nil, err
	}
	if l.ended.Load() { // while it was read: nobody else would tell its readers
		return nil, trace.ErrGone
	}
	return l.mirror.Load(), nil
}

// Append is Log's.
func (l *natsLog) Append(ctx context.Context, at uint64, events ...trace.Event) error {
	l.used.Store(time.Now().Unix())
	l.turn.Lock()
	defer l.yield()
	if l.ended.Load() {
		return trace.ErrGone
	}
	if l.held == nil {
		if err := l.sync(ctx); err != nil {
			return err
		}
	}
	if err := l.held.Admits(at, events...); err != nil || len(events) == 0 {
		return err
	}
	data, err := encode(events)
	if err != nil {
		return err
	}
	m := l.message(at+1, data)
	seq, err := l.engine.commit(ctx, l.engine.log, m, l.rev, 0)
	if errors.Is(err, errFaster) {
		return l.reread(ctx, m.Header.Get(headerID))
	}
	if err != nil {
		return err
	}
	if err := l.show(message{seq: seq, header: m.Header}, events); err != nil {
		return err
	}
	l.trim()
	return nil
}

// reread reads what others have written since, and finds out whether the write of this id is among it after all: then its answer
// was lost, and somebody wrote behind it.
func (l *natsLog) reread(ctx context.Context, id string) error {
	last, known, err := l.engine.lastOf(ctx, l.id)
	if err != nil {
		return err
	}
	if !known {
		return l.goneNow()
	}
	conflict := trace.ErrConflict
	err = l.readTo(ctx, last.Sequence, func(m message) {
		if m.header.Get(headerID) == id {
			conflict = nil
		}
	})
	if err != nil {
		return err
	}
	return conflict
}

// encode is a batch of events as its message has it. Every token is verified by then: who reads it elsewhere can't.
func encode(events []trace.Event) ([]byte, error) {
	var b bytes.Buffer
	for i, e := range events {
		line, err := e.Encode()
		if err != nil {
			return nil, err
		}
		b.WriteByte("[,"[min(i, 1)])
		b.Write(line)
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// trimmed is how many messages a window lets pass before it takes them out of the stream.
const trimmed = 256

// trim takes messages out of the stream that a window has let go. Should it fail, the next one takes them too.
func (l *natsLog) trim() {
	if len(l.batches) < trimmed {
		return
	}
	_, first, _, err := l.held.Info(context.Background())
	if err != nil {
		return
	}
	n := 0
	for n < len(l.batches) && l.batches[n].last < first {
		n++
	}
	if n < trimmed {
		return
	}
	keep := l.batches[n].rev
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	if l.engine.purge(ctx, l.engine.log, l.subject, jetstream.WithPurgeSequence(keep)) == nil {
		l.batches = append([]batch(nil), l.batches[n:]...)
	}
}

// Since is Log's.
func (l *natsLog) Since(ctx context.Context, seq uint64) iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		l.readers.Add(1)
		defer l.readers.Add(-1)
		mirror, err := l.current(ctx)
		if err != nil {
			if ctx.Err() == nil {
				yield(trace.Event{}, err)
			}
			return
		}
		mirror.Since(ctx, seq)(yield)
	}
}

// Wake is Log's: who rests is a reader, for whom the log stays in memory.
func (l *natsLog) Wake(ctx context.Context, epoch string, seq uint64, f func()) (stop func()) {
	l.readers.Add(1)
	up := sync.OnceFunc(func() { l.readers.Add(-1) })
	mirror, err := l.current(ctx)
	if err != nil { // reading on tells it
		up()
		go f()
		return func() {}
	}
	unrest := mirror.Wake(ctx, epoch, seq, func() {
		up()
		f()
	})
	return func() {
		unrest()
		up()
	}
}

// Past is what the function [trace.Past] asks for, in one step.
func (l *natsLog) Past(ctx context.Context, seq uint64) ([]trace.Event, error) {
	mirror, err := l.current(ctx)
	if err != nil {
		return nil, err
	}
	return mirror.Past(ctx, seq)
}

// Info is Log's.
func (l *natsLog) Info(ctx context.Context) (epoch string, first, last uint64, err error) {
	mirror, err := l.current(ctx)
	if err != nil {
		return "", 0, 0, err
	}
	return mirror.Info(ctx)
}

// Reset is Log's.
func (l *natsLog) Reset(ctx context.Context) error {
	l.turn.Lock()
	defer l.yield()
	for {
		if err := l.sync(ctx); err != nil {
			return err
		}
		before := l.epoch
		l.epoch = trace.NewEpoch()
		m := l.message(1, nil)
		l.epoch = before
		seq, err := l.engine.commit(ctx, l.engine.log, m, l.rev, 0)
		if errors.Is(err, errFaster) {
			if err = l.reread(ctx, m.Header.Get(headerID)); errors.Is(err, trace.ErrConflict) {
				continue
			}
			return err
		}
		if err != nil {
			return err
		}
		if err := l.show(message{seq: seq, header: m.Header}, nil); err != nil {
			return err
		}
		// What is older is of no use to anybody, and does no harm should it stay.
		l.engine.purge(ctx, l.engine.log, l.subject, jetstream.WithPurgeSequence(seq))
		return nil
	}
}

// heard takes a message that somebody has written. It doesn't wait for whoever has the turn: they take it in when they are done.
func (l *natsLog) heard(m message) {
	l.told.Lock()
	l.pending = append(l.pending, m)
	l.told.Unlock()
	if l.turn.TryLock() {
		l.yield()
	}
}

// yield ends a turn, with what was heard in it.
func (l *natsLog) yield() {
	for {
		behind := l.hear()
		l.turn.Unlock()
		if behind {
			go l.current(context.Background())
		}
		l.told.Lock()
		more := len(l.pending) > 0
		l.told.Unlock()
		if !more || !l.turn.TryLock() {
			return
		}
	}
}

// hear takes in what was heard. Behind says that something in between was not, so that the stream must be read.
func (l *natsLog) hear() (behind bool) {
	l.told.Lock()
	heard := l.pending
	l.pending = nil
	l.told.Unlock()
	for _, m := range heard {
		switch {
		case l.ended.Load() || m.seq <= l.rev:
		case m.end: // unless the sandbox has been opened anew since
			l.gone()
		case l.held == nil || behind: // it is read
		default:
			behind = m.number(headerAfter) != l.rev || l.apply(m) != nil
		}
	}
	return behind && !l.ended.Load()
}

// gone ends the log for all who read it here.
func (l *natsLog) gone() {
	l.ended.Store(true)
	if m := l.mirror.Load(); m != nil {
		m.Close()
	}
	l.engine.forget(l)
}

func (l *natsLog) goneNow() error {
	l.gone()
	return trace.ErrGone
}

// rest lets go of what nobody has used for a while.
func (l *natsLog) rest(now time.Time) {
	if now.Unix()-l.used.Load() < int64(idle.Seconds()) || !l.turn.TryLock() {
		return
	}
	defer l.yield()
	l.mirror.Store(nil) // first, so that who begins to read from here on waits for the turn
	if l.readers.Load() > 0 {
		l.mirror.Store(l.held)
		return
	}
	l.held, l.rev, l.batches = nil, 0, nil
}
