package engine

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/mockidp"
)

// natsStore is a sandbox's store: a subject for each key, with one message.
type natsStore struct {
	engine *natsEngine
	prefix string
}

func (s *natsStore) message(key string, value []byte) *nats.Msg {
	return &nats.Msg{Subject: s.prefix + escape(key), Data: value}
}

func (s *natsStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	seq, err := s.engine.commit(ctx, s.engine.store, s.message(key, value), 0, ttl)
	if errors.Is(err, errFaster) {
		return 0, mockidp.ErrExists
	}
	return mockidp.Rev(seq), err
}

func (s *natsStore) Get(ctx context.Context, key string) ([]byte, mockidp.Rev, error) {
	m, err := s.engine.last(ctx, s.engine.store, s.prefix+escape(key))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
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
	return s.engine.purge(ctx, s.engine.store, s.prefix+escape(key))
}
