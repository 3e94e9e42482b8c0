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

// resetInBetween is a log that begins a new epoch as soon as it has been asked for its first and last position.
type resetInBetween struct{ trace.Log }

func (l resetInBetween) Since(ctx context.Context, seq uint64) iter.Seq2[trace.Event, error] {
	l.Log.Reset(ctx)
	l.Log.Append(ctx, 0, trace.Event{Seq: 1, Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: "run"}})
	return l.Log.Since(ctx, seq)
}

// TestAResetBehindHelloIsTold: what is sent under a hello belongs to the epoch that it names, whenever the reset comes.
func TestAResetBehindHelloIsTold(t *testing.T) {
	server, err := New(Config{BaseURL: "http://127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	log := resetInBetween{trace.NewMemoryLog(trace.MemoryOptions{})}
	over := make(chan int, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { conn.Close() })
		p := &pump{server: server, conn: conn}
		code, reason := (&reader{server: server, log: log}).feed(t.Context(), p)
		sayClose(conn, code, reason)
		over <- code
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
	web.CloseClientConnections()
	if code := <-over; code != closeRestart {
		t.Errorf("ended with %d", code)
	}
}
