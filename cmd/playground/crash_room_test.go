package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// voter is a learner of a room, who remembers what was acknowledged.
type voter struct {
	learner // for what it asks with
	name    string

	mu    sync.Mutex       // guards the fields below
	sure  map[string]int   // by ask and round: the choice that was acknowledged last
	maybe map[string][]int // those that were sent after it, and whose answers were lost
}

// vote votes again and again until the server doesn't answer any more. It tells of each vote that was acknowledged.
func (v *voter) vote(t *testing.T, room, ask string, round int, acknowledged chan<- struct{}) {
	key := fmt.Sprint(ask, "/", round)
	for {
		choice := 1 + rand.N(3)
		v.mu.Lock()
		v.maybe[key] = append(v.maybe[key], choice)
		v.mu.Unlock()
		status, raw, err := v.ask("POST", room+"/votes", fmt.Sprintf(`{"ask":%q,"round":%d,"answer":[%d]}`, ask, round, choice))
		if err != nil {
			return
		}
		if status != http.StatusOK {
			t.Errorf("%s votes: %d %s", v.name, status, raw)
			return
		}
		v.mu.Lock()
		v.sure[key], v.maybe[key] = choice, nil
		v.mu.Unlock()
		acknowledged <- struct{}{}
	}
}

// TestARoomSurvivesItsServer: a server is killed in the middle of votes, again and again. Every vote that was acknowledged is
// counted, once, and as it was given; everybody is who they were.
func TestARoomSurvivesItsServer(t *testing.T) {
	c := &crashing{t: t, dir: t.TempDir(), addr: freeAddress(t)}
	c.start()
	defer func() { c.kill() }()
	base := "http://" + c.addr
	lead := &learner{base: base}
	status, raw, err := lead.ask("POST", "/api/rooms", `{"title":"Thursday workshop"}`)
	var made struct{ Code, Key string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(raw, &made) != nil {
		t.Fatalf("%d %s %v", status, raw, err)
	}
	lead.key = made.Key
	room := "/api/rooms/" + made.Code
	leads := func(method, path, body string) []byte {
		t.Helper()
		status, raw, err := lead.ask(method, room+path, body)
		if err != nil || status >= 300 {
			t.Fatalf("%s %s: %d %s %v", method, path, status, raw, err)
		}
		return raw
	}
	var voters []*voter
	for i := range 12 {
		v := &voter{learner: learner{base: base}, name: fmt.Sprint("Learner ", i), sure: map[string]int{}, maybe: map[string][]int{}}
		status, raw, err := v.ask("POST", "/api/rooms/join", fmt.Sprintf(`{"code":%q,"name":%q}`, made.Code, v.name))
		var seat struct{ Key string }
		if err != nil || status != http.StatusCreated || json.Unmarshal(raw, &seat) != nil {
			t.Fatalf("%d %s %v", status, raw, err)
		}
		v.key = seat.Key
		voters = append(voters, v)
	}
	var view struct {
		Vote struct{ Ask string }
	}
	json.Unmarshal(leads("POST", "/asks", `{"lesson":"two-steps","question":"`+oneOf(t, lead)+`"}`), &view)
	ask := view.Vote.Ask
	crash := func(round int) {
		t.Helper()
		for range 4 {
			acknowledged := make(chan struct{})
			var all sync.WaitGroup
			for _, v := range voters {
				all.Go(func() { v.vote(t, room, ask, round, acknowledged) })
			}
			go func() {
				all.Wait()
				close(acknowledged)
			}()
			for range len(voters) + rand.N(3*len(voters)) {
				<-acknowledged
			}
			c.kill() // others are on their way
			for range acknowledged {
			}
			c.start()
		}
	}
	crash(1)
	for _, phase := range []string{"hidden", "discuss", "revote"} {
		leads("PUT", "/phase", `{"ask":"`+ask+`","phase":"`+phase+`"}`)
	}
	crash(2)
	leads("PUT", "/phase", `{"ask":"`+ask+`","phase":"reveal"}`)
	c.kill()
	c.start()

	var kept struct {
		Learners []struct{ Name string }
		Votes    []struct {
			Name   string
			Round  int
			Answer []int
		}
	}
	if err := json.Unmarshal(leads("GET", "/export.json", ""), &kept); err != nil {
		t.Fatal(err)
	}
	if len(kept.Learners) != len(voters) {
		t.Errorf("%d learners are in the room, want %d", len(kept.Learners), len(voters))
	}
	counted := map[string][]int{}
	for _, v := range kept.Votes {
		key := fmt.Sprint(v.Name, "/", ask, "/", v.Round)
		if counted[key] != nil {
			t.Errorf("%s has two votes in round %d", v.Name, v.Round)
		}
		counted[key] = v.Answer
	}
	acknowledged := 0
	for _, v := range voters {
		for key, choice := range v.sure {
			acknowledged++
			got := counted[v.name+"/"+key]
			if len(got) != 1 || got[0] != choice && !slices.Contains(v.maybe[key], got[0]) { // what was sent later may count though its answer was lost
				t.Errorf("%s of %s was acknowledged as %d and is %v", key, v.name, choice, got)
			}
		}
	}
	if acknowledged < len(voters) {
		t.Errorf("only %d votes were acknowledged at all: the test shows nothing", acknowledged)
	}
}

// TestARoomIsWhatItWasBeforeItsServerDied: what an instructor and a learner were told is done is so after a kill behind each answer:
// names and seats, hands, hints, the lead, votes, who was taken out, a sandbox, and a room that has ended.
func TestARoomIsWhatItWasBeforeItsServerDied(t *testing.T) {
	c := &crashing{t: t, dir: t.TempDir(), addr: freeAddress(t)}
	c.start()
	defer func() { c.kill() }()
	lead, anybody := &learner{base: "http://" + c.addr}, &learner{base: "http://" + c.addr}
	ask := func(l *learner, method, path, body string, into any) {
		t.Helper()
		status, raw, err := l.ask(method, path, body)
		if err != nil || status >= 300 || into != nil && json.Unmarshal(raw, into) != nil {
			t.Fatalf("%s %s: %d %s %v", method, path, status, raw, err)
		}
	}
	// acknowledged does something and kills the server behind the answer.
	acknowledged := func(l *learner, method, path, body string, into any) {
		t.Helper()
		ask(l, method, path, body, into)
		c.kill()
		c.start()
	}
	var made struct{ Code, Key string }
	acknowledged(anybody, "POST", "/api/rooms", `{"title":"Thursday workshop","lesson":"two-steps"}`, &made)
	lead.key = made.Key
	room := "/api/rooms/" + made.Code
	type seat struct {
		Learner struct{ ID, Name string }
		Key     string
	}
	sit := func(name string) (s seat) {
		t.Helper()
		acknowledged(anybody, "POST", "/api/rooms/join", fmt.Sprintf(`{"code":%q,"name":%q}`, made.Code, name), &s)
		return s
	}
	heron, second, gone := sit("Heron"), sit("heron"), sit("Wren")
	if second.Learner.Name != "heron 2" {
		t.Errorf("after a restart a name that is taken is given again: %q", second.Learner.Name)
	}
	her := &learner{base: lead.base, key: heron.Key}
	var box struct{ ID, Key string }
	acknowledged(her, "POST", room+"/sandboxes", `{"lesson":"two-steps"}`, &box)
	acknowledged(her, "POST", room+"/hand", `{"up":true}`, nil)
	acknowledged(lead, "POST", room+"/learners/"+heron.Learner.ID+"/hint", `{"text":"Look at exchange 8."}`, nil)
	acknowledged(lead, "DELETE", room+"/learners/"+gone.Learner.ID, "", nil)
	acknowledged(lead, "PUT", room+"/lead", `{"pace":"follow","locked":true,"timer":3600}`, nil)
	acknowledged(lead, "POST", room+"/bring", `{"lesson":"two-steps","step":""}`, nil)
	acknowledged(lead, "PUT", room+"/lead", `{"locked":false}`, nil)
	var now struct {
		Title, Pace, Lesson string
		Brought, Learners   int
		Locked              bool
		Timer               *struct{ Ends time.Time }
		Vote                struct{ Ask, Phase string }
	}
	acknowledged(lead, "POST", room+"/asks", `{"lesson":"two-steps","question":"`+oneOf(t, lead)+`"}`, &now)
	acknowledged(her, "POST", room+"/votes", `{"ask":"`+now.Vote.Ask+`","round":1,"answer":[2]}`, nil)
	acknowledged(lead, "PUT", room+"/phase", `{"ask":"`+now.Vote.Ask+`","phase":"hidden"}`, nil)

	ask(lead, "PUT", room+"/phase", `{"ask":"`+now.Vote.Ask+`","phase":"discuss"}`, &now)
	if now.Title != "Thursday workshop" || now.Pace != "follow" || now.Lesson != "two-steps" || now.Brought != 1 || now.Learners != 2 || now.Locked || now.Timer == nil || time.Until(now.Timer.Ends) < 30*time.Minute || now.Vote.Phase != "discuss" {
		t.Errorf("the room is %+v", now)
	}
	var board struct {
		Rows []struct {
			ID, Name, Lesson string
			Hand, Sandbox    bool
			Voted            int
		}
	}
	ask(lead, "GET", room+"/board", "", &board)
	if len(board.Rows) != 2 || board.Rows[0].ID != heron.Learner.ID || board.Rows[0].Name != "Heron" || !board.Rows[0].Hand || !board.Rows[0].Sandbox || board.Rows[0].Lesson != "two-steps" || board.Rows[0].Voted != 1 {
		t.Errorf("on the board are %+v", board.Rows)
	}
	d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key." + heron.Key}}
	conn, _, err := d.Dial("ws://"+c.addr+room+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var you struct {
		Type, ID, Name string
		Hand           bool
		Hint           *struct {
			N    int
			Text string
		}
		Vote *struct {
			Round  int
			Answer []int
		}
	}
	for you.Type != "you" {
		if err := conn.ReadJSON(&you); err != nil {
			t.Fatal(err)
		}
	}
	if you.ID != heron.Learner.ID || you.Name != "Heron" || !you.Hand || you.Hint == nil || you.Hint.Text != "Look at exchange 8." || you.Vote == nil || !slices.Equal(you.Vote.Answer, []int{2}) {
		t.Fatalf("she finds herself as %+v", you)
	}
	acknowledged(her, "POST", room+"/seen", fmt.Sprintf(`{"hint":%d}`, you.Hint.N), nil)
	acknowledged(her, "POST", room+"/hand", `{"up":false}`, nil)
	if status, raw, err := (&learner{base: lead.base, key: gone.Key}).ask("POST", room+"/hand", `{"up":true}`); err != nil || status != http.StatusUnauthorized {
		t.Errorf("who was taken out: %d %s %v", status, raw, err)
	}

	acknowledged(lead, "DELETE", room, "", nil)
	if status, raw, err := anybody.ask("GET", room, ""); err != nil || status != http.StatusNotFound {
		t.Errorf("a room that has ended: %d %s %v", status, raw, err)
	}
	if status, raw, err := (&learner{base: lead.base, key: box.Key}).ask("GET", "/api/sandboxes/"+box.ID, ""); err != nil || status != http.StatusNotFound {
		t.Errorf("a sandbox of a room that has ended: %d %s %v", status, raw, err)
	}
}

// oneOf is a question of the lesson that is answered by one of three choices or more.
func oneOf(t *testing.T, l *learner) string {
	t.Helper()
	_, raw, err := l.ask("GET", "/api/lessons/two-steps", "")
	var lesson struct {
		Questions []struct {
			ID, Kind string
			Choices  []string
		}
	}
	if err != nil || json.Unmarshal(raw, &lesson) != nil {
		t.Fatal(err)
	}
	for _, q := range lesson.Questions {
		if q.Kind == "choice" && len(q.Choices) >= 3 {
			return q.ID
		}
	}
	t.Fatal("two-steps has no such question")
	return ""
}
