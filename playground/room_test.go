package playground

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// aRoom is a room with one learner in it.
type aRoom struct {
	Code, Key     string
	Learner, Seat string // the learner's id and key
}

// seatRoutes are those that need a learner's key.
var seatRoutes = []string{"/votes", "/hand", "/seen", "/sandboxes", "/seat"}

// openRoutes are those that need no key: anybody who knows the code may use them.
var openRoutes = []string{"POST /api/rooms", "POST /api/rooms/join", "GET /api/rooms/:code", "POST /api/rooms/:code/claim"}

func (a aRoom) keyFor(r route) string {
	path, ok := strings.CutPrefix(r.Path, "/api/rooms/:code")
	if ok && slices.Contains(seatRoutes, path) {
		return a.Seat
	}
	return a.Key
}

func handlerRoom(t *testing.T, s *Server) aRoom {
	t.Helper()
	return makeRoom(t, func(path, body string) result { return serve(s, jsonRequest("POST", "http://play.test"+path, body)) })
}

func serverRoom(t *testing.T, base string) aRoom {
	t.Helper()
	return makeRoom(t, func(path, body string) result { return do(t, http.DefaultClient, jsonRequest("POST", base+path, body)) })
}

func makeRoom(t *testing.T, post func(path, body string) result) aRoom {
	t.Helper()
	var a aRoom
	decodeInto(t, post("/api/rooms", `{"title":"Thursday workshop","lesson":"pkce"}`).body, &a)
	a.join(t, post, "Heron")
	return a
}

func (a *aRoom) join(t *testing.T, post func(path, body string) result, name string) {
	t.Helper()
	var in struct {
		Learner struct{ ID string }
		Key     string
	}
	decodeInto(t, post("/api/rooms/join", fmt.Sprintf(`{"code":%q,"name":%q}`, a.Code, name)).body, &in)
	a.Learner, a.Seat = in.Learner.ID, in.Key
}

func ask(t *testing.T, base, method, path, key, body string) result {
	t.Helper()
	req := mustRequest(method, base+path, "")
	if body != "" {
		req = jsonRequest(method, base+path, body)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	r := do(t, http.DefaultClient, req)
	described(t, method, path, r)
	return r
}

// TestEveryRouteOfARoomNeedsItsKey walks the table of routes with no key, a wrong one, another room's and the other role's.
func TestEveryRouteOfARoomNeedsItsKey(t *testing.T) {
	base := startServer(t, Config{})
	mine, other := serverRoom(t, base), serverRoom(t, base)
	for _, r := range routes() {
		if !strings.HasPrefix(r.Path, "/api/rooms") || strings.HasSuffix(r.Path, "/stream") || slices.Contains(openRoutes, r.Method+" "+r.Path) {
			continue
		}
		wrong := []string{"", "x", other.Key, other.Seat, mine.Seat}
		if mine.keyFor(r) == mine.Seat {
			wrong[4] = mine.Key
		}
		path := strings.NewReplacer(":code", mine.Code, ":learner", mine.Learner).Replace(r.Path)
		for _, key := range wrong {
			res := ask(t, base, r.Method, path, key, "{}")
			if res.status != http.StatusUnauthorized || res.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with key %.3q: %d %s", r.Method, r.Path, key, res.status, res.body)
			}
		}
	}
	if _, _, err := watchRoom(t, base, "222222", mine.Seat).conn.ReadMessage(); !websocket.IsCloseError(err, closeGone) {
		t.Errorf("the stream of a room that is no more: %v, want close %d: a page must not try again for ever", err, closeGone)
	}
	for _, key := range []string{"x", other.Key, other.Seat} {
		w := watchRoom(t, base, mine.Code, key)
		if _, _, err := w.conn.ReadMessage(); !websocket.IsCloseError(err, closeBadKey) {
			t.Errorf("the room's stream with key %.3q: %v", key, err)
		}
	}
}

// TestCodesAreNotGuessed: whoever tries many codes that are none has to wait, whichever way they try.
func TestCodesAreNotGuessed(t *testing.T) {
	for _, path := range []string{"", "/stream", "/learners/l3/stream"} {
		base := startServer(t, Config{})
		d := websocket.Dialer{Subprotocols: []string{"playground.v1", "key.x"}}
		try := func() int {
			if path == "" {
				return do(t, http.DefaultClient, mustRequest("GET", base+"/api/rooms/222222", "")).status
			}
			conn, answer, err := d.Dial(strings.Replace(base, "http", "ws", 1)+"/api/rooms/222222"+path, nil)
			if err == nil {
				conn.Close()
			}
			return answer.StatusCode
		}
		refused := 0
		for range 2 * guessesPerMinute {
			if try() == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("…%s can be tried as often as one likes", path)
		}
	}
}

// roomPage is a page that looks at a room, with the last message of each type that came.
type roomPage struct {
	t    *testing.T
	conn *websocket.Conn
	last map[string]json.RawMessage
}

