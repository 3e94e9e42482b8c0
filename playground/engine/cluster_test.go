package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/playground/engine"
	"oauthplayground/playground/engine/enginetest"
	"oauthplayground/playground/trace"
)

// cluster is three NATS servers in this process, on loopback.
type cluster struct {
	servers []*server.Server
	options []*server.Options
}

func startCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{}
	var routes []*url.URL
	ports := freePorts(t, 3)
	for _, p := range ports {
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", p)})
	}
	for i, p := range ports {
		c.options = append(c.options, &server.Options{
			ServerName: fmt.Sprint("nats-", i+1), Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(),
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: p}, Routes: routes,
		})
		c.servers = append(c.servers, nil)
		c.start(t, i)
	}
	t.Cleanup(func() {
		for _, s := range c.servers {
			s.Shutdown()
			s.WaitForShutdown()
		}
	})
	eventually(t, "the cluster has a leader", func() bool {
		for _, s := range c.servers {
			if s.JetStreamIsLeader() {
				return true
			}
		}
		return false
	})
	return c
}

// start starts a server of the cluster, or starts it again.
func (c *cluster) start(t testing.TB, i int) {
	t.Helper()
	s, err := server.NewServer(c.options[i].Clone())
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("a server of the cluster does not start")
	}
	c.servers[i] = s
	c.options[i].Port = s.Addr().(*net.TCPAddr).Port // the same when it starts again
}

func (c *cluster) stop(i int) {
	c.servers[i].Shutdown()
	c.servers[i].WaitForShutdown()
}

func (c *cluster) urls() string {
	var list []string
	for _, s := range c.servers {
		list = append(list, s.ClientURL())
	}
	return strings.Join(list, ",")
}

