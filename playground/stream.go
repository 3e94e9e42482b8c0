package playground

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"

	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// Close codes beyond those of RFC 6455. A page can read a close code, and can't read the status of a failed upgrade: so what a
// page must tell apart is said by code.
const (
	closeRestart = 1012 // come back: the record began anew, or the server is restarting
	closeBadKey  = 4401
	closeGone    = 4404
	closeTooMany = 4429
)

const (
	writeTimeout = 5 * time.Second // a socket that takes nothing for so long is closed; its page comes back by position
	closeTimeout = time.Second     // how long a close frame is tried, and its answer waited for: a stop must not take longer
	pingEvery    = 25 * time.Second
	readTimeout  = 60 * time.Second
	maxMessage   = 4 << 10
)

// upgrader keeps gorilla's check of Origin: same host, or none. Compression stays off: a read limit doesn't bound what a
// message inflates to.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  128, // a control frame fits (RFC 6455 §5.5), and nothing else is asked for
	WriteBufferPool: new(sync.Pool),
	Subprotocols:    []string{"playground.v1"},
	Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		body, _ := json.Marshal(map[string]any{"type": "about:blank", "title": "Not a stream", "status": status, "detail": "This address is a WebSocket, for pages of this server and for programs: " + reason.Error()})
		w.Write(body)
	},
}

// stream sends what a sandbox's record holds after since, and then what comes, one event a message.
func (s *Server) stream(c *gin.Context) {
	s.streamOf(c, func(ctx context.Context) (*world.Sandbox, bool, error) {
		sandbox, err := s.world.Open(ctx, c.Param("id"))
		return sandbox, err == nil && sandbox.Authorized(subprotocolKey(c.Request)), err
	})
}

// streamOf sends the record of the sandbox that is found, if whoever asks may read it.
func (s *Server) streamOf(c *gin.Context, find func(context.Context) (sandbox *world.Sandbox, may bool, err error)) {
	from, err := since(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	epoch, err := parameter(c, "epoch", "")
	if err != nil {
		s.problem(c, err)
		return
	}
	if !websocket.IsWebSocketUpgrade(c.Request) {
		s.problem(c, world.Problem{Status: http.StatusUpgradeRequired, Title: "Not a stream", Detail: "This address is a WebSocket. GET …/trace gives the same events without one."})
		return
	}
	sandbox, may, err := find(c.Request.Context())
	code, reason := 0, ""
	var gone world.Problem
	switch {
	case errors.As(err, &gone) && gone.Status == http.StatusNotFound:
		code, reason = closeGone, "this sandbox has ended: make a new one"
	case err != nil:
		s.problem(c, err)
		return
	case !may:
		code, reason = closeBadKey, "the key does not fit this sandbox: send it as the subprotocol key.KEY"
	}
	conn, err := upgrader.Upgrade(c.Writer, c.Request, nil)
	if err != nil {
		return // the upgrader has answered
	}
	if code == 0 {
		// From here on the request is over, and with it all that it held.
		r := &reader{server: s, log: sandbox.Log(), since: from, epoch: epoch}
		code, reason = s.sockets.start(&pump{server: s, of: sandbox.ID(), conn: conn, feed: r.feed, rest: r.rest}, s.config.Limits.Sockets)
	}
	refuseSocket(conn, code, reason)
}

// refuseSocket ends a socket that no pump has taken; code 0 says that one has.
func refuseSocket(conn *websocket.Conn, code int, reason string) {
	if code != 0 {
		sayClose(conn, code, reason)
		conn.Close()
	}
}

// subprotocolKey is the key that a page offers as a subprotocol, where no log and no address shows it.
func subprotocolKey(r *http.Request) string {
	for _, p := range websocket.Subprotocols(r) {
		if key, ok := strings.CutPrefix(p, "key."); ok {
			return key
		}
	}
	return ""
}

// pump carries what feed sends to one socket.
type pump struct {
	server *Server
	of     string // whose sockets it counts among
	conn   *websocket.Conn
	feed   func(context.Context, *pump) (code int, reason string) // sends until something ends it: the code says what, and 0 that the other side has gone; or until it is atRest
	rest   func(ctx context.Context, wake func()) (stop func())   // after atRest: says once when feed has something to do

	turns sync.WaitGroup // feed, when it runs
	mu    sync.Mutex     // guards the fields below
	stop  func()         // of a rest
	over  bool           // no turn may begin
}

// atRest is what a feed returns that has nothing to send and keeps no goroutine until it has.
const atRest = -1

// run lives as long as the socket, and reads. Who has nothing to read or to say costs one small goroutine.
func (p *pump) run() {
	ctx, cancel := context.WithCancel(context.Background())
	p.wake(ctx)
	p.read()
	cancel()
	p.mu.Lock()
	p.over = true
	if p.stop != nil {
		p.stop()
	}
	p.mu.Unlock()
	p.turns.Wait()
	p.conn.Close()
	p.server.sockets.leave(p)
}

// wake has feed send what there is.
func (p *pump) wake(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.turns.Go(func() { p.turn(ctx) })
	}
}

