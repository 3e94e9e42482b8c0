package jose

import (
	"context"
	"sync"
)

// poolSize is how many RSA keys are kept ready.
const poolSize = 2

// Pool makes RSA keys before they are needed: one takes tens of milliseconds, and a sandbox that needs one should not
// wait. It makes none until it is started or asked.
type Pool struct {
	ready   chan *Key
	done    chan struct{}
	start   sync.Once
	stop    sync.Once
	working sync.WaitGroup
}

// NewPool makes an empty pool. Close it when it has been started or asked.
func NewPool() *Pool { return &Pool{ready: make(chan *Key, poolSize), done: make(chan struct{})} }

// Start begins to make keys in the background and returns at once.
func (p *Pool) Start() { p.start.Do(func() { p.working.Go(p.work) }) }

// Get returns a key that nobody else gets, waiting for it if none is ready.
func (p *Pool) Get(ctx context.Context) (*Key, error) {
	p.Start()
	select {
	case k := <-p.ready:
		return k, nil
	case <-p.done:
		return NewKey(RS256)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the background work.
func (p *Pool) Close() {
	p.stop.Do(func() { close(p.done) })
	p.working.Wait()
}

func (p *Pool) work() {
	for {
		k, err := NewKey(RS256)
		if err != nil {
			return // no randomness: nothing that waits for keys can be helped
		}
		select {
		case p.ready <- k:
		case <-p.done:
			return
		}
	}
}