func watchRoom(t *testing.T, base, code, key string) *roomPage {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"playground.v1"}}
	if key != "" {
		d.Subprotocols = append(d.Subprotocols, "key."+key)
	}
	conn, _, err := d.Dial(strings.Replace(base, "http", "ws", 1)+"/api/rooms/"+code+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &roomPage{t: t, conn: conn, last: map[string]json.RawMessage{}}
}

// until reads on until what has come so far fits. Every message is held against the document.
func (p *roomPage) until(what string, fits func() bool) {
	p.t.Helper()
	for !fits() {
		_, raw, err := p.conn.ReadMessage()
		if err != nil {
			p.t.Fatalf("waiting until %s: %v", what, err)
		}
		var m struct{ Type string }
		decodeInto(p.t, raw, &m)
		holds(p.t, at(document, "components", "schemas", "RoomMessage"), raw, "a message of type "+m.Type)
		p.last[m.Type] = raw
	}
}

// get is a value of the last message of a type, as JSON.
func (p *roomPage) get(kind string, path ...string) string {
	raw, ok := p.last[kind]
	if !ok {
		return ""
	}
	var v any
	decodeInto(p.t, raw, &v)
	b, _ := json.Marshal(at(v, path...))
	return string(b)
}

// row is the board's row of a learner, from all that have come.
func (p *roomPage) row(rows map[string]map[string]any, id string) map[string]any {
	var m struct{ Rows []map[string]any }
	if raw, ok := p.last["rows"]; ok {
		decodeInto(p.t, raw, &m)
	}
	for _, r := range m.Rows {
		rows[r["id"].(string)] = r
	}
	return rows[id]
}

// TestAClassOverTheAPI: an instructor, a projector and a learner from the code to the export.
func TestAClassOverTheAPI(t *testing.T) {
	base := startServer(t, Config{})
	aClass(t, base, base)
}

// TestAClassOnTwoServers: the instructor is on one, the learner and the wall on the other.
func TestAClassOnTwoServers(t *testing.T) { onTwoServers(t, aClass) }

