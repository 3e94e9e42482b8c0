package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config is what a browser works with.
type Config struct {
	// Send carries one exchange. cause is the event that led to it; answer is the event that its answer became.
	Send func(ctx context.Context, req *http.Request, cause uint64) (res *http.Response, answer uint64, err error)
	// HandOver carries an address that is not of the web to the app that claims it on this device, as Send carries a request:
	// what the app answers is what the device then shows, or the address that it opens in this browser. An error says that no
	// app does; nil is a device without apps.
	HandOver func(ctx context.Context, req *http.Request, cause uint64) (res *http.Response, answer uint64, err error)
	// Now is the time by which cookies live.
	Now func() time.Time
	// Save keeps the state after each hop; nil keeps nothing.
	Save func(context.Context, *State) error
}

// Options are of one act.
type Options struct {
	Step  bool   // stop before each redirect hop; Follow sends the next
	Cause uint64 // the event that led to the act; 0 is the page it happens on
}

// State is all that a browser remembers. It is plain data.
type State struct {
	Page    *Page    `json:"page,omitempty"`
	Pending *Request `json:"pending,omitempty"` // what it would send next
	History []Entry  `json:"history,omitempty"` // the pages up to the present one, oldest first
	Ahead   []Entry  `json:"ahead,omitempty"`   // the pages one has gone back from, the nearest first
	Visited []string `json:"visited,omitempty"` // every address it has asked for, also those that redirected on; oldest first
	Cookies []Cookie `json:"cookies,omitempty"`
	Hops    int      `json:"hops,omitempty"` // redirects followed on the way to the next page
}

// Page is what the browser shows.
type Page struct {
	URL         string `json:"url"` // with its fragment
	Title       string `json:"title,omitempty"`
	Status      int    `json:"status"` // 0: it could not be loaded
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
	Policy      string `json:"policy,omitempty"`   // its Referrer-Policy
	Problem     string `json:"problem,omitempty"`  // why it could not be loaded
	Answer      uint64 `json:"answer,omitempty"`   // the event it came with
	Scripted    bool   `json:"scripted,omitempty"` // its scripts have run
}

// Entry is a visited address, as a history keeps it: with query and fragment.
type Entry struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
}

// Request is what a browser is about to send.
type Request struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers,omitempty"` // beyond those a browser adds by itself; they win over its own
	Body    string      `json:"body,omitempty"`
	Cause   uint64      `json:"cause,omitempty"`

	From    string `json:"from,omitempty"`    // the page it began at, for Referer
	Policy  string `json:"policy,omitempty"`  // that page's Referrer-Policy, or a redirect's
	Cross   bool   `json:"cross,omitempty"`   // some hop so far went from one site to another
	Typed   bool   `json:"typed,omitempty"`   // began in the address bar, at no page
	Tainted bool   `json:"tainted,omitempty"` // a hop led from a foreign origin on to another: its Origin is null
	Moves   int    `json:"moves,omitempty"`   // going back is -1, forward is 1, and the history doesn't grow; 0 leads to a new page
}

const (
	maxHops    = 20
	maxHistory = 50
	maxVisited = 100
	maxBody    = 64 << 10
	maxAddress = 16 << 10
)

// Browser drives a State. It is for one act at a time.
type Browser struct {
	config Config
	state  *State
}

// New makes a browser that goes on from a state; new(State) is one that has never been used.
func New(c Config, s *State) *Browser {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Browser{config: c, state: s}
}

// State is what the browser remembers now.
func (b *Browser) State() *State { return b.state }

// Page is what it shows; nil before the first page.
func (b *Browser) Page() *Page { return b.state.Page }

// Pending is what it would send next; nil if it doesn't wait.
func (b *Browser) Pending() *Request { return b.state.Pending }

// The mistakes of who drives a browser; their texts are for people.
var (
	errNoPage    = errors.New("the browser shows no page yet: open an address first")
	errNoPending = errors.New("the browser has nothing to send: no redirect is waiting")
)

