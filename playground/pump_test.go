package playground

import (
	"context"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"oauthplayground/playground/trace"
)

// resetInBetween is a log that begins a new epoch when somebody who has read it all begins to wait.
type resetInBetween struct{ trace.Log }

func (l resetInBetween) Wake(ctx context.Context, epoch string, seq uint64, f func()) func() {
	l.Log.Reset(ctx)
	l.Log.Append(ctx, 0, trace.Event{Seq: 1, Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "run"}})
	return l.Log.Wake(ctx, epoch, seq, f)
}

// resetAtOnce is a log that begins a new epoch before what it holds is read.
type resetAtOnce struct{ trace.Log }

func (l resetAtOnce) Since(ctx context.Context, seq uint64) iter.Seq2[trace.Event, error] {
	l.Log.Reset(ctx)
	l.Log.Append(ctx, 0, trace.Event{Seq: 1, Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "run"}})
	return l.Log.Since(ctx, seq)
}

// TestAResetBehindHelloIsTold: what is sent under a hello belongs to the epoch that it names, whenever the reset comes.
func TestAResetBehindHelloIsTold(t *testing.T) {
	full := trace.NewMemoryLog(trace.MemoryOptions{})
	if err := full.Append(t.Context(), 0, trace.Event{Seq: 1, Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "step"}}); err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string]trace.Log{
		"while nobody reads":     resetInBetween{trace.NewMemoryLog(trace.MemoryOptions{})},
		"as reading would begin": resetAtOnce{full},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := New(Config{BaseURL: "http://127.0.0.1"})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := upgrader.Upgrade(w, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				reads := &reader{server: server, log: log}
				server.sockets.start(&pump{server: server, conn: conn, feed: reads.feed, rest: reads.rest}, 1)
			}))
			defer web.Close()
			conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(web.URL, "http"), http.Header{"Origin": {web.URL}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, hello, err := conn.ReadMessage(); err != nil || !strings.Contains(string(hello), `"hello"`) {
				t.Fatalf("%s, %v", hello, err)
			}
			if _, message, err := conn.ReadMessage(); !websocket.IsCloseError(err, closeRestart) {
				t.Errorf("got %s, %v: an event of the new epoch came under the old hello", message, err)
			}
		})
	}
}
