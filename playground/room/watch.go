package room

import (
	"context"
	"iter"
	"time"
)

const (
	rowsEvery  = 20 * time.Millisecond  // how often a board is told of its rows, at most
	tallyEvery = 100 * time.Millisecond // and whoever shows how many: of that there are many
	heatEvery  = time.Second
	restAfter  = 50 * time.Millisecond // what is not everybody's comes so much later than what is: 2,000 are told in that time
	lookEvery  = 5 * time.Second       // how often it is looked who is stuck, and which servers are silent
)

// watch is a page that looks at the room, and what it was told last.
type watch struct {
	role    Role
	learner string // of a learner's page
	woken   chan struct{}

	course *catalogue
	public uint64
	you    uint64
	rows   uint64
	gone   uint64
	known  map[string]bool // learners that the board shows
	tally  counted
	heat   uint64

	begun              bool
	nextRows, nextTo   time.Time // not before
	nextHeat, nextRest time.Time // nextRest is of all that is not everybody's
}

// counted is a version of the tally.
type counted struct{ wired, rows uint64 }

func (w *watch) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// shown are messages that many pages get: made once a version.
type shown struct {
	views map[Role]shownView
	tally shownTally
}

type shownView struct {
	public  uint64
	at      time.Time
	message *Message
}

type shownTally struct {
	version counted
	message *Message
}

// Watch yields what a page shows of the room: the present state, and then what changes, until ctx ends. A page that is slow gets
// fewer and later states, and always whole ones. An error is the last thing it yields: ErrEnded when the room is no more. While a
// learner's page watches, the learner is here.
func (r *Room) Watch(ctx context.Context, role Role, learner string) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		w := &watch{role: role, learner: learner, woken: make(chan struct{}, 1)}
		r.enter(w)
		defer r.leave(w)
		var again <-chan time.Time // seldom any on a learner's page, of which there are many
		if role == Instructor {
			w.known = map[string]bool{}
		}
		for {
			list, wait, err := r.due(w)
			for _, m := range list {
				if !yield(m, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if r.ctx.Err() != nil { // closed here, or over since: due tells
				if _, _, err := r.due(w); err != nil {
					yield(nil, err)
				}
				return
			}
			if again = nil; wait > 0 {
				again = time.After(wait)
			}
			select {
			case <-ctx.Done():
				return
			case <-w.woken:
			case <-again:
			}
		}
	}
}

func (r *Room) enter(w *watch) {
	r.touch()
	r.mu.Lock()
	if r.watches[w.learner] == nil {
		r.watches[w.learner] = map[*watch]struct{}{}
	}
	r.watches[w.learner][w] = struct{}{}
	r.mu.Unlock()
	if w.role == Learner {
		r.notes.enter(w.learner, 1)
	}
}

func (r *Room) leave(w *watch) {
	r.mu.Lock()
	of := r.watches[w.learner]
	if delete(of, w); len(of) == 0 {
		delete(r.watches, w.learner)
	}
	r.mu.Unlock()
	if w.role == Learner {
		r.notes.enter(w.learner, -1)
	}
	r.touch()
}

// tell wakes the pages for which something has changed since before; mu is held.
func (r *Room) tell(before versions, rec record) {
	now := r.state.version
	switch w := r.wires[rec.Learner]; {
	case rec.What == left || rec.What == removed:
		delete(r.wires, rec.Learner)
	case rec.What == moved && w != nil:
		w.error = nil // they have gone on
	}
	if now.public != before.public || rec.What == cleared { // whoever was cleared away is told so
		r.wakeAll()
		return
	}
	for _, whose := range []string{notALearner, rec.Learner} {
		for w := range r.watches[whose] {
			w.wake()
		}
	}
}

// wakeAll wakes every page; mu is held.
func (r *Room) wakeAll() {
	for _, of := range r.watches {
		for w := range of {
			w.wake()
		}
	}
}

// notALearner is whose pages boards and walls are.
const notALearner = ""

// lookAround marks, again and again, who has become stuck, and forgets who is on no server any more.
func (r *Room) lookAround() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-tick.C:
			r.mu.Lock()
			r.lookOnce(r.rooms.config.Clock())
			r.mu.Unlock()
		}
	}
}

// lookOnce is once of it; mu is held.
func (r *Room) lookOnce(now time.Time) {
	before := r.state.version
	r.silent(now)
	c := r.rooms.catalogue()
	for _, l := range r.state.learners {
		if stuck := r.isStuck(l, c, now); stuck != l.stuck {
			l.stuck = stuck
			r.state.touch(l)
		}
	}
	if r.state.version != before {
		r.tell(before, record{})
	}
}

