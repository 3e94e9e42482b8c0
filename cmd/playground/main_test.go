package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oauthplayground/playground/engine"
)

func none(string) string { return "" }

// env is an environment with these variables and no others.
func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestHowItIsCalled(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `{"detail":"The state can’t be reached."}`)
	}))
	defer sick.Close()
	inUse, aFile := t.TempDir(), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(aFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	holder, err := engine.NewEmbedded(t.Context(), engine.EmbeddedOptions{Dir: inUse})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	unready := strings.TrimPrefix(sick.URL, "http://")
	for _, tt := range []struct {
		name     string
		args     []string
		env      map[string]string
		code     int
		out, err string
	}{
		{"help is a page on standard output", []string{"-h"}, nil, 0, "PLAYGROUND_BASE_URL", ""},
		{"help as others spell it", []string{"--help"}, nil, 0, "playground serve", ""},
		{"help as a command", []string{"help"}, nil, 0, "practice server", ""},
		{"help of a command", []string{"serve", "-h"}, nil, 0, "-addr", ""},
		{"version", []string{"version"}, nil, 0, "playground ", ""},
		{"a command that isn't there", []string{"publish"}, nil, 2, "", `no command "publish"`},
		{"a flag that isn't there", []string{"-tls"}, nil, 2, "", "-tls"},
		{"a word behind the flags", []string{"serve", "now"}, nil, 2, "", `"now" is not a flag`},
		{"an address without a port", []string{"-addr", "localhost"}, nil, 2, "", "127.0.0.1:8080"},
		{"a base URL without a scheme", []string{"-base-url", "play.test"}, nil, 2, "", "http://"},
		{"a base URL of another kind", []string{"-base-url", "ftp://play.test"}, nil, 2, "", "http://"},
		{"a base URL with more than a host", []string{"-base-url", "https://play.test/here"}, nil, 2, "", "and no more"},
		{"lessons that aren't there", []string{"-lessons", "/nowhere"}, nil, 2, "", "-lessons /nowhere: there is no such folder"},
		{"lessons that aren't a folder", nil, map[string]string{"PLAYGROUND_LESSONS": aFile}, 2, "", "there is no such folder"},
		{"a time that is too short", []string{"-idle", "10s"}, nil, 2, "", "a minute or more"},
		{"a life that is shorter than an afternoon of it", []string{"-idle", "2h", "-life", "1h"}, nil, 2, "", "-life 1h is shorter than -idle 2h"},
		{"two places for the state", []string{"-data", "x", "-nats", "nats://x"}, nil, 2, "", "choose one"},
		{"a time that is none", []string{"-data", "x", "-sync", "soon"}, nil, 2, "", "500ms or 2s"},
		{"a disk that isn't used", []string{"-sync", "1s"}, nil, 2, "", "-sync is for -data"},
		{"a cluster's options without one", []string{"-nats-replicas", "3"}, nil, 2, "", "are for -nats"},
		{"two copies", []string{"-nats", "nats://x", "-nats-replicas", "2"}, nil, 2, "", "none of 1, 3 and 5"},
		{"credentials that aren't there", []string{"-nats", "nats://x", "-nats-creds", "/nowhere/user.creds"}, nil, 2, "", "-nats-creds can’t be read"},
		{"a folder below a file", []string{"-addr", "127.0.0.1:0", "-data", filepath.Join(aFile, "state")}, nil, 1, "", "can’t be made: not a directory"},
		{"a file for a folder", []string{"-addr", "127.0.0.1:0", "-data", aFile}, nil, 1, "", "can’t be made: not a directory"},
		{"a folder of another server", []string{"-addr", "127.0.0.1:0", "-data", inUse}, nil, 1, "", "is in use by another server"},
		{"a cluster that isn't there", []string{"-addr", "127.0.0.1:0", "-nats", "nats://me:secret@127.0.0.1:1"}, nil, 1, "", "the cluster at nats://127.0.0.1:1 does not answer"},
		{"a proxy that is no address", []string{"-proxies", "10.0.0.1,proxy"}, nil, 2, "", `"proxy" is no address`},
		{"an embedder that is no origin", []string{"-embed-origins", "https://docs.example/guide"}, nil, 2, "", `"https://docs.example/guide" is no origin`},
		{"a log level that isn't there", []string{"-log-level", "loud"}, nil, 2, "", "debug, info, warn and error"},
		{"the environment is read with the same care", nil, map[string]string{"PLAYGROUND_LOG_LEVEL": "loud"}, 2, "", "debug, info, warn and error"},
		{"a port in use", []string{"-addr", taken.Addr().String()}, nil, 1, "", "is taken by another program"},
		{"the health of what isn't there", []string{"health", "-addr", "127.0.0.1:1"}, nil, 1, "", "nothing answers at 127.0.0.1:1"},
		{"the health of what isn't ready", []string{"health", "-addr", unready}, nil, 1, "", "not ready: The state can’t be reached."},
		{"an address of another machine", []string{"-addr", "192.0.2.1:80"}, nil, 1, "", "can't listen on 192.0.2.1:80"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs strings.Builder
			code := run(context.Background(), tt.args, env(tt.env), &out, &errs)
			if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.err) {
				t.Errorf("exit %d, want %d\nout %q\nerr %q", code, tt.code, out.String(), errs.String())
			}
			if tt.code != 0 && (out.Len() != 0 || strings.Count(errs.String(), "\n") != 1) {
				t.Errorf("a mistake is one line on standard error and nothing else: out %q, err %q", out.String(), errs.String())
			}
		})
	}
}

