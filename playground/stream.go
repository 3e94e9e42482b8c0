package playground

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
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
	pingEvery    = 25 * time.Second
	readTimeout  = 60 * time.Second
	maxMessage   = 4 << 10
)

// upgrader keeps gorilla's check of Origin: same host, or none. Compression stays off: a read limit doesn't bound what a
// message inflates to.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  512,
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
	from, err := since(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	if !websocket.IsWebSocketUpgrade(c.Request) {
		s.problem(c, world.Problem{Status: http.StatusUpgradeRequired, Title: "Not a stream", Detail: "This address is a WebSocket. GET …/trace gives the same events without one."})
		return
	}
	sandbox, err := s.world.Open(c.Request.Context(), c.Param("id"))
	code, reason := 0, ""
	var gone world.Problem
	switch {
	case errors.As(err, &gone):
		code, reason = closeGone, "this sandbox has ended: make a new one"
	case err != nil:
		s.problem(c, err)
		return
	case !sandbox.Authorized(subprotocolKey(c.Request)):
		code, reason = closeBadKey, "the key does not fit this sandbox: send it as the subprotocol key.KEY"
	}
	conn, err := upgrader.Upgrade(c.Writer, c.Request, nil)
	if err != nil {
		return // the upgrader has answered
	}
	if code == 0 && !s.sockets.enter(sandbox.ID(), conn) {
		code, reason = closeTooMany, "this sandbox has as many streams as it may: close one"
	}
	if code != 0 {
		closeSocket(conn, code, reason)
		return
	}
	// From here on the request is over, and with it all that it held: an idle learner costs two small goroutines.
	p := &pump{server: s, sandbox: sandbox.ID(), log: sandbox.Log(), conn: conn, since: from, epoch: c.Query("epoch")}
	s.sockets.running.Go(p.run)
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

// pump carries one log to one socket. It has no queue: it reads on where it stands, so a slow socket costs nothing but time.
type pump struct {
	server  *Server
	sandbox string
	log     trace.Log
	conn    *websocket.Conn
	since   uint64
	epoch   string
}

func (p *pump) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer p.server.sockets.leave(p.sandbox, p.conn)
	defer p.conn.Close()
	defer cancel()
	p.server.sockets.running.Go(func() {
		defer cancel()
		p.read()
	})
	code, reason := p.write(ctx)
	if code != 0 {
		closeSocket(p.conn, code, reason)
	}
}

// read notices that the other side answers pings, or has gone. What it says is not asked for.
func (p *pump) read() {
	p.conn.SetReadLimit(maxMessage)
	p.conn.SetReadDeadline(time.Now().Add(readTimeout))
	p.conn.SetPongHandler(func(string) error { return p.conn.SetReadDeadline(time.Now().Add(readTimeout)) })
	var ping *time.Timer
	ping = time.AfterFunc(pingEvery, func() {
		if p.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) == nil {
			ping.Reset(pingEvery)
		}
	})
	defer ping.Stop()
	for {
		if _, _, err := p.conn.NextReader(); err != nil {
			return
		}
	}
}

// write sends hello and then events until something ends it; the code says what, and 0 that the other side has gone.
func (p *pump) write(ctx context.Context) (code int, reason string) {
	epoch, first, last, err := p.log.Info(ctx)
	if err != nil {
		return closeGone, "this sandbox has ended: make a new one"
	}
	if p.epoch != "" && p.epoch != epoch || p.since > last {
		p.since = 0 // another record than the one the page knows
	}
	if p.send(map[string]any{"type": "hello", "epoch": epoch, "first": first, "last": last}) != nil {
		return 0, ""
	}
	for e, err := range p.log.Since(ctx, p.since) {
		var gap trace.GapError
		switch {
		case errors.As(err, &gap):
			if p.send(map[string]any{"type": "gap", "first": gap.First}) != nil {
				return 0, ""
			}
			continue
		case errors.Is(err, trace.ErrReset):
			return closeRestart, "the record began anew: come back"
		case errors.Is(err, trace.ErrGone):
			return closeGone, "this sandbox has ended: make a new one"
		case err != nil:
			p.server.config.Log.Error("a record could not be read", "error", err)
			return closeRestart, "the record could not be read: come back"
		}
		line, err := e.Encode()
		if err != nil {
			p.server.config.Log.Error("an event could not be encoded", "error", err)
			return closeRestart, "the record could not be read: come back"
		}
		if p.message(line) != nil {
			return 0, ""
		}
		p.server.metrics.sent.Inc()
	}
	return 0, ""
}

func (p *pump) send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.message(b)
}

func (p *pump) message(b []byte) error {
	p.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return p.conn.WriteMessage(websocket.TextMessage, b)
}

func closeSocket(conn *websocket.Conn, code int, reason string) {
	conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(writeTimeout))
	conn.Close()
}

// sockets is every live stream, so that they can be counted, bounded and closed.
type sockets struct {
	running sync.WaitGroup
	most    int

	mu     sync.Mutex // guards the fields below
	open   map[*websocket.Conn]struct{}
	each   map[string]int // by sandbox
	closed bool
}

func newSockets(most int) *sockets {
	return &sockets{most: most, open: map[*websocket.Conn]struct{}{}, each: map[string]int{}}
}

func (s *sockets) enter(sandbox string, conn *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.each[sandbox] >= s.most {
		return false
	}
	s.each[sandbox]++
	s.open[conn] = struct{}{}
	return true
}

func (s *sockets) leave(sandbox string, conn *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.each[sandbox]--; s.each[sandbox] == 0 {
		delete(s.each, sandbox)
	}
	delete(s.open, conn)
}

func (s *sockets) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// closeAll tells every page to come back, and takes no more.
func (s *sockets) closeAll() {
	s.mu.Lock()
	s.closed = true
	var list []*websocket.Conn
	for conn := range s.open {
		list = append(list, conn)
	}
	s.mu.Unlock()
	for _, conn := range list {
		closeSocket(conn, closeRestart, "the server is restarting: come back")
	}
}

func (s *sockets) wait() { s.running.Wait() }
