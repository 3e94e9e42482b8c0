// Command load has a class of simulated learners work on a playground of its own, on loopback, and prints what it cost and whether
// every event came. Package load says what the figures mean.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"oauthplayground/playground/load"
)

const help = `load: a class of simulated learners on a playground of its own, on loopback.

    go run ./cmd/load                          2,000 learners for half a minute, state in memory
    go run ./cmd/load -engine data             the same on a durable server
    go run ./cmd/load -engine cluster          the same on three servers and three NATS servers
    go run ./cmd/load -learners 10000 -still   10,000 learners who look at their page
    go run ./cmd/load -soak                    500 learners for ten minutes: is memory flat?

    -engine memory   memory, data (a folder) or cluster
    -sync 0          with data: how long the disk may wait, as the server's flag
    -learners 2000   how many
    -for 30s         how long they work once all have come
    -pace 15s        how often each signs in
    -still           nobody does anything
    -soak            500 learners, ten minutes, a sign-in each five seconds and the lesson again after ten of them
    -json            one line of JSON instead of a table

Its exit code is 1 when an event was lost, doubled or out of order, or a sign-in was refused. It never judges by a clock.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 5 && os.Args[1] == "serve" { // how it starts its servers
		sync, err := time.ParseDuration(os.Args[3])
		if err == nil {
			err = load.Serve(ctx, os.Args[2], sync, os.Args[4], os.Stdout, os.Stdin)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "load: the server:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
	}
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	kind := f.String("engine", "memory", "")
	sync := f.Duration("sync", 0, "")
	learners := f.Int("learners", 2000, "")
	length := f.Duration("for", 30*time.Second, "")
	pace := f.Duration("pace", 15*time.Second, "")
	still := f.Bool("still", false, "")
	soak := f.Bool("soak", false, "")
	asJSON := f.Bool("json", false, "")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(out, help)
		}
		return err
	}
	o := load.Options{Learners: *learners, For: *length, Pace: *pace, Say: func(s string) { fmt.Fprintln(errs, s) }}
	if *soak {
		o.Learners, o.For, o.Pace, o.Again, o.Every = 500, 10*time.Minute, 5*time.Second, 10, 10*time.Second
	}
	if *still {
		o.Pace = -1
	}
	folder, err := os.MkdirTemp("", "load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	var data, nats string
	servers := 1
	switch *kind {
	case "memory":
	case "data":
		data = filepath.Join(folder, "state")
	case "cluster":
		servers = 3
		var end func()
		if nats, end, err = cluster(folder); err != nil {
			return err
		}
		defer end()
	default:
		return fmt.Errorf("-engine %q is none of memory, data and cluster", *kind)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for range servers {
		p, err := load.Start(self, "serve", data, sync.String(), nats)
		if err != nil {
			return err
		}
		defer p.Stop()
		o.Servers = append(o.Servers, p)
	}
	r, err := load.Run(ctx, o)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(out).Encode(r)
	} else {
		table(out, *kind, o, r)
	}
	switch {
	case err != nil:
		return err
	case !r.Agrees():
		return fmt.Errorf("%d events are recorded and %d came; %s", r.Recorded, r.Received, strings.Join(r.Disagrees[:min(3, len(r.Disagrees))], "; "))
	case r.Failed > 0:
		return fmt.Errorf("%d sign-ins failed: %s", r.Failed, r.Failure)
	}
	return nil
}

// cluster is three NATS servers in this process.
func cluster(folder string) (urls string, end func(), err error) {
	var running []*server.Server
	end = func() {
		for _, s := range running {
			s.Shutdown()
			s.WaitForShutdown()
		}
	}
	var routes []*url.URL
	var list []string
	var ports [3]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		ports[i] = l.Addr().(*net.TCPAddr).Port
		routes = append(routes, &url.URL{Scheme: "nats", Host: l.Addr().String()})
		l.Close()
	}
	for i := range ports {
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprint("nats-", i+1), Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: filepath.Join(folder, fmt.Sprint("nats-", i+1)),
			Cluster: server.ClusterOpts{Name: "load", Host: "127.0.0.1", Port: ports[i]}, Routes: routes,
		})
		if err != nil {
			end()
			return "", nil, err
		}
		s.Start()
		running = append(running, s)
		if !s.ReadyForConnections(10 * time.Second) {
			end()
			return "", nil, errors.New("a NATS server does not start")
		}
		list = append(list, s.ClientURL())
	}
	return strings.Join(list, ","), end, nil
}

func table(out io.Writer, kind string, o load.Options, r load.Report) {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
	mb := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	n := float64(max(r.Learners, 1))
	rows := [][2]string{
		{"engine, servers, learners", fmt.Sprintf("%s, %d, %d", kind, len(o.Servers), r.Learners)},
		{"all are in after", r.Join.Round(time.Millisecond).String()},
		{"sign-ins, refused", fmt.Sprintf("%d, %d", r.Flows, r.Failed)},
		{"a sign-in at the learner, p50 / p99", ms(r.FlowP50) + " / " + ms(r.FlowP99)},
		{"events recorded / received", fmt.Sprintf("%d / %d", r.Recorded, r.Received)},
		{"sockets that came back", fmt.Sprint(r.Resumed)},
		{"append to frame, p50 / p99", ms(r.FrameP50) + " / " + ms(r.FrameP99)},
		{"server CPU", fmt.Sprintf("%.2f of a core", r.CPU.Seconds()/max(r.Took.Seconds(), 1e-9))},
		{"server CPU per learner and second", fmt.Sprintf("%.3f ms", r.CPU.Seconds()*1e3/n/max(r.Took.Seconds(), 1e-9))},
		{"server memory: empty, all in, at the end", mb(r.Before.Memory) + ", " + mb(r.Joined.Memory) + ", " + mb(r.After.Memory)},
		{"memory per learner: come in, after work", fmt.Sprintf("%.1f kB, %.1f kB", float64(r.Joined.Memory-r.Before.Memory)/n/1e3, float64(r.After.Memory-r.Before.Memory)/n/1e3)},
		{"goroutines: all in, at the end", fmt.Sprintf("%d, %d", r.Joined.Goroutines, r.After.Goroutines)},
	}
	if r.Flows > 0 {
		rows = append(rows, [2]string{"server CPU per sign-in", ms(r.CPU / time.Duration(r.Flows))})
	}
	if m, g := r.Flat(); m > 0 {
		rows = append(rows, [2]string{"last fifth over second fifth: memory, goroutines", fmt.Sprintf("%.3f, %.3f", m, g)})
	}
	for _, row := range rows {
		fmt.Fprintf(out, "%-50s %s\n", row[0], row[1])
	}
}
