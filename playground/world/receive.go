package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/vnet"
)

// meeting is who met whom in an exchange: what is known of it besides the bytes.
type meeting struct {
	from, to string
	cause    uint64
	base     string // what the recorded URL begins with; the request's path and query follow
}

// serveHost receives a request on the in-memory network. Sender and cause come from the connection, which no peer can
// forge.
func (s *Sandbox) serveHost(w http.ResponseWriter, r *http.Request, ex *vnet.Exchange) {
	host, _, _ := strings.Cut(r.Host, ":")
	a, ok := actorByHost(host)
	if !ok {
		http.Error(w, "There is no host "+host+" in this sandbox.", http.StatusBadGateway)
		return
	}
	r.RemoteAddr = ex.From // who has no address on this network is told apart by name
	s.receive(w, r, meeting{from: ex.From, to: a.ID, cause: ex.Cause, base: a.URL}, ex.SetAnswer)
}

// ServeTCP receives a request for the workbench's issuer ("as") or API ("api") over TCP. r.URL.Path is relative to it.
// What a browser calls comes from "browser", all else from "outside".
func (s *Sandbox) ServeTCP(w http.ResponseWriter, r *http.Request, to string) {
	a, ok := actorByID(to)
	if !ok || s.fixed.Kind != KindWorkbench {
		http.NotFound(w, r)
		return
	}
	from := Outside
	if to == AS && mockidp.FrontChannel(r.URL.Path) {
		from = Browser
	}
	s.receive(w, r, meeting{from: from, to: to, base: s.origin(a)}, func(uint64) {})
}

// receive is the one place where an exchange is recorded: the request before its handler runs, the answer before it is
// sent, so that no later request can overtake it in the log.
func (s *Sandbox) receive(w http.ResponseWriter, r *http.Request, m meeting, answered func(seq uint64)) {
	s.touch()
	d, err := s.state(r.Context())
	if err != nil {
		s.fail(w, "reading the state", err)
		return
	}
	body, cut, err := readBody(r)
	if err != nil {
		return // the sender went away in mid-request: there is nobody to answer
	}
	x, err := s.recorder.Begin(r.Context(), s.now(d), trace.Begin{From: m.from, To: m.to, Cause: m.cause, Request: trace.RequestOf(r, m.base, body, cut)})
	if err != nil {
		s.fail(w, "recording a request", err)
		return
	}

	sheet := new(check.Sheet)
	held := newHeld()
	defer held.free()
	if cut {
		http.Error(held, fmt.Sprintf("The body is longer than %d KiB.", trace.MaxBody>>10), http.StatusRequestEntityTooLarge)
	} else {
		ctx := withState(check.WithSheet(r.Context(), sheet), d)
		r = r.WithContext(withCause(ctx, x.Seq()))
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		s.handle(held, r, m.to)
	}

	verdicts := sheet.Verdicts()
	seq, err := x.End(r.Context(), s.world.config.Clock().Add(d.Advance), trace.ResponseOf(held.code(), held.header, held.body.Bytes()), verdicts)
	if err != nil {
		s.unanswered(w, err)
		return
	}
	s.tellExchange(x.N(), m, r, held, verdicts)
	answered(seq)
	held.send(w)
}

