package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/mockidp"
)

// natsStore is a sandbox's store: a subject for each key, with one message. What is deleted leaves a message that says so, for a
// while: a server that is killed may find again what was only purged.
type natsStore struct {
	engine *natsEngine
	prefix string
}

func (s *natsStore) message(key string, value []byte) *nats.Msg {
	return &nats.Msg{Subject: s.prefix + escape(key), Data: value}
}

func (s *natsStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	after := uint64(0)
	for {
		seq, err := s.engine.commit(ctx, s.engine.store, s.message(key, value), after, ttl)
		if !errors.Is(err, errFaster) {
			return mockidp.Rev(seq), err
		}
		last, err := s.engine.last(ctx, s.engine.store, s.prefix+escape(key))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			after = 0
		case err != nil:
			return 0, unavailable("the state can’t be read", err)
		case last.Header.Get(headerDeleted) == "":
			return 0, mockidp.ErrExists
		default:
			after = last.Sequence
		}
	}
}

func (s *natsStore) Get(ctx context.Context, key string) ([]byte, mockidp.Rev, error) {
	m, err := s.engine.last(ctx, s.engine.store, s.prefix+escape(key))
	if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && m.Header.Get(headerDeleted) != "" {
		return nil, 0, mockidp.ErrNotFound
	}
	if err != nil {
		return nil, 0, unavailable("the state can’t be read", err)
	}
	return m.Data, mockidp.Rev(m.Sequence), nil
}

func (s *natsStore) Update(ctx context.Context, key string, value []byte, at mockidp.Rev, ttl time.Duration) (mockidp.Rev, error) {
	err := errFaster
	var seq uint64
	if at > 0 { // 0 would mean that there must be none
		seq, err = s.engine.commit(ctx, s.engine.store, s.message(key, value), uint64(at), ttl)
	}
	if errors.Is(err, errFaster) {
		if _, _, err := s.Get(ctx, key); err != nil {
			return 0, err
		}
		return 0, mockidp.ErrConflict
	}
	return mockidp.Rev(seq), err
}

func (s *natsStore) Delete(ctx context.Context, key string) error {
	_, _, err := s.Get(ctx, key)
	if errors.Is(err, mockidp.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.engine.delete(ctx, s.prefix+escape(key))
}

// headerDeleted is on a message that stands for none.
const headerDeleted = "Deleted"

// deletedFor is how long such a message is kept: longer than any server needs to have what it replaces out of its files.
const deletedFor = 10 * time.Minute

// delete replaces what a subject of the store has by nothing.
func (e *natsEngine) delete(ctx context.Context, subject string) error {
	m := &nats.Msg{Subject: subject, Header: nats.Header{headerDeleted: {"1"}}}
	_, err := e.commit(ctx, e.store, m, anyRevision, deletedFor)
	return err
}

// lateFor is how long an act may still write into a sandbox that has ended under it; longer than any act takes.
const lateFor = 2 * time.Minute

// takeLate takes away what was written into sandboxes after this server had ended them.
func (e *natsEngine) takeLate(ctx context.Context, now time.Time) error {
	e.mu.Lock()
	over := maps.Clone(e.dropped)
	e.mu.Unlock()
	maps.DeleteFunc(over, func(_ string, at time.Time) bool { return now.Sub(at) < lateFor })
	for id := range over {
		known, err := e.Has(ctx, id) // it may have been made anew
		if err == nil && !known {
			err = e.purge(ctx, e.store, storeSubject+escape(id)+".>")
		}
		if err != nil {
			return err
		}
		e.mu.Lock()
		delete(e.dropped, id)
		e.mu.Unlock()
	}
	return nil
}

// takeStray takes away keys that belong to no sandbox: a server that was killed may have found them again. To list all keys takes the
// server that keeps them about 15 µs for each.
func (e *natsEngine) takeStray(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	info, err := e.store.Info(ctx, jetstream.WithSubjectFilter(storeSubject+">")) // may take longer than a try
	if err != nil {
		return unavailable("the state can’t be read", err)
	}
	subjects, at := info.State.Subjects, info.State.LastSeq
	owners := map[string]bool{}
	for subject := range subjects {
		owner, _, _ := strings.Cut(strings.TrimPrefix(subject, storeSubject), ".")
		owners[owner] = true
	}
	ids, err := e.IDs(ctx) // later: the log of a sandbox is begun before its first key
	if err != nil {
		return err
	}
	for _, id := range ids {
		delete(owners, escape(id))
	}
	for owner := range owners {
		// Not what was written since: it may have been made anew.
		if err := e.purge(ctx, e.store, storeSubject+owner+".>", jetstream.WithPurgeSequence(at+1)); err != nil {
			return err
		}
	}
	return nil
}

// empty deletes every key of a sandbox, but for some.
func (e *natsEngine) empty(ctx context.Context, id string, keep []string) error {
	prefix := storeSubject + escape(id) + "."
	var subjects []string
	err := retry(ctx, func(ctx context.Context) error {
		info, err := e.store.Info(ctx, jetstream.WithSubjectFilter(prefix+">"))
		if err == nil {
			subjects = slices.Collect(maps.Keys(info.State.Subjects))
		}
		return err
	})
	if err != nil {
		return unavailable("the state can’t be read", err)
	}
	for _, subject := range subjects {
		if slices.Contains(keep, unescape(strings.TrimPrefix(subject, prefix))) {
			continue
		}
		if err := e.delete(ctx, subject); err != nil {
			return err
		}
	}
	return nil
}
