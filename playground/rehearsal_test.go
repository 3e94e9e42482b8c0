package playground

import (
	"strings"
	"testing"
	"time"
)

// TestARehearsal: simulated learners come in, work, vote, and leave nothing.
func TestARehearsal(t *testing.T) {
	s, base := startOwn(t, Config{})
	s.rehearsals.pause = 5 * time.Millisecond
	room := serverRoom(t, base)
	at := "/api/rooms/" + room.Code
	for _, n := range []string{"0", "61", "-1"} {
		if r := ask(t, base, "POST", at+"/rehearsal", room.Key, `{"learners":`+n+`}`); r.status != 422 {
			t.Errorf("%s learners: %d", n, r.status)
		}
	}
	board := watchRoom(t, base, room.Code, room.Key)
	if r := ask(t, base, "POST", at+"/rehearsal", room.Key, `{"learners":8}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	rows := map[string]map[string]any{}
	working := func() (n int) {
		board.row(rows, "")
		for _, r := range rows {
			if r["simulated"] == true && r["here"] == true && r["passed"].(float64) > 0 {
				n++
			}
		}
		return n
	}
	board.until("they are here and have passed steps", func() bool { return working() >= 4 })
	board.until("some fell for a misconception", func() bool { return strings.Contains(board.get("heat", "rows"), `"M`) })
	question := ""
	l, err := s.findLesson("pkce")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range l.Quizzes() {
		if !q.Predict && !q.SelfCheck {
			question = q.ID
			break
		}
	}
	ask(t, base, "POST", at+"/asks", room.Key, `{"lesson":"pkce","question":"`+question+`"}`)
	board.until("all have voted", func() bool { return board.get("tally", "votes") == "[8,0]" })
	if r := ask(t, base, "DELETE", at+"/rehearsal", room.Key, ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	board.until("the vote is empty again", func() bool { return board.get("tally", "votes") == "[0,0]" })
	if n := s.world.Count(); n != 0 {
		t.Errorf("%d sandboxes are left", n)
	}
	if r := ask(t, base, "GET", at+"/export.json", room.Key, ""); strings.Contains(string(r.body), `"correct"`) {
		t.Errorf("something is left of them:\n%s", r.body)
	}
}

// TestAStandingRoom: its pass is good for one key, and it is the same after a restart.
func TestAStandingRoom(t *testing.T) {
	s, base := startOwn(t, Config{})
	one, err := s.Classroom(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Classroom(t.Context())
	if err != nil || two.Code != one.Code || two.Teach == one.Teach {
		t.Fatalf("started again it is %+v, %v; was %+v", two, err, one)
	}
	_, pass, _ := strings.Cut(two.Teach, "#pass=")
	_, old, _ := strings.Cut(one.Teach, "#pass=")
	claim := func(pass string) result {
		return ask(t, base, "POST", "/api/rooms/"+two.Code+"/claim", "", `{"pass":"`+pass+`"}`)
	}
	for _, wrong := range []string{"", "x", old} {
		if r := claim(wrong); r.status != 401 {
			t.Errorf("the pass %q: %d", wrong, r.status)
		}
	}
	var made struct{ Key string }
	decodeInto(t, claim(pass).body, &made)
	if r := ask(t, base, "GET", "/api/rooms/"+two.Code+"/board", made.Key, ""); r.status != 200 {
		t.Errorf("the key: %d %s", r.status, r.body)
	}
	if r := claim(pass); r.status != 401 {
		t.Errorf("the pass again: %d", r.status)
	}
}
