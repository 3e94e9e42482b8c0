package playground

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// TestWhoIsStuckIsSeenOnTheBoard: from what a learner does, over the API, to the message on the board's socket. All of it is in a time
// of its own, the server's clock included.
func TestWhoIsStuckIsSeenOnTheBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{BaseURL: "http://play.test"})
		if err != nil {
			t.Fatal(err)
		}
		listen := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx, listen) }()
		defer func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		room := handlerRoom(t, s)
		watch := func(key string, take func(raw []byte)) {
			d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + key}, NetDial: func(string, string) (net.Conn, error) {
				here, there := net.Pipe()
				listen.conns <- there
				return here, nil
			}}
			conn, _, err := d.Dial("ws://play.test/api/rooms/"+room.Code+"/stream", nil)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				defer conn.Close()
				for {
					_, raw, err := conn.ReadMessage()
					if err != nil {
						return
					}
					take(raw)
				}
			}()
		}
		var mu sync.Mutex // guards seen
		var seen struct {
			Stuck, Here bool
			Step        string
			Passed      int
		}
		watch(room.Key, func(raw []byte) {
			var m struct{ Rows []map[string]any }
			if !strings.HasPrefix(string(raw), `{"type":"rows"`) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			decodeInto(t, raw, &m)
			for _, row := range m.Rows {
				seen.Stuck, seen.Here, seen.Step, seen.Passed = row["stuck"].(bool), row["here"].(bool), row["step"].(string), int(row["passed"].(float64))
			}
		})
		watch(room.Seat, func([]byte) {})

		act := func(method, path, key, body string) []byte {
			t.Helper()
			req := jsonRequest(method, "http://play.test"+path, body)
			req.Header.Set("Authorization", "Bearer "+key)
			r := serve(s, req)
			if r.status >= 300 {
				t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
			}
			return r.body
		}
		var box struct{ ID, Key string }
		decodeInto(t, act("POST", "/api/rooms/"+room.Code+"/sandboxes", room.Seat, `{"lesson":"pkce"}`), &box)
		var lesson struct {
			Steps     []struct{ ID string }
			Questions []struct {
				ID      string
				Choices []string
			}
		}
		decodeInto(t, serve(s, mustRequest(http.MethodGet, "http://play.test/api/lessons/pkce", "")).body, &lesson)
		first, second := lesson.Steps[0].ID, lesson.Steps[1].ID
		question := ""
		for _, q := range lesson.Questions {
			if len(q.Choices) > 0 {
				question = q.ID
				break
			}
		}
		sandbox := "/api/sandboxes/" + box.ID
		for _, tt := range []struct {
			name               string
			method, path, body string
			after              time.Duration
			stuck              bool
			passed             int
		}{
			{name: "she begins", method: "POST", path: "/steps/" + first + "/begin", after: 299 * time.Second},
			{name: "and does nothing for five minutes", after: 6 * time.Second, stuck: true},
			{name: "what is refused is no progress", method: "POST", path: "/browsers/browser/open", body: `{"url":"https://auth.chirper.test/authorize?response_type=code"}`, after: time.Second, stuck: true},
			{name: "she answers a question", method: "POST", path: "/answers", body: `{"question":"` + question + `","choice":1}`, after: time.Second},
			{name: "and hangs again", after: 305 * time.Second, stuck: true},
			{name: "she begins the next step", method: "POST", path: "/steps/" + second + "/begin", after: time.Second},
			{name: "and hangs there", after: 305 * time.Second, stuck: true},
			{name: "she passes it", method: "POST", path: "/steps/" + second + "/replay", after: time.Second, passed: 1},
			{name: "and stays", after: 305 * time.Second, stuck: true, passed: 1},
		} {
			if tt.path != "" {
				act(tt.method, sandbox+tt.path, box.Key, tt.body)
			}
			time.Sleep(tt.after)
			synctest.Wait()
			mu.Lock()
			if now := seen; now.Stuck != tt.stuck || !now.Here || now.Passed < tt.passed {
				t.Errorf("%s: the board shows %+v, want stuck %t and %d passed", tt.name, now, tt.stuck, tt.passed)
			}
			mu.Unlock()
		}
	})
}
