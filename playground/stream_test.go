package playground

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// startTuned runs a whole server as startServer does, after tune has changed what no Config can.
func startTuned(t *testing.T, l net.Listener, tune func(*Server)) (base string, stop func() error) {
	t.Helper()
	base = "http://" + l.Addr().String()
	s, err := New(Config{BaseURL: base})
	if err != nil {
		t.Fatal(err)
	}
	tune(s)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		http.DefaultClient.CloseIdleConnections()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
	})
	return base, stop
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// narrow gives each connection a send buffer that is soon full.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return c, err
}

// dialNarrow opens a stream whose client takes little at a time.
func dialNarrow(t *testing.T, b box) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + b.Key}, NetDial: func(network, addr string) (net.Conn, error) {
		small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) })
		}}
		return small.Dial(network, addr)
	}}
	c, _, err := d.Dial(strings.Replace(b.base, "http", "ws", 1)+"/api/sandboxes/"+b.ID+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return c
}

// TestASocketThatStopsReadingIsClosed: it is given up, nobody else waits for it, and what it missed is there when it comes
// back.
func TestASocketThatStopsReadingIsClosed(t *testing.T) {
	base, _ := startTuned(t, narrow{listen(t)}, func(s *Server) { s.sockets.patience = time.Second }) // more than a loaded machine keeps the other waiting
	b := newBox(t, base, `{"kind":"workbench"}`)
	stuck := dialNarrow(t, b)
	well := b.dial(t, 0, "", b.Key)
	if hello, _ := read(t, well); hello["type"] != "hello" {
		t.Fatalf("hello is %v", hello)
	}
	const want = 60
	go func() {
		for range want / 2 {
			res, err := http.Post(b.Issuer+"/token", "application/x-www-form-urlencoded", strings.NewReader("grant_type=nothing&x="+strings.Repeat("y", 20_000)))
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		}
	}()
	for seq := 1; seq <= want; seq++ {
		if e, _ := read(t, well); e["seq"] != float64(seq) {
			t.Fatalf("the other socket got %v in place of %d", e["seq"], seq)
		}
	}
	for open := true; open; { // until the server has given the stuck one up
		m := do(t, http.DefaultClient, mustRequest("GET", base+"/metrics", ""))
		open = !strings.Contains(string(m.body), "playground_sockets 1\n")
	}
	var last uint64
	for {
		_, raw, err := stuck.ReadMessage()
		if err != nil {
			break // cut: what was under way is incomplete and doesn't count
		}
		if strings.Contains(string(raw), `"hello"`) {
			continue
		}
		last++
		if !strings.HasPrefix(string(raw), fmt.Sprintf(`{"seq":%d,`, last)) {
			t.Fatalf("after %d came %.40s", last-1, raw)
		}
	}
	if last >= want {
		t.Fatal("the socket got everything: it was not stuck")
	}
	again := b.dial(t, last, "", b.Key)
	read(t, again)
	for seq := last + 1; seq <= want; seq++ {
		if e, _ := read(t, again); e["seq"] != float64(seq) {
			t.Fatalf("after coming back %v in place of %d", e["seq"], seq)
		}
	}
}

// TestHowAStreamIsRefused: by status where a program reads it, by close code where a page does.
func TestHowAStreamIsRefused(t *testing.T) {
	base := startServer(t, Config{Limits: Limits{Sockets: 2, AllSockets: 3}})
	b, other := newBox(t, base, `{"kind":"workbench"}`), newBox(t, base, `{"kind":"workbench"}`)

	for _, tt := range []struct {
		name, query string
		header      http.Header
		status      int
		says        string
	}{
		{"a position that is none", "?since=x", nil, 400, "position"},
		{"two positions", "?since=1&since=2", nil, 400, "twice"},
		{"two epochs", "?epoch=a&epoch=b", nil, 400, "twice"},
		{"a query that can't be read", "?since=%zz", nil, 400, "percent-encoded"},
		{"a position below zero", "?since=-1", nil, 400, "position"},
		{"a page of another origin", "", http.Header{"Origin": {"https://mallory.test"}}, 403, "WebSocket"},
		{"a page in an opaque origin", "", http.Header{"Origin": {"null"}}, 403, "WebSocket"},
	} {
		d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + b.Key}}
		_, res, err := d.Dial(strings.Replace(base, "http", "ws", 1)+"/api/sandboxes/"+b.ID+"/stream"+tt.query, tt.header)
		if err == nil || res == nil || res.StatusCode != tt.status || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v, %v", tt.name, res, err)
			continue
		}
		raw := make([]byte, 1024)
		n, _ := res.Body.Read(raw)
		if !strings.Contains(string(raw[:n]), tt.says) {
			t.Errorf("%s: %s", tt.name, raw[:n])
		}
	}
	if r := b.call(t, "GET", "/stream", b.Key, ""); r.status != http.StatusUpgradeRequired {
		t.Errorf("a plain GET: %d %s", r.status, r.body)
	}

	first, second := b.dial(t, 0, "", b.Key), b.dial(t, 0, "", b.Key)
	read(t, first)
	read(t, second)
	if first.Subprotocol() != "playground.v1" {
		t.Errorf("the answer chose %q: the key is nobody's to see", first.Subprotocol())
	}
	if _, _, err := b.dial(t, 0, "", b.Key).ReadMessage(); !websocket.IsCloseError(err, closeTooMany) {
		t.Errorf("the third of a sandbox: %v", err)
	}
	third := other.dial(t, 0, "", other.Key)
	read(t, third)
	if _, _, err := other.dial(t, 0, "", other.Key).ReadMessage(); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		t.Errorf("one more than the server takes: %v", err)
	}
}

// TestAMessageThatIsTooLongEndsTheStream: nothing is asked of a page, so nothing large is read from one.
func TestAMessageThatIsTooLongEndsTheStream(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"kind":"workbench"}`)
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + b.Key}, WriteBufferSize: 4 * maxMessage} // one frame
	c, _, err := d.Dial(strings.Replace(base, "http", "ws", 1)+"/api/sandboxes/"+b.ID+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	read(t, c)
	c.WriteMessage(websocket.TextMessage, make([]byte, maxMessage+1))
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("closed with %v", err)
	}
}

// TestAStopWaitsForNobodyWhoIsSilent: neither a page that doesn't answer a close, nor a connection opened ahead of need.
func TestAStopWaitsForNobodyWhoIsSilent(t *testing.T) {
	l := listen(t)
	base, stop := startTuned(t, l, func(*Server) {})
	b := newBox(t, base, `{"kind":"workbench"}`)
	silent := b.dial(t, 0, "", b.Key)
	read(t, silent)
	early, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	if err := stop(); err != nil {
		t.Errorf("the stop was not clean: %v", err)
	}
	if _, err := http.Get(base + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}
