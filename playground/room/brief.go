package room

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// The brief log: who is here, and what was sent last on each learner's wire. A server that dies takes its part of it with it, and
// nothing of that is missed: pages come back and say that they are here, and wires are in the sandboxes' records.

const (
	flushEvery = 200 * time.Millisecond // how long what is noted may wait for more
	sayHere    = 20 * time.Second       // how often a server says who is here on it
	heardFor   = 45 * time.Second       // a server that was not heard of for so long has gone, and with it who was there
)

// briefing is what one server has to say at a time.
type briefing struct {
	All   *[]string       `json:"all,omitempty"`  // everybody who is here on that server
	Came  []string        `json:"came,omitempty"` // who is more than was said before
	Left  []string        `json:"left,omitempty"`
	Wires map[string]sent `json:"wires,omitempty"` // by learner
}

// sent is what has been sent on a learner's wire since it was told last.
type sent struct {
	Lesson string   `json:"lesson"`
	Arrows []Arrow  `json:"arrows,omitempty"`
	Error  *Refusal `json:"error,omitempty"`
}

// Arrow is a kind of request: who sends what to whom.
type Arrow struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Refused bool   `json:"refused,omitempty"`
}

// Refusal is a request that was refused, with the checks of its receiver.
type Refusal struct {
	N        uint64          `json:"n"` // of the exchange in its run
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Status   int             `json:"status"`
	Error    string          `json:"error,omitempty"` // OAuth's code for it, where it has one
	Verdicts []check.Verdict `json:"verdicts" ts:"Verdict[] | null"`
}

// Note says what has come on a learner's wire.
func (r *Room) Note(learner, lesson string, arrows []Arrow, last *Refusal) {
	r.notes.add(func(b *briefing) {
		w := b.Wires[learner]
		if w.Lesson != lesson {
			w = sent{Lesson: lesson}
		}
		w.Arrows = append(w.Arrows, arrows...)
		if len(w.Arrows) > mostArrows {
			w.Arrows = slices.Delete(w.Arrows, 0, len(w.Arrows)-mostArrows)
		}
		if last != nil {
			w.Error = last
		}
		b.Wires[learner] = w
	})
}

// mostArrows is how many kinds of requests are kept of a learner's wire.
const mostArrows = 60

// notes are what this server has to tell.
type notes struct {
	wake chan struct{} // there is something

	mu      sync.Mutex // guards the fields below
	pending briefing
	some    bool
	here    map[string]int // sockets of each learner on this server
}

func (n *notes) init() {
	n.wake = make(chan struct{}, 1)
	n.here = map[string]int{}
	n.pending = briefing{Wires: map[string]sent{}}
}

func (n *notes) add(what func(*briefing)) {
	n.mu.Lock()
	what(&n.pending)
	n.some = true
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// forgive lets go of a refusal that was not told yet: its learner has gone on.
func (n *notes) forgive(learner string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if w, noted := n.pending.Wires[learner]; noted {
		w.Error = nil
		n.pending.Wires[learner] = w
	}
}

// enter counts a learner's socket, or one less.
func (n *notes) enter(learner string, by int) {
	n.mu.Lock()
	before := n.here[learner]
	if n.here[learner] += by; n.here[learner] == 0 {
		delete(n.here, learner)
	}
	n.mu.Unlock()
	switch {
	case before == 0 && by > 0:
		n.add(func(b *briefing) { b.Came = append(b.Came, learner) })
	case before == 1 && by < 0:
		n.add(func(b *briefing) { b.Left = append(b.Left, learner) })
	}
}

// take is what there is to say; all says who is here besides.
func (n *notes) take(all bool) (briefing, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all = all && len(n.here) > 0
	if !n.some && !all {
		return briefing{}, false
	}
	b := n.pending
	n.pending, n.some = briefing{Wires: map[string]sent{}}, false
	// Who came and left again, or the other way round, is where they are now.
	b.Came = slices.DeleteFunc(b.Came, func(id string) bool { return n.here[id] == 0 })
	b.Left = slices.DeleteFunc(b.Left, func(id string) bool { return n.here[id] > 0 })
	if all {
		everybody := slices.Sorted(maps.Keys(n.here))
		b.All, b.Came, b.Left = &everybody, nil, nil
	}
	return b, true
}

// flush writes what is noted, a little later, so that much is written together.
func (r *Room) flush() {
	heartbeat := time.NewTicker(sayHere)
	defer heartbeat.Stop()
	for {
		all := false
		select {
		case <-r.ctx.Done():
			return
		case <-heartbeat.C:
			all = true
		case <-r.notes.wake:
			select {
			case <-r.ctx.Done():
				return
			case <-time.After(flushEvery):
			}
		}
		b, some := r.notes.take(all)
		if !some {
			continue
		}
		if err := r.appendBrief(b); err != nil && r.ctx.Err() == nil && !errors.Is(err, trace.ErrGone) {
			r.rooms.config.Log.Warn("what happens in a room can’t be told at the moment", "error", err)
			select { // whatever it was: who is here is said anew, and the wires go on
			case <-r.ctx.Done():
				return
			case <-time.After(retryEvery):
			}
		}
	}
}

func (r *Room) appendBrief(b briefing) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	for {
		_, _, last, err := r.brief.Info(r.ctx)
		if err != nil {
			return err
		}
		e := trace.Event{Seq: last + 1, At: r.rooms.config.Clock(), Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "brief", Actor: r.rooms.name, To: string(body)}}
		if err := r.brief.Append(r.ctx, last, e); !errors.Is(err, trace.ErrConflict) {
			return err
		}
	}
}

