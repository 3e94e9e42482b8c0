package trace

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"oauthplayground/mockidp/check"
)

// Verifier verifies the signature of a JWT with the keys that the sandbox knows. It runs when the token's event is first read
// or encoded.
type Verifier func(ctx context.Context, jwt string) Signature

// Recorder writes a sandbox's events: it numbers, links and tags them. It is safe for concurrent use, and several
// recorders may write one log.
type Recorder struct {
	log    Log
	verify Verifier

	mu   sync.Mutex // guards fold; held while appending, so that one process doesn't compete with itself
	fold fold
}

// NewRecorder makes a recorder of a log.
func NewRecorder(log Log, verify Verifier) *Recorder { return &Recorder{log: log, verify: verify} }

// fold is what the log so far means for the next event.
type fold struct {
	epoch  string
	last   uint64
	run    uint64
	n      uint64 // exchanges of this run so far
	values values
}

// apply takes an event that is in the log into account.
func (f *fold) apply(e Event) {
	f.last = e.Seq
	switch {
	case e.Kind == KindChange && e.Change != nil && e.Change.What == "run":
		f.run, f.n, f.values = e.Run, 0, values{}
	case e.Kind == KindRequest:
		f.n = max(f.n, e.N)
	}
	f.values.learn(e)
}

// catchUp reads what others have written; the caller holds mu.
func (r *Recorder) catchUp(ctx context.Context) error {
	epoch, first, last, err := r.log.Info(ctx)
	if err != nil {
		return err
	}
	if epoch != r.fold.epoch {
		r.fold = fold{epoch: epoch, run: 1}
	}
	r.fold.values.forgetBefore(first)
	if last <= r.fold.last {
		return nil
	}
	events, err := Past(ctx, r.log, r.fold.last)
	if err != nil {
		return err
	}
	for _, e := range events {
		r.fold.apply(e)
	}
	return nil
}

// append writes events made by build on the fold as it is, again and again until nobody was faster.
func (r *Recorder) append(ctx context.Context, build func(*fold) []Event) ([]Event, error) {
	ctx = context.WithoutCancel(ctx) // what has happened is recorded, whoever has gone by then
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if err := r.catchUp(ctx); err != nil {
			return nil, err
		}
		at := r.fold.last
		events := build(&r.fold)
		err := r.log.Append(ctx, at, events...)
		if err == nil {
			r.fold.last = events[len(events)-1].Seq
			return events, nil
		}
		r.fold = fold{} // it has counted events that are not in the log: read it again
		if !errors.Is(err, ErrConflict) {
			return nil, err
		}
	}
}

// Begin is a request that has arrived.
type Begin struct {
	From, To string // actor ids
	Cause    uint64 // the event that led to it; 0 if none
	Request  Request
}

// Exchange is a request that is recorded and not yet answered.
type Exchange struct {
	recorder *Recorder
	request  Event
}

// Begin records a request. If it can't be recorded (ErrFull, or a log that fails), it must not be carried out.
func (r *Recorder) Begin(ctx context.Context, at time.Time, b Begin) (*Exchange, error) {
	found := findRequest(&b.Request)
	events, err := r.append(ctx, func(f *fold) []Event {
		f.n++
		e := Event{Seq: f.last + 1, At: at, Kind: KindRequest, Run: f.run, N: f.n, From: b.From, To: b.To, Cause: b.Cause, Request: &b.Request}
		e.Finds = f.values.tag(found, requestTexts(&b.Request), e.Seq)
		return append([]Event{e}, r.tokens(ctx, f, e)...)
	})
	if err != nil {
		return nil, err
	}
	return &Exchange{recorder: r, request: events[0]}, nil
}

// Seq is the position of the request.
func (x *Exchange) Seq() uint64 { return x.request.Seq }

