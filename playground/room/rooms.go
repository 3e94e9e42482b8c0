package room

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
)

// Config is what Rooms are made of. Engine and Course are needed.
type Config struct {
	Engine engine.Engine
	Course func() (*lessons.Course, error)
	Clock  func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: nothing is logged
	Limits Limits
	Ended  func(ctx context.Context, sandboxes []string) // a room has ended, and with it its learners' sandboxes; may be nil
}

// Limits bound what a server keeps. Zero values mean the defaults.
type Limits struct {
	Rooms int           // at once on the engine; default 1,000
	Idle  time.Duration // a room nobody used for so long ends; default 7 days
	Life  time.Duration // and any ends after this; default 30 days
	Stuck time.Duration // a learner who has made no progress for so long is stuck; default 5 min
}

// maxSandboxes is how many sandboxes one learner has at a time: a lesson each.
const maxSandboxes = 12

const (
	maxRecords = 500_000 // of a room: a class of 2,000 that does the whole course writes about 300
	maxBrief   = 1_000   // the window of what nobody needs to keep: a class of 2,000 that works fills it in minutes, with 25 MB
)

// Rooms makes and opens rooms.
type Rooms struct {
	config Config
	name   string // of this server, among those that share the engine
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	courses atomic.Pointer[catalogue] // of the course that was asked for last
	writes  atomic.Uint64             // counts, to name them

	mu      sync.Mutex // guards the fields below
	open    map[string]*Room
	opening map[string]chan struct{} // closed when somebody else has opened it
	total   int
	unmade  map[string]time.Time // rooms without a beginning, by code, since when they are known to be
}

// New makes Rooms on an engine. Close them before the engine.
func New(c Config) *Rooms {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Ended == nil {
		c.Ended = func(context.Context, []string) {}
	}
	c.Limits.Rooms = cmp.Or(c.Limits.Rooms, 1000)
	c.Limits.Idle = cmp.Or(c.Limits.Idle, 7*24*time.Hour)
	c.Limits.Life = cmp.Or(c.Limits.Life, 30*24*time.Hour)
	c.Limits.Stuck = cmp.Or(c.Limits.Stuck, 5*time.Minute)
	rs := &Rooms{config: c, name: newKey()[:8], open: map[string]*Room{}, opening: map[string]chan struct{}{}, unmade: map[string]time.Time{}}
	rs.ctx, rs.cancel = context.WithCancel(context.Background())
	rs.work.Go(rs.sweep)
	return rs
}

// Close lets go of every room on this server. What is in them stays on the engine.
func (rs *Rooms) Close() {
	rs.cancel()
	rs.work.Wait()
	rs.mu.Lock()
	list := slices.Collect(maps.Values(rs.open))
	clear(rs.open)
	rs.mu.Unlock()
	for _, r := range list {
		r.close()
	}
}

// Created is a new room, and the only time its key is told.
type Created struct{ Code, Key, Title string }

// fixed is what never changes of a room.
type fixed struct {
	Began   time.Time `json:"began"`
	Expires time.Time `json:"expires"`
}

const (
	fixedKey = "room"
	seenKey  = "seen"
	prefix   = "room-"
	briefEnd = "-brief"
)

func engineID(code string) string { return prefix + strings.ToLower(code) }

