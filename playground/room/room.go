package room

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// Room is a room as this server has it open.
type Room struct {
	rooms *Rooms
	code  string
	store mockidp.Store
	log   trace.Log
	brief trace.Log // of what nobody needs to keep

	ctx    context.Context // ends when the room is closed here
	cancel context.CancelFunc
	work   sync.WaitGroup
	queue  chan *write
	used   atomic.Int64 // unix seconds

	notes notes // what the brief log will be told

	mu      sync.Mutex // guards the fields below
	state   *state
	present presence
	wires   map[string]*wire  // by learner
	kinds   kinds             // of what is on them
	wired   uint64            // version of the tally
	waiting map[string]*write // by the name of the write
	moved   chan struct{}     // closed and replaced when the state has moved on
	ended   bool
	watches map[string]map[*watch]struct{} // pages, by learner; boards and walls are notALearner's
	of      shown                          // messages that many get
}

// write is a record on its way into the log.
type write struct {
	name   string // that no other has, on any server
	record record
	done   chan struct{} // closed when it is settled
	seq    uint64
	ended  []string // sandboxes that are nobody's any more, for who has written to end
	err    error
}

// mostAtOnce is how many records are written together.
const mostAtOnce = 200

// Code is the room's code, without a hyphen.
func (r *Room) Code() string { return r.code }

// do writes a record and waits until it is in the state: then it is acknowledged. An Error says why it changes nothing.
func (r *Room) do(ctx context.Context, rec record) (*write, error) {
	r.touch()
	var no error
	if ok, err := r.sure(ctx, func(s *state) bool { no = s.check(rec); return no == nil }); err != nil {
		return nil, err
	} else if !ok {
		return nil, no
	}
	w := &write{name: fmt.Sprintf("%s.%d", r.rooms.name, r.rooms.writes.Add(1)), record: rec, done: make(chan struct{})}
	select {
	case r.queue <- w:
	case <-r.ctx.Done():
		return nil, r.over()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-w.done:
		return w, w.err
	case <-r.ctx.Done():
		return nil, r.over()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sure tells whether something holds. Before it says no it reads what other servers have written: somebody may have come in, or
// been asked something, there. An error says that this can't be known now.
func (r *Room) sure(ctx context.Context, holds func(*state) bool) (yes bool, err error) {
	ask := func(s *state) { yes = holds(s) }
	if r.look(ask); !yes {
		if err = r.catchUp(ctx); err == nil {
			r.look(ask)
		}
	}
	return yes, err
}

// catchUp waits until the state has what the log holds now.
func (r *Room) catchUp(ctx context.Context) error {
	_, _, last, err := r.log.Info(ctx)
	if err != nil {
		return err
	}
	for {
		r.mu.Lock()
		at, moved := r.state.seq, r.moved
		r.mu.Unlock()
		if at >= last {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ctx.Done():
			return r.over()
		}
	}
}

// over is why nothing can be done with a room that is closed here.
func (r *Room) over() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return ErrEnded
	}
	return context.Canceled
}

// write takes what is to be written, as much as there is, and writes it behind what is known.
func (r *Room) write() {
	for {
		var list []*write
		select {
		case <-r.ctx.Done():
			return
		case w := <-r.queue:
			list = append(list, w)
		}
	more:
		for len(list) < mostAtOnce {
			select {
			case w := <-r.queue:
				list = append(list, w)
			default:
				break more
			}
		}
		r.mu.Lock()
		for _, w := range list {
			r.waiting[w.name] = w
		}
		r.mu.Unlock()
		if err := r.append(list); err != nil {
			r.mu.Lock()
			for _, w := range list {
				if r.waiting[w.name] == w { // else it was kept all the same, and is settled
					delete(r.waiting, w.name)
					w.err = err
					close(w.done)
				}
			}
			r.mu.Unlock()
		}
	}
}

// append writes records, as often as somebody else is faster. After that they are settled by who reads the log.
func (r *Room) append(list []*write) error {
	now := r.rooms.config.Clock()
	for {
		r.mu.Lock()
		at, moved := r.state.seq, r.moved
		var events []trace.Event
		for _, w := range list {
			if r.waiting[w.name] != w {
				continue // it was kept, though the answer was another
			}
			w.record.At = now
			e, err := w.record.event(at+uint64(len(events))+1, w.name)
			if err != nil {
				r.mu.Unlock()
				return err
			}
			events = append(events, e)
		}
		r.mu.Unlock()
		switch err := r.log.Append(r.ctx, at, events...); {
		case err == nil:
			return nil
		case errors.Is(err, trace.ErrConflict):
			select {
			case <-moved: // what the other has written is read: behind that
			case <-time.After(retryEvery): // its append may have failed after all
			case <-r.ctx.Done():
				return r.over()
			}
		case errors.Is(err, trace.ErrFull):
			return refuse(Full, "This room’s record is full: export its results and start another room.")
		case errors.Is(err, trace.ErrGone):
			return ErrEnded
		default:
			return err
		}
	}
}

const retryEvery = 200 * time.Millisecond

// follow reads the log and adds what it says to the state: what this server writes as well as what others do.
func (r *Room) follow() {
	for r.ctx.Err() == nil {
		r.mu.Lock()
		from := r.state.seq
		r.mu.Unlock()
		for e, err := range r.log.Since(r.ctx, from) {
			if err != nil {
				if errors.Is(err, trace.ErrGone) || errors.Is(err, trace.ErrReset) {
					r.end()
					return
				}
				r.rooms.config.Log.Warn("a room’s record could not be read", "error", err)
				break
			}
			r.take(e)
		}
		select {
		case <-r.ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// take adds an event of the log to the state, and settles who waits for it.
func (r *Room) take(e trace.Event) {
	rec, err := recordOf(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Seq <= r.state.seq {
		return
	}
	before := r.state.version
	if err == nil {
		err = r.state.apply(rec)
	} else { // of another version of the server: it changes nothing here, and must not stop the others
		r.rooms.config.Log.Warn("a room’s record was passed over", "error", err)
		r.state.seq = e.Seq
	}
	if w := r.waiting[writeOf(e)]; w != nil {
		delete(r.waiting, w.name)
		w.seq, w.ended, w.err = e.Seq, r.state.ended, err
		close(w.done)
	}
	close(r.moved)
	r.moved = make(chan struct{})
	if err == nil {
		r.tell(before, rec)
	}
}

// writeOf is the name of the write that an event is of.
func writeOf(e trace.Event) string {
	if e.Change == nil {
		return ""
	}
	return e.Change.From
}

// end says to everybody that the room is no more.
func (r *Room) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.rooms.forget(r)
	r.leaveAll()
}

// close lets go of the room on this server.
func (r *Room) close() {
	r.leaveAll()
	r.work.Wait()
}

// leaveAll ends what this server does with the room: pages look for it when they are woken.
func (r *Room) leaveAll() {
	r.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wakeAll()
}

func (r *Room) touch() { r.used.Store(r.rooms.config.Clock().Unix()) }

// look reads the state.
func (r *Room) look(at func(*state)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at(r.state)
}