// followBrief reads what all servers say.
func (r *Room) followBrief() {
	var at uint64
	for r.ctx.Err() == nil {
		for e, err := range r.brief.Since(r.ctx, at) {
			var gap trace.GapError
			switch {
			case errors.As(err, &gap):
				continue
			case errors.Is(err, trace.ErrGone):
				return // and so is the room
			case errors.Is(err, trace.ErrReset):
				at = 0
			}
			if err != nil {
				break
			}
			at = e.Seq
			r.hear(e)
		}
		select {
		case <-r.ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

func (r *Room) hear(e trace.Event) {
	var b briefing
	if e.Change == nil || json.Unmarshal([]byte(e.Change.To), &b) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.state.version
	for _, id := range r.present.hear(e.Change.Actor, b, e.At) {
		if l := r.state.learners[id]; l != nil {
			r.state.touch(l)
		}
	}
	for id, s := range b.Wires {
		l := r.state.learners[id]
		if l == nil {
			continue
		}
		w := r.wires[id]
		if w == nil || w.lesson != s.Lesson {
			w = &wire{lesson: s.Lesson}
			r.wires[id] = w
		}
		w.take(s, r.kinds)
		r.state.touch(l)
	}
	r.wired++
	r.tell(before, record{})
}

// presence is who is where, as the servers have said, and when.
type presence map[string]*heard

type heard struct {
	at  time.Time
	ids map[string]bool
}

// hear takes what a server has said, and returns of whom it says something else than before.
func (p presence) hear(server string, b briefing, at time.Time) (changed []string) {
	h := p[server]
	if h == nil {
		h = &heard{ids: map[string]bool{}}
		p[server] = h
	}
	h.at = at
	if b.All != nil {
		now := map[string]bool{}
		for _, id := range *b.All {
			if now[id] = true; !h.ids[id] {
				changed = append(changed, id)
			}
		}
		for id := range h.ids {
			if !now[id] {
				changed = append(changed, id)
			}
		}
		h.ids = now
	}
	for _, id := range b.Came {
		h.ids[id] = true
	}
	for _, id := range b.Left {
		delete(h.ids, id)
	}
	return append(append(changed, b.Came...), b.Left...)
}

// forget lets go of servers that are silent, and returns who was there.
func (p presence) forget(now time.Time) (changed []string) {
	for server, h := range p {
		if now.Sub(h.at) > heardFor {
			changed = append(changed, slices.Collect(maps.Keys(h.ids))...)
			delete(p, server)
		}
	}
	return changed
}

func (p presence) is(id string) bool {
	for _, h := range p {
		if h.ids[id] {
			return true
		}
	}
	return false
}

// here is how many are here; mu is held.
func (r *Room) here() int {
	n := 0
	for id := range r.state.learners {
		if r.present.is(id) {
			n++
		}
	}
	return n
}

// wire is what was sent last in a learner's lesson.
type wire struct {
	lesson string
	arrows []arrow // each kind once, in the order in which they were sent first
	last   *kind   // that was sent last
	error  *Refusal
}

type arrow struct {
	kind    *kind
	refused bool // when it was sent last
}

// kind is what arrows have in common. There is one of each in a room, with places to count in: a class of 2,000 is counted often.
type kind struct {
	Arrow
	sent, refused, last int
	places              int // the sum of where it stands on each wire: what is sent early has a small mean
}

// kinds are those of a room.
type kinds map[Arrow]*kind

// mostKinds is more than all lessons have: whoever sends more of them has made them up.
const mostKinds = 500

// of is the kind of an arrow; nil where there are too many.
func (ks kinds) of(a Arrow) *kind {
	a.Refused = false
	k := ks[a]
	if k == nil && len(ks) < mostKinds {
		k = &kind{Arrow: a}
		ks[a] = k
	}
	return k
}

func (w *wire) take(s sent, all kinds) {
	for _, a := range s.Arrows {
		k := all.of(a)
		if k == nil {
			continue
		}
		w.last = k
		if i := slices.IndexFunc(w.arrows, func(o arrow) bool { return o.kind == k }); i >= 0 {
			w.arrows[i].refused = a.Refused // sent again: what came of it now
		} else {
			w.arrows = append(w.arrows, arrow{k, a.Refused})
		}
	}
	if len(w.arrows) > mostArrows {
		w.arrows = slices.Delete(w.arrows, 0, len(w.arrows)-mostArrows)
	}
	if s.Error != nil {
		w.error = s.Error
	}
}

// silent forgets who was on a server that isn’t heard of any more; mu is held.
func (r *Room) silent(now time.Time) {
	for _, id := range r.present.forget(now) {
		if l := r.state.learners[id]; l != nil {
			r.state.touch(l)
		}
	}
}