// handle runs the receiver's handler; a panic becomes a plain 500 on the wire and a line in our own log.
func (s *Sandbox) handle(w *held, r *http.Request, to string) {
	defer func() {
		if p := recover(); p != nil {
			s.world.config.Log.Error("a handler panicked", "actor", to, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			w.reset()
			http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		}
	}()
	s.world.servers[to](s, w, r)
}

// reasons are those for which an exchange can't be recorded and which whoever sent the request can do something about.
var reasons = []struct {
	err    error
	status int
	text   string
}{
	{trace.ErrFull, http.StatusServiceUnavailable, "The record of this sandbox is full. Reset the sandbox to go on."},
	{trace.ErrReset, http.StatusConflict, "This sandbox was reset while the request was on its way. Begin again."},
	{engine.ErrUnavailable, http.StatusServiceUnavailable, "This server can’t write down what happens at the moment, so it does nothing. Try again in some seconds."},
	{trace.ErrGone, http.StatusGone, "This sandbox has ended. Make a new one."},
}

// fail answers a request that is not in the record, and so was not carried out.
func (s *Sandbox) fail(w http.ResponseWriter, doing string, err error) {
	s.refuse(w, doing, err, "This exchange could not be recorded, so it was not carried out. Try again.")
}

// unanswered answers a request that was carried out and whose answer is not in the record: whoever sent it can't know what came of it.
func (s *Sandbox) unanswered(w http.ResponseWriter, err error) {
	s.refuse(w, "recording an answer", err, "The request was carried out, and its answer could not be recorded. Look at the record before you try again.")
}

func (s *Sandbox) refuse(w http.ResponseWriter, doing string, err error, text string) {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			http.Error(w, r.text, r.status)
			return
		}
	}
	s.world.config.Log.Error("an exchange could not be recorded", "doing", doing, "error", err)
	http.Error(w, text, http.StatusServiceUnavailable)
}

// readBody reads as much of a body as is kept; cut says that there was more.
func readBody(r *http.Request) (body []byte, cut bool, err error) {
	if r.Body == nil || r.ContentLength == 0 {
		return nil, false, nil
	}
	body, err = io.ReadAll(io.LimitReader(r.Body, trace.MaxBody+1))
	if err != nil {
		return nil, false, err
	}
	if len(body) > trace.MaxBody {
		return body[:trace.MaxBody], true, nil
	}
	return body, false, nil
}

// held is an answer that is kept back until it is in the log.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

var helds = sync.Pool{New: func() any { return &held{header: http.Header{}} }}

func newHeld() *held { return helds.Get().(*held) }

func (h *held) free() {
	if h.body.Cap() > trace.MaxBody {
		return
	}
	h.reset()
	helds.Put(h)
}

func (h *held) reset() {
	clear(h.header)
	h.status = 0
	h.body.Reset()
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

func (h *held) code() int {
	if h.status == 0 {
		return http.StatusOK
	}
	return h.status
}

func (h *held) send(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range h.header {
		header[name] = values
	}
	w.WriteHeader(h.code())
	w.Write(h.body.Bytes())
}

type causeKey struct{}

// withCause names the message that whatever is done below ctx follows from.
func withCause(ctx context.Context, seq uint64) context.Context {
	return context.WithValue(ctx, causeKey{}, seq)
}

func causeOf(ctx context.Context) uint64 {
	seq, _ := ctx.Value(causeKey{}).(uint64)
	return seq
}

// callTimeout bounds one call between actors: they live in one process, so anything near it is a fault of ours.
const callTimeout = 20 * time.Second

// call sends a request as an actor, over the in-memory network, with the message of ctx as its cause. It returns the
// answer with its body read, and the position of the answer in the log.
func (s *Sandbox) call(ctx context.Context, from string, req *http.Request) (*http.Response, []byte, uint64, error) {
	res, seq, err := s.roundTrip(ctx, from, causeOf(ctx), req)
	if err != nil {
		return nil, nil, 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, trace.MaxBody+1))
	return res, body, seq, err
}

// roundTrip is one exchange on the in-memory network. The request's own life doesn't end with the learner's connection.
func (s *Sandbox) roundTrip(ctx context.Context, from string, cause uint64, req *http.Request) (*http.Response, uint64, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	ex := &vnet.Exchange{Sandbox: s.id, From: from, Cause: cause}
	res, err := s.world.net.RoundTripper().RoundTrip(req.WithContext(vnet.WithExchange(ctx, ex)))
	if err != nil {
		cancel()
		return nil, 0, err
	}
	res.Body = &cancelling{ReadCloser: res.Body, cancel: cancel}
	return res, ex.Answer(), nil
}

// cancelling frees a request's timer when its answer has been read.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c *cancelling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}

// recordProblem tells a learner about a full record; other errors are ours.
func recordProblem(err error) error {
	if errors.Is(err, trace.ErrFull) {
		return Problem{Status: http.StatusInsufficientStorage, Title: "The record is full", Detail: "This sandbox has recorded as many events as it can. Reset it to go on."}
	}
	return err
}