func aClass(t *testing.T, here, base string) {
	room := serverRoom(t, here)
	at := "/api/rooms/" + room.Code
	lead := func(method, path, body string) result {
		t.Helper()
		r := ask(t, here, method, at+path, room.Key, body)
		if r.status >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
		}
		return r
	}
	learn := func(path, body string) result {
		t.Helper()
		return ask(t, base, "POST", at+path, room.Seat, body)
	}
	board, wall, learner := watchRoom(t, here, room.Code, room.Key), watchRoom(t, base, room.Code, ""), watchRoom(t, base, room.Code, room.Seat)
	rows := map[string]map[string]any{}

	// She is here, and works.
	board.until("she is here", func() bool { r := board.row(rows, room.Learner); return r != nil && r["here"] == true })
	var box struct{ ID, Key string }
	decodeInto(t, learn("/sandboxes", `{"lesson":"pkce"}`).body, &box)
	sandbox := "/api/sandboxes/" + box.ID
	var lesson struct {
		Steps     []struct{ ID string }
		Questions []struct {
			ID      string
			Predict bool
			Choices []string
		}
	}
	decodeInto(t, ask(t, base, "GET", "/api/lessons/pkce", "", "").body, &lesson)
	first := lesson.Steps[1].ID
	if r := ask(t, base, "POST", sandbox+"/steps/"+first+"/replay", box.Key, ""); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	board.until("her step is passed", func() bool {
		r := board.row(rows, room.Learner)
		return r["step"] == first && r["passed"].(float64) >= 1
	})
	wall.until("what she sent is on the wall", func() bool { return strings.Contains(wall.get("tally", "wire"), `"/authorize"`) })
	if strings.Contains(string(wall.last["tally"])+string(wall.last["room"]), "Heron") {
		t.Error("the wall shows a name")
	}
	if r := ask(t, base, "POST", sandbox+"/browsers/browser/open", box.Key, `{"url":"https://planner.test/rude"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	board.until("her mistake is on the board", func() bool {
		e, _ := board.row(rows, room.Learner)["error"].(map[string]any)
		return e["path"] == "/rude"
	})

	// Everybody is brought somewhere; a hint; a hand.
	lead("POST", "/bring", `{"lesson":"code-flow","step":""}`)
	learner.until("she is brought there", func() bool {
		return learner.get("room", "brought") == "1" && learner.get("room", "lesson") == `"code-flow"`
	})
	lead("POST", "/learners/"+room.Learner+"/hint", `{"text":"Look at exchange 8."}`)
	learner.until("the hint is there", func() bool { return strings.Contains(learner.get("you", "hint"), "exchange 8") })
	if r := learn("/seen", `{"hint":`+learner.get("you", "hint", "n")+`}`); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	learner.until("it is put away", func() bool { return learner.get("you", "hint") == "null" })
	learn("/hand", `{"up":true}`)
	board.until("her hand is up", func() bool { return board.row(rows, room.Learner)["hand"] == true })

	// Locked answers, in the lesson and in a vote.
	question := ""
	for _, q := range lesson.Questions {
		if !q.Predict && len(q.Choices) > 0 {
			question = q.ID
			break
		}
	}
	lead("PUT", "/lead", `{"locked":true,"timer":60}`)
	if r := ask(t, base, "POST", sandbox+"/answers", box.Key, `{"question":"`+question+`","choice":1}`); r.status != http.StatusLocked {
		t.Errorf("an answer while they are locked: %d %s", r.status, r.body)
	}
	lead("PUT", "/lead", `{"locked":false,"timer":0}`)
	if r := ask(t, base, "POST", sandbox+"/answers", box.Key, `{"question":"`+question+`","choice":1}`); r.status != 200 {
		t.Errorf("an answer: %d %s", r.status, r.body)
	}
	board.until("the answer is in the heat map", func() bool { return strings.Contains(board.get("heat", "rows"), `"M`) })

	// A vote: its result is nobody's but the instructor's until the reveal.
	lead("POST", "/asks", `{"lesson":"pkce","question":"`+question+`"}`)
	learner.until("it is asked", func() bool { return learner.get("room", "vote", "phase") == `"vote"` })
	id := learner.get("room", "vote", "ask")
	if r := learn("/votes", `{"ask":`+id+`,"round":1,"answer":[2]}`); r.status != 200 || string(r.body) != "{\"counted\":true}\n" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	board.until("it is said that she has voted", func() bool { return board.row(rows, room.Learner)["voted"] == 1.0 })
	if seen := string(board.last["room"]); board.get("room", "vote", "results") != "null" || board.get("room", "vote", "right") != "null" {
		t.Errorf("whoever looks at the board in the vote sees how it stands: %s", seen)
	}
	if r := lead("GET", "/peek", ""); !strings.Contains(string(r.body), `"options":[0,1`) || strings.Contains(string(r.body), `"right":null`) {
		t.Errorf("an instructor who asks is told %s", r.body)
	}
	wall.until("and said to be there", func() bool { return wall.get("tally", "votes") == "[1,0]" })
	if strings.Contains(string(wall.last["tally"]), "rude") {
		t.Errorf("what a learner has typed is on the wall: %s", wall.last["tally"])
	}
	for _, phase := range []string{"hidden", "discuss", "revote"} {
		lead("PUT", "/phase", `{"ask":`+id+`,"phase":"`+phase+`"}`)
		for name, p := range map[string]*roomPage{"the wall": wall, "a learner": learner} {
			p.until("it is at "+phase, func() bool { return p.get("room", "vote", "phase") == `"`+phase+`"` })
			if p.get("room", "vote", "results") != "null" || p.get("room", "vote", "right") != "null" {
				t.Errorf("%s knows the result at %s: %s", name, phase, p.last["room"])
			}
		}
	}
	if r := learn("/votes", `{"ask":`+id+`,"round":1,"answer":[1]}`); r.status != http.StatusConflict {
		t.Errorf("a vote in a closed round: %d %s", r.status, r.body)
	}
	learn("/votes", `{"ask":`+id+`,"round":2,"answer":[3]}`)
	lead("PUT", "/phase", `{"ask":`+id+`,"phase":"reveal"}`)
	learner.until("it is revealed", func() bool {
		return strings.Count(learner.get("room", "vote", "results"), `"votes":1`) == 2 && learner.get("you", "vote", "correct") != "null"
	})

	// What stays, and what goes.
	if r := ask(t, here, "GET", at+"/export.csv", room.Key, ""); strings.Count(string(r.body), "Heron,pkce,"+question) != 2 {
		t.Errorf("exported votes:\n%s", r.body)
	}
	for _, what := range []string{"answers", "progress"} {
		if r := ask(t, here, "GET", at+"/export.csv?what="+what, room.Key, ""); !strings.Contains(string(r.body), "Heron,pkce,") {
			t.Errorf("exported %s:\n%s", what, r.body)
		}
	}
	if r := ask(t, here, "GET", at+"/learners/"+room.Learner+"/trace", room.Key, ""); r.status != 200 || !strings.Contains(string(r.body), "/authorize") {
		t.Errorf("her wire: %d", r.status)
	}
	lead("POST", "/learners/"+room.Learner+"/reset", "")
	if r := ask(t, here, "GET", at+"/learners/"+room.Learner+"/sandbox", room.Key, ""); !strings.Contains(string(r.body), `"passed":[]`) {
		t.Errorf("her sandbox after a reset: %.2000s", r.body)
	}
	if r := ask(t, here, "DELETE", at, room.Key, ""); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := ask(t, base, "GET", sandbox, box.Key, ""); r.status != http.StatusNotFound {
		t.Errorf("her sandbox after the room has ended: %d", r.status)
	}
	if _, _, err := wall.conn.ReadMessage(); !websocket.IsCloseError(err, closeGone) {
		for err == nil {
			_, _, err = wall.conn.ReadMessage()
		}
		if !websocket.IsCloseError(err, closeGone) {
			t.Errorf("the wall is told %v", err)
		}
	}
}