// Create makes a room.
func (rs *Rooms) Create(ctx context.Context, title, lesson string) (Created, error) {
	title = strings.Join(strings.Fields(title), " ")
	if len([]rune(title)) > maxTitle {
		return Created{}, refuse(Invalid, "title is longer than %d characters.", maxTitle)
	}
	title = cmp.Or(title, "Workshop")
	if lesson != "" {
		if _, err := rs.lesson(lesson); err != nil {
			return Created{}, err
		}
	}
	rs.mu.Lock()
	full := rs.total >= rs.config.Limits.Rooms
	rs.mu.Unlock()
	if full {
		return Created{}, refuse(Full, "This server holds as many rooms as it can: delete one that is over.")
	}
	ctx = context.WithoutCancel(ctx)
	now := rs.config.Clock().UTC().Truncate(time.Second)
	f, err := json.Marshal(fixed{Began: now, Expires: now.Add(rs.config.Limits.Life)})
	if err != nil {
		return Created{}, err
	}
	for {
		code := newCode()
		store, _, err := rs.config.Engine.Open(ctx, engineID(code), engine.Options{Limit: maxRecords})
		if err != nil {
			return Created{}, err
		}
		if _, err = store.Create(ctx, fixedKey, f, 0); errors.Is(err, mockidp.ErrExists) {
			continue
		} else if err != nil {
			return Created{}, err
		}
		r, err := rs.Open(ctx, code)
		if err != nil {
			return Created{}, err
		}
		key := newKey()
		if _, err := r.do(ctx, record{What: opened, Title: title, Lesson: lesson}); err != nil {
			return Created{}, err
		}
		if _, err := r.do(ctx, record{What: keyed, Key: hash(key)}); err != nil {
			return Created{}, err
		}
		rs.mu.Lock()
		rs.total++
		rs.mu.Unlock()
		return Created{Code: code, Key: key, Title: title}, nil
	}
}

// standingID is where the code of the standing room is kept.
const standingID = "standing-room"

// Standing is the code of the room that a server is started for: the same after a restart, as long as it lasts.
func (rs *Rooms) Standing(ctx context.Context, title string) (string, error) {
	store, _, err := rs.config.Engine.Open(ctx, standingID, engine.Options{})
	if err != nil {
		return "", err
	}
	for {
		known, rev, err := store.Get(ctx, "code")
		if err == nil {
			_, err := rs.Open(ctx, string(known))
			if err == nil {
				return string(known), nil
			}
			if refused := (Error{}); !errors.As(err, &refused) { // it may be there, and can't be read at the moment
				return "", err
			}
		} else if !errors.Is(err, mockidp.ErrNotFound) {
			return "", err
		}
		made, err := rs.Create(ctx, title, "")
		if err != nil {
			return "", err
		}
		if known == nil {
			_, err = store.Create(ctx, "code", []byte(made.Code), 0)
		} else {
			_, err = store.Update(ctx, "code", []byte(made.Code), rev, 0)
		}
		if err == nil {
			return made.Code, nil
		}
		if !errors.Is(err, mockidp.ErrExists) && !errors.Is(err, mockidp.ErrConflict) {
			return "", err
		}
		if err := rs.Delete(ctx, made.Code); err != nil { // another server was faster
			return "", err
		}
	}
}

