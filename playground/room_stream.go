package playground

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/websocket"

	"oauthplayground/playground/room"
	"oauthplayground/playground/world"
)

// How many sockets may look at a room: a learner has some pages open, a class some walls and helpers.
const (
	learnerSockets    = 6
	instructorSockets = 20
	projectorSockets  = 50
)

// roomStream sends what a page shows of a room: an instructor's, a learner's, or without a key what everybody may know.
func (s *Server) roomStream(c *gin.Context) {
	if !websocket.IsWebSocketUpgrade(c.Request) {
		s.problem(c, world.Problem{Status: http.StatusUpgradeRequired, Title: "Not a stream", Detail: "This address is a WebSocket."})
		return
	}
	key := subprotocolKey(c.Request)
	w := &roomWatch{server: s}
	r, err := s.openRoom(c, c.Param("code"))
	if err == nil {
		w.room = r
		w.role, w.learner, err = r.Bearer(c.Request.Context(), key)
	}
	code, reason := 0, ""
	of, most := "", 0
	switch {
	case why(err) == room.NotFound:
		code, reason = closeGone, "this room has ended, or there is none with this code"
	case err != nil:
		s.problem(c, err)
		return
	case w.role == room.Instructor:
		of, most = r.Code()+"/!", instructorSockets
	case w.role == room.Learner:
		of, most = r.Code()+"/"+w.learner, learnerSockets
	case key == "":
		w.role, of, most = room.Projector, r.Code()+"/", projectorSockets
	default:
		code, reason = closeBadKey, "the key does not fit this room: join it again"
	}
	conn, err := upgrader.Upgrade(c.Writer, c.Request, nil)
	if err != nil {
		return // the upgrader has answered
	}
	if code == 0 {
		code, reason = s.sockets.start(&pump{server: s, of: of, conn: conn, feed: w.feed}, most)
	}
	refuseSocket(conn, code, reason)
}

// learnerStream sends the record of the sandbox that a learner works in to an instructor.
func (s *Server) learnerStream(c *gin.Context) {
	s.streamOf(c, func(ctx context.Context) (*world.Sandbox, bool, error) {
		r, err := s.openRoom(c, c.Param("code"))
		if err != nil {
			return nil, false, s.explain(c, err)
		}
		if role, _, err := r.Bearer(ctx, subprotocolKey(c.Request)); err != nil || role != room.Instructor {
			return nil, false, err
		}
		id, err := r.Sandbox(c.Request.Context(), c.Param("learner"))
		if err != nil {
			return nil, false, s.explain(c, err)
		}
		sandbox, err := s.world.Open(ctx, id)
		return sandbox, true, err
	})
}

// roomWatch feeds a pump with what a page shows of a room.
type roomWatch struct {
	server  *Server
	room    *room.Room
	role    room.Role
	learner string
}

func (w *roomWatch) feed(ctx context.Context, p *pump) (code int, reason string) {
	for m, err := range w.room.Watch(ctx, w.role, w.learner) {
		var refused room.Error
		switch {
		case errors.As(err, &refused) && refused.Why == room.Unauthorized:
			return closeBadKey, "this seat is no longer in the room: join it again"
		case errors.As(err, &refused):
			return closeGone, "this room has ended"
		case err != nil:
			return closeRestart, "the room can’t be read at the moment: come back"
		}
		if !m.Shared {
			if p.message(m.Data) != nil {
				return 0, ""
			}
			continue
		}
		prepared, err := w.server.prepared(m)
		if err != nil {
			w.server.config.Log.Error("a message could not be prepared", "error", err)
			return closeRestart, "the room could not be told: come back"
		}
		if p.prepared(prepared) != nil {
			return 0, ""
		}
	}
	return closeRestart, "come back" // the room was closed here
}

// prepared is a message as it goes on the wire, made once for all who get it.
func (s *Server) prepared(m *room.Message) (*websocket.PreparedMessage, error) {
	s.preparing.Lock()
	defer s.preparing.Unlock()
	if p, ok := m.Wire.(*websocket.PreparedMessage); ok {
		return p, nil
	}
	p, err := websocket.NewPreparedMessage(websocket.TextMessage, m.Data)
	if err == nil {
		m.Wire = p
	}
	return p, err
}

// passes are those that can be changed once for an instructor's key, by the code of their room.
type passes struct {
	mu  sync.Mutex // guards all
	all map[string]string
}

// newPass is 80 random bits.
func newPass() string {
	var b [10]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (p *passes) give(code, pass string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]string{}
	}
	p.all[code] = pass
}

func (p *passes) use(code, pass string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pass == "" || p.all[code] != strings.TrimSpace(pass) {
		return false
	}
	delete(p.all, code)
	return true
}