// isStuck tells whether a learner is stuck, who is here; mu is held.
func (r *Room) isStuck(l *learner, c *catalogue, now time.Time) bool {
	info, n := c.step(l.lesson, l.step)
	return r.state.isStuck(l, info, n, now, r.rooms.config.Limits.Stuck) && r.present.is(l.id)
}

// due is what a page is to be told now, and when there may be more without anybody saying so.
func (r *Room) due(w *watch) (list []*Message, wait time.Duration, err error) {
	list, wait, err = r.gather(w)
	for _, m := range list {
		if m.Data == nil { // one page's own: nobody else has to wait for it
			m.Data = encode(m.own)
		}
	}
	return list, wait, err
}

// gather is due; what is one page's own has no Data yet.
func (r *Room) gather(w *watch) (list []*Message, wait time.Duration, err error) {
	now := r.rooms.config.Clock()
	c := r.rooms.catalogue()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil, 0, ErrEnded
	}
	v := r.state.version
	later := func(at time.Time) bool { // whether it is too early, and when it isn't any more
		d := at.Sub(now)
		if d > 0 && (wait == 0 || d < wait) {
			wait = d
		}
		return d > 0
	}
	tell := func(view any) { list = append(list, &Message{own: view}) }
	if w.role == Instructor && w.course != c {
		w.course = c
		tell(Board{"board", c.lessons})
	}
	if w.begun && w.public != v.public && now.Sub(w.nextRest) > restAfter { // not again and again: the rest has its turn
		w.nextRest = now.Add(restAfter)
	}
	if !w.begun || w.public != v.public {
		w.public = v.public
		list = append(list, r.shownView(w.role, now))
	}
	l := r.state.learners[w.learner]
	if w.role == Learner && l == nil {
		return nil, 0, refuse(Unauthorized, "This seat is no longer in the room: join again.")
	}
	if w.role == Learner {
		if w.you != l.you && !later(w.nextRest) {
			w.you = l.you
			tell(r.you(l))
		}
		w.begun = true
		return list, wait, nil
	}
	if later(w.nextRest) {
		return list, wait, nil
	}
	if count := (counted{r.wired, v.rows + v.gone}); (!w.begun || w.tally != count) && !later(w.nextTo) {
		w.tally, w.nextTo = count, now.Add(tallyEvery)
		if r.of.tally.message == nil || r.of.tally.version != count {
			r.of.tally = shownTally{count, shared(r.tally(c))}
		}
		list = append(list, r.of.tally.message)
	}
	if w.role == Instructor {
		if (!w.begun || w.rows != v.rows || w.gone != v.gone) && !later(w.nextRows) {
			tell(r.rowsSince(w, c, now))
			w.rows, w.gone, w.nextRows = v.rows, v.gone, now.Add(rowsEvery)
		}
		if (!w.begun || w.heat != v.heat) && !later(w.nextHeat) {
			w.heat, w.nextHeat = v.heat, now.Add(heatEvery)
			tell(r.heat(c))
		}
	}
	w.begun = true
	return list, wait, nil
}

// shownView is what everybody is asked, made once for all who may know the same; mu is held.
func (r *Room) shownView(role Role, now time.Time) *Message {
	v := r.state.version
	of := r.of.views[role]
	if of.message == nil || of.public != v.public || now.Sub(of.at) > heatEvery { // it tells the time
		of = shownView{v.public, now, shared(r.view(role, now))}
		if r.of.views == nil {
			r.of.views = map[Role]shownView{}
		}
		r.of.views[role] = of
	}
	return of.message
}

// rowsSince are the learners of whom a board was not told yet; mu is held.
func (r *Room) rowsSince(w *watch, c *catalogue, now time.Time) Rows {
	rows := Rows{Type: "rows", Rows: []Row{}, Gone: []string{}}
	for _, l := range inOrder(func(yield func(*learner) bool) {
		for _, l := range r.state.learners {
			if l.row > w.rows && !yield(l) {
				return
			}
		}
	}) {
		rows.Rows = append(rows.Rows, r.row(l, c, now))
		w.known[l.id] = true
	}
	if w.gone != r.state.version.gone {
		for id := range w.known {
			if r.state.learners[id] == nil {
				rows.Gone = append(rows.Gone, id)
				delete(w.known, id)
			}
		}
	}
	return rows
}

// Now is what a role is shown at this moment, for who doesn't watch.
func (r *Room) Now(role Role) *Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shownView(role, r.rooms.config.Clock())
}

// Rows are all learners as the board shows them.
func (r *Room) Rows() Rows {
	c := r.rooms.catalogue()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rowsSince(&watch{known: map[string]bool{}}, c, r.rooms.config.Clock())
}
