package world

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/mockidp/jose"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/vnet"
)

// The kinds of sandboxes.
const (
	KindLesson    = "lesson"    // a lesson's world, on the in-memory network
	KindWorkbench = "workbench" // an issuer for an app outside, over TCP
)

// Config is what a World is made of. Engine and Course are needed.
type Config struct {
	Engine  engine.Engine
	Course  func() (*lessons.Course, error) // called at first use and then whenever a lesson is needed: lessons are parsed lazily
	Clock   func() time.Time                // real time; nil: time.Now
	BaseURL string                          // where workbench issuers are reached, no trailing slash
	Log     *slog.Logger                    // nil: nothing is logged
	Limits  Limits
	Seats   Seats // nil: nobody sits in a room
	// Leave tells whether a workbench issuer may redirect a browser there without asking; nil: loopback only.
	Leave func(redirectURI string) bool
}

// Limits bound what a world takes on. Zero values mean the defaults.
type Limits struct {
	Sandboxes int           // at once on the engine, whichever server has made them; default 20,000
	Idle      time.Duration // a sandbox nobody used for so long ends; default 2 h
	Life      time.Duration // and any ends after this; default 24 h
}

// World makes and opens sandboxes.
type World struct {
	config  Config
	servers map[string]server // by actor
	net     *vnet.Net
	keys    *jose.Pool
	done    chan struct{} // closed by Close
	closed  sync.Once
	work    sync.WaitGroup
	total   atomic.Int64 // sandboxes on the engine, as the last sweep has counted them and this server has made and ended since

	swept struct {
		mu     sync.Mutex           // held by who sweeps
		next   string               // where it goes on among those that nobody has open
		unmade map[string]time.Time // those that were not finished when it first saw them
	}

	mu   sync.Mutex // guards open
	open map[string]*Sandbox
}

// New makes a world on an engine. Close it.
func New(c Config) (*World, error) {
	if c.Engine == nil || c.Course == nil {
		return nil, errors.New("world: an engine and a course are needed")
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Leave == nil {
		c.Leave = isLoopback
	}
	if c.Seats == nil {
		c.Seats = nobody{}
	}
	c.Limits = c.Limits.orDefaults()
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	w := &World{config: c, servers: newServers(), keys: jose.NewPool(), done: make(chan struct{}), open: map[string]*Sandbox{}}
	w.swept.unmade = map[string]time.Time{}
	w.net = vnet.New(http.HandlerFunc(w.serveNet))
	w.work.Go(w.sweep)
	return w, nil
}

func (l Limits) orDefaults() Limits {
	if l.Sandboxes == 0 {
		l.Sandboxes = 20_000
	}
	if l.Idle == 0 {
		l.Idle = 2 * time.Hour
	}
	if l.Life == 0 {
		l.Life = 24 * time.Hour
	}
	return l
}

// Warm makes what first requests would otherwise wait for: RSA keys. It returns at once.
func (w *World) Warm() { w.keys.Start() }

// Close ends the network and all that runs in the world. The engine is the caller's. A second Close does nothing.
func (w *World) Close() (err error) {
	w.closed.Do(func() {
		close(w.done)
		w.work.Wait()
		w.keys.Close()
		err = w.net.Close()
	})
	return err
}

// Count is the number of sandboxes this world holds open.
func (w *World) Count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.open)
}

// Spec says which sandbox is wanted: {"lesson":"code-flow"} or {"kind":"workbench","login":"auto"}.
type Spec struct {
	Lesson string `json:"lesson,omitempty"` // a lesson's slug
	Kind   string `json:"kind,omitempty"`   // "lesson" or "workbench"; may be left out when a lesson is named
	Seat   string `json:"-"`                // of a learner in a room
	Login  string `json:"login,omitempty"`  // workbench: "form" (default) or "auto", where the first user signs in and consents without a page
}

