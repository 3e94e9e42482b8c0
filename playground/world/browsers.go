package world

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/vnet/browser"
)

// Act is something that a person does in a browser.
type Act struct {
	Do      string         // open, submit, click, follow, back, forward
	URL     string         // open
	Target  string         // submit: the button's id or name; click: the link's id
	Fields  url.Values     // submit: what was filled in
	Request *EditedRequest // follow: sent in place of the pending request
	Step    bool           // stop before each redirect hop
}

// EditedRequest is a pending request as the learner has changed it.
type EditedRequest struct {
	Method  string         `json:"method"`
	URL     string         `json:"url"`
	Headers []trace.Header `json:"headers,omitempty"`
	Body    string         `json:"body,omitempty"`
}

// BrowserView is what a page shows of a browser.
type BrowserView struct {
	URL     string         `json:"url"`
	Title   string         `json:"title,omitempty"`
	Frame   string         `json:"frame,omitempty"` // where its page is shown; empty before the first one
	Framed  bool           `json:"framed"`          // a form in the frame led to its page: the frame goes there by itself
	Pending *EditedRequest `json:"pending"`         // the request it would send next, when it waits before each hop
	Back    bool           `json:"back"`            // whether there is an earlier page
	Forward bool           `json:"forward"`         // whether there is one that it has gone back from
	Step    *StepView      `json:"step,omitempty"`  // after an act: what it did for the learner's step
}

// kept is a browser's record in the store.
type kept struct {
	State  *browser.State `json:"state"`
	Ticket string         `json:"ticket,omitempty"` // names the present page to the frame; dead with it
	Framed bool           `json:"framed,omitempty"` // a form in the frame led to the present page
}

const (
	actTime = 45 * time.Second // the longest that an act, or the play of a step, may take
	// A claim is renewed while its act lasts. What a server that died was doing is in nobody's way for longer than busyTTL; one that
	// is out of breath for some seconds finishes what it does.
	busyTTL   = 5 * time.Second
	busyRenew = time.Second
)

// errBusy is a double click, two learners on one key, or an act while a step is played.
var errBusy = conflict("This browser is still busy with what it was asked before. Wait for it to finish.")

