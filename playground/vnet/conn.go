package vnet

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// conn is one end of an in-memory connection. It buffers, because two peers that both write before they read would
// otherwise wait for each other.
type conn struct {
	exchange *Exchange
	in, out  *buffer
}

// pipe makes both ends of a connection that carries e.
func pipe(e *Exchange) (client, server *conn) {
	there, back := newBuffer(), newBuffer()
	return &conn{exchange: e, in: back, out: there}, &conn{exchange: e, in: there, out: back}
}

func (c *conn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *conn) Write(b []byte) (int, error) { return c.out.write(b) }

// Close ends both directions: what the peer has not read yet it can still read.
func (c *conn) Close() error {
	c.out.close()
	c.in.abandon()
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return addr{} }
func (c *conn) RemoteAddr() net.Addr { return addr{} }

func (c *conn) SetDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}
func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}

// SetWriteDeadline does nothing: a write never waits.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// buffer is one direction of a connection.
type buffer struct {
	mu       sync.Mutex // guards the fields below
	wake     *sync.Cond
	data     []byte
	closed   bool // the writer is done
	gone     bool // the reader is done
	deadline time.Time
	timer    *time.Timer
}

func newBuffer() *buffer {
	b := &buffer{}
	b.wake = sync.NewCond(&b.mu)
	return b
}

func (b *buffer) read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.gone:
			return 0, net.ErrClosed
		case len(b.data) > 0:
			n := copy(p, b.data)
			if b.data = b.data[n:]; len(b.data) == 0 {
				b.data = nil
			}
			return n, nil
		case b.closed:
			return 0, io.EOF
		case !b.deadline.IsZero() && !time.Now().Before(b.deadline):
			return 0, os.ErrDeadlineExceeded
		}
		b.wake.Wait()
	}
}

func (b *buffer) write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.gone {
		return 0, net.ErrClosed
	}
	b.data = append(b.data, p...)
	b.wake.Broadcast()
	return len(p), nil
}

func (b *buffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.stop()
}

func (b *buffer) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone, b.data = true, nil
	b.stop()
}

// stop wakes who waits and ends the timer; the caller holds mu.
func (b *buffer) stop() {
	if b.timer != nil {
		b.timer.Stop()
	}
	b.wake.Broadcast()
}

func (b *buffer) setDeadline(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deadline = t
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if !t.IsZero() && !b.closed && !b.gone {
		b.timer = time.AfterFunc(time.Until(t), func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.wake.Broadcast()
		})
	}
	b.wake.Broadcast()
}