// Created is what a learner is told about a new sandbox, and the only time the key is told.
type Created struct {
	ID        string           `json:"id"`
	Key       string           `json:"key"`
	Kind      string           `json:"kind"`
	Lesson    string           `json:"lesson,omitempty"`
	Issuer    string           `json:"issuer"`
	Actors    []Actor          `json:"actors"`
	Users     []User           `json:"users"`
	Clients   []mockidp.Client `json:"clients"`
	ExpiresAt time.Time        `json:"expires_at"`
}

// User is a seeded user, with the obviously fake password of the practice server.
type User struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Name     string `json:"name"`
}

// Create makes a sandbox. The errors are Problems: an unknown lesson, a world that is full.
func (w *World) Create(ctx context.Context, spec Spec) (Created, error) {
	f, err := w.plan(spec)
	if err != nil {
		return Created{}, err
	}
	if w.total.Load() >= int64(w.config.Limits.Sandboxes) {
		return Created{}, Problem{Status: http.StatusServiceUnavailable, Title: "Full", RetryAfter: time.Minute,
			Detail: "This server holds as many sandboxes as it can. Try again in a minute; yours is kept if you have one."}
	}
	ctx = context.WithoutCancel(ctx) // half a sandbox is of no use to anybody
	id, key := newID(), newSecret()
	f.KeyHash = hashKey(key)
	f.Began = w.config.Clock().UTC().Truncate(time.Second)
	f.Expires = f.Began.Add(w.config.Limits.Life)

	s, err := w.attach(ctx, id, f)
	if err != nil {
		return Created{}, err
	}
	var clients []mockidp.Client
	if err = s.furnish(ctx); err == nil {
		clients, err = s.Clients(ctx)
	}
	if err != nil { // nobody will ever know its key
		w.config.Engine.Drop(ctx, id)
		return Created{}, err
	}
	w.mu.Lock()
	w.open[id] = s
	w.mu.Unlock()
	w.total.Add(1)
	return Created{ID: id, Key: key, Kind: f.Kind, Lesson: f.Lesson, Issuer: s.issuer.URL, Actors: s.Actors(), Users: cast(), Clients: clients, ExpiresAt: f.Expires}, nil
}

// plan turns a wish into what never changes of a new sandbox.
func (w *World) plan(spec Spec) (fixed, error) {
	if spec.Kind == "" && spec.Lesson != "" {
		spec.Kind = KindLesson
	}
	switch spec.Kind {
	case KindLesson:
		if spec.Login != "" {
			return fixed{}, badRequest("login is for a workbench: in a lesson the learner signs in.")
		}
		if _, err := w.lesson(spec.Lesson); err != nil {
			return fixed{}, err
		}
		return fixed{Kind: KindLesson, Lesson: spec.Lesson, Seat: spec.Seat}, nil
	case KindWorkbench:
		if spec.Lesson != "" {
			return fixed{}, badRequest("a workbench has no lesson: leave one of the two out.")
		}
		if spec.Login == "" {
			spec.Login = "form"
		}
		if spec.Login != "form" && spec.Login != "auto" {
			return fixed{}, badRequest("login can't be %q: it is form or auto.", spec.Login)
		}
		return fixed{Kind: KindWorkbench, Login: spec.Login}, nil
	case "":
		return fixed{}, badRequest(`name a lesson, as in {"lesson":"code-flow"}, or ask for {"kind":"workbench"}.`)
	}
	return fixed{}, badRequest("kind can't be %q: it is lesson or workbench.", spec.Kind)
}

// Open finds a sandbox. One that isn't there, or has ended, is a Problem with status 404.
func (w *World) Open(ctx context.Context, id string) (*Sandbox, error) {
	w.mu.Lock()
	s := w.open[id]
	w.mu.Unlock()
	if s == nil {
		var err error
		if s, err = w.reopen(ctx, id); err != nil {
			return nil, err
		}
	}
	over, err := s.ended(ctx, w.config.Clock())
	if err != nil {
		return nil, err
	}
	if over {
		if err := w.drop(ctx, s); err != nil {
			w.config.Log.Warn("a sandbox could not be ended", "error", err)
		}
		return nil, errNoSandbox
	}
	return s, nil
}

var errNoSandbox = notFound("There is no such sandbox. It may have ended, or the server was started anew: make a new one.")

