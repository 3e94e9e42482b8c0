package playground

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/room"
	"oauthplayground/playground/world"
)

// Config is what a server is made of. All may be left out but BaseURL.
type Config struct {
	BaseURL string        // where learners reach it, no trailing slash; never taken from a request
	Engine  engine.Engine // nil: in memory
	Log     *slog.Logger  // nil: nothing is logged
	Clock   func() time.Time
	Limits  Limits
	Rooms   room.Limits
	Lessons fs.FS // nil: those that come with the binary

	// Author is a folder whose lessons are added to those, or stand in for those of the same slug. It is looked at again and
	// again: what its author saves is taught from then on, and said on open pages. nil: none.
	Author fs.FS

	// Proxies are the addresses, or networks in CIDR form, of the proxies before the server: the address that one of them names
	// in X-Forwarded-For is a learner's. From anybody else that header is whatever its sender wrote.
	Proxies []string

	// EmbedOrigins are who may show embeds in their pages, as [EmbedOrigins] reads them; nil: anybody. No other page can be framed.
	EmbedOrigins []string
}

// Limits bound what strangers can ask of a server. Zero values mean the defaults.
type Limits struct {
	world.Limits
	CreatesPerMinute int // new sandboxes from one address; default 600, a class behind one router
	PerAddress       int // sandboxes alive from one address, but not of this machine's own; default 200
	Sockets          int // live streams of one sandbox; default 8
	AllSockets       int // live streams of the whole server; default 25,000
}

// Server is the playground. Close it, or end the context of Serve.
type Server struct {
	config  Config
	world   *world.World
	engine  engine.Engine
	taught  func() (*taught, error) // at present
	shelf   *lessons.Shelf          // of an author; nil if there is none
	looking sync.Mutex              // held by who looks at the shelf
	now     atomic.Pointer[taught]  // what is taught from the shelf
	done    chan struct{}           // closed by Close
	closing sync.Once
	work    sync.WaitGroup
	socials socials
	router  http.Handler
	metrics *metrics
	sockets *sockets
	creates *addressLimiter // of sandboxes

	rooms      *room.Rooms
	roomsMade  *addressLimiter
	guesses    *addressLimiter // of rooms' codes
	passes     passes
	rehearsals rehearsals
	preparing  sync.Mutex // guards the Wire of rooms' messages
}

// New makes a server that is not listening yet.
func New(c Config) (*Server, error) {
	if c.BaseURL == "" {
		return nil, errors.New("playground: a base URL is needed")
	}
	if c.Engine == nil {
		c.Engine = engine.NewMemory()
	}
	if c.Lessons == nil {
		c.Lessons = lessons.Embedded()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.Limits.CreatesPerMinute = cmp.Or(c.Limits.CreatesPerMinute, 600)
	c.Limits.PerAddress = cmp.Or(c.Limits.PerAddress, 200)
	c.Limits.Sockets = cmp.Or(c.Limits.Sockets, 8)
	c.Limits.AllSockets = cmp.Or(c.Limits.AllSockets, 25_000)
	s := &Server{config: c, sockets: newSockets(c.Limits.AllSockets), done: make(chan struct{})}
	if err := s.teach(); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.engine = countedEngine{c.Engine, s.metrics.recorded.Add}
	w, err := world.New(world.Config{Engine: s.engine, Course: s.course, Clock: c.Clock, BaseURL: c.BaseURL, Log: c.Log, Limits: c.Limits.Limits, Seats: seats{s}})
	if err != nil {
		return nil, err
	}
	s.world = w
	s.rooms = room.New(room.Config{Engine: s.engine, Course: s.course, Clock: c.Clock, Log: c.Log, Limits: c.Rooms, Ended: s.endSandboxes})
	s.rehearsals = rehearsals{server: s, pause: rehearsalPause, running: map[string]*rehearsal{}}
	s.roomsMade = newAddressLimiter(roomsPerMinute, roomsPerAddress, func(code string) bool {
		_, err := s.rooms.Open(context.Background(), code)
		return err == nil
	})
	s.guesses = newAddressLimiter(guessesPerMinute, math.MaxInt, nil)
	s.creates = newAddressLimiter(c.Limits.CreatesPerMinute, c.Limits.PerAddress, func(id string) bool {
		_, err := w.Open(context.Background(), id)
		return err == nil
	})
	if s.router, err = s.newRouter(); err != nil {
		s.rooms.Close()
		return nil, errors.Join(err, w.Close())
	}
	if s.shelf != nil {
		s.work.Go(s.watch)
	}
	return s, nil
}

// newRouter builds the router from the table of routes, with Gin's risky conveniences off.
func (s *Server) newRouter() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	if err := r.SetTrustedProxies(s.config.Proxies); err != nil {
		return nil, fmt.Errorf("playground: proxies: %w", err)
	}
	r.RedirectTrailingSlash, r.RedirectFixedPath = false, false
	r.HandleMethodNotAllowed = true
	r.Use(s.observe, s.recovered, headers)
	for _, route := range routes() {
		r.Handle(route.Method, route.Path, route.handlers(s)...)
	}
	r.NoRoute(func(c *gin.Context) { s.lost(c, http.StatusNotFound, "There is nothing at this address.") })
	r.NoMethod(func(c *gin.Context) {
		s.lost(c, http.StatusMethodNotAllowed, "This address does not take "+c.Request.Method+".")
	})
	return r, nil
}

// Handler is the whole server as a handler.
func (s *Server) Handler() http.Handler { return s.router }

// stopTime is how long a graceful stop waits for requests that are under way.
const stopTime = 4 * time.Second

// Serve listens until ctx ends, and then stops gracefully: sockets are closed with 1012, requests under way are finished.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s.router,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second, // a body that drips in; streams are hijacked and have deadlines of their own
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(s.sockets.closeAll) // Shutdown doesn't know of hijacked connections
	fresh := newFresh()
	server.ConnState = fresh.note
	server.RegisterOnShutdown(fresh.closeAll)
	s.world.Warm()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		s.Close()
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		s.config.Log.Warn("requests were still under way at the stop", "error", err)
		server.Close()
	}
	<-failed
	return s.Close()
}

// Close ends the sockets, the world and the engine.
func (s *Server) Close() error {
	s.closing.Do(func() { close(s.done) })
	s.work.Wait()
	s.sockets.closeAll()
	s.rehearsals.close()
	s.rooms.Close()
	return errors.Join(s.world.Close(), s.engine.Close())
}

// fresh are connections on which nothing has been asked yet. Browsers open some ahead of need; Shutdown would wait for their
// first request.
type fresh struct {
	mu     sync.Mutex // guards the fields below
	conns  map[net.Conn]struct{}
	closed bool
}

func newFresh() *fresh { return &fresh{conns: map[net.Conn]struct{}{}} }

func (f *fresh) note(conn net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(f.conns, conn)
	case f.closed:
		conn.Close()
	default:
		f.conns[conn] = struct{}{}
	}
}

func (f *fresh) closeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for conn := range f.conns {
		conn.Close()
	}
}