// End records the answer to the request, and the tokens that appear in it for the first time. It returns the answer's
// position.
func (x *Exchange) End(ctx context.Context, at time.Time, res Response, verdicts []check.Verdict) (uint64, error) {
	kind := KindResponse
	if res.isRedirect() {
		kind = KindRedirect
	}
	found := findResponse(&res)
	events, err := x.recorder.append(ctx, func(f *fold) []Event {
		e := Event{Seq: f.last + 1, At: at, Kind: kind, Run: x.request.Run, N: x.request.N, From: x.request.To, To: x.request.From, Of: x.request.Seq, Response: &res, Verdicts: verdicts}
		e.Finds = f.values.tag(found, responseTexts(&res), e.Seq)
		return append([]Event{e}, x.recorder.tokens(ctx, f, e)...)
	})
	if err != nil {
		return 0, err
	}
	return events[0].Seq, nil
}

// Change records something that happened without a message. What "run" opens the next run: exchanges and tags are counted
// afresh.
func (r *Recorder) Change(ctx context.Context, at time.Time, c Change, finds ...Find) (uint64, error) {
	events, err := r.append(ctx, func(f *fold) []Event {
		if c.What == "run" {
			f.run++
			f.n, f.values = 0, values{}
		}
		return []Event{{Seq: f.last + 1, At: at, Kind: KindChange, Run: f.run, Change: &c, Finds: finds}}
	})
	if err != nil {
		return 0, err
	}
	return events[0].Seq, nil
}

// Run is the present run.
func (r *Recorder) Run(ctx context.Context) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.catchUp(ctx); err != nil {
		return 0, err
	}
	return r.fold.run, nil
}

// Value is the value behind a tag of the present run.
func (r *Recorder) Value(ctx context.Context, tag string) (string, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.catchUp(ctx); err != nil {
		return "", false, err
	}
	v, ok := r.fold.values.value(tag)
	return v, ok, nil
}

// FindIn finds values of the present run in a text that is no message, such as an address in a history.
func (r *Recorder) FindIn(ctx context.Context, in, name, text string) []Find {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.catchUp(ctx); err != nil {
		return nil
	}
	return r.fold.values.scan(nil, place{in: in, name: name, text: text}, r.fold.last)
}

// tokenKinds are the values that are tokens.
var tokenKinds = map[string]bool{"access_token": true, "id_token": true, "refresh_token": true}

// tokens are the token events that follow a message: one for each token that appears in it for the first time.
func (r *Recorder) tokens(ctx context.Context, f *fold, e Event) []Event {
	var events []Event
	for _, find := range e.Finds {
		if !tokenKinds[find.Kind] || !f.values.firstSeen(find.Tag, e.Seq) || repeated(events, find.Tag) {
			continue
		}
		value, _ := f.values.value(find.Tag)
		t := r.token(ctx, find.Tag, value)
		events = append(events, Event{Seq: e.Seq + uint64(len(events)) + 1, At: e.At, Kind: KindToken, Run: e.Run, N: e.N, Of: e.Seq, Token: &t})
	}
	return events
}

func repeated(events []Event, tag string) bool {
	for _, e := range events {
		if e.Token.Tag == tag {
			return true
		}
	}
	return false
}

// token decodes a token and verifies it. What is not a JWT is opaque: nothing can be said of it.
func (r *Recorder) token(ctx context.Context, tag, value string) Token {
	header, rest, ok1 := strings.Cut(value, ".")
	claims, _, ok2 := strings.Cut(rest, ".")
	h, err1 := decodePart(header)
	c, err2 := decodePart(claims)
	if !ok1 || !ok2 || err1 != nil || err2 != nil {
		return Token{Tag: tag, Format: "opaque"}
	}
	t := Token{Tag: tag, Format: "jwt", Header: h, Claims: c}
	if r.verify != nil {
		ctx := context.WithoutCancel(ctx)
		t.verification = &verification{verify: func() Signature { return r.verify(ctx, value) }}
	}
	return t
}

var errNotObject = errors.New("trace: not a JSON object")

func decodePart(part string) (json.RawMessage, error) {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || len(b) == 0 || b[0] != '{' || !json.Valid(b) {
		return nil, errNotObject
	}
	return b, nil
}
