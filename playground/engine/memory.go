package engine

import (
	"context"
	"maps"
	"slices"
	"sync"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// NewMemory makes the engine in the memory of this process.
func NewMemory() Engine { return &memory{sandboxes: map[string]*sandbox{}} }

type memory struct {
	mu        sync.Mutex // guards the fields below
	closed    bool
	sandboxes map[string]*sandbox
}

type sandbox struct {
	store *mockidp.MemoryStore
	log   *trace.MemoryLog
}

func (m *memory) Has(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sandboxes[id] != nil, nil
}

func (m *memory) Open(_ context.Context, id string, o Options) (mockidp.Store, trace.Log, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, nil, ErrClosed
	}
	s := m.sandboxes[id]
	if s == nil {
		s = &sandbox{store: mockidp.NewMemoryStore(), log: trace.NewMemoryLog(trace.MemoryOptions{Window: o.Window, Limit: o.Limit})}
		m.sandboxes[id] = s
	}
	return s.store, s.log, nil
}

func (m *memory) Clear(ctx context.Context, id string, keep ...string) error {
	m.mu.Lock()
	s := m.sandboxes[id]
	m.mu.Unlock()
	if s == nil {
		return nil
	}
	s.store.Clear(keep...)
	return s.log.Reset(ctx)
}

func (m *memory) Drop(_ context.Context, id string) error {
	m.mu.Lock()
	s := m.sandboxes[id]
	delete(m.sandboxes, id)
	m.mu.Unlock()
	if s != nil {
		s.log.Close()
	}
	return nil
}

func (m *memory) IDs(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.sandboxes)), nil
}

func (m *memory) Check(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, s := range m.sandboxes {
		s.log.Close()
	}
	clear(m.sandboxes)
	return nil
}