func (p *pump) turn(ctx context.Context) {
	switch code, reason := p.feed(ctx, p); {
	case code == atRest:
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.over {
			p.stop = p.rest(ctx, func() { p.wake(ctx) })
		}
	case code != 0 && sayClose(p.conn, code, reason):
		p.conn.SetReadDeadline(time.Now().Add(closeTimeout)) // the other side answers: closing before could lose what was said
	default:
		p.conn.Close()
	}
}

// read notices that the other side answers pings, or has gone. What it says is not asked for.
func (p *pump) read() {
	p.conn.SetReadLimit(maxMessage)
	p.conn.SetReadDeadline(time.Now().Add(readTimeout))
	p.conn.SetPongHandler(func(string) error { return p.conn.SetReadDeadline(time.Now().Add(readTimeout)) })
	var ping atomic.Pointer[time.Timer]
	ping.Store(time.AfterFunc(pingEvery, func() {
		if p.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) == nil {
			ping.Load().Reset(pingEvery)
		}
	}))
	defer func() { ping.Load().Stop() }()
	for {
		if _, _, err := p.conn.NextReader(); err != nil {
			return
		}
	}
}

// reader feeds a pump with a sandbox's record. It has no queue: it reads on where it stands, so a slow socket costs nothing but time.
type reader struct {
	server  *Server
	log     trace.Log
	since   uint64
	epoch   string // that the page knows
	greeted bool   // with hello: from then on epoch is the one it told
}

// rest waits for what comes.
func (r *reader) rest(ctx context.Context, wake func()) (stop func()) {
	return r.log.Wake(ctx, r.epoch, r.since, wake)
}

// feed sends hello and then events, as long as there are any.
func (r *reader) feed(ctx context.Context, p *pump) (code int, reason string) {
	for ctx.Err() == nil {
		epoch, first, last, err := r.log.Info(ctx)
		switch {
		case errors.Is(err, trace.ErrGone):
			return closeGone, "this sandbox has ended: make a new one"
		case err != nil:
			return websocket.CloseTryAgainLater, "the record can't be read at the moment: come back"
		case !r.greeted:
			if r.epoch != "" && r.epoch != epoch || r.since > last {
				r.since = 0 // another record than the one the page knows
			}
			r.epoch, r.greeted = epoch, true
			if p.send(map[string]any{"type": "hello", "epoch": epoch, "first": first, "last": last}) != nil {
				return 0, ""
			}
		case r.epoch != epoch:
			return closeRestart, "the record began anew: come back"
		}
		if r.since == last {
			return atRest, ""
		}
		if code, reason, ended := r.sendTo(ctx, p, last); ended {
			return code, reason
		}
	}
	return 0, ""
}

