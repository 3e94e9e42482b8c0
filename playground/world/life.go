package world

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
)

// How long a sandbox lives. It ends when nobody has used it for a while, and at the latest after its whole life. Any server may use
// it, and any server may end it: so when it was used last is written down now and then, and read before it is ended.

// seenKey is the record of a sandbox's last use, in unix seconds of real time.
const seenKey = "seen"

// ended tells whether a sandbox's time is over. What this server doesn't know of its use, it reads.
func (s *Sandbox) ended(ctx context.Context, now time.Time) (bool, error) {
	limits := s.world.config.Limits
	if s.fixed.over(now) {
		return true, nil
	}
	used := time.Unix(s.used.Load(), 0)
	if now.Sub(used) < limits.Idle {
		return false, nil
	}
	seen, err := seen(ctx, s.store)
	if err != nil {
		return false, err
	}
	if seen.Unix() > s.told.Load() { // another server has told of it
		return limits.forgotten(seen, now), nil
	}
	return now.Sub(used) >= limits.Idle+sweepEvery, nil // within which another would have
}

// over tells whether a whole life has passed. A sandbox without an end has none.
func (f fixed) over(now time.Time) bool { return !f.Expires.IsZero() && !now.Before(f.Expires) }

// forgotten tells whether nobody has used a sandbox for too long, as far as it was written down: what has not been told yet is in its
// favour.
func (l Limits) forgotten(seen, now time.Time) bool {
	return now.Sub(seen) >= l.Idle+l.Idle/10+sweepEvery
}

// tell writes down that the sandbox has been used, if it was and that isn't known well enough.
func (s *Sandbox) tell(ctx context.Context) error {
	used := s.used.Load()
	if time.Duration(used-s.told.Load())*time.Second < s.world.config.Limits.Idle/10 {
		return nil
	}
	if err := s.write(ctx, seenKey, used, 0); err != nil {
		return err
	}
	s.told.Store(used)
	return nil
}

// seen is when a sandbox was last used, as far as it was written down; the zero time if it never was.
func seen(ctx context.Context, store mockidp.Store) (time.Time, error) {
	raw, _, err := store.Get(ctx, seenKey)
	if errors.Is(err, mockidp.ErrNotFound) {
		return time.Time{}, nil
	}
	var unix int64
	if err == nil {
		err = json.Unmarshal(raw, &unix)
	}
	return time.Unix(unix, 0), err
}

// sweepEvery is how often a server looks for what has ended, and sweepMost how many sandboxes that nobody has open it looks at each
// time.
const (
	sweepEvery = time.Minute
	sweepMost  = 500
)

// sweep ends sandboxes whose time is over, until the world is closed.
func (w *World) sweep() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-w.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := w.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			w.config.Log.Warn("not all sandboxes could be looked at", "error", err)
		}
		select {
		case <-w.done:
			return
		case <-tick.C:
		}
	}
}

// sweepOnce looks at every sandbox that this server has open, and at some of those that it hasn't.
func (w *World) sweepOnce(ctx context.Context) error {
	w.swept.mu.Lock()
	defer w.swept.mu.Unlock()
	var failed error
	for _, s := range w.opened() {
		over, err := s.ended(ctx, w.config.Clock())
		switch {
		case err == nil && over:
			err = w.drop(ctx, s)
		case err == nil:
			err = s.tell(ctx)
		}
		failed = errors.Join(failed, err)
		if errors.Is(err, engine.ErrUnavailable) {
			return err // and so would the others
		}
	}
	ids, err := w.config.Engine.IDs(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !validID(id) }) // rooms keep their own
	w.total.Store(int64(len(ids)))
	slices.Sort(ids) // each sweep goes on where the one before has stopped
	at, _ := slices.BinarySearch(ids, w.swept.next)
	looked := 0
	for n := range ids {
		id := ids[(at+n)%len(ids)]
		if looked == sweepMost {
			break
		}
		w.swept.next = id + " "
		if !validID(id) || w.isOpen(id) {
			continue
		}
		looked++
		if err := w.look(ctx, id); err != nil {
			return errors.Join(failed, err)
		}
	}
	maps.DeleteFunc(w.swept.unmade, func(id string, _ time.Time) bool {
		_, there := slices.BinarySearch(ids, id)
		return !there
	})
	return failed
}

// look ends a sandbox that nobody has open here, if its time is over, or if it was never finished.
func (w *World) look(ctx context.Context, id string) error {
	known, err := w.config.Engine.Has(ctx, id)
	if err == nil && !known { // whoever ended it did not come to the end of that
		err = w.config.Engine.Drop(ctx, id)
	}
	if err != nil || !known {
		return err
	}
	store, _, err := w.config.Engine.Open(ctx, id, engine.Options{})
	if err != nil {
		return err
	}
	now := w.config.Clock()
	f, err := made(ctx, store)
	if errors.Is(err, mockidp.ErrNotFound) {
		// Being made at this moment, or left by a server that died over it: then it looks the same at the next sweep but one.
		if since, known := w.swept.unmade[id]; !known {
			w.swept.unmade[id] = now
		} else if now.Sub(since) > 2*sweepEvery {
			delete(w.swept.unmade, id)
			return w.config.Engine.Drop(ctx, id)
		}
		return nil
	}
	if err != nil {
		return err
	}
	delete(w.swept.unmade, id)
	last, err := seen(ctx, store)
	if err != nil {
		return err
	}
	if last.Before(f.Began) {
		last = f.Began
	}
	if f.over(now) || w.config.Limits.forgotten(last, now) {
		return w.config.Engine.Drop(ctx, id)
	}
	return nil
}