// empty takes all state away.
func (c *cluster) empty(t testing.TB) {
	t.Helper()
	nc, err := nats.Connect(c.urls())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	names := js.StreamNames(ctx)
	for name := range names.Name() {
		if err := js.DeleteStream(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) connect(t testing.TB) engine.Engine {
	t.Helper()
	e, err := engine.Connect(context.Background(), engine.ConnectOptions{URLs: c.urls(), Replicas: 3})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func freePorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("not after 20 s: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAClusterKeepsTheContract(t *testing.T) {
	c := startCluster(t)
	enginetest.Run(t, func(t *testing.T) engine.Engine {
		c.empty(t)
		return c.connect(t)
	})
}

func TestTwoServersShareACluster(t *testing.T) {
	c := startCluster(t)
	enginetest.Shared(t, func(t *testing.T) (a, b engine.Engine) {
		c.empty(t)
		return c.connect(t), c.connect(t)
	})
}

// TestAClusterLosesServers: while learners work through two playground servers, the leader of the log's stream is killed, and comes
// back, and then another server. What was acknowledged is there once and in order, on both.
func TestAClusterLosesServers(t *testing.T) {
	c := startCluster(t)
	a, b := c.connect(t), c.connect(t)
	defer a.Close()
	defer b.Close()
	const learners = 6
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var work sync.WaitGroup
	acknowledged := make([]atomic.Int64, learners)
	readers := make([]chan []string, learners)
	for i := range learners {
		id := fmt.Sprint("learner-", i)
		server, other := a, b
		if i%2 == 1 {
			server, other = b, a
		}
		store, log := must2(server.Open(ctx, id, engine.Options{}))
		_, there := must2(other.Open(ctx, id, engine.Options{}))
		readers[i] = make(chan []string, 1)
		reading, end := context.WithCancel(context.Background())
		go func() {
			var seen []string
			for e, err := range there.Since(reading, 0) {
				if err != nil {
					t.Errorf("the reader of %s: %v", id, err)
					break
				}
				if e.Change.What == "end" {
					break
				}
				seen = append(seen, e.Change.What)
			}
			end()
			readers[i] <- seen
		}()
		work.Go(func() {
			last := uint64(0)
			for n := 0; ; n++ {
				what := fmt.Sprint(n)
				if ctx.Err() != nil {
					what = "end"
				}
				// Two writes, as an act has: a claim, and what came of it.
				if _, err := store.Create(context.Background(), "claim/"+what, []byte("1"), time.Hour); err != nil {
					t.Errorf("%s: claim %s: %v", id, what, err)
					end()
					return
				}
				e := trace.Event{Seq: last + 1, Run: 1, Kind: trace.KindChange, Change: &trace.Change{What: what}}
				if err := log.Append(context.Background(), last, e); err != nil {
					t.Errorf("%s: event %s: %v", id, what, err)
					end()
					return
				}
				if last++; what == "end" {
					return
				}
				acknowledged[i].Add(1)
				time.Sleep(10 * time.Millisecond) // a record holds 5,000 events
			}
		})
	}
	progress := func(n int64) {
		before := make([]int64, learners)
		for i := range before {
			before[i] = acknowledged[i].Load()
		}
		eventually(t, "every learner goes on", func() bool {
			for i := range before {
				if acknowledged[i].Load() < before[i]+n && !t.Failed() {
					return false
				}
			}
			return true
		})
	}
	progress(20)
	for range 2 {
		i := c.leader(t)
		c.stop(i)
		progress(20)
		c.start(t, i)
		progress(20)
	}
	stop()
	work.Wait()
	for i := range learners {
		seen := <-readers[i]
		if int64(len(seen)) != acknowledged[i].Load() {
			t.Errorf("learner %d: %d events were acknowledged and %d came", i, acknowledged[i].Load(), len(seen))
		}
		for n, what := range seen {
			if what != fmt.Sprint(n) {
				t.Fatalf("learner %d: %q came where %d should be", i, what, n)
			}
		}
	}
}

// copies is how many copies the cluster keeps of the log.
func (c *cluster) copies(t *testing.T) int {
	t.Helper()
	nc, err := nats.Connect(c.urls())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	eventually(t, "the log has a leader", func() bool {
		s, err := js.Stream(t.Context(), "PLAYGROUND_LOG")
		if err == nil {
			n = s.CachedInfo().Config.Replicas
		}
		return err == nil
	})
	return n
}

// TestCopies: unless told otherwise a cluster keeps three copies, also when a playground server is started while it is only half up.
func TestCopies(t *testing.T) {
	c := startCluster(t)
	connect := func(urls string) {
		t.Helper()
		e, err := engine.Connect(t.Context(), engine.ConnectOptions{URLs: urls})
		if err != nil {
			t.Fatal(err)
		}
		e.Close()
	}
	connect(c.urls())
	if n := c.copies(t); n != 3 {
		t.Fatalf("a new state has %d copies", n)
	}
	i := c.leader(t)
	c.stop(i)
	connect(c.servers[(i+1)%3].ClientURL())
	if n := c.copies(t); n != 3 {
		t.Errorf("after a start with two of three servers up it has %d copies", n)
	}

	alone, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	alone.Start()
	defer alone.WaitForShutdown()
	defer alone.Shutdown()
	if !alone.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	connect(alone.ClientURL())
}

// TestWithoutItsCluster: a server that has lost its cluster says so in time, and ends when it is asked to.
func TestWithoutItsCluster(t *testing.T) {
	c := startCluster(t)
	e := c.connect(t)
	_, l := must2(e.Open(t.Context(), "one", engine.Options{}))
	for i := range c.servers {
		c.stop(i)
	}
	if err := e.Check(t.Context()); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("asked whether it can write it says %v", err)
	}
	end := make(chan error, 1)
	go func() {
		for _, err := range l.Since(t.Context(), 0) {
			end <- err
		}
	}()
	done := make(chan error, 1)
	go func() { done <- e.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if err := <-end; !errors.Is(err, trace.ErrGone) && !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a reader was told %v", err)
	}
}

// TestNoPasswordIsShown: what can't be reached is named without the password in its address.
func TestNoPasswordIsShown(t *testing.T) {
	for urls, want := range map[string]string{
		"nats://me:secret@127.0.0.1:1":                 "the cluster at nats://127.0.0.1:1 does not answer",
		"me:secret@127.0.0.1:1":                        "the cluster at nats://127.0.0.1:1 does not answer",
		"nats://secret@127.0.0.1:1,nats://127.0.0.1:2": "the cluster at nats://127.0.0.1:1, nats://127.0.0.1:2 does not answer",
		"nats://me:sec%ret@127.0.0.1:1":                "the cluster at nats://127.0.0.1:1 has an address that can’t be",
	} {
		_, err := engine.Connect(t.Context(), engine.ConnectOptions{URLs: urls})
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v", urls, err)
		}
	}
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

// leader is the server that leads the log's stream.
func (c *cluster) leader(t testing.TB) int {
	t.Helper()
	found := -1
	eventually(t, "the log has a leader", func() bool {
		for i, s := range c.servers {
			if s.JetStreamIsStreamLeader(server.DEFAULT_GLOBAL_ACCOUNT, "PLAYGROUND_LOG") {
				found = i
			}
		}
		return found >= 0
	})
	return found
}