// Open finds a room by its code, as somebody has typed it.
func (rs *Rooms) Open(ctx context.Context, typed string) (*Room, error) {
	code := cleanCode(typed)
	if code == "" {
		return nil, refuse(NotFound, "%q is no room code: it has six letters and digits, as in K7P-4MX.", clip(typed))
	}
	for {
		rs.mu.Lock()
		if r := rs.open[code]; r != nil {
			rs.mu.Unlock()
			r.touch()
			return r, nil
		}
		wait, busy := rs.opening[code]
		if !busy {
			rs.opening[code] = make(chan struct{})
		}
		rs.mu.Unlock()
		if !busy {
			r, err := rs.take(ctx, code)
			rs.mu.Lock()
			over := rs.ctx.Err()
			if err == nil && over == nil {
				rs.open[code] = r
			}
			close(rs.opening[code])
			delete(rs.opening, code)
			rs.mu.Unlock()
			if err == nil && over != nil { // Close has not seen it
				r.close()
				return nil, over
			}
			return r, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// take opens a room on this server, and reads all that is in it.
func (rs *Rooms) take(ctx context.Context, code string) (*Room, error) {
	if rs.ctx.Err() != nil {
		return nil, rs.ctx.Err()
	}
	id := engineID(code)
	known, err := rs.config.Engine.Has(ctx, id)
	if err == nil && !known {
		err = errNoRoom
	}
	if err != nil {
		return nil, err
	}
	store, log, err := rs.config.Engine.Open(ctx, id, engine.Options{Limit: maxRecords})
	if err != nil {
		return nil, err
	}
	raw, _, err := store.Get(ctx, fixedKey)
	if errors.Is(err, mockidp.ErrNotFound) {
		return nil, errNoRoom
	}
	var f fixed
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	if err != nil {
		return nil, err
	}
	if !rs.config.Clock().Before(f.Expires) {
		return nil, errNoRoom // the next sweep takes it away
	}
	_, brief, err := rs.config.Engine.Open(ctx, id+briefEnd, engine.Options{Window: true, Limit: maxBrief})
	if err != nil {
		return nil, err
	}
	r := &Room{rooms: rs, code: code, store: store, log: log, brief: brief, queue: make(chan *write, 4*mostAtOnce), state: newState(), waiting: map[string]*write{}, moved: make(chan struct{}),
		present: presence{}, wires: map[string]*wire{}, kinds: kinds{}, watches: map[string]map[*watch]struct{}{}}
	r.notes.init()
	r.touch()
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.work.Go(r.follow)
	r.work.Go(r.followBrief)
	r.work.Go(r.write)
	r.work.Go(r.flush)
	r.work.Go(r.lookAround)
	if err := r.catchUp(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// forget lets go of a room that has ended.
func (rs *Rooms) forget(r *Room) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.open[r.code] == r {
		delete(rs.open, r.code)
	}
}

// Delete ends a room, with everything that was in it.
func (rs *Rooms) Delete(ctx context.Context, code string) error {
	r, err := rs.Open(ctx, code)
	if err != nil {
		return err
	}
	return rs.drop(context.WithoutCancel(ctx), r)
}

func (rs *Rooms) drop(ctx context.Context, r *Room) error {
	sandboxes := r.Sandboxes()
	err := errors.Join(rs.config.Engine.Drop(ctx, engineID(r.code)), rs.config.Engine.Drop(ctx, engineID(r.code)+briefEnd))
	if err != nil {
		return err
	}
	r.end()
	rs.mu.Lock()
	rs.total--
	rs.mu.Unlock()
	rs.config.Ended(ctx, sandboxes)
	return nil
}

func (rs *Rooms) lesson(slug string) (*lessons.Lesson, error) {
	course, err := rs.config.Course()
	if err != nil {
		return nil, err
	}
	if l := course.Lesson(slug); l != nil {
		return l, nil
	}
	return nil, refuse(NotFound, "There is no lesson %q. GET /api/lessons lists them.", clip(slug))
}

func (rs *Rooms) question(lesson, id string) (*lessons.Lesson, *lessons.Quiz, error) {
	l, err := rs.lesson(lesson)
	if err != nil {
		return nil, nil, err
	}
	if q := l.Quiz(id); q != nil {
		return l, q, nil
	}
	return nil, nil, refuse(NotFound, "Lesson %q has no question %q.", lesson, clip(id))
}

const (
	sweepEvery = time.Minute
	closeAfter = 10 * time.Minute // a room that nobody here used for so long is closed here
)

// sweep ends rooms whose time is over, and closes those that nobody uses on this server.
func (rs *Rooms) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := rs.sweepOnce(rs.ctx); err != nil && rs.ctx.Err() == nil {
			rs.config.Log.Warn("not all rooms could be looked at", "error", err)
		}
		select {
		case <-rs.ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (rs *Rooms) sweepOnce(ctx context.Context) error {
	rs.mu.Lock()
	open := slices.Collect(maps.Values(rs.open))
	rs.mu.Unlock()
	now := rs.config.Clock()
	var failed error
	for _, r := range open {
		failed = errors.Join(failed, r.writeSeen(ctx))
		if r.idle(now) {
			rs.forget(r)
			r.close()
		}
	}
	ids, err := rs.config.Engine.IDs(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	total := 0
	for _, id := range ids {
		if !strings.HasPrefix(id, prefix) {
			continue
		}
		if main, isBrief := strings.CutSuffix(id, briefEnd); isBrief {
			if !slices.Contains(ids, main) { // its room was ended by a server that died over it
				if known, err := rs.config.Engine.Has(ctx, main); err == nil && !known {
					failed = errors.Join(failed, rs.config.Engine.Drop(ctx, id))
				}
			}
			continue
		}
		total++
		failed = errors.Join(failed, rs.look(ctx, strings.TrimPrefix(id, prefix), now))
	}
	rs.mu.Lock()
	rs.total = total
	rs.mu.Unlock()
	return failed
}

// look ends a room if its time is over.
func (rs *Rooms) look(ctx context.Context, code string, now time.Time) error {
	known, err := rs.config.Engine.Has(ctx, prefix+code)
	if err == nil && !known { // whoever ended it did not come to the end of that
		err = rs.config.Engine.Drop(ctx, prefix+code)
	}
	if err != nil || !known {
		return err
	}
	store, _, err := rs.config.Engine.Open(ctx, prefix+code, engine.Options{Limit: maxRecords})
	if err != nil {
		return err
	}
	raw, _, err := store.Get(ctx, fixedKey)
	if errors.Is(err, mockidp.ErrNotFound) {
		return rs.unfinished(ctx, code, now)
	}
	rs.mu.Lock()
	delete(rs.unmade, code)
	rs.mu.Unlock()
	var f fixed
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	if err != nil {
		return err
	}
	last := f.Began
	raw, _, err = store.Get(ctx, seenKey)
	if err == nil {
		var unix int64
		if err = json.Unmarshal(raw, &unix); err == nil {
			last = time.Unix(unix, 0)
		}
	}
	if err != nil && !errors.Is(err, mockidp.ErrNotFound) {
		return err
	}
	if now.Before(f.Expires) && now.Sub(last) < rs.config.Limits.Idle {
		return nil
	}
	r, err := rs.Open(ctx, code) // for its sandboxes
	if err != nil {
		if now.Before(f.Expires) {
			return err
		}
		return errors.Join(rs.config.Engine.Drop(ctx, prefix+code), rs.config.Engine.Drop(ctx, prefix+code+briefEnd))
	}
	return rs.drop(ctx, r)
}

// unfinished takes away a room that has no beginning: it is being made at this moment, or was left by a server that died over it, and
// then it looks the same a while later.
func (rs *Rooms) unfinished(ctx context.Context, code string, now time.Time) error {
	rs.mu.Lock()
	since, known := rs.unmade[code]
	if !known {
		rs.unmade[code] = now
	}
	over := known && now.Sub(since) > 2*sweepEvery
	if over {
		delete(rs.unmade, code)
	}
	rs.mu.Unlock()
	if !over {
		return nil
	}
	return errors.Join(rs.config.Engine.Drop(ctx, prefix+code), rs.config.Engine.Drop(ctx, prefix+code+briefEnd))
}

// idle tells whether nobody has used the room here for a while.
func (r *Room) idle(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.watches) == 0 && now.Sub(time.Unix(r.used.Load(), 0)) > closeAfter
}

// writeSeen writes down when the room was used last, for other servers to know.
func (r *Room) writeSeen(ctx context.Context) error {
	r.mu.Lock()
	if len(r.watches) > 0 {
		r.touch()
	}
	r.mu.Unlock()
	used := r.used.Load()
	raw, rev, err := r.store.Get(ctx, seenKey)
	var known int64
	if err == nil {
		json.Unmarshal(raw, &known)
	}
	if used-known < int64(r.rooms.config.Limits.Idle.Seconds()/50) {
		return nil
	}
	next := fmt.Append(nil, used)
	if errors.Is(err, mockidp.ErrNotFound) {
		_, err = r.store.Create(ctx, seenKey, next, 0)
	} else if err == nil {
		_, err = r.store.Update(ctx, seenKey, next, rev, 0)
	}
	if errors.Is(err, mockidp.ErrConflict) || errors.Is(err, mockidp.ErrExists) {
		return nil // another server did
	}
	return err
}
