package load

import (
	"bytes"
	"context"
	"encoding/json"
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
	req, err := http.NewRequestWithContext(ctx, method, l.acts+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.key != "" {
		req.Header.Set("Authorization", "Bearer "+l.key)
	}
	res, err := l.class.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, raw)
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
		full := err != nil && strings.Contains(err.Error(), " 507 ")
		if full || again > 0 && n%again == 0 && err == nil {
			err = l.ask(context.WithoutCancel(ctx), "POST", "/api/sandboxes/"+l.id+"/reset", "", nil)
			l.signedIn = false
		}
		l.class.flow(time.Since(begin), err)
	}
}

// watch reads the learner's record by socket until the context ends, and comes back when it is cut off.
func (l *learner) watch(ctx context.Context) error {
	for first := true; ctx.Err() == nil; first = false {
		conn, err := l.dial(ctx)
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
			l.mu.Lock()
			l.resumed++
			l.mu.Unlock()
		}
		for {
			kind, r, err := conn.NextReader()
			if err != nil {
				break
			}
			if kind == websocket.TextMessage && l.take(r) != nil {
				break
			}
		}
		stop()
		conn.Close()
	}
	return nil
}

func (l *learner) dial(ctx context.Context) (*websocket.Conn, error) {
	l.mu.Lock()
	since, epoch := l.seq, l.epoch
	l.mu.Unlock()
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + l.key}, ReadBufferSize: 1024, WriteBufferPool: &l.class.buffers, HandshakeTimeout: 30 * time.Second}
	conn, _, err := d.DialContext(ctx, fmt.Sprintf("%s/api/sandboxes/%s/stream?since=%d&epoch=%s", strings.Replace(l.watches, "http", "ws", 1), l.id, since, epoch), nil)
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
