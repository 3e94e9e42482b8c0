package engine

import (
	"context"
	"errors"
	"fmt"

	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
)

// Options say how a sandbox's log is bounded. They are remembered from the first Open.
type Options struct {
	Window bool // let the oldest events go, as a workbench does; else refuse new ones when full, as a lesson does
	Limit  int  // how many events it holds; 0: 5,000, or 2,000 in a window. What many write together needs more
}

var (
	// ErrClosed is what a closed engine answers to Open.
	ErrClosed = errors.New("engine: it is closed")
	// ErrUnavailable says that the state can't be reached or written at the moment: what was asked may be asked again.
	ErrUnavailable = errors.New("engine: the state is not available")
	// ErrDiskFull is an ErrUnavailable that ends when there is room on the disk again.
	ErrDiskFull = fmt.Errorf("%w: the disk is full", ErrUnavailable)
)

// Engine keeps the state of sandboxes. Package enginetest is its contract.
type Engine interface {
	// Has tells whether a sandbox has been opened before and not dropped.
	Has(ctx context.Context, id string) (bool, error)
	// Open returns a sandbox's store and log, and makes them at its first use; after Close it is ErrClosed.
	Open(ctx context.Context, id string, o Options) (mockidp.Store, trace.Log, error)
	// Clear empties a sandbox's store, but for the keys to keep, and begins a new epoch of its log; one that isn't known is left
	// unknown.
	Clear(ctx context.Context, id string, keep ...string) error
	// Drop forgets a sandbox: its readers get trace.ErrGone.
	Drop(ctx context.Context, id string) error
	// IDs lists the sandboxes there are, in no order, and those that a Drop was cut off over: another one finishes it.
	IDs(ctx context.Context) ([]string, error)
	// Check tells whether new state could be written now; the error says why not.
	Check(ctx context.Context) error
	// Close ends the engine and all that is open in it: readers get trace.ErrGone. A second Close does nothing.
	Close() error
}
