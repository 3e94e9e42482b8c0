package load

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oauthplayground/playground"
	"oauthplayground/playground/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shared is an engine that another holder closes.
type shared struct{ engine.Engine }

func (shared) Close() error { return nil }

func start(t *testing.T, e engine.Engine) Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := playground.New(playground.Config{BaseURL: "http://play.test", Engine: e, Limits: Lifted()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return Scraped("http://" + l.Addr().String())
}

// TestAClassIsCounted has a small class work on two servers: every event that is recorded comes once, and the report is whole.
func TestAClassIsCounted(t *testing.T) {
	m := engine.NewMemory()
	t.Cleanup(func() { m.Close() })
	r, err := Run(t.Context(), Options{Servers: []Server{start(t, shared{m}), start(t, shared{m})}, Learners: 20, For: 1500 * time.Millisecond, Pace: 300 * time.Millisecond, Again: 2, Every: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Agrees() || r.Recorded == 0 || r.Failed > 0 {
		t.Errorf("recorded %d, received %d, %d refused %s, %q", r.Recorded, r.Received, r.Failed, r.Failure, r.Disagrees)
	}
	if r.Flows < 20 || r.FlowP99 < r.FlowP50 || r.FlowP50 == 0 || r.FrameP99 < r.FrameP50 || r.After.Memory == 0 || r.After.Goroutines == 0 || r.CPU == 0 {
		t.Errorf("the report lacks something: %+v", r)
	}
	if len(r.Samples) == 0 || r.Samples[0].Memory == 0 || r.Samples[0].Goroutines == 0 {
		t.Errorf("the samples are %v", r.Samples)
	}
}

// TestGrowthIsSeen: how the beginning went does not count.
func TestGrowthIsSeen(t *testing.T) {
	var r Report
	for _, n := range []int64{1, 100, 120, 140, 150} {
		r.Samples = append(r.Samples, Sample{Usage: Usage{Memory: n, Goroutines: 7}})
	}
	if memory, goroutines := r.Flat(); memory != 1.5 || goroutines != 1 {
		t.Errorf("memory grew to %v and goroutines to %v, want 1.5 and 1", memory, goroutines)
	}
	r.Samples = r.Samples[1:]
	if memory, goroutines := r.Flat(); memory != 0 || goroutines != 0 {
		t.Errorf("four samples tell %v and %v, want nothing", memory, goroutines)
	}
}

// TestALossIsNoticed: the count is worth something only if it can be wrong.
func TestALossIsNoticed(t *testing.T) {
	l := &learner{class: &class{}}
	for _, frame := range []string{`{"type":"hello","epoch":"e","first":1,"last":3}`, `{"seq":1,"at":"2026-01-01T12:00:00Z","kind":"change"}`, `{"seq":3,"at":"2026-01-01T12:00:00Z","kind":"change"}`} {
		if err := l.take(strings.NewReader(frame)); err != nil {
			t.Fatal(err)
		}
	}
	if l.wrong != "event 3 came where 2 should be" {
		t.Errorf("it says %q", l.wrong)
	}
	if (Report{Recorded: 3, Received: 2}).Agrees() {
		t.Error("a report with a loss agrees")
	}
}
