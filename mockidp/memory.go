package mockidp

import (
	"bytes"
	"container/heap"
	"container/list"
	"context"
	"slices"
	"sync"
	"time"
)

// memoryCap is how many values with a ttl a memory store keeps. Beyond it the expired go first, and then those that were
// written longest ago. Going by what expires next would be wrong: a store full of refresh tokens, which live for weeks,
// would push out every new code at once.
const memoryCap = 8_000

// NewMemoryStore makes a Store in the memory of this process.
func NewMemoryStore() *MemoryStore { return newMemoryStore(memoryCap) }

func newMemoryStore(limit int) *MemoryStore {
	return &MemoryStore{limit: limit, entries: map[string]*entry{}, written: list.New()}
}

// MemoryStore is a Store in the memory of this process.
type MemoryStore struct {
	limit int

	mu      sync.Mutex // guards the fields below
	entries map[string]*entry
	expiry  expiryHeap // entries with a ttl, the soonest to expire first
	written *list.List // entries with a ttl, the longest ago written first
	rev     Rev
}

type entry struct {
	key     string
	value   []byte
	rev     Rev
	expires time.Time     // when it has a ttl
	index   int           // in expiry; -1 without a ttl
	turn    *list.Element // in written; nil without a ttl
}

func (m *MemoryStore) Create(_ context.Context, key string, value []byte, ttl time.Duration) (Rev, error) {
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

func (m *MemoryStore) Get(_ context.Context, key string) ([]byte, Rev, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entries[key]
	if e == nil || e.expired(time.Now()) {
		return nil, 0, ErrNotFound
	}
	return bytes.Clone(e.value), e.rev, nil
}

func (m *MemoryStore) Update(_ context.Context, key string, value []byte, at Rev, ttl time.Duration) (Rev, error) {
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

// Clear forgets everything but some keys and the revision it has come to: what is written later has another one than anything before.
func (m *MemoryStore) Clear(keep ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, e := range m.entries {
		if !slices.Contains(keep, key) {
			m.forget(e)
		}
	}
}

func (m *MemoryStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.entries[key]; e != nil {
		m.forget(e)
	}
	return nil
}

// set writes e's value; the caller holds mu.
func (m *MemoryStore) set(e *entry, value []byte, ttl time.Duration) Rev {
	m.rev++
	e.rev = m.rev
	e.value = append([]byte{}, value...)
	if ttl <= 0 {
		m.keepForGood(e)
		return e.rev
	}
	e.expires = time.Now().Add(ttl)
	if e.turn == nil {
		heap.Push(&m.expiry, e)
		e.turn = m.written.PushBack(e)
	} else {
		heap.Fix(&m.expiry, e.index)
		m.written.MoveToBack(e.turn)
	}
	for len(m.expiry) > m.limit {
		m.forget(m.written.Front().Value.(*entry))
	}
	return e.rev
}

// forgetExpired frees what has expired; the caller holds mu.
func (m *MemoryStore) forgetExpired() {
	now := time.Now()
	for len(m.expiry) > 0 && m.expiry[0].expired(now) {
		m.forget(m.expiry[0])
	}
}

func (m *MemoryStore) forget(e *entry) {
	delete(m.entries, e.key)
	m.keepForGood(e)
}

// keepForGood takes the ttl off e.
func (m *MemoryStore) keepForGood(e *entry) {
	if e.turn == nil {
		return
	}
	heap.Remove(&m.expiry, e.index)
	m.written.Remove(e.turn)
	e.turn = nil
}

func (e *entry) expired(now time.Time) bool { return e.turn != nil && !now.Before(e.expires) }

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