// TestItServesUntilItIsStopped starts it on any free port, finds it where it says it is, and stops it.
func TestItServesUntilItIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, nil, env(map[string]string{"PLAYGROUND_ADDR": "127.0.0.1:0"}), w, io.Discard)
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	lines.Scan()
	_, base, ok := strings.Cut(lines.Text(), " is at ")
	if !ok || strings.HasSuffix(base, ":0") {
		t.Fatalf("the first line is %q", lines.Text())
	}
	if lines.Scan(); !strings.Contains(lines.Text(), "never for production") {
		t.Errorf("the second line is %q", lines.Text())
	}
	res, err := http.Get(base + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("health is %d", res.StatusCode)
	}
	var out, errs strings.Builder
	if c := run(ctx, []string{"health", "-addr", strings.TrimPrefix(base, "http://")}, none, &out, &errs); c != 0 || out.String() != "ready\n" {
		t.Errorf("asked whether it is ready: %d, %q, %q", c, out.String(), errs.String())
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	for lines.Scan() {
		t.Errorf("it said %q", lines.Text())
	}
	if c := <-code; c != 0 {
		t.Errorf("a stop that was asked for ended with %d", c)
	}
}

// TestADamagedStateIsTold: it starts with what is whole, and says on standard error what is not.
func TestADamagedStateIsTold(t *testing.T) {
	dir := t.TempDir()
	e, err := engine.NewEmbedded(t.Context(), engine.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"} {
		s, _, err := e.Open(t.Context(), id, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create(t.Context(), "k", []byte("what is kept for "+id), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "PLAYGROUND_STORE", "msgs", "1.blk"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	raw[bytes.Index(raw, []byte("kept for a"))]++
	if err := os.WriteFile(files[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	code := make(chan int, 1)
	var errs strings.Builder
	go func() {
		code <- run(ctx, []string{"-addr", "127.0.0.1:0", "-data", dir, "-log-level", "error"}, none, w, &errs)
		w.Close()
	}()
	bufio.NewScanner(r).Scan()
	cancel()
	io.Copy(io.Discard, r)
	if c := <-code; c != 0 {
		t.Errorf("it ended with %d", c)
	}
	if said := errs.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "damaged in one place") || !strings.Contains(said, "lost something: aaaaaaaaaaaaaaaa. ") {
		t.Errorf("it says %q", said)
	}
}

func TestBaseURL(t *testing.T) {
	for _, tt := range []struct{ name, asked, got, want string }{
		{"every address of this machine", ":8080", "[::]:8080", "http://localhost:8080"},
		{"the same, written out", "0.0.0.0:8080", "0.0.0.0:8080", "http://localhost:8080"},
		{"the same for IPv6", "[::]:8080", "[::]:8080", "http://localhost:8080"},
		{"an address as it was given", "127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"a name stays a name", "localhost:8080", "127.0.0.1:8080", "http://localhost:8080"},
		{"the port is the one that was got", "127.0.0.1:0", "127.0.0.1:41234", "http://127.0.0.1:41234"},
		{"IPv6 keeps its brackets", "[::1]:0", "[::1]:41234", "http://[::1]:41234"},
	} {
		got, err := net.ResolveTCPAddr("tcp", tt.got)
		if err != nil {
			t.Fatal(err)
		}
		if base := baseURL(tt.asked, got); base != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, base, tt.want)
		}
	}
}

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	o, err := parse([]string{"-base-url", "https://flag.test/"}, env(map[string]string{"PLAYGROUND_BASE_URL": "https://env.test", "PLAYGROUND_ADDR": ":9"}))
	if err != nil || o.baseURL != "https://flag.test" || o.addr != ":9" {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := parse(nil, none); err != nil || o.addr != "127.0.0.1:8080" || o.baseURL != "" {
		t.Errorf("without anything said: %+v, %v", o, err)
	}
}
