package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// The two streams of an engine. What a sandbox remembers is a message for each key, of which the latest counts; its record is a
// message for each batch of events that were appended together. A stream's sequence numbers are the revisions of both.
const (
	storeStream  = "PLAYGROUND_STORE"
	logStream    = "PLAYGROUND_LOG"
	storeSubject = "playground.store." // + sandbox + "." + key
	logSubject   = "playground.log."   // + sandbox
	endSubject   = "playground.end."   // + sandbox: says to every server that it has ended
)

// patience is how long a write may take while a cluster finds a new leader, and a read.
const patience = 10 * time.Second

// natsEngine keeps sandboxes in NATS JetStream. Several of them, in as many processes, may work on the same cluster: each
// write says which revision it follows, and is refused if another was faster.
type natsEngine struct {
	js         jetstream.JetStream
	store, log jetstream.Stream
	alone      bool // no other engine writes here: what this one has in memory is all there is
	following  jetstream.ConsumeContext
	full       atomic.Bool // the disk has no room: nothing is written
	closers    []func()    // in the order in which they are called
	say        *slog.Logger

	mu      sync.Mutex // guards the fields below
	closed  bool
	logs    map[string]*natsLog
	dropped map[string]time.Time // what this server has ended, for a while
	done    chan struct{}
	swept   sync.WaitGroup
}

// natsConfig is what differs between an engine of one process and one of many.
type natsConfig struct {
	storage  jetstream.StorageType
	replicas int // 0: see ConnectOptions
	alone    bool
	log      *slog.Logger // nil: nothing is logged
}

// newNATS makes the streams, if they aren't there, and begins to follow the log. The caller closes the connection if it fails.
func newNATS(ctx context.Context, nc *nats.Conn, c natsConfig) (*natsEngine, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*patience) // a cluster may be electing its leader
	defer cancel()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		return nil, err
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	e := &natsEngine{js: js, alone: c.alone, say: c.log, logs: map[string]*natsLog{}, dropped: map[string]time.Time{}, done: make(chan struct{})}
	for _, s := range []struct {
		to     *jetstream.Stream
		config jetstream.StreamConfig
	}{
		{&e.store, jetstream.StreamConfig{Name: storeStream, Subjects: []string{storeSubject + ">"}, MaxMsgsPerSubject: 1}},
		{&e.log, jetstream.StreamConfig{Name: logStream, Subjects: []string{logSubject + "*", endSubject + "*"}}},
	} {
		s.config.Storage = c.storage
		s.config.AllowMsgTTL = true
		s.config.Discard = jetstream.DiscardNew
		if *s.to, err = stream(ctx, js, s.config, c.replicas); err != nil {
			return nil, unavailable("the streams can’t be made", err)
		}
	}
	if !c.alone {
		if err := e.follow(ctx); err != nil {
			return nil, unavailable("the record can’t be followed", err)
		}
	}
	e.swept.Go(e.sweep)
	return e, nil
}

// stream makes a stream, or takes up the one that is there. Unless a number of copies is asked for, it has as many as it had: a cluster
// that is only half up must not be taken for a small one.
func stream(ctx context.Context, js jetstream.JetStream, c jetstream.StreamConfig, replicas int) (s jetstream.Stream, err error) {
	err = retry(ctx, func(ctx context.Context) error {
		c.Replicas = replicas
		if replicas == 0 {
			switch was, err := js.Stream(ctx, c.Name); {
			case err == nil:
				c.Replicas = was.CachedInfo().Config.Replicas
			case errors.Is(err, jetstream.ErrStreamNotFound):
				c.Replicas = 3
			default:
				return err
			}
		}
		for {
			c.AllowDirect = c.Replicas == 1 // with replicas a direct read may be of one that lags behind
			s, err = js.CreateOrUpdateStream(ctx, c)
			if replicas > 0 || c.Replicas == 1 || !isAPI(err, errCodeAlone) {
				return err
			}
			c.Replicas = 1
		}
	})
	return s, err
}

// follow hears of what other servers append: one consumer for all sandboxes, since a stream takes a thousand of them and each
// costs goroutines.
func (e *natsEngine) follow(ctx context.Context) error {
	info, err := e.log.Info(ctx)
	if err != nil {
		return err
	}
	consumer, err := e.log.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy, // so that one that is made anew knows where to go on
		OptStartSeq:       info.State.LastSeq + 1,
		InactiveThreshold: 5 * time.Minute,
		MaxResetAttempts:  -1,
	})
	if err != nil {
		return err
	}
	e.following, err = consumer.Consume(e.heard)
	return err
}

// heard takes a message of the log, of this server's own or of another's.
func (e *natsEngine) heard(m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return
	}
	subject := m.Subject()
	if name, ended := strings.CutPrefix(subject, endSubject); ended {
		if l := e.at(unescape(name)); l != nil {
			l.heard(message{seq: meta.Sequence.Stream, end: true})
		}
		return
	}
	if l := e.at(unescape(strings.TrimPrefix(subject, logSubject))); l != nil {
		l.heard(message{seq: meta.Sequence.Stream, header: m.Headers(), data: m.Data()})
	}
}

// at is the log of a sandbox that is open here; nil if it isn't.
func (e *natsEngine) at(id string) *natsLog {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.logs[id]
}

func (e *natsEngine) Has(ctx context.Context, id string) (bool, error) {
	if l := e.at(id); e.alone && l != nil && l.mirror.Load() != nil {
		return true, nil
	}
	_, known, err := e.lastOf(ctx, id)
	return known, err
}

