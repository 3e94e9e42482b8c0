package vnet

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

func ask(n *Net, ctx context.Context, headers ...string) (*http.Response, error) {
	req, _ := http.NewRequestWithContext(WithExchange(ctx, &Exchange{Sandbox: "s", From: "client"}), "GET", "https://auth.chirper.test/", nil)
	for _, h := range headers {
		req.Header.Set(h, "attacker")
	}
	return n.RoundTripper().RoundTrip(req)
}

func TestNoHeaderMakesAnotherSender(t *testing.T) {
	n := New(http.HandlerFunc(echo))
	defer n.Close()
	res, err := ask(n, context.Background(), "From", "X-Forwarded-For", "Sandbox")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, _ := io.ReadAll(res.Body); !strings.Contains(string(got), "/ s client 0") {
		t.Errorf("it came as %s", got)
	}
}

func TestAHandlerThatPanicsEndsItsOwnExchangeOnly(t *testing.T) {
	n := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Boom") != "" {
			panic("boom")
		}
	}))
	defer n.Close()
	if _, err := ask(n, context.Background(), "Boom"); err == nil {
		t.Error("a panic was an answer")
	}
	res, err := ask(n, context.Background())
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

func TestASenderWhoLeavesEndsTheHandlersContext(t *testing.T) {
	started, ended := make(chan bool), make(chan bool)
	n := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		started <- true
		<-r.Context().Done()
		ended <- true
	}))
	defer n.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-started; cancel() }()
	if _, err := ask(n, ctx); err == nil {
		t.Error("there was an answer")
	}
	<-ended
}

func TestCloseCutsWhatIsOpenAndRefusesTheRest(t *testing.T) {
	ended := make(chan bool)
	var n *Net
	n = New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		go n.Close()
		<-r.Context().Done()
		close(ended)
	}))
	if _, err := ask(n, context.Background()); err == nil {
		t.Error("a cut exchange had an answer")
	}
	<-ended
	n.Close()
	if _, err := ask(n, context.Background()); err == nil {
		t.Error("a closed network carried a request")
	}
}

// TestCloseWaitsForHandlers: what a handler still does when its exchange is cut is done before the world is somebody else's.
func TestCloseWaitsForHandlers(t *testing.T) {
	began, done := make(chan struct{}), false
	n := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		for range 1000 {
			runtime.Gosched()
		}
		done = true
	}))
	go ask(n, context.Background())
	<-began
	n.Close()
	if !done {
		t.Error("closed, and a handler still at work")
	}
}
