package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// learner is one of a class.
type learner struct {
	class    *class
	acts     string // the server that it acts on
	watches  string // the server that its socket is on
	id, key  string
	signedIn bool

	mu       sync.Mutex // guards the fields below
	seq      uint64     // of the last event that came
	epoch    string
	wrong    string // what came out of order
	resumed  int
	received int
}

func (l *learner) ask(ctx context.Context, method, path, body string, to any) error {
	return l.class.ask(ctx, method, l.acts+path, l.key, body, to)
}

// refused is an answer that is none of those that were hoped for.
type refused struct {
	request string
	status  int
	body    []byte
}

func (r refused) Error() string { return fmt.Sprintf("%s: %d %s", r.request, r.status, r.body) }

// ask does a request of the API, and reads what it answers into to, unless that is nil.
func (c *class) ask(ctx context.Context, method, url, key, body string, to any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return refused{method + " " + req.URL.Path, res.StatusCode, raw}
	}
	if to == nil {
		return nil
	}
	return json.Unmarshal(raw, to)
}

// join makes the learner's sandbox.
func (l *learner) join(ctx context.Context) error {
	var made struct{ ID, Key string }
	err := l.ask(ctx, "POST", "/api/sandboxes", `{"lesson":"code-flow"}`, &made)
	l.id, l.key = made.ID, made.Key
	return err
}

// flow is Maya connecting Planner to Chirper: two or three acts in her browser, about a dozen exchanges.
func (l *learner) flow(ctx context.Context) error {
	browser := "/api/sandboxes/" + l.id + "/browsers/browser"
	if err := l.ask(ctx, "POST", browser+"/open", `{"url":"https://planner.test/connect"}`, nil); err != nil {
		return err
	}
	if !l.signedIn {
		if err := l.ask(ctx, "POST", browser+"/submit", `{"button":"login","fields":{"username":"maya","password":"practice-only"}}`, nil); err != nil {
			return err
		}
		l.signedIn = true
	}
	return l.ask(ctx, "POST", browser+"/submit", `{"button":"allow"}`, nil)
}

// work does flows until the time is over, one in each pace, and now and then begins again. The first comes at a moment of its own.
func (l *learner) work(ctx context.Context, pace time.Duration, again int) {
	wait := time.NewTimer(rand.N(pace))
	defer wait.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		wait.Reset(pace)
		begin := time.Now()
		err := l.flow(context.WithoutCancel(ctx)) // what has begun is finished, so that everything can be counted
		var no refused
		full := errors.As(err, &no) && no.status == http.StatusInsufficientStorage
		if full || again > 0 && n%again == 0 && err == nil {
			err = l.ask(context.WithoutCancel(ctx), "POST", "/api/sandboxes/"+l.id+"/reset", "", nil)
			l.signedIn = false
		}
		l.class.flow(time.Since(begin), err)
	}
}

// final are the close codes that say that the key doesn't fit, and that there is nothing any more.
var final = []int{4401, 4404}

// watch reads the learner's record by socket until the context ends, and comes back when it is cut off.
func (l *learner) watch(ctx context.Context) {
	err := stay(ctx, l.dial, l.take, func() {
		l.mu.Lock()
		l.resumed++
		l.mu.Unlock()
	})
	if err != nil {
		l.mu.Lock()
		l.wrong = err.Error()
		l.mu.Unlock()
	}
}

// stay reads the messages of a socket until the context ends, and comes back when it is cut off, and says so. That it can't be
// had in the first place is an error, and so is a close after which a page doesn't come back.
func stay(ctx context.Context, dial func(context.Context) (*websocket.Conn, error), take func(io.Reader) error, back func()) error {
	for first := true; ctx.Err() == nil; first = false {
		conn, err := dial(ctx)
		if err != nil {
			if first {
				return err
			}
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
			continue
		}
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		if !first {
			back()
		}
		err = all(conn, take)
		stop()
		conn.Close()
		if websocket.IsCloseError(err, final...) {
			return err
		}
	}
	return nil
}

// all takes the messages of a socket until it ends.
func all(conn *websocket.Conn, take func(io.Reader) error) error {
	for {
		kind, r, err := conn.NextReader()
		if err == nil && kind == websocket.TextMessage {
			err = take(r)
		}
		if err != nil {
			return err
		}
	}
}

func (l *learner) dial(ctx context.Context) (*websocket.Conn, error) {
	l.mu.Lock()
	since, epoch := l.seq, l.epoch
	l.mu.Unlock()
	return l.class.dial(ctx, l.watches, fmt.Sprintf("/api/sandboxes/%s/stream?since=%d&epoch=%s", l.id, since, epoch), l.key)
}

// dial opens a stream of the API; without a key it shows what anybody may see.
func (c *class) dial(ctx context.Context, server, path, key string) (*websocket.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{"playground.v1"}, ReadBufferSize: 1024, WriteBufferPool: &c.buffers, HandshakeTimeout: 30 * time.Second}
	if key != "" {
		d.Subprotocols = append(d.Subprotocols, "key."+key)
	}
	conn, _, err := d.DialContext(ctx, strings.Replace(server, "http", "ws", 1)+path, nil)
	return conn, err
}

// heads are enough of a frame to know what it is: an event begins with its seq and its time.
var heads = sync.Pool{New: func() any { return new([96]byte) }}

// take reads the beginning of one message.
func (l *learner) take(r io.Reader) error {
	head := heads.Get().(*[96]byte)
	defer heads.Put(head)
	n, err := io.ReadFull(r, head[:])
	if err != nil && err != io.ErrUnexpectedEOF {
		return err
	}
	now := time.Now()
	text := head[:n]
	if !bytes.HasPrefix(text, []byte(`{"seq":`)) {
		var hello struct{ Epoch string }
		if json.Unmarshal(text, &hello) == nil && hello.Epoch != "" {
			l.mu.Lock()
			if l.epoch != "" && l.epoch != hello.Epoch {
				l.seq = 0
			}
			l.epoch = hello.Epoch
			l.mu.Unlock()
		}
		return nil
	}
	var seq uint64
	rest := text[len(`{"seq":`):]
	for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
		seq, rest = seq*10+uint64(rest[0]-'0'), rest[1:]
	}
	l.mu.Lock()
	if seq != l.seq+1 && l.wrong == "" {
		l.wrong = fmt.Sprintf("event %d came where %d should be", seq, l.seq+1)
	}
	l.seq = seq
	l.received++
	l.mu.Unlock()
	if rest, ok := bytes.CutPrefix(rest, []byte(`,"at":"`)); ok {
		if end := bytes.IndexByte(rest, '"'); end > 0 {
			if at, err := time.Parse(time.RFC3339Nano, string(rest[:end])); err == nil {
				l.class.latency.add(now.Sub(at))
			}
		}
	}
	return nil
}

// settled holds what has come against what is recorded: it waits a little for what is on its way.
func (l *learner) settled(ctx context.Context) (recorded uint64, wrong string) {
	conn, err := (&learner{class: l.class, watches: l.acts, id: l.id, key: l.key}).dial(ctx)
	if err != nil {
		return 0, err.Error()
	}
	defer conn.Close()
	var hello struct{ Last uint64 }
	if err := conn.ReadJSON(&hello); err != nil {
		return 0, err.Error()
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		seq, wrong := l.seq, l.wrong
		l.mu.Unlock()
		switch {
		case wrong != "":
			return hello.Last, wrong
		case seq == hello.Last:
			return hello.Last, ""
		case time.Now().After(deadline):
			return hello.Last, fmt.Sprintf("%d events are recorded, and %d have come", hello.Last, seq)
		}
	}
}
