package trace

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"iter"
	"slices"
	"sync"
)

// MemoryOptions bound a log in memory.
type MemoryOptions struct {
	// Limit is how many events are held; 0 is 5,000, or 2,000 in a window.
	Limit int
	// Window lets the oldest events go when the limit is reached. Without it the log refuses new requests and changes
	// before its end, so that what is open can still be answered.
	Window bool
	// Reserve is how many places before the Limit new requests and changes are refused; 0 is 256, or half of a small
	// Limit. A window needs none. Answers are always taken, even should they need more than the reserve: there can be no
	// more of them than requests that were let in.
	Reserve int
}

// NewMemoryLog makes a Log in the memory of this process.
func NewMemoryLog(o MemoryOptions) *MemoryLog {
	if o.Limit == 0 {
		o.Limit = 5000
		if o.Window {
			o.Limit = 2000
		}
	}
	if o.Reserve == 0 {
		o.Reserve = min(256, o.Limit/2)
	}
	return &MemoryLog{options: o, epoch: NewEpoch()}
}

// MemoryLog is a Log in the memory of this process.
type MemoryLog struct {
	options MemoryOptions

	mu      sync.Mutex // guards the fields below
	epoch   string
	blocks  [][]kept // of blockSize, in their order: what is there is not copied when there is more. A ring once a window is full; see at
	base    uint64   // the position before the first event that was ever in blocks
	first   uint64   // position of the oldest event held; 0 while there is none
	last    uint64
	wake    chan struct{} // closed when there is something to see; nil while nobody waits for it
	resting []*func()     // those to call then
	gone    bool
}

// NewEpoch is a name for an epoch that no other has: 72 random bits.
func NewEpoch() string {
	var b [9]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Append is Log's.
func (l *MemoryLog) Append(_ context.Context, at uint64, events ...Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.admits(at, events); err != nil {
		return err
	}
	for _, e := range events {
		e.At = moment(e.At)
		if l.options.Window && int(l.last-l.base) >= l.options.Limit {
			*l.at(e.Seq) = keep(e)
			l.first++
		} else {
			if (l.last-l.base)%blockSize == 0 {
				l.blocks = append(l.blocks, make([]kept, blockSize))
			}
			*l.at(e.Seq) = keep(e)
			if l.first == 0 {
				l.first = e.Seq
			}
		}
		l.last = e.Seq
	}
	l.signal()
	return nil
}

// Admits is what Append would say, and appends nothing.
func (l *MemoryLog) Admits(at uint64, events ...Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.admits(at, events)
}

// admits is Admits; the caller holds mu.
func (l *MemoryLog) admits(at uint64, events []Event) error {
	switch {
	case l.gone:
		return ErrGone
	case at != l.last:
		return ErrConflict
	case len(events) == 0:
		return nil
	}
	for i, e := range events {
		if e.Seq != at+uint64(i)+1 {
			return ErrConflict
		}
	}
	if !l.options.Window && opens(events[0].Kind) && int(l.last)+len(events) > l.options.Limit-l.options.Reserve {
		return ErrFull
	}
	return nil
}

// opens tells whether an event of this kind begins something: such events are refused first when a log is nearly full.
func opens(k Kind) bool { return k == KindRequest || k == KindChange }

// signal wakes every reader that waits; the caller holds mu. Without readers it costs nothing.
func (l *MemoryLog) signal() {
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
	for _, f := range l.resting {
		go (*f)()
	}
	l.resting = nil
}

// Wake is Log's.
func (l *MemoryLog) Wake(_ context.Context, epoch string, seq uint64, f func()) (stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone || epoch != l.epoch || seq != l.last {
		go f()
		return func() {}
	}
	l.resting = append(l.resting, &f)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.resting, &f); i >= 0 {
			l.resting = slices.Delete(l.resting, i, i+1)
		}
	}
}

// batch is how many events a reader takes at a time, so that it doesn't hold the lock for long.
const batch = 64

