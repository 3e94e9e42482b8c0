package mockidp

import (
	"bytes"
	"container/heap"
	"context"
	"sync"
	"time"
)

// memoryCap is how many values with a ttl a memory store keeps; beyond it the soonest to expire go first, which means the
// expired before all others, and a code before the mark that it is spent.
const memoryCap = 20_000

// NewMemoryStore makes a Store in the memory of this process.
func NewMemoryStore() Store { return newMemoryStore(time.Now) }

func newMemoryStore(now func() time.Time) *memoryStore {
	return &memoryStore{now: now, entries: map[string]*entry{}}
}

type memoryStore struct {
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	entries map[string]*entry
	expiry  expiryHeap // entries with a ttl, the soonest to expire first
	rev     Rev
}

type entry struct {
	key     string
	value   []byte
	rev     Rev
	expires time.Time // zero: never
	index   int       // in the heap; -1 without a ttl
}

func (m *memoryStore) Create(_ context.Context, key string, value []byte, ttl time.Duration) (Rev, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetExpired()
	if m.entries[key] != nil {
		return 0, ErrExists
	}
	e := &entry{key: key, index: -1}
	m.entries[key] = e
	return m.set(e, value, ttl), nil
}

func (m *memoryStore) Get(_ context.Context, key string) ([]byte, Rev, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entries[key]
	if e == nil || e.expired(m.now) {
		return nil, 0, ErrNotFound
	}
	return bytes.Clone(e.value), e.rev, nil
}

func (m *memoryStore) Update(_ context.Context, key string, value []byte, at Rev, ttl time.Duration) (Rev, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetExpired()
	e := m.entries[key]
	if e == nil {
		return 0, ErrNotFound
	}
	if e.rev != at {
		return 0, ErrConflict
	}
	return m.set(e, value, ttl), nil
}

func (m *memoryStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.entries[key]; e != nil {
		m.forget(e)
	}
	return nil
}

// set writes e's value; the caller holds mu.
func (m *memoryStore) set(e *entry, value []byte, ttl time.Duration) Rev {
	m.rev++
	e.value, e.rev = bytes.Clone(value), m.rev
	if e.value == nil {
		e.value = []byte{}
	}
	switch {
	case ttl > 0:
		e.expires = m.now().Add(ttl)
		if e.index < 0 {
			heap.Push(&m.expiry, e)
		} else {
			heap.Fix(&m.expiry, e.index)
		}
	case e.index >= 0:
		heap.Remove(&m.expiry, e.index)
		e.expires, e.index = time.Time{}, -1
	}
	for len(m.expiry) > memoryCap {
		m.forget(m.expiry[0])
	}
	return e.rev
}

// forgetExpired frees what has expired; the caller holds mu.
func (m *memoryStore) forgetExpired() {
	for len(m.expiry) > 0 && m.expiry[0].expired(m.now) {
		m.forget(m.expiry[0])
	}
}

func (m *memoryStore) forget(e *entry) {
	delete(m.entries, e.key)
	if e.index >= 0 {
		heap.Remove(&m.expiry, e.index)
	}
}

func (e *entry) expired(now func() time.Time) bool {
	return !e.expires.IsZero() && !now().Before(e.expires)
}

type expiryHeap []*entry

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }
func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *expiryHeap) Push(x any) {
	e := x.(*entry)
	e.index = len(*h)
	*h = append(*h, e)
}
func (h *expiryHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	e.index = -1
	return e
}