// agents are the ids of those who drive a browser, in the order in which they are claimed.
func agents() []string {
	var ids []string
	for _, a := range actors {
		if a.agent {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

type (
	claimedKey struct{}
	framedKey  struct{} // the act is a form's in the frame
)

// claim takes browsers for one act, so that no other runs in between. The context it returns ends with the time an act has, or when
// the claim is lost, and carries the claim to what is done under it; it does not end with the learner's connection.
func (s *Sandbox) claim(ctx context.Context, who ...string) (context.Context, func(), error) {
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithTimeout(context.WithValue(ctx, claimedKey{}, who), actTime)
	c := &claim{store: s.store, ctx: ctx, lost: cancel, until: time.Now().Add(busyTTL)}
	for _, id := range who {
		rev, err := s.store.Create(ctx, busyKey(id), []byte("1"), busyTTL)
		if err != nil {
			c.free()
			if errors.Is(err, mockidp.ErrExists) {
				err = errBusy
			}
			return nil, nil, err
		}
		c.held = append(c.held, busy{busyKey(id), rev})
	}
	c.mu.Lock()
	c.timer = time.AfterFunc(busyRenew, c.renew)
	c.mu.Unlock()
	return limited, c.free, nil
}

func busyKey(who string) string { return "busy/" + who }

// claim is what one act holds.
type claim struct {
	store mockidp.Store
	ctx   context.Context
	lost  context.CancelFunc // ends the act

	mu    sync.Mutex // guards the fields below
	held  []busy
	until time.Time   // when others may take it, unless it is renewed
	timer *time.Timer // renews what is held; nil until all is
	over  bool
}

// busy is one browser of a claim, at the revision that is this claim's own.
type busy struct {
	key string
	rev mockidp.Rev
}

// renew begins the time of each claim anew, for an act that takes long. If it can't, since the state is out of reach or somebody else
// has the browser by now, the act goes no further than its claim.
func (c *claim) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	ctx, cancel := context.WithDeadline(c.ctx, c.until)
	defer cancel()
	until := time.Now().Add(busyTTL)
	for i, h := range c.held {
		rev, err := c.store.Update(ctx, h.key, []byte("1"), h.rev, busyTTL)
		if err != nil {
			c.lost()
			c.until = time.Time{}
			return
		}
		c.held[i].rev = rev
	}
	c.until = until
	c.timer.Reset(busyTTL / 3)
}

// free gives back what is held; what may be somebody else's by now is left.
func (c *claim) free() {
	c.lost()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.timer != nil {
		c.timer.Stop()
	}
	ctx, cancel := context.WithDeadline(c.ctx, c.until)
	defer cancel()
	for _, h := range c.held {
		if ctx.Err() == nil {
			c.store.Delete(ctx, h.key)
		}
	}
}

// claimed tells whether whatever is done below ctx has claimed a browser already.
func claimed(ctx context.Context, who string) bool {
	taken, _ := ctx.Value(claimedKey{}).([]string)
	return slices.Contains(taken, who)
}

// drive lends a browser to fn: claimed, so that one act runs at a time, and saved after each hop.
func (s *Sandbox) drive(ctx context.Context, who string, step bool, fn func(context.Context, *browser.Browser, browser.Options) error) (*kept, error) {
	if a, ok := actorByID(who); !ok || !a.agent || s.fixed.Kind != KindLesson {
		return nil, notFound("This sandbox has no browser %q.", who)
	}
	if !claimed(ctx, who) {
		own, release, err := s.claim(ctx, who)
		if err != nil {
			return nil, err
		}
		defer release()
		ctx = own
	}

	k, err := s.kept(ctx, who)
	if err != nil {
		return nil, err
	}
	d, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	before := pageOf(k.State)
	b := browser.New(browser.Config{
		Send: func(ctx context.Context, req *http.Request, cause uint64) (*http.Response, uint64, error) {
			return s.roundTrip(ctx, who, cause, req)
		},
		HandOver: func(ctx context.Context, req *http.Request, cause uint64) (*http.Response, uint64, error) {
			return s.handOver(ctx, who, req, cause)
		},
		Now: func() time.Time { return s.now(d) },
		Save: func(ctx context.Context, st *browser.State) error {
			k.State = st
			return s.write(ctx, browserKey(who), k, 0)
		},
	}, k.State)
	o := browser.Options{Step: step, Cause: causeOf(ctx)}
	if err := fn(ctx, b, o); err != nil {
		return nil, browserProblem(err)
	}
	if err := s.runScripts(ctx, who, b, o); err != nil {
		return nil, browserProblem(err)
	}
	k.State = b.State()
	after := pageOf(k.State)
	if after != before {
		k.Ticket, k.Framed = newTicket(), ctx.Value(framedKey{}) != nil
	}
	if err := s.write(ctx, browserKey(who), k, 0); err != nil {
		return nil, err
	}
	if after != before {
		if err := s.note(ctx, trace.Change{What: "page", Actor: who, From: before.url, To: after.url}); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// shown tells one page of a browser from another: the same address loaded twice is two pages.
type shown struct {
	url string
	seq uint64
}

func pageOf(st *browser.State) shown {
	if st == nil || st.Page == nil {
		return shown{}
	}
	return shown{url: st.Page.URL, seq: st.Page.Answer}
}

func browserKey(who string) string { return "browser/" + who }

func (s *Sandbox) kept(ctx context.Context, who string) (*kept, error) {
	k := &kept{State: new(browser.State)}
	raw, _, err := s.store.Get(ctx, browserKey(who))
	if errors.Is(err, mockidp.ErrNotFound) {
		return k, nil
	}
	if err != nil {
		return nil, err
	}
	return k, json.Unmarshal(raw, k)
}

// browserProblem: what a browser refuses is the asker's mistake, unless the record was full.
func browserProblem(err error) error {
	var p Problem
	if errors.As(err, &p) || errors.Is(err, engine.ErrUnavailable) {
		return err
	}
	if err := recordProblem(err); errors.As(err, &p) {
		return err
	}
	return unprocessable("%s.", err)
}

// newTicket names a page to its frame: 128 random bits.
func newTicket() string { return newSecret()[:22] }

// Act does something in a browser. It runs to its end even if ctx is cancelled in between.
func (s *Sandbox) Act(ctx context.Context, who string, a Act) (BrowserView, error) {
	s.touch()
	ctx = s.hold(ctx)
	k, err := s.act(ctx, who, a)
	if err != nil {
		return BrowserView{}, err
	}
	view := s.browserView(who, k)
	view.Step, err = s.judgeStep(ctx)
	return view, err
}

func (s *Sandbox) act(ctx context.Context, who string, a Act) (*kept, error) {
	return s.drive(ctx, who, a.Step, func(ctx context.Context, b *browser.Browser, o browser.Options) error {
		switch a.Do {
		case "open":
			return b.Open(ctx, a.URL, o)
		case "submit":
			return b.Submit(ctx, browser.Submission{Button: a.Target, Form: -1, Fields: a.Fields}, o)
		case "click":
			return b.Click(ctx, a.Target, o)
		case "follow":
			if a.Request != nil {
				if err := b.Edit(edited(a.Request)); err != nil {
					return err
				}
			}
			return b.Follow(ctx, o)
		case "back":
			return b.Back(ctx, o)
		case "forward":
			return b.Forward(ctx, o)
		}
		return badRequest("A browser can open, submit, click, follow, go back and go forward, not %q.", a.Do)
	})
}

func edited(r *EditedRequest) browser.Request {
	e := browser.Request{Method: r.Method, URL: r.URL, Body: r.Body}
	for _, h := range r.Headers {
		e.Headers = append(e.Headers, [2]string(h))
	}
	return e
}

// Frame is the page that ticket names, for the learner's sandboxed frame. A ticket whose page has gone is a Problem with
// status 410.
func (s *Sandbox) Frame(ctx context.Context, ticket string) ([]byte, error) {
	s.touch()
	_, k, err := s.byTicket(ctx, ticket)
	if err != nil {
		return nil, err
	}
	b := browser.New(browser.Config{}, k.State)
	return b.Render(s.framePath(ticket)), nil
}

// FrameSubmit does in the virtual network what the learner did in the frame, and returns the next page's ticket.
func (s *Sandbox) FrameSubmit(ctx context.Context, ticket string, form url.Values) (string, error) {
	s.touch()
	ctx = s.hold(ctx)
	who, _, err := s.byTicket(ctx, ticket)
	if err != nil {
		return "", err
	}
	ctx, release, err := s.claim(ctx, who)
	if err != nil {
		return "", err
	}
	defer release()
	_, before, err := s.byTicket(ctx, ticket) // again, now that no other act can change the page: a form acts on its own page only
	if err != nil {
		return "", err
	}
	step, err := s.stepsThrough(ctx)
	if err != nil {
		return "", err
	}
	k, err := s.drive(context.WithValue(ctx, framedKey{}, true), who, step, func(ctx context.Context, b *browser.Browser, o browser.Options) error {
		return b.Act(ctx, form, o)
	})
	if err != nil {
		return "", err
	}
	if k.State.Pending != nil && k.Ticket == before.Ticket {
		// The page has stayed, and a request waits: whoever shows this browser learns of it by the record, since the answer goes
		// to the frame.
		if err := s.note(ctx, trace.Change{What: "page", Actor: who, From: k.State.Page.URL, To: k.State.Page.URL}); err != nil {
			return "", err
		}
	}
	if _, err := s.judgeStep(ctx); err != nil {
		return "", err
	}
	return k.Ticket, nil
}

var errPageGone = Problem{Status: http.StatusGone, Title: "This page has gone", Detail: "The browser shows another page by now. Close this one and look at the browser of your lesson."}

// byTicket finds the browser whose present page ticket names.
func (s *Sandbox) byTicket(ctx context.Context, ticket string) (string, *kept, error) {
	for _, id := range agents() {
		k, err := s.kept(ctx, id)
		if err != nil {
			return "", nil, err
		}
		if k.Ticket != "" && constantTimeEqual(k.Ticket, ticket) {
			return id, k, nil
		}
	}
	return "", nil, errPageGone
}

func (s *Sandbox) framePath(ticket string) string { return "/f/" + s.id + "/" + ticket }

func (s *Sandbox) browserView(who string, k *kept) BrowserView {
	v := BrowserView{Back: len(k.State.History) > 1, Forward: len(k.State.Ahead) > 0}
	if k.State.Page != nil {
		v.URL, v.Title = k.State.Page.URL, k.State.Page.Title
	}
	if k.Ticket != "" {
		v.Frame, v.Framed = s.framePath(k.Ticket), k.Framed
	}
	if p := k.State.Pending; p != nil {
		v.Pending = &EditedRequest{Method: p.Method, URL: p.URL, Body: p.Body}
		for _, h := range p.Headers {
			v.Pending.Headers = append(v.Pending.Headers, trace.Header(h))
		}
	}
	return v
}

// Inside is what a browser keeps, as its owner finds it in its settings, and as an extension of it may read it.
type Inside struct {
	URL     string           `json:"url"`
	History []browser.Entry  `json:"history"` // the pages up to the present one, oldest first
	Ahead   []browser.Entry  `json:"ahead"`   // the pages one has gone back from, the nearest first
	Visited []string         `json:"visited"` // every address it has asked for, with those that redirected on, oldest first: what an extension that may read addresses sees
	Storage []Stored         `json:"storage"` // what scripts of pages have put by
	Cookies []browser.Cookie `json:"cookies"` // with their attributes; no script and no page sees those that are http_only
}

// Stored is a value that a script of a page has put by in this browser, for itself and other scripts of its origin.
type Stored struct {
	Origin string `json:"origin"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

// Inside looks into a browser.
func (s *Sandbox) Inside(ctx context.Context, who string) (Inside, error) {
	s.touch()
	if !slices.Contains(agents(), who) || s.fixed.Kind != KindLesson {
		return Inside{}, notFound("This sandbox has no browser %q.", who)
	}
	k, err := s.kept(ctx, who)
	if err != nil {
		return Inside{}, err
	}
	in := Inside{History: append([]browser.Entry{}, k.State.History...), Ahead: append([]browser.Entry{}, k.State.Ahead...), Visited: append([]string{}, k.State.Visited...), Cookies: append([]browser.Cookie{}, k.State.Cookies...)}
	if k.State.Page != nil {
		in.URL = k.State.Page.URL
	}
	in.Storage = []Stored{}
	if who != Browser {
		return in, nil
	}
	m, err := s.memoryOf(ctx, pageApp)
	if err != nil {
		return Inside{}, err
	}
	if a := m.Attempt; a != nil {
		in.Storage = append(in.Storage, Stored{pageApp.origin, "state", a.State})
		if a.CodeVerifier != "" {
			in.Storage = append(in.Storage, Stored{pageApp.origin, "code_verifier", a.CodeVerifier})
		}
	}
	return in, nil
}