// reopen takes up a sandbox that another world, or an earlier one, has made on the same engine.
func (w *World) reopen(ctx context.Context, id string) (*Sandbox, error) {
	if !validID(id) {
		return nil, errNoSandbox
	}
	known, err := w.config.Engine.Has(ctx, id)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, errNoSandbox
	}
	s, err := w.attach(ctx, id, fixed{})
	if err != nil {
		return nil, err
	}
	f, err := made(ctx, s.store)
	if errors.Is(err, mockidp.ErrNotFound) {
		return nil, errNoSandbox // being made, or being dropped
	}
	if err != nil {
		return nil, err
	}
	if s, err = w.attach(ctx, id, f); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if other, ok := w.open[id]; ok { // somebody was faster: one recorder a process is enough
		return other, nil
	}
	w.open[id] = s
	return s, nil
}

// Delete ends a sandbox: its store, its log and its readers.
func (w *World) Delete(ctx context.Context, id string) error {
	s, err := w.Open(ctx, id)
	if err != nil {
		return err
	}
	return w.drop(ctx, s)
}

// renew makes a sandbox as it was at its creation, under the same id and key. If its server dies over that there is no such sandbox
// any more, since what makes it one goes first and comes last: its page makes another, and what is left is swept.
func (w *World) renew(ctx context.Context, s *Sandbox) error {
	if err := s.store.Delete(ctx, stateKey); err != nil {
		return err
	}
	var claims []string // stay, so that no other reset or act comes in between
	for _, a := range agents() {
		claims = append(claims, busyKey(a))
	}
	if err := w.config.Engine.Clear(ctx, s.id, claims...); err != nil {
		return err
	}
	next, err := w.attach(ctx, s.id, s.fixed)
	if err != nil {
		return err
	}
	if err := next.furnish(ctx); errors.Is(err, mockidp.ErrExists) {
		return errRenewed // by another server at the same moment: one of them is enough
	} else if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[s.id] = next
	return nil
}

// drop ends a sandbox. One that can't be ended now stays open here, and is tried again.
func (w *World) drop(ctx context.Context, s *Sandbox) error {
	if err := w.config.Engine.Drop(context.WithoutCancel(ctx), s.id); err != nil {
		return err
	}
	w.forget(s)
	w.total.Add(-1)
	return nil
}

// forget lets go of a sandbox that has ended.
func (w *World) forget(s *Sandbox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[s.id] == s {
		delete(w.open, s.id)
	}
}

func (w *World) isOpen(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open[id] != nil
}

// opened is every sandbox that this server has open.
func (w *World) opened() []*Sandbox {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.open))
}

// lesson finds a lesson by its slug; the error is a Problem.
func (w *World) lesson(slug string) (*lessons.Lesson, error) {
	course, err := w.config.Course()
	if err != nil {
		return nil, err
	}
	if l := course.Lesson(slug); l != nil {
		return l, nil
	}
	return nil, notFound("There is no lesson %q. GET /api/lessons lists them.", slug)
}

// serveNet is the handler of the whole in-memory network: the connection names the sandbox and the sender, the host names
// the receiver.
func (w *World) serveNet(rw http.ResponseWriter, r *http.Request) {
	ex, ok := vnet.ExchangeOf(r.Context())
	if !ok {
		http.Error(rw, "no sender", http.StatusInternalServerError)
		return
	}
	s, err := w.Open(r.Context(), ex.Sandbox)
	if err != nil {
		http.Error(rw, "no such sandbox", http.StatusNotFound)
		return
	}
	s.serveHost(rw, r, ex)
}

// newID is a sandbox's public name: 80 random bits in letters and digits.
func newID() string {
	var b [10]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

func validID(id string) bool {
	if len(id) != 16 {
		return false
	}
	for _, c := range id {
		if !('a' <= c && c <= 'z' || '2' <= c && c <= '7') {
			return false
		}
	}
	return true
}

// newSecret is 192 random bits, as a URL-safe string.
func newSecret() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashKey(key string) []byte {
	h := sha256.Sum256([]byte(key))
	return h[:]
}
