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
    go run ./cmd/load -room                    2,000 learners in a room, who are asked, vote, talk and vote again
    go run ./cmd/load -room -still             the same, and nobody signs in

    -engine memory   memory, data (a folder) or cluster
    -sync 0          with data: how long the disk may wait, as the server's flag
    -learners 2000   how many
    -for 30s         how long they work once all have come
    -pace 15s        how often each signs in
    -still           nobody does anything
    -soak            500 learners, ten minutes, a sign-in each five seconds and the lesson again after ten of them
    -asks 3          with room: how many questions are asked in that time
    -json            one line of JSON instead of a table

Its exit code is 1 when an event was lost, doubled or out of order, a sign-in was refused, or the votes that were acknowledged are not
those that count. It never judges by a clock.
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
	room := f.Bool("room", false, "")
	asks := f.Int("asks", 3, "")
	asJSON := f.Bool("json", false, "")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(out, help)
		}
		return err
	}
	o := load.Options{Learners: *learners, For: *length, Pace: *pace, Asks: *asks, Say: func(s string) { fmt.Fprintln(errs, s) }}
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
	if *room {
		r, err := load.RunRoom(ctx, o)
		if err != nil {
			return err
		}
		if err := tell(out, *asJSON, r, append(rows(*kind, o, r.Report), roomRows(r)...)); err != nil {
			return err
		}
		return judge(r.Agrees(), r.Report, fmt.Sprintf("%d votes were acknowledged and %d count; ", r.Acknowledged-r.Changed, r.Counted))
	}
	r, err := load.Run(ctx, o)
	if err != nil {
		return err
	}
	if err := tell(out, *asJSON, r, rows(*kind, o, r)); err != nil {
		return err
	}
	return judge(r.Agrees(), r, "")
}

// judge is the error with which the command ends.
func judge(agrees bool, r load.Report, also string) error {
	switch {
	case !agrees:
		return fmt.Errorf("%d events are recorded and %d came; %s%s", r.Recorded, r.Received, also, strings.Join(r.Disagrees[:min(3, len(r.Disagrees))], "; "))
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

// tell prints a report, or its table.
func tell(out io.Writer, asJSON bool, report any, table [][2]string) error {
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	for _, row := range table {
		fmt.Fprintf(out, "%-50s %s\n", row[0], row[1])
	}
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

func mb(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func rows(kind string, o load.Options, r load.Report) [][2]string {
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
	return rows
}

func roomRows(r load.RoomReport) [][2]string {
	pair := func(p50, p99 time.Duration) string { return ms(p50) + " / " + ms(p99) }
	return [][2]string{
		{"asked, acts of the instructor", fmt.Sprintf("%d, %d", r.Asks, r.Acts)},
		{"votes sent; acknowledged, too late", fmt.Sprintf("%d; %d, %d", r.Sent, r.Acknowledged, r.Late)},
		{"votes but changes / in results / export / on the wall", fmt.Sprintf("%d / %d / %d / %d", r.Acknowledged-r.Changed, r.Counted, r.Exported, r.OnTheWall)},
		{"a vote until it is acknowledged, p50 / p99", pair(r.VoteP50, r.VoteP99)},
		{"vote to board, p50 / p99", pair(r.BoardP50, r.BoardP99)},
		{"from its acknowledgement, p50 / p99", pair(r.AckedP50, r.AckedP99)},
		{"instructor to learner, p50 / p99 / the last of all", pair(r.LearnerP50, r.LearnerP99) + " / " + ms(r.Last)},
		{"an act until the last learner has it, p50", ms(r.LastP50)},
		{"between the first learner and the others, p99", ms(r.Together)},
		{"memory per learner with a seat and the room’s page", fmt.Sprintf("%.1f kB", float64(r.Seated.Memory-r.Before.Memory)/float64(max(r.Learners, 1))/1e3)},
		{"sockets of the room that came back", fmt.Sprint(r.RoomsAgain)},
	}
}