// Since is Log's.
func (l *MemoryLog) Since(ctx context.Context, seq uint64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		epoch := ""
		for ctx.Err() == nil {
			events, gap, wait, err := l.next(&epoch, seq)
			if err != nil {
				yield(Event{}, err)
				return
			}
			if gap > 0 {
				if !yield(Event{}, GapError{First: gap}) {
					return
				}
				seq = gap - 1
				continue
			}
			for _, e := range events {
				if ctx.Err() != nil || !yield(e.settled(), nil) {
					return
				}
				seq = e.Seq
			}
			if wait == nil {
				continue
			}
			select {
			case <-wait:
			case <-ctx.Done():
				return
			}
		}
	}
}

// next is some of the events after seq; or, if they have left the window, the position of the oldest that is held; or a
// channel that closes when there may be some.
func (l *MemoryLog) next(epoch *string, seq uint64) (events []Event, gap uint64, wait <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.gone:
		return nil, 0, nil, ErrGone
	case *epoch == "" && seq > l.last:
		return nil, 0, nil, ErrReset
	case *epoch == "":
		*epoch = l.epoch
	case *epoch != l.epoch:
		return nil, 0, nil, ErrReset
	}
	switch {
	case seq >= l.last:
		if l.wake == nil {
			l.wake = make(chan struct{})
		}
		return nil, 0, l.wake, nil
	case l.first > seq+1:
		return nil, l.first, nil, nil
	}
	return l.held(seq, batch), 0, nil, nil
}

// held are up to most events after seq, which must be in the log or before its first; the caller holds mu.
func (l *MemoryLog) held(seq uint64, most int) []Event {
	from := max(seq, l.first-1)
	n := min(l.last-from, uint64(most))
	events := make([]Event, n)
	for i := range events {
		events[i] = l.at(from + uint64(i) + 1).event()
	}
	return events
}

// blockSize is how many events there is place for at a time.
const blockSize = 16

// at is the place of a position that is held, or is to be; the caller holds mu.
func (l *MemoryLog) at(p uint64) *kept {
	i := p - 1 - l.base
	if l.options.Window {
		i %= uint64(l.options.Limit)
	}
	return &l.blocks[i/blockSize][i%blockSize]
}

// Past is what the function [Past] asks for, in one step.
func (l *MemoryLog) Past(_ context.Context, seq uint64) ([]Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return nil, ErrGone
	}
	if seq >= l.last {
		return nil, nil
	}
	return l.held(seq, int(l.last)), nil
}

// Info is Log's.
func (l *MemoryLog) Info(context.Context) (epoch string, first, last uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return "", 0, 0, ErrGone
	}
	return l.epoch, l.first, l.last, nil
}

// Reset is Log's.
func (l *MemoryLog) Reset(context.Context) error { return l.Restart(NewEpoch(), 0) }

// Restart begins an epoch that has its name already, behind a position: how a log that is kept elsewhere is held in memory.
func (l *MemoryLog) Restart(epoch string, after uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return ErrGone
	}
	l.epoch, l.blocks, l.base, l.first, l.last = epoch, nil, after, 0, after
	l.signal()
	return nil
}

// Close ends the log: readers and writers get ErrGone.
func (l *MemoryLog) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone, l.blocks = true, nil
	l.signal()
}

// Past is what a log holds after seq at this moment, without waiting for more. A window's gap is passed over.
func Past(ctx context.Context, l Log, seq uint64) ([]Event, error) {
	events, err := readPast(ctx, l, seq)
	for i, e := range events {
		events[i] = e.settled()
	}
	return events, err
}

// readPast is Past for those who need no signatures. A log that can read what it holds in one step has a method Past; with
// another one a reset between its Info and its Since would leave the reader waiting for positions that don't come, until
// ctx ends.
func readPast(ctx context.Context, l Log, seq uint64) ([]Event, error) {
	if l, ok := l.(interface {
		Past(context.Context, uint64) ([]Event, error)
	}); ok {
		return l.Past(ctx, seq)
	}
	_, first, last, err := l.Info(ctx)
	if err != nil || last <= seq {
		return nil, err
	}
	seq = max(seq, first-1)
	events := make([]Event, 0, last-seq)
	for e, err := range l.Since(ctx, seq) {
		if _, gap := err.(GapError); gap {
			continue
		}
		if err != nil {
			return nil, err
		}
		events = append(events, e)
		if e.Seq >= last {
			break
		}
	}
	return events, ctx.Err()
}
