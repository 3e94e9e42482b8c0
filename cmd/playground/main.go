package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"oauthplayground/playground"
	"oauthplayground/playground/world"
)

const help = `OAuth Playground: learn OAuth 2.0 and OpenID Connect on a live wire.

    playground              starts it at http://localhost:8080
    playground serve        the same
    playground health       asks the server at -addr whether it is ready: exit code 0 or 1
    playground version      says which version this is

For authors of lessons:

    playground new lesson NAME
                            writes a lesson to begin with, which keeps every rule as it stands
        -dir .              the folder of lessons; in it the track mine, or another as in TRACK/NAME
    playground lint DIR     holds the lessons in a folder, or one lesson, to every rule: is it read, does its solution
                            play, do its attacks fail once everything is on? Each line says where, what is wrong and
                            how to mend it. Exit code 0: nothing to mend; 1: something; 2: called wrongly
        -json               the same as an array, for editors
        -record             also writes the run of each solution beside its lesson, which its page shows at first
    playground names        lists what a lesson may name: checks, settings, misconceptions, attacks, actors, values

For pages without a server:

    playground export DIR   writes a copy into a folder that is empty or an earlier export: lessons with their recorded runs,
                            questions that are graded in the page, attacks and their graphs, glossary, embeds of recorded
                            kind. Any web server can have it, at any address; what needs a playground is not in it
        -lessons DIR        with lessons of your own, as for serve
        -run FILE           with a run that was saved as a file; once for each

Flags of serve, each also an environment variable:

    -addr 127.0.0.1:8080    where to listen                          PLAYGROUND_ADDR
    -base-url URL           how learners and apps reach it, if not   PLAYGROUND_BASE_URL
                            by the address; it is never taken from
                            what a request says
    -data DIR               keep everything in this folder, so that   PLAYGROUND_DATA
                            nothing is lost when the process ends;
                            without it state is in memory
    -sync 0                 with -data: how long the disk may wait    PLAYGROUND_SYNC
                            before it keeps what was written. With 0
                            every answer waits for the disk, and not
                            even a power cut takes any of it
    -nats URLS              keep everything in a NATS cluster that    PLAYGROUND_NATS
                            other servers use as well, with commas
                            between its addresses
    -nats-creds FILE        who this server is there                  PLAYGROUND_NATS_CREDS
    -nats-ca FILE           who has signed its certificates, if not   PLAYGROUND_NATS_CA
                            somebody this machine knows
    -nats-replicas N        copies of the state: 1, 3 or 5; without   PLAYGROUND_NATS_REPLICAS
                            it as many as there are, of a new state
                            3, or 1 on a server without a cluster
    -idle 2h                a sandbox nobody uses for so long ends   PLAYGROUND_IDLE
    -life 24h               and any ends after so long               PLAYGROUND_LIFE
    -lessons DIR            lessons of your own: a folder of it is a  PLAYGROUND_LESSONS
                            track, a file in that a lesson, and one
                            of the same name as one here stands in
                            for it. What you save is shown at once,
                            on open pages too. A file course.yaml in
                            it orders, hides and renames
    -proxies ADDRESSES      proxies before it, with commas between    PLAYGROUND_PROXIES
                            them, as in 10.0.0.2,172.16.0.0/12: what
                            they say of whom a request comes from
                            is believed
    -embed-origins *        who may show lessons in their own pages,  PLAYGROUND_EMBED_ORIGINS
                            with commas between them, as in
                            https://docs.example,https://*.example.org;
                            none is nobody
    -classroom              a class on the same network joins a room  PLAYGROUND_CLASSROOM
                            of this server: it listens there, and
                            prints the address, the code and a QR code
    -log-level info         debug logs a line for each request       PLAYGROUND_LOG_LEVEL

It is a practice server. Its users are made up and its protections can be switched off: never put it in front of anything real.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	runtime.MemProfileRate = 0 // nobody asks this program for a profile, and its table is a MB
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(75) // the heap is small beside the binary: some MB less under load for a few percent of the CPU
	}
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// options are what serve can be told.
type options struct {
	addr, baseURL string
	lessons       string
	proxies       []string
	embedOrigins  []string // nil: anybody
	state         state
	idle, life    time.Duration
	classroom     bool
	logLevel      slog.Level
}

// run is the command; it returns the exit code: 0 done, 1 it did not work, 2 it was called wrongly.
func run(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	command := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve", "health":
	case "lint":
		return lintCommand(ctx, args, out, errs)
	case "new":
		return newCommand(ctx, args, out, errs)
	case "export":
		return exportCommand(ctx, args, out, errs)
	case "names":
		namesCommand(out)
		return 0
	case "version":
		fmt.Fprintln(out, "playground", version())
		return 0
	case "help":
		fmt.Fprint(out, help)
		return 0
	default:
		fmt.Fprintf(errs, "playground: there is no command %q. playground -h tells what there is.\n", command)
		return 2
	}
	o, err := parse(args, env)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, help)
		return 0
	}
	if err != nil {
		fmt.Fprintf(errs, "playground: %v. playground -h tells what there is.\n", err)
		return 2
	}
	do := serve
	if command == "health" {
		do = health
	}
	if err := do(ctx, o, out, errs); err != nil {
		fmt.Fprintf(errs, "playground: %v\n", err)
		return 1
	}
	return 0
}

func parse(args []string, env func(string) string) (options, error) {
	or := func(name, otherwise string) string {
		if v := env(name); v != "" {
			return v
		}
		return otherwise
	}
	var o options
	var level, proxies, idle, life, embedders string
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.addr, "addr", or("PLAYGROUND_ADDR", ""), "")
	f.StringVar(&o.baseURL, "base-url", or("PLAYGROUND_BASE_URL", ""), "")
	o.state.flags(f, or)
	f.StringVar(&idle, "idle", or("PLAYGROUND_IDLE", "2h"), "")
	f.StringVar(&life, "life", or("PLAYGROUND_LIFE", "24h"), "")
	f.StringVar(&o.lessons, "lessons", or("PLAYGROUND_LESSONS", ""), "")
	f.StringVar(&proxies, "proxies", or("PLAYGROUND_PROXIES", ""), "")
	f.StringVar(&embedders, "embed-origins", or("PLAYGROUND_EMBED_ORIGINS", "*"), "")
	f.BoolVar(&o.classroom, "classroom", false, "")
	f.StringVar(&level, "log-level", or("PLAYGROUND_LOG_LEVEL", "info"), "")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	if in := env("PLAYGROUND_CLASSROOM"); in != "" && !o.classroom {
		var err error
		if o.classroom, err = strconv.ParseBool(in); err != nil {
			return o, fmt.Errorf("PLAYGROUND_CLASSROOM is %q: it is 1 or 0", in)
		}
	}
	if o.addr == "" {
		if o.addr = here; o.classroom {
			o.addr = everywhere
		}
	}
	if _, _, err := net.SplitHostPort(o.addr); err != nil {
		return o, fmt.Errorf("-addr %q is not an address: it is a host and a port, as in 127.0.0.1:8080", o.addr)
	}
	for _, d := range []struct {
		name, text string
		to         *time.Duration
	}{{"-idle", idle, &o.idle}, {"-life", life, &o.life}} {
		var err error
		if *d.to, err = time.ParseDuration(d.text); err != nil || *d.to < time.Minute {
			return o, fmt.Errorf("%s %q is not a time of a minute or more, as in 90m or 2h", d.name, d.text)
		}
	}
	if o.life < o.idle {
		return o, fmt.Errorf("-life %s is shorter than -idle %s: a sandbox can’t be idle for longer than it lives", life, idle)
	}
	if o.lessons != "" {
		if info, err := os.Stat(o.lessons); err != nil || !info.IsDir() {
			return o, fmt.Errorf("-lessons %s: there is no such folder. playground new lesson NAME -dir %[1]s makes one, with a lesson to begin with", o.lessons)
		}
	}
	if err := o.state.check(); err != nil {
		return o, err
	}
	if o.baseURL != "" {
		var err error
		if o.baseURL, err = cleanBase(o.baseURL); err != nil {
			return o, err
		}
	}
	for p := range strings.SplitSeq(proxies, ",") {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		_, wrongNet := netip.ParsePrefix(p)
		if _, wrong := netip.ParseAddr(p); wrong != nil && wrongNet != nil {
			return o, fmt.Errorf("-proxies: %q is no address and no network: they are written as in 10.0.0.2 and 172.16.0.0/12", p)
		}
		o.proxies = append(o.proxies, p)
	}
	var err error
	if o.embedOrigins, err = playground.EmbedOrigins(embedders); err != nil {
		return o, fmt.Errorf("-embed-origins: %w", err)
	}
	if err := o.logLevel.UnmarshalText([]byte(level)); err != nil {
		return o, fmt.Errorf("-log-level %q is none of debug, info, warn and error", level)
	}
	return o, nil
}

// cleanBase accepts what issuers can be built on. OpenID Connect Core 1.0 §2 wants an issuer of "scheme, host, and optionally,
// port number and path components and no query or fragment components"; the paths are ours, and http is for practice.
func cleanBase(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", fmt.Errorf("-base-url %q must begin with http:// or https:// and name a host", base)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("-base-url %q must be a scheme, a host and perhaps a port, and no more", base)
	}
	return u.Scheme + "://" + u.Host, nil
}

// serve listens first, so that a taken port is known before anything else is done, and ends when ctx does.
func serve(ctx context.Context, o options, out, errs io.Writer) error {
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: o.logLevel}))
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s is taken by another program. Stop it, or choose another address with -addr", o.addr)
		}
		return fmt.Errorf("it can't listen on %s: %w", o.addr, err)
	}
	base := o.baseURL
	if base == "" {
		base = baseURL(o.addr, l.Addr())
		if o.classroom && isEverywhere(o.addr) {
			if base, err = lanBase(l.Addr()); err != nil {
				l.Close()
				return err
			}
		}
	}
	e, err := o.state.open(ctx, log)
	if err != nil {
		l.Close()
		return err
	}
	var author fs.FS
	if o.lessons != "" {
		author = os.DirFS(o.lessons)
	}
	s, err := playground.New(playground.Config{BaseURL: base, Author: author, Engine: e, Log: log, Proxies: o.proxies, EmbedOrigins: o.embedOrigins, Limits: playground.Limits{Limits: world.Limits{Idle: o.idle, Life: o.life}}})
	if err != nil {
		l.Close()
		return errors.Join(err, e.Close())
	}
	fmt.Fprintf(out, "OAuth Playground is at %s\nA practice server: never for production. Ctrl+C stops it.\n", base)
	if o.classroom {
		room, err := s.Classroom(ctx)
		if err == nil {
			err = printClassroom(out, room)
		}
		if err != nil {
			l.Close()
			return errors.Join(err, s.Close())
		}
	}
	defer time.AfterFunc(time.Second, giveBack).Stop() // not while somebody waits for the start
	return s.Serve(ctx, l)
}

// baseURL is how a browser on this machine reaches the address: the name that was given, with the port that was got.
func baseURL(asked string, got net.Addr) string {
	host, _, err := net.SplitHostPort(asked)
	if err != nil || isEverywhere(asked) {
		host = "localhost"
	}
	_, port, _ := net.SplitHostPort(got.String())
	return "http://" + net.JoinHostPort(host, port)
}

// isEverywhere tells whether an address to listen on is every one that the machine has.
func isEverywhere(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
