package trace

import (
	"bytes"
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
	values values // of this run
	before values // of the run before it, in which an exchange may still be open
}

// open begins a run: exchanges and tags are counted afresh.
func (f *fold) open(run uint64) {
	f.before = values{}
	if run == f.run+1 {
		f.before = f.values
	}
	f.run, f.n, f.values = run, 0, values{}
}

// of are the values of a run; of one that is long past they are not kept.
func (f *fold) of(run uint64) *values {
	switch run {
	case f.run:
		return &f.values
	case f.run - 1:
		return &f.before
	}
	return new(values)
}

// apply takes an event that is in the log into account.
func (f *fold) apply(e Event) {
	f.last = e.Seq
	if e.Run > f.run { // its change event, or, in a window that has let that go, the first event of it
		f.open(e.Run)
	}
	if e.Run == f.run {
		f.n = max(f.n, e.N)
	}
	f.of(e.Run).learn(e)
}

// keep says that what was built on the fold is in the log up to last; undo takes it back.
func (f *fold) keep(last uint64) {
	f.last = last
	f.values.keep()
	f.before.keep()
}

func (f *fold) undo(saved fold) {
	f.values.undo()
	f.before.undo()
	*f = saved
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
	r.fold.before.forgetBefore(first)
	if last <= r.fold.last {
		return nil
	}
	events, err := readPast(ctx, r.log, r.fold.last)
	if err != nil {
		return err
	}
	for _, e := range events {
		r.fold.apply(e)
	}
	return nil
}

// append writes the events that build makes of the fold as it is, again and again until nobody was faster. Epoch, if not
// empty, is the one the events belong to: ErrReset if the log has begun another.
func (r *Recorder) append(ctx context.Context, epoch string, build func(*fold) []Event) ([]Event, error) {
	ctx = context.WithoutCancel(ctx) // what has happened is recorded, whoever has gone by then
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if err := r.catchUp(ctx); err != nil {
			return nil, err
		}
		if epoch != "" && epoch != r.fold.epoch {
			return nil, ErrReset
		}
		saved := r.fold
		events := build(&r.fold)
		err := r.log.Append(ctx, saved.last, events...)
		if err == nil {
			r.fold.keep(events[len(events)-1].Seq)
			return events, nil
		}
		r.fold.undo(saved)
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
	epoch    string // of the log that the request is in
	request  Event
}

// Begin records a request. If it can't be recorded (ErrFull, or a log that fails), it must not be carried out.
func (r *Recorder) Begin(ctx context.Context, at time.Time, b Begin) (*Exchange, error) {
	found := findRequest(&b.Request)
	epoch := ""
	events, err := r.append(ctx, "", func(f *fold) []Event {
		epoch = f.epoch
		f.n++
		e := Event{Seq: f.last + 1, At: at, Kind: KindRequest, Run: f.run, N: f.n, From: b.From, To: b.To, Cause: b.Cause, Request: &b.Request}
		e.Finds = f.values.tag(found, requestTexts(&b.Request), e.Seq)
		return append([]Event{e}, r.tokens(&f.values, e)...)
	})
	if err != nil {
		return nil, err
	}
	return &Exchange{recorder: r, epoch: epoch, request: events[0]}, nil
}

// Seq is the position of the request.
func (x *Exchange) Seq() uint64 { return x.request.Seq }

// N is the number of the exchange in its run.
func (x *Exchange) N() uint64 { return x.request.N }

// End records the answer to the request, and the tokens that appear in it for the first time, together; it is called
// once. It returns the answer's position. The answer is recorded even if ctx has ended, and in a lesson's log that is full;
// ErrReset says that the log with the request in it is gone.
func (x *Exchange) End(ctx context.Context, at time.Time, res Response, verdicts []check.Verdict) (uint64, error) {
	kind := KindResponse
	if res.isRedirect() {
		kind = KindRedirect
	}
	found := findResponse(&res)
	events, err := x.recorder.append(ctx, x.epoch, func(f *fold) []Event {
		v := f.of(x.request.Run)
		e := Event{Seq: f.last + 1, At: at, Kind: kind, Run: x.request.Run, N: x.request.N, From: x.request.To, To: x.request.From, Of: x.request.Seq, Response: &res, Verdicts: verdicts}
		e.Finds = v.tag(found, responseTexts(&res), e.Seq)
		return append([]Event{e}, x.recorder.tokens(v, e)...)
	})
	if err != nil {
		return 0, err
	}
	return events[0].Seq, nil
}

// Change records something that happened without a message. What "run" opens the next run: exchanges and tags are counted
// afresh. What WhatKept names values that are followed from then on.
func (r *Recorder) Change(ctx context.Context, at time.Time, c Change, finds ...Find) (uint64, error) {
	events, err := r.append(ctx, "", func(f *fold) []Event {
		if c.What == "run" {
			f.open(f.run + 1)
		}
		all := append(f.values.tag(findKept(&c), nil, f.last+1), finds...)
		return []Event{{Seq: f.last + 1, At: at, Kind: KindChange, Run: f.run, Change: &c, Finds: all}}
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

// Tag is what a value is called in the present run; ok is false for a value that was not found in it.
func (r *Recorder) Tag(ctx context.Context, value string) (tag string, ok bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.catchUp(ctx); err != nil {
		return "", false, err
	}
	s := r.fold.values.byValue[value]
	if s == nil {
		return "", false, nil
	}
	return s.tag, true, nil
}

// FindIn finds values of the present run in a text that is no message, such as an address in a history. It finds nothing in
// a log that can't be read.
func (r *Recorder) FindIn(ctx context.Context, in, name, text string) []Find {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.catchUp(ctx); err != nil {
		return nil
	}
	v := &r.fold.values
	var finds []Find
	for _, f := range findAddress(nil, text) {
		if s := v.byValue[f.value]; s != nil {
			finds = addFind(finds, s.find(in, name))
		}
	}
	return v.scan(finds, place{in: in, name: name, text: text}, r.fold.last)
}

// tokenKinds are the values that are tokens.
var tokenKinds = map[string]bool{"access_token": true, "id_token": true, "refresh_token": true}

// tokens are the token events that follow a message: one for each token that appears in it for the first time.
func (r *Recorder) tokens(v *values, e Event) []Event {
	var events []Event
	for _, find := range e.Finds {
		if !tokenKinds[find.Kind] || !v.firstSeen(find.Tag, e.Seq) || repeated(events, find.Tag) {
			continue
		}
		value, _ := v.value(find.Tag)
		t := r.token(find.Tag, value)
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

// token decodes a token. What is not a JWT is opaque: nothing can be said of it.
func (r *Recorder) token(tag, value string) Token {
	header, rest, ok1 := strings.Cut(value, ".")
	claims, _, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return Token{Tag: tag, Format: "opaque"}
	}
	h, err1 := decodePart(header)
	c, err2 := decodePart(claims)
	if err1 != nil || err2 != nil {
		return Token{Tag: tag, Format: "opaque"}
	}
	t := Token{Tag: tag, Format: "jwt", Header: h, Claims: c}
	if verify := r.verify; verify != nil {
		// It runs later and for whoever reads, so nothing of the present request is kept for it.
		t.verification = &verification{verify: func() Signature { return verify(context.Background(), value) }}
	}
	return t
}

var errNotObject = errors.New("trace: not a JSON object")

// decodePart decodes the header or the claims of a JWT.
func decodePart(part string) (json.RawMessage, error) {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || len(b) == 0 || b[0] != '{' || !json.Valid(b) {
		return nil, errNotObject
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD")), nil // as JSON must be; json.Valid lets other bytes pass
}