// lastOf is the last message of a sandbox's log. One that was ended is not known, whether its messages are still there or not.
func (e *natsEngine) lastOf(ctx context.Context, id string) (m *jetstream.RawStreamMsg, known bool, err error) {
	m, err = e.last(ctx, e.log, logSubject+escape(id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return &jetstream.RawStreamMsg{}, false, nil
	}
	if err != nil {
		return nil, false, unavailable("the state can’t be read", err)
	}
	return m, m.Header.Get(headerDeleted) == "", nil
}

func (e *natsEngine) Open(ctx context.Context, id string, o Options) (mockidp.Store, trace.Log, error) {
	for {
		l, err := e.handle(id)
		if err == nil {
			err = l.open(ctx, o)
		}
		if err != nil {
			return nil, nil, err
		}
		if !l.ended.Load() { // or it was dropped meanwhile
			return &natsStore{engine: e, prefix: storeSubject + escape(id) + "."}, l, nil
		}
	}
}

// handle is a sandbox's log, the same for all who ask.
func (e *natsEngine) handle(id string) (*natsLog, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if e.logs[id] == nil {
		e.logs[id] = &natsLog{engine: e, id: id, subject: logSubject + escape(id)}
	}
	return e.logs[id], nil
}

func (e *natsEngine) Clear(ctx context.Context, id string, keep ...string) error {
	known, err := e.Has(ctx, id)
	if err != nil || !known {
		return err
	}
	_, l, err := e.Open(ctx, id, Options{})
	if err != nil {
		return err
	}
	if err := e.empty(ctx, id, keep); err != nil {
		return err
	}
	return l.Reset(ctx)
}

// Drop tells every server first, so that nobody goes on with what is about to be taken away. The log goes last: as long as something of
// it is there, a Drop that was cut off is found by IDs.
func (e *natsEngine) Drop(ctx context.Context, id string) error {
	known, err := e.Has(ctx, id)
	if err != nil {
		return err
	}
	if known {
		if err := e.end(ctx, id); err != nil {
			return err
		}
	}
	if err := e.purge(ctx, e.store, storeSubject+escape(id)+".>"); err != nil {
		return err
	}
	if err := e.purge(ctx, e.log, logSubject+escape(id)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dropped[id] = time.Now()
	return nil
}

// end makes a sandbox one that isn't known.
func (e *natsEngine) end(ctx context.Context, id string) error {
	if !e.alone {
		if _, err := e.commit(ctx, e.log, &nats.Msg{Subject: endSubject + escape(id)}, anyRevision, time.Hour); err != nil {
			return err
		}
	}
	e.leave(id)
	// What is only purged a killed server may find again: so the log says first that it has ended. A full disk takes no such word, and
	// needs the room more.
	m := &nats.Msg{Subject: logSubject + escape(id), Header: nats.Header{headerDeleted: {"1"}}}
	if _, err := e.commit(ctx, e.log, m, anyRevision, 0); err != nil && !errors.Is(err, ErrDiskFull) {
		return err
	}
	e.leave(id) // who has opened it in between
	return nil
}

// leave ends a sandbox's log for those who read it here.
func (e *natsEngine) leave(id string) {
	if l := e.at(id); l != nil {
		l.gone()
	}
}

func (e *natsEngine) IDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := retry(ctx, func(ctx context.Context) error {
		info, err := e.log.Info(ctx, jetstream.WithSubjectFilter(logSubject+"*"))
		if err != nil {
			return err
		}
		ids = ids[:0]
		for subject := range info.State.Subjects {
			ids = append(ids, unescape(strings.TrimPrefix(subject, logSubject)))
		}
		return nil
	})
	return ids, unavailable("the state can’t be read", err)
}

// Check writes something that is of no use to anybody.
func (e *natsEngine) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := e.commit(ctx, e.store, &nats.Msg{Subject: storeSubject + "-.check"}, anyRevision, time.Minute)
	return err
}

func (e *natsEngine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	logs := e.logs
	e.logs = map[string]*natsLog{}
	e.mu.Unlock()
	close(e.done)
	e.swept.Wait()
	if e.following != nil {
		e.following.Stop()
		<-e.following.Closed()
	}
	for _, l := range logs {
		l.gone()
	}
	for _, f := range e.closers {
		f()
	}
	return nil
}

// idle is how long a log that nobody reads or writes is kept in memory.
const idle = 10 * time.Minute

// sweep lets go of logs that nobody uses: who comes back to one has it read again. And it takes away what ended sandboxes have left.
func (e *natsEngine) sweep() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-e.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-e.done:
			return
		case now := <-tick.C:
			e.mu.Lock()
			logs := slices.Collect(maps.Values(e.logs))
			e.mu.Unlock()
			for _, l := range logs {
				l.rest(now)
			}
			err := e.takeLate(ctx, now)
			if n == 0 { // once, when those who have waited for the server are served
				err = errors.Join(err, e.takeStray(ctx))
			}
			if err != nil && ctx.Err() == nil {
				e.say.Warn("what ended sandboxes have left could not be taken away", "error", err)
			}
		}
	}
}

// forget takes a log that has ended out of those that are open.
func (e *natsEngine) forget(l *natsLog) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.logs[l.id] == l {
		delete(e.logs, l.id)
	}
}

// unavailable puts an error into words, unless it has some already.
func unavailable(what string, err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, what, err)
}
