package mockidp

import (
	"context"
	"errors"
	"time"
)

// Rev is the revision of a stored value: it grows with every change of its key and is never reused for other bytes.
type Rev uint64

// The errors of a Store that carry meaning. Any other error means that the store could not do its work.
var (
	ErrExists   = errors.New("mockidp: key exists")            // Create: somebody was first
	ErrNotFound = errors.New("mockidp: key not found")         // Get, Update: no such key, or its ttl is over
	ErrConflict = errors.New("mockidp: revision has moved on") // Update: read again
)

// Store remembers everything of one issuer between two requests: keys, clients, users, sessions, codes, tokens. It is
// small on purpose, so that any engine with an atomic create and a compare-and-swap can be one. What is spent once is
// spent by Create.
//
// Keys are printable ASCII without spaces; engines encode them as they must. Values are opaque; a caller may keep what
// it passed and what it got, so an engine copies. A ttl of 0 keeps the value for as long as the store lives; otherwise
// the engine may forget the value once the ttl is over. The ttl is housekeeping and never protocol expiry.
//
// Package storetest is the contract as a test suite.
type Store interface {
	// Create stores a value under a new key, or fails with ErrExists: of many concurrent creators exactly one wins.
	Create(ctx context.Context, key string, value []byte, ttl time.Duration) (Rev, error)
	// Get returns the value and its revision, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, Rev, error)
	// Update replaces the value if its revision is still at, or fails with ErrConflict or ErrNotFound.
	Update(ctx context.Context, key string, value []byte, at Rev, ttl time.Duration) (Rev, error)
	// Delete forgets the key. Deleting what isn't there is no error.
	Delete(ctx context.Context, key string) error
}