// sendTo sends the events up to a position that there is.
func (r *reader) sendTo(ctx context.Context, p *pump, last uint64) (code int, reason string, ended bool) {
	sure := false // that what is read is the epoch that hello told
	for e, err := range r.log.Since(ctx, r.since) {
		if !sure && err == nil {
			if now, _, _, err := r.log.Info(ctx); err == nil && now != r.epoch {
				return closeRestart, "the record began anew: come back", true
			}
			sure = true
		}
		var gap trace.GapError
		switch {
		case errors.As(err, &gap):
			if p.send(map[string]any{"type": "gap", "first": gap.First}) != nil {
				return 0, "", true
			}
			continue
		case errors.Is(err, trace.ErrReset):
			return closeRestart, "the record began anew: come back", true
		case errors.Is(err, trace.ErrGone):
			return closeGone, "this sandbox has ended: make a new one", true
		case err != nil:
			r.server.config.Log.Warn("a record could not be read", "error", err)
			return websocket.CloseTryAgainLater, "the record can't be read at the moment: come back", true
		}
		line, err := e.Encode()
		if err != nil {
			r.server.config.Log.Error("an event could not be encoded", "error", err)
			return closeRestart, "the record could not be read: come back", true
		}
		if p.message(line) != nil {
			return 0, "", true
		}
		r.server.metrics.sent.Inc()
		if r.since = e.Seq; r.since >= last {
			break
		}
	}
	return 0, "", false
}

func (p *pump) send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.message(b)
}

func (p *pump) message(b []byte) error {
	p.conn.SetWriteDeadline(time.Now().Add(p.server.sockets.patience))
	return p.conn.WriteMessage(websocket.TextMessage, b)
}

// prepared sends what many sockets get.
func (p *pump) prepared(m *websocket.PreparedMessage) error {
	p.conn.SetWriteDeadline(time.Now().Add(p.server.sockets.patience))
	return p.conn.WritePreparedMessage(m)
}

// sayClose sends a close frame; false means that nobody takes it.
func sayClose(conn *websocket.Conn, code int, reason string) bool {
	return conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(closeTimeout)) == nil
}

// sockets is every live stream, so that they can be counted, bounded and closed.
type sockets struct {
	most     int           // how many there may be
	patience time.Duration // how long a socket may take nothing
	running  sync.WaitGroup

	mu     sync.Mutex // guards the fields below
	open   map[*pump]struct{}
	of     map[string]int // by whose they are: a sandbox’s, a seat’s in a room
	closed bool
}

func newSockets(most int) *sockets {
	return &sockets{most: most, patience: writeTimeout, open: map[*pump]struct{}{}, of: map[string]int{}}
}

// start runs a pump, or tells with which code to refuse it: each is how many its owner may have.
func (s *sockets) start(p *pump, each int) (code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return closeRestart, "the server is restarting: come back"
	case s.of[p.of] >= each:
		return closeTooMany, "there are as many streams of this as there may be: close one"
	case len(s.open) >= s.most:
		return websocket.CloseTryAgainLater, "this server has as many streams as it can take: come back later"
	}
	s.of[p.of]++
	s.open[p] = struct{}{}
	s.running.Go(p.run) // under the lock: nobody may begin when wait has begun
	return 0, ""
}

func (s *sockets) leave(p *pump) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[p.of]--; s.of[p.of] == 0 {
		delete(s.of, p.of)
	}
	delete(s.open, p)
}

func (s *sockets) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// closeAll tells every page to come back, takes no more, and returns when all have gone: one second after those that don't
// answer were told.
func (s *sockets) closeAll() {
	s.mu.Lock()
	s.closed = true
	for p := range s.open {
		s.running.Go(func() {
			sayClose(p.conn, closeRestart, "the server is restarting: come back")
			p.conn.SetReadDeadline(time.Now().Add(closeTimeout))
		})
	}
	s.mu.Unlock()
	s.running.Wait()
}
