package trace

import (
	"context"
	"errors"
	"iter"
)

// The errors of a Log that carry meaning. Any other error means that the log could not do its work.
var (
	ErrConflict = errors.New("trace: the log has moved on")      // Append: read on and try again
	ErrFull     = errors.New("trace: the log is full")           // Append: a bounded log refuses; a reset makes room
	ErrReset    = errors.New("trace: the log began a new epoch") // Since: the events being read are gone; Exchange.End: so is the request
	ErrGone     = errors.New("trace: the log is gone")           // the sandbox has ended
)

// GapError is what Since yields first when it is asked for events that a window has let go: the next event is First.
type GapError struct{ First uint64 }

func (GapError) Error() string { return "trace: older events have left the window" }

// Log is the record of one sandbox: append-only, with positions from 1 and no gaps. Package tracetest is its contract.
type Log interface {
	// Append adds events, whose Seq must be at+1, at+2, …, all of them or none. The log's last position must be at:
	// else ErrConflict.
	Append(ctx context.Context, at uint64, e ...Event) error
	// Since yields the events after seq: the past first, then the present as it happens, until ctx ends (with no error),
	// the log begins a new epoch (ErrReset) or ends (ErrGone). It drops nothing, however slow the reader. A GapError
	// may come, first or when a window has moved past a slow reader, and reading goes on; any other error is the last thing
	// it yields. A seq beyond the last position is of an epoch that has ended: ErrReset.
	Since(ctx context.Context, seq uint64) iter.Seq2[Event, error]
	// Wake calls f once, in a goroutine of its own, as soon as a reader who has read an epoch up to seq has something to read or to
	// be told: at once if that is so already. Until then waiting costs no goroutine. stop gives it up; f may run all the same if it
	// was about to.
	Wake(ctx context.Context, epoch string, seq uint64, f func()) (stop func())
	// Info tells the epoch, and the first and last positions held (both 0 in an empty log that never had events).
	Info(ctx context.Context) (epoch string, first, last uint64, err error)
	// Reset begins a new epoch at position 1.
	Reset(ctx context.Context) error
}
