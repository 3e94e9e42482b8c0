package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// childEnv has the test binary be the command itself.
const childEnv = "PLAYGROUND_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Unsetenv(childEnv)
		main()
	}
	os.Exit(m.Run())
}

// crashing is a server in a process of its own, which is killed and started again on the same folder.
type crashing struct {
	t    *testing.T
	dir  string
	addr string
	cmd  *exec.Cmd
}

// freeAddress is one that a server can listen on again and again.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (c *crashing) start() {
	c.t.Helper()
	c.cmd = exec.Command(os.Args[0], "serve", "-addr", c.addr, "-data", c.dir, "-log-level", "error")
	c.cmd.Env = append(os.Environ(), childEnv+"=1")
	var errs bytes.Buffer
	c.cmd.Stderr = &errs
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		res, err := http.Get("http://" + c.addr + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			c.kill()
			c.t.Fatalf("it does not start again: %s", errs.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (c *crashing) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// learner works at one lesson, and remembers what was acknowledged.
type learner struct {
	base, id, key string
	steps         []string

	mu       sync.Mutex // guards the fields below
	at       int        // the next step
	passed   map[string]bool
	answered map[string]int
	lines    []string // of the record, as they were read
	streamed []string // as they came by socket
}

func (l *learner) ask(method, path, body string) (int, []byte, error) {
	req, err := http.NewRequest(method, l.base+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+l.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}

func newLearner(t *testing.T, base string) *learner {
	t.Helper()
	l := &learner{base: base, passed: map[string]bool{}, answered: map[string]int{}}
	status, raw, err := l.ask("POST", "/api/sandboxes", `{"lesson":"two-steps"}`)
	var made struct{ ID, Key string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
		t.Fatalf("a new sandbox: %d %s %v", status, raw, err)
	}
	l.id, l.key = made.ID, made.Key
	_, raw, err = l.ask("GET", "/api/lessons/two-steps", "")
	var lesson struct{ Steps []struct{ ID string } }
	if err != nil || json.Unmarshal(raw, &lesson) != nil {
		t.Fatal(err)
	}
	for _, s := range lesson.Steps {
		l.steps = append(l.steps, s.ID)
	}
	return l
}

// work goes through the lesson until the server doesn't answer any more. What is answered is noted before anything else is asked.
func (l *learner) work(t *testing.T) {
	box := "/api/sandboxes/" + l.id
	for n := 0; ; n++ {
		l.mu.Lock()
		step := l.steps[l.at%len(l.steps)]
		l.mu.Unlock()
		switch n % 3 {
		case 0: // flows and attacks, whatever the step has
			status, raw, err := l.ask("POST", box+"/steps/"+step+"/play", "")
			if err != nil {
				return
			}
			if status == http.StatusConflict { // what was under way when the server died is given up after some seconds
				time.Sleep(200 * time.Millisecond)
				continue
			}
			if status == http.StatusInsufficientStorage {
				if status, _, err := l.ask("POST", box+"/reset", ""); err != nil || status >= 300 {
					return
				}
				l.mu.Lock()
				l.passed, l.answered, l.lines, l.streamed, l.at = map[string]bool{}, map[string]int{}, nil, nil, 0
				l.mu.Unlock()
				continue
			}
			if status != http.StatusOK || !bytes.Contains(raw, []byte(`"passed":true`)) {
				if lines, err := l.record(); err == nil {
					for _, line := range lines[max(0, len(lines)-12):] {
						t.Logf("%.400s", line)
					}
				}
				t.Errorf("step %s: %d %.300s", step, status, raw)
				return
			}
			l.mu.Lock()
			l.at++
			l.mu.Unlock()
		case 1: // an answer: the first one counts
			for _, q := range []string{"why-code", "which-trip"} {
				choice := 1 + len(q)%2 // always the same: the first one counts, and it may be kept though nobody was told
				status, _, err := l.ask("POST", box+"/answers", fmt.Sprintf(`{"question":%q,"choice":%d}`, q, choice))
				if err != nil {
					return
				}
				l.mu.Lock()
				if _, given := l.answered[q]; !given && status == http.StatusOK {
					l.answered[q] = choice
				}
				l.mu.Unlock()
			}
		case 2:
			lines, err := l.record()
			if err != nil {
				return
			}
			l.mu.Lock()
			l.lines = lines
			l.mu.Unlock()
		}
	}
}

func (l *learner) record() ([]string, error) {
	status, raw, err := l.ask("GET", "/api/sandboxes/"+l.id+"/trace", "")
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("the record: %d %w", status, err)
	}
	return strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' }), nil // none, where nothing has happened yet
}

// follow reads the stream from where it was cut off until it is cut off again.
func (l *learner) follow() {
	l.mu.Lock()
	from := len(l.streamed)
	l.mu.Unlock()
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + l.key}}
	c, _, err := d.Dial(fmt.Sprintf("%s/api/sandboxes/%s/stream?since=%d", strings.Replace(l.base, "http", "ws", 1), l.id, from), nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		_, raw, err := c.ReadMessage()
		if err != nil {
			return
		}
		if !bytes.HasPrefix(raw, []byte(`{"seq"`)) {
			continue
		}
		l.mu.Lock()
		l.streamed = append(l.streamed, string(raw))
		l.mu.Unlock()
	}
}

