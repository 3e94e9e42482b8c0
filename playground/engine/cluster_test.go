package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/playground/engine"
	"oauthplayground/playground/engine/enginetest"
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
