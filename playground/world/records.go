package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"oauthplayground/mockidp"
)

// read decodes a record of the store. A record that isn't there is mockidp.ErrNotFound.
func (s *Sandbox) read(ctx context.Context, key string, v any) error {
	raw, _, err := s.store.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("decoding %s: %w", key, err)
	}
	return nil
}

// write creates a record or replaces it whatever it was: for records that one party writes.
func (s *Sandbox) write(ctx context.Context, key string, v any, ttl time.Duration) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	for {
		_, rev, err := s.store.Get(ctx, key)
		if errors.Is(err, mockidp.ErrNotFound) {
			_, err = s.store.Create(ctx, key, raw, ttl)
		} else if err == nil {
			_, err = s.store.Update(ctx, key, raw, rev, ttl)
		}
		if errors.Is(err, mockidp.ErrExists) || errors.Is(err, mockidp.ErrConflict) || errors.Is(err, mockidp.ErrNotFound) {
			continue // somebody wrote it in between
		}
		return err
	}
}

// modifyFrom is modify for a record that is not there before its first change, which is one of first.
func modifyFrom[T any](ctx context.Context, s *Sandbox, key string, first T, change func(*T) error) error {
	if err := s.create(ctx, key, first); err != nil && !errors.Is(err, mockidp.ErrExists) {
		return err
	}
	return modify(ctx, s, key, change)
}

// modify changes a record by compare-and-swap: change is called again on a fresh copy when somebody else was faster.
func modify[T any](ctx context.Context, s *Sandbox, key string, change func(*T) error) error {
	for {
		raw, rev, err := s.store.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("reading %s: %w", key, err)
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("decoding %s: %w", key, err)
		}
		if err := change(&v); err != nil {
			return err
		}
		if raw, err = json.Marshal(v); err != nil {
			return err
		}
		if _, err = s.store.Update(ctx, key, raw, rev, 0); !errors.Is(err, mockidp.ErrConflict) {
			return err
		}
	}
}