// check holds what the server says after it was killed to what it had acknowledged.
func (l *learner) check(t *testing.T, round int) {
	t.Helper()
	lines, err := l.record()
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, fmt.Sprintf(`{"seq":%d,`, i+1)) {
			t.Fatalf("round %d: line %d is %.60s: something is missing, or there twice", round, i+1, line)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, seen := range map[string][]string{"read": l.lines, "streamed": l.streamed} {
		if len(seen) > len(lines) {
			t.Fatalf("round %d: %d events were %s, and %d are left", round, len(seen), name, len(lines))
		}
		for i, line := range seen {
			if line != lines[i] {
				t.Fatalf("round %d: event %d was %s as %s and is %s", round, i+1, name, line, lines[i])
			}
		}
	}
	_, raw, err := l.ask("GET", "/api/sandboxes/"+l.id, "")
	var state struct{ Answers map[string][]int }
	if err != nil || json.Unmarshal(raw, &state) != nil {
		t.Fatalf("round %d: the state: %s %v", round, raw, err)
	}
	for q, choice := range l.answered {
		if got := state.Answers[q]; len(got) != 1 || got[0] != choice {
			t.Errorf("round %d: question %s was answered with %d, and the answer is %v", round, q, choice, got)
		}
	}
}

// proved tells whether each learner has come far enough for the server to have had something to lose.
func proved(learners []*learner) bool {
	for _, l := range learners {
		if l.at == 0 || len(l.answered) == 0 || len(l.lines) == 0 || len(l.streamed) == 0 {
			return false
		}
	}
	return true
}

// TestKilledAtAnyMoment kills a durable server again and again, in the middle of flows, attacks and answers. Whatever it had
// answered is there afterwards, once, and the learners go on.
func TestKilledAtAnyMoment(t *testing.T) {
	c := &crashing{t: t, dir: t.TempDir(), addr: freeAddress(t)}
	c.start()
	defer func() { c.kill() }()
	learners := []*learner{newLearner(t, "http://"+c.addr), newLearner(t, "http://"+c.addr)}
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for round := 0; round < rounds || round < 10*rounds && !proved(learners); round++ { // on a busy machine more is needed
		var work sync.WaitGroup
		for _, l := range learners {
			work.Go(func() { l.work(t) })
			work.Go(l.follow)
		}
		time.Sleep(time.Duration(20+rand.IntN(380)) * time.Millisecond) // when it dies is a matter of chance
		c.kill()
		work.Wait()
		http.DefaultClient.CloseIdleConnections()
		c.start()
		for _, l := range learners {
			l.check(t, round)
		}
		if t.Failed() {
			return
		}
	}
	for i, l := range learners { // and go on where they are
		step := l.steps[l.at%len(l.steps)]
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			status, raw, err := l.ask("POST", "/api/sandboxes/"+l.id+"/steps/"+step+"/play", "")
			if err == nil && status == http.StatusOK && bytes.Contains(raw, []byte(`"passed":true`)) {
				break
			}
			if status != http.StatusConflict || time.Now().After(deadline) {
				if lines, err := l.record(); err == nil {
					for _, line := range lines[max(0, len(lines)-12):] {
						t.Logf("%.400s", line)
					}
				}
				t.Fatalf("learner %d, step %s: %d %.300s %v", i, step, status, raw, err)
			}
		}
		if !proved(learners[i : i+1]) {
			t.Errorf("learner %d: %d steps, %d answers, %d events read and %d streamed prove nothing", i, l.at, len(l.answered), len(l.lines), len(l.streamed))
		}
	}
}
