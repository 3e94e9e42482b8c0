package load

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"oauthplayground/playground/engine"
)

// TestEveryVoteOfARoomCountsOnce has a small class vote on one server and on two that share an engine: what was acknowledged is what
// the results, every server's export and the wall show, and what everybody is told comes to everybody.
func TestEveryVoteOfARoomCountsOnce(t *testing.T) {
	for _, servers := range []int{1, 2} {
		t.Run(fmt.Sprint(servers), func(t *testing.T) {
			m := engine.NewMemory()
			t.Cleanup(func() { m.Close() })
			o := Options{Learners: 20, For: 1500 * time.Millisecond, Pace: 500 * time.Millisecond, Asks: 2, Every: 100 * time.Millisecond}
			for range servers {
				o.Servers = append(o.Servers, start(t, shared{m}))
			}
			r, err := RunRoom(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Agrees() || r.Failed > 0 {
				t.Errorf("sent %d, acknowledged %d, changed %d, late %d, counted %d, exported %d, on the wall %d; %d refused %s, %q", r.Sent, r.Acknowledged, r.Changed, r.Late, r.Counted, r.Exported, r.OnTheWall, r.Failed, r.Failure, r.Disagrees)
			}
			if r.Asks != 2 || r.Acts != 12 || r.Sent < 80 || r.Acknowledged == 0 || r.Recorded == 0 || r.Flows == 0 {
				t.Errorf("asked %d times in %d acts, %d votes, %d acknowledged, %d events, %d sign-ins", r.Asks, r.Acts, r.Sent, r.Acknowledged, r.Recorded, r.Flows)
			}
			if r.BoardP50 == 0 || r.BoardP99 < r.BoardP50 || r.LearnerP50 == 0 || r.Last < r.LearnerP99 || r.Seated.Memory == 0 || r.CPU == 0 {
				t.Errorf("the report lacks something: %+v", r)
			}
		})
	}
}

// TestALostVoteIsNoticed: so is one that counts twice, or elsewhere only.
func TestALostVoteIsNoticed(t *testing.T) {
	whole := RoomReport{Sent: 24, Acknowledged: 23, Late: 1, Changed: 3, Counted: 20, Exported: 20, OnTheWall: 20}
	if !whole.Agrees() {
		t.Error("a whole report does not agree")
	}
	for name, spoil := range map[string]func(*RoomReport){
		"neither acknowledged nor refused": func(r *RoomReport) { r.Sent++ },
		"not counted":                      func(r *RoomReport) { r.Counted-- },
		"counted twice":                    func(r *RoomReport) { r.Counted++ },
		"not exported":                     func(r *RoomReport) { r.Exported-- },
		"not on the wall":                  func(r *RoomReport) { r.OnTheWall-- },
		"an event is lost":                 func(r *RoomReport) { r.Recorded++ },
		"another answer":                   func(r *RoomReport) { r.Disagrees = append(r.Disagrees, "swap, round 1") },
	} {
		r := whole
		if spoil(&r); r.Agrees() {
			t.Errorf("a vote %s, and the report agrees", name)
		}
	}

	b := board{open: map[string]*cast{}}
	take := func(message string) {
		t.Helper()
		if err := b.take(strings.NewReader(message)); err != nil {
			t.Fatal(err)
		}
	}
	row := `{"type":"rows","rows":[{"id":"l1","voted":1}],"gone":[]}`
	b.acknowledged("l1", b.cast("l1", "a9", 1, time.Now()), true)
	take(row) // of the vote before
	take(`{"type":"room","title":"\"ask\":\"no\"","vote":{"ask":"a9","phase":"vote"}}`)
	if b.waiting() != 1 {
		t.Error("the vote before is taken for this one")
	}
	take(row)
	if b.waiting() != 0 || len(b.sent.all) != 1 {
		t.Error("the vote is not found on the board")
	}
}
