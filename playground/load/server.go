package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"oauthplayground/playground"
	"oauthplayground/playground/engine"
)

// Scraped is a server that tells what it uses at /metrics, as every playground does.
type Scraped string

// URL is where it is.
func (s Scraped) URL() string { return string(s) }

// Usage asks it.
func (s Scraped) Usage() (Usage, error) {
	res, err := http.Get(string(s) + "/metrics")
	if err != nil {
		return Usage{}, err
	}
	defer res.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok {
			values[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return Usage{
		CPU:        time.Duration(values["process_cpu_seconds_total"] * float64(time.Second)),
		Memory:     int64(values["process_resident_memory_bytes"]),
		Goroutines: int(values["go_goroutines"]),
	}, lines.Err()
}

// Lifted are limits that a class from one machine doesn't meet.
func Lifted() playground.Limits {
	l := playground.Limits{CreatesPerMinute: 10_000_000, AllSockets: 100_000}
	l.Sandboxes = 100_000
	return l
}

// Serve is a server under load, in a process of its own that was started by Start: it says where it is, and ends with its input.
func Serve(ctx context.Context, data string, sync time.Duration, nats string, out io.Writer, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	debug.SetGCPercent(75) // as the command does
	var e engine.Engine
	var err error
	switch {
	case data != "":
		e, err = engine.NewEmbedded(ctx, engine.EmbeddedOptions{Dir: data, Sync: sync})
	case nats != "":
		e, err = engine.Connect(ctx, engine.ConnectOptions{URLs: nats})
	default:
		e = engine.NewMemory()
	}
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, e.Close())
	}
	s, err := playground.New(playground.Config{BaseURL: "http://play.test", Engine: e, Limits: Lifted()})
	if err != nil {
		l.Close()
		return errors.Join(err, e.Close())
	}
	go func() {
		io.Copy(io.Discard, in)
		cancel()
	}()
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	return s.Serve(ctx, l)
}

// Process is a server in a process of its own.
type Process struct {
	Scraped
	cmd   *exec.Cmd
	input io.Closer
}

// Start starts a process that calls Serve. Stop it.
func Start(command string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(command, args...)}
	p.cmd.Stderr = os.Stderr
	input, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.input = input
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		p.Stop()
		return nil, errors.New("load: the server does not start")
	}
	p.Scraped = Scraped(strings.TrimSpace(line))
	return p, nil
}

// Stop ends it, in order if it can.
func (p *Process) Stop() {
	p.input.Close()
	done := make(chan struct{})
	go func() {
		p.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		p.cmd.Process.Kill()
		<-done
	}
}
