package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

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

// sandbox is a store that can be emptied, and a log.
type sandbox struct {
	log *trace.MemoryLog

	mu    sync.RWMutex // guards store
	store mockidp.Store
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
		s = &sandbox{log: trace.NewMemoryLog(trace.MemoryOptions{Window: o.Window}), store: mockidp.NewMemoryStore()}
		m.sandboxes[id] = s
	}
	return s, s.log, nil
}

func (m *memory) Clear(ctx context.Context, id string) error {
	m.mu.Lock()
	s := m.sandboxes[id]
	m.mu.Unlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.store = mockidp.NewMemoryStore()
	s.mu.Unlock()
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

func (s *sandbox) current() mockidp.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.store
}

// sandbox is a mockidp.Store: the one it has at the moment.

func (s *sandbox) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	return s.current().Create(ctx, key, value, ttl)
}

func (s *sandbox) Get(ctx context.Context, key string) ([]byte, mockidp.Rev, error) {
	return s.current().Get(ctx, key)
}

func (s *sandbox) Update(ctx context.Context, key string, value []byte, at mockidp.Rev, ttl time.Duration) (mockidp.Rev, error) {
	return s.current().Update(ctx, key, value, at, ttl)
}

func (s *sandbox) Delete(ctx context.Context, key string) error { return s.current().Delete(ctx, key) }
