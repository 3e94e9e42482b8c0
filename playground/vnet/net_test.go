package vnet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo tells what the receiver knows: host, path, sandbox, sender, cause, body.
func echo(w http.ResponseWriter, r *http.Request) {
	e, _ := ExchangeOf(r.Context())
	body, _ := io.ReadAll(r.Body)
	e.SetAnswer(e.Cause + 1)
	fmt.Fprintf(w, "%s %s %s %s %d %s %q", r.Host, r.URL.Path, e.Sandbox, e.From, e.Cause, body, r.UserAgent())
}

func TestEveryExchangeKnowsItsSenderAndItsAnswer(t *testing.T) {
	n := New(http.HandlerFunc(echo))
	defer n.Close()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			e := &Exchange{Sandbox: fmt.Sprint("s", i), From: "client", Cause: uint64(i)}
			req, _ := http.NewRequestWithContext(WithExchange(context.Background(), e), "POST", "https://auth.chirper.test/token", strings.NewReader("a=b"))
			res, err := n.RoundTripper().RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			got, _ := io.ReadAll(res.Body)
			if want := fmt.Sprintf(`auth.chirper.test /token s%d client %d a=b ""`, i, i); string(got) != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if e.Answer() != uint64(i+1) {
				t.Errorf("answer is event %d, want %d", e.Answer(), i+1)
			}
		})
	}
	wg.Wait()
}

func TestARequestWithoutASenderIsRefused(t *testing.T) {
	n := New(http.HandlerFunc(echo))
	defer n.Close()
	req, _ := http.NewRequest("GET", "https://auth.chirper.test/", nil)
	if _, err := n.RoundTripper().RoundTrip(req); err == nil {
		t.Error("a request that nobody sent was carried")
	}
}

func TestACutConnectionIsAnErrorForTheSender(t *testing.T) {
	n := New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer n.Close()
	req, _ := http.NewRequestWithContext(WithExchange(context.Background(), &Exchange{}), "GET", "https://auth.chirper.test/", nil)
	if res, err := n.RoundTripper().RoundTrip(req); err == nil {
		t.Errorf("got %d from a handler that cut the connection", res.StatusCode)
	}
}

func BenchmarkHop(b *testing.B) {
	n := New(http.HandlerFunc(echo))
	defer n.Close()
	for b.Loop() {
		req, _ := http.NewRequestWithContext(WithExchange(context.Background(), &Exchange{}), "GET", "https://auth.chirper.test/", nil)
		res, err := n.RoundTripper().RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}