// MethodOpen is what stands for a method where a browser hands an address to an app: that is no HTTP, but a call of the
// device's own.
const MethodOpen = "OPEN"

// Open goes to an address as if it had been typed.
func (b *Browser) Open(ctx context.Context, address string, o Options) error {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || !ofTheWeb(u) || u.Host == "" {
		return fmt.Errorf("%q is not an address: it must begin with https:// and a host", address)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return b.start(ctx, &Request{Method: http.MethodGet, URL: u.String(), Cause: o.Cause, Typed: true}, o)
}

// Navigate is a page's script, or a form, going somewhere: a form is posted, or put into the query of a GET.
func (b *Browser) Navigate(ctx context.Context, method, address string, form url.Values, o Options) error {
	page := b.state.Page
	if page == nil {
		return errNoPage
	}
	base, err := url.Parse(page.URL)
	if err != nil {
		return err
	}
	u, err := base.Parse(address)
	if err != nil {
		return fmt.Errorf("%q is not an address", address)
	}
	r := &Request{Method: method, From: page.URL, Policy: page.Policy, Cross: !sameSite(base, u), Cause: o.Cause}
	switch {
	case !ofTheWeb(u):
		r.Method = MethodOpen
	case !ofTheWeb(base): // a link on an app's screen
		r.fromApp()
	}
	if r.Cause == 0 {
		r.Cause = page.Answer
	}
	if r.Method == http.MethodPost {
		r.Body = form.Encode()
		r.Headers = [][2]string{{"Content-Type", "application/x-www-form-urlencoded"}}
	} else if form != nil {
		u.RawQuery = form.Encode()
	}
	r.URL = u.String()
	return b.start(ctx, r, o)
}

// Back goes to the page before this one, by loading it again.
func (b *Browser) Back(ctx context.Context, o Options) error {
	n := len(b.state.History)
	if n < 2 {
		return errors.New("there is no earlier page in this browser")
	}
	entry := b.state.History[n-2]
	return b.start(ctx, &Request{Method: http.MethodGet, URL: entry.URL, Cause: o.Cause, Typed: true, Moves: -1}, o)
}

// Forward goes to the page that Back came from, by loading it again.
func (b *Browser) Forward(ctx context.Context, o Options) error {
	if len(b.state.Ahead) == 0 {
		return errors.New("there is no later page in this browser: go back first")
	}
	return b.start(ctx, &Request{Method: http.MethodGet, URL: b.state.Ahead[0].URL, Cause: o.Cause, Typed: true, Moves: 1}, o)
}

// Edit changes the request that waits, as a person with a proxy would.
func (b *Browser) Edit(r Request) error {
	p := b.state.Pending
	if p == nil {
		return errNoPending
	}
	u, err := url.Parse(r.URL)
	if err != nil || ofTheWeb(u) && u.Host == "" || !ofTheWeb(u) && (u.Scheme == "" || b.config.HandOver == nil) {
		return fmt.Errorf("%q is not an address: it must begin with https:// and a host", r.URL)
	}
	if !ofTheWeb(u) {
		r.Method, r.Headers, r.Body = MethodOpen, nil, ""
	}
	if r.Method == "" || strings.ContainsFunc(r.Method, func(c rune) bool { return c < 'A' || c > 'Z' }) {
		return fmt.Errorf("%q is not a method", r.Method)
	}
	p.Method, p.URL, p.Headers, p.Body = r.Method, r.URL, r.Headers, r.Body
	return nil
}

// Follow sends what waits.
func (b *Browser) Follow(ctx context.Context, o Options) error {
	if b.state.Pending == nil {
		return errNoPending
	}
	return b.run(ctx, o)
}

// start begins a navigation.
func (b *Browser) start(ctx context.Context, r *Request, o Options) error {
	b.state.Pending, b.state.Hops = r, 0
	return b.run(ctx, o)
}

// run sends what waits, and what its answer asks for, until there is a page, or until it should wait.
func (b *Browser) run(ctx context.Context, o Options) error {
	for {
		if err := b.hop(ctx); err != nil {
			return err
		}
		if b.config.Save != nil {
			if err := b.config.Save(ctx, b.state); err != nil {
				return err
			}
		}
		if b.state.Pending == nil || o.Step {
			return nil
		}
	}
}

// hop sends the pending request and takes its answer: a page, or the next request.
func (b *Browser) hop(ctx context.Context) error {
	r := b.state.Pending
	u, err := url.Parse(r.URL)
	app := err == nil && !ofTheWeb(u)
	if err != nil || app && b.config.HandOver == nil {
		b.failNoApp(r)
		return nil
	}
	if len(r.URL) > maxAddress {
		r.URL = u.Scheme + "://" + u.Host + "/"
		b.fail(r, "The address that this browser was sent to is too long: it takes 16,384 characters.")
		return nil
	}
	req, err := b.request(r, u)
	if err != nil {
		b.fail(r, "This address can't be asked for.")
		return nil
	}
	send := b.config.Send
	if app {
		send = b.config.HandOver
	} else {
		b.visit(r.URL)
	}
	res, answer, err := send(ctx, req, r.Cause)
	if err != nil && app {
		b.failNoApp(r)
		return nil
	}
	if err != nil {
		b.fail(r, u.Host+" did not answer.")
		return nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		b.fail(r, u.Host+" broke off in the middle of its answer.")
		return nil
	}
	if !app {
		b.keepCookies(u, res.Header)
	}
	if next, ok := b.redirected(r, u, res, answer); ok {
		if b.state.Hops++; b.state.Hops > maxHops {
			b.fail(r, "This page sends the browser round in circles.")
			return nil
		}
		b.state.Pending = next
		return nil
	}
	b.show(r, &Page{URL: r.URL, Status: res.StatusCode, ContentType: res.Header.Get("Content-Type"), Body: strings.ToValidUTF8(string(body), "\uFFFD"), Policy: lastPolicy(res.Header), Answer: answer})
	return nil
}

// visit notes an address. The database of a browser's history, and the extensions that may read addresses, know those that
// redirected on as well, though one can't go back to them.
func (b *Browser) visit(address string) {
	b.state.Visited = append(b.state.Visited, address)
	if n := len(b.state.Visited) - maxVisited; n > 0 {
		b.state.Visited = append([]string(nil), b.state.Visited[n:]...)
	}
}

// redirected is the request that a redirect asks for (RFC 9110 §15.4).
func (b *Browser) redirected(r *Request, u *url.URL, res *http.Response, answer uint64) (*Request, bool) {
	location := res.Header.Get("Location")
	if res.StatusCode < 300 || res.StatusCode > 399 || res.StatusCode == http.StatusNotModified || location == "" {
		return nil, false
	}
	to, err := u.Parse(location)
	if err != nil {
		return nil, false
	}
	if to.Fragment == "" && u.Fragment != "" { // "the user agent MUST process the redirection as if the value inherits the fragment": RFC 9110 §10.2.2
		to.Fragment, to.RawFragment = u.Fragment, u.RawFragment
	}
	next := &Request{Method: http.MethodGet, URL: to.String(), Cause: answer, From: r.From, Policy: r.Policy, Typed: r.Typed, Cross: r.Cross || !r.Typed && !sameSite(u, to), Tainted: r.Tainted, Moves: r.Moves}
	if from, err := url.Parse(r.From); err == nil && !sameOrigin(from, u) && !sameOrigin(u, to) {
		next.Tainted = true
	}
	if p := lastPolicy(res.Header); p != "" {
		next.Policy = p
	}
	switch status := res.StatusCode; {
	case r.Method == http.MethodHead, status == http.StatusTemporaryRedirect, status == http.StatusPermanentRedirect,
		status != http.StatusSeeOther && r.Method != http.MethodPost && r.Method != http.MethodGet:
		next.Method, next.Body, next.Headers = r.Method, r.Body, r.Headers // only a POST becomes a GET by 301 and 302
	}
	switch {
	case !ofTheWeb(to):
		next.Method, next.Body, next.Headers = MethodOpen, "", nil
	case !ofTheWeb(u): // an app opens the browser
		next.Method = http.MethodGet
		next.fromApp()
	}
	return next, true
}

// show makes p the page, and an entry of the history.
func (b *Browser) show(r *Request, p *Page) {
	p.Title = titleOf(p)
	b.state.Page, b.state.Pending, b.state.Hops = p, nil, 0
	entry, n := Entry{URL: p.URL, Title: p.Title}, len(b.state.History)
	switch {
	case r.Moves < 0 && n > 1:
		b.state.Ahead = append([]Entry{b.state.History[n-1]}, b.state.Ahead...)
		b.state.History[n-2] = entry
		b.state.History = b.state.History[:n-1]
		return
	case r.Moves > 0 && len(b.state.Ahead) > 0:
		b.state.Ahead = b.state.Ahead[1:]
	default:
		b.state.Ahead = nil
	}
	b.state.History = append(b.state.History, entry)
	if n := len(b.state.History) - maxHistory; n > 0 {
		b.state.History = append([]Entry(nil), b.state.History[n:]...)
	}
}

// fail shows a page of the browser's own, in words.
func (b *Browser) fail(r *Request, problem string) { b.show(r, &Page{URL: r.URL, Problem: problem}) }

func (b *Browser) failNoApp(r *Request) {
	scheme, _, _ := strings.Cut(r.URL, ":")
	b.fail(r, "No app on this device opens "+scheme+": addresses.")
}

// fromApp makes a request that an app on this device has the browser send. For the web that is like an address that somebody
// types: it begins at no page.
func (r *Request) fromApp() {
	r.From, r.Policy, r.Cross, r.Tainted, r.Typed = "", "", false, false, true
}

// ofTheWeb tells whether a browser asks a server for such an address itself.
func ofTheWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// request is the HTTP request with everything a browser adds.
func (b *Browser) request(r *Request, u *url.URL) (*http.Request, error) {
	bare := *u
	bare.Fragment, bare.RawFragment = "", "" // never sent
	req, err := http.NewRequest(r.Method, bare.String(), strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Body == "" && r.Method != http.MethodPost {
		req.Body, req.ContentLength = nil, 0
	}
	if !ofTheWeb(u) { // an app is given the address and nothing else
		return req, nil
	}
	h := req.Header
	h.Set("User-Agent", "Mozilla/5.0 (compatible; PracticeBrowser/1.0)")
	h.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	h.Set("Accept-Language", "en")
	h.Set("Sec-Fetch-Dest", "document")
	h.Set("Sec-Fetch-Mode", "navigate")
	h.Set("Sec-Fetch-Site", fetchSite(r, u))
	if ref := referrer(r.From, u, r.Policy); ref != "" {
		h.Set("Referer", ref)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Origin", origin(r))
	}
	if c := b.cookieHeader(u, r); c != "" {
		h.Set("Cookie", c)
	}
	for _, kv := range r.Headers {
		if http.CanonicalHeaderKey(kv[0]) == "Host" {
			continue
		}
		h.Set(kv[0], kv[1])
	}
	return req, nil
}

// fetchSite is Sec-Fetch-Site: how the request's beginning and its target are related.
func fetchSite(r *Request, u *url.URL) string {
	from, err := url.Parse(r.From)
	switch {
	case r.Typed || r.From == "" || err != nil:
		return "none"
	case r.Cross || !sameSite(from, u):
		return "cross-site"
	case from.Scheme == u.Scheme && from.Host == u.Host:
		return "same-origin"
	}
	return "same-site"
}

// origin is the Origin header of a request that a page has begun.
func origin(r *Request) string {
	from, err := url.Parse(r.From)
	if err != nil || from.Host == "" || r.Tainted {
		return "null"
	}
	return from.Scheme + "://" + from.Host
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}
