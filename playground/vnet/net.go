package vnet

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Exchange is what both ends of one connection know of it besides the bytes.
type Exchange struct {
	Sandbox string
	From    string // actor id of the sender
	Cause   uint64 // the event that led to the request; 0 if none

	answer atomic.Uint64
}

// SetAnswer is the receiver's: it names the event that its answer has become, so that what the sender does next can name it
// as its cause.
func (e *Exchange) SetAnswer(seq uint64) { e.answer.Store(seq) }

// Answer is the event that the answer has become; 0 before there is one.
func (e *Exchange) Answer() uint64 { return e.answer.Load() }

type exchangeKey struct{}

// WithExchange is the sender's: requests with this context travel as this exchange.
func WithExchange(ctx context.Context, e *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// ExchangeOf is the receiver's: the exchange that a request came with.
func ExchangeOf(ctx context.Context) (*Exchange, bool) {
	e, ok := ctx.Value(exchangeKey{}).(*Exchange)
	return e, ok && e != nil
}

// Net is the network. Close it.
type Net struct {
	server    http.Server
	dialed    chan net.Conn
	transport *http.Transport
	done      chan struct{}
	once      sync.Once
	serving   sync.WaitGroup

	mu       sync.Mutex // guards closed, and handlers against a wait that has begun
	closed   bool
	handlers sync.WaitGroup
}

// New makes a network whose hosts are all served by h.
func New(h http.Handler) *Net {
	n := &Net{dialed: make(chan net.Conn), done: make(chan struct{})}
	n.server = http.Server{
		Handler:           n.counted(h),
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what a handler panics with is the handler's to log
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return WithExchange(ctx, c.(*conn).exchange)
		},
	}
	n.transport = &http.Transport{
		DialContext:        n.dial,
		DialTLSContext:     n.dial, // https without TLS bytes: who is who is known, and nobody listens
		DisableKeepAlives:  true,   // a connection is one exchange
		DisableCompression: true,   // nothing on the wire that the sender didn't ask for
		ForceAttemptHTTP2:  false,
	}
	n.serving.Go(func() { n.server.Serve((*listener)(n)) })
	return n
}

// RoundTripper carries requests whose context has an Exchange.
func (n *Net) RoundTripper() http.RoundTripper { return roundTripper{n} }

type roundTripper struct{ *Net }

var errNoSender = errors.New("vnet: a request without an exchange in its context has no sender")

func (t roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, ok := ExchangeOf(req.Context()); !ok {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, errNoSender
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		if req.Header == nil {
			req.Header = http.Header{}
		}
		req.Header["User-Agent"] = nil // net/http would add its own
	}
	return t.transport.RoundTrip(req)
}

// Close ends the network: open exchanges are cut, the contexts of their requests end, and their handlers with them: none is at
// work when it returns, and none begins.
func (n *Net) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.once.Do(func() { close(n.done) })
	err := n.server.Close()
	n.serving.Wait()
	n.server.Close() // once more: what was accepted while it closed
	n.handlers.Wait()
	return err
}

// counted is h for Close to wait for. A request that comes to it later gets no answer: what it did would be done in a world that
// somebody else may have taken up.
func (n *Net) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		if n.closed {
			n.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		n.handlers.Add(1)
		n.mu.Unlock()
		defer n.handlers.Done()
		h.ServeHTTP(w, r)
	})
}

func (n *Net) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	e, ok := ExchangeOf(ctx)
	if !ok {
		return nil, errNoSender
	}
	client, server := pipe(e)
	select {
	case n.dialed <- server:
		return client, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// listener is the network as the server sees it.
type listener Net

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialed:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "vnet" }
func (addr) String() string  { return "vnet" }
