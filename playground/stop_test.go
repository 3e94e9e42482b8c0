package playground

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// shutEngine is an engine whose logs take nothing while it is shut.
type shutEngine struct {
	engine.Engine
	gate    sync.RWMutex
	waiting chan struct{} // one for each that waits
}

func (e *shutEngine) Open(ctx context.Context, id string, o engine.Options) (mockidp.Store, trace.Log, error) {
	s, l, err := e.Engine.Open(ctx, id, o)
	return s, shutLog{l, e}, err
}

type shutLog struct {
	trace.Log
	e *shutEngine
}

func (l shutLog) Append(ctx context.Context, at uint64, events ...trace.Event) error {
	if !l.e.gate.TryRLock() {
		l.e.waiting <- struct{}{}
		l.e.gate.RLock()
	}
	defer l.e.gate.RUnlock()
	return l.Log.Append(ctx, at, events...)
}

// TestAnActUnderWayIsFinishedBeforeTheEnd: who is told to stop takes nothing new, finishes what it does, and ends without an error.
func TestAnActUnderWayIsFinishedBeforeTheEnd(t *testing.T) {
	e := &shutEngine{Engine: engine.NewMemory(), waiting: make(chan struct{}, 100)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	s, err := New(Config{BaseURL: base, Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	box := newBox(t, base, `{"lesson":"two-steps"}`)
	socket := box.dial(t, 0, "", box.Key)
	read(t, socket)

	e.gate.Lock()
	played := make(chan result, 1)
	go func() { played <- box.call(t, "POST", "/steps/one-step/play", box.Key, "") }()
	<-e.waiting // in the middle of the act
	stop()
	for { // until it takes nothing new
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
		time.Sleep(time.Millisecond)
	}
	e.gate.Unlock()
	if r := <-played; r.status != http.StatusOK || !strings.Contains(string(r.body), `"passed":true`) {
		t.Errorf("the act: %d %s", r.status, r.body)
	}
	if code := closed(t, socket); code != closeRestart {
		t.Errorf("the socket ended with %d, want 1012", code)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
