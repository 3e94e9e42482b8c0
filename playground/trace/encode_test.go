package trace

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"oauthplayground/mockidp/check"
)

// oneOfEach is an event of every kind and the line it is in a trace: the contract.
var oneOfEach = []struct {
	e    Event
	want string
}{
	{Event{Seq: 6, At: at.Add(-120 * time.Millisecond), Kind: KindChange, Run: 1, Change: &Change{What: "read", Step: "steal", Actor: "attacker", From: "history of browser", To: "https://planner.test/"}, Finds: []Find{{"code#1", "code", "history", "url"}}},
		`{"seq":6,"at":"2026-11-23T10:00:00Z","kind":"change","run":1,"change":{"what":"read","step":"steal","actor":"attacker","from":"history of browser","to":"https://planner.test/"},"finds":[{"tag":"code#1","kind":"code","in":"history","name":"url"}]}`},
	{Event{Seq: 7, At: at.In(time.FixedZone("elsewhere", 3600)).Add(999_999), Kind: KindRequest, Run: 1, N: 4, From: "client", To: "as", Cause: 5, Request: &Request{Method: "POST", URL: "https://auth.chirper.test/token?a=1&b=2", Headers: []Header{{"Host", "auth.chirper.test"}}, Body: "x=<y>", Cut: true}, Finds: []Find{{"code#1", "code", "body", "code"}}},
		`{"seq":7,"at":"2026-11-23T10:00:00.120Z","kind":"request","run":1,"n":4,"from":"client","to":"as","cause":5,"request":{"method":"POST","url":"https://auth.chirper.test/token?a=1&b=2","headers":[["Host","auth.chirper.test"]],"body":"x=<y>","cut":true},"finds":[{"tag":"code#1","kind":"code","in":"body","name":"code"}]}`},
	{Event{Seq: 8, At: at, Kind: KindResponse, Run: 1, N: 4, From: "as", To: "client", Of: 7, Response: &Response{Status: 200, Headers: []Header{{"Content-Type", "text/plain"}}, Body: "ü"}, Verdicts: []check.Verdict{{Check: "as.pkce-verifier", Spec: "RFC 7636 §4.6", Mode: check.Observe, Outcome: check.Failed, Expected: "a", Actual: "b"}, {Check: "as.code-known", Spec: "RFC 6749 §5.2", Mode: check.Enforce, Outcome: check.Passed}}},
		`{"seq":8,"at":"2026-11-23T10:00:00.120Z","kind":"response","run":1,"n":4,"from":"as","to":"client","of":7,"response":{"status":200,"headers":[["Content-Type","text/plain"]],"body":"ü"},"verdicts":[{"check":"as.pkce-verifier","spec":"RFC 7636 §4.6","mode":"observe","outcome":"fail","expected":"a","actual":"b"},{"check":"as.code-known","spec":"RFC 6749 §5.2","mode":"enforce","outcome":"pass"}]}`},
	{Event{Seq: 9, At: at, Kind: KindToken, Run: 1, N: 4, Of: 8, Token: &Token{Tag: "id_token#1", Format: "jwt", Header: json.RawMessage(`{"alg":"ES256"}`), Claims: json.RawMessage(`{"sub":"u&m"}`), Signature: &Signature{Alg: "ES256", Kid: "k", Verified: true}}},
		`{"seq":9,"at":"2026-11-23T10:00:00.120Z","kind":"token","run":1,"n":4,"of":8,"token":{"tag":"id_token#1","format":"jwt","header":{"alg":"ES256"},"claims":{"sub":"u&m"},"signature":{"alg":"ES256","kid":"k","verified":true}}}`},
	{Event{Seq: 10, At: at, Kind: KindToken, Run: 1, N: 4, Of: 8, Token: &Token{Tag: "refresh_token#1", Format: "opaque"}},
		`{"seq":10,"at":"2026-11-23T10:00:00.120Z","kind":"token","run":1,"n":4,"of":8,"token":{"tag":"refresh_token#1","format":"opaque"}}`},
	{Event{Seq: 11, At: at, Kind: KindRedirect, Run: 2, N: 1, From: "as", To: "browser", Of: 10, Response: &Response{Status: 302, Headers: []Header{{"Location", "/?a=1&b=2"}}}},
		`{"seq":11,"at":"2026-11-23T10:00:00.120Z","kind":"redirect","run":2,"n":1,"from":"as","to":"browser","of":10,"response":{"status":302,"headers":[["Location","/?a=1&b=2"]]}}`},
	{Event{Seq: 12, At: at, Kind: KindResponse, Run: 2, N: 1, From: "as", To: "browser", Of: 10, Response: &Response{Error: "the connection was cut"}},
		`{"seq":12,"at":"2026-11-23T10:00:00.120Z","kind":"response","run":2,"n":1,"from":"as","to":"browser","of":10,"response":{"status":0,"error":"the connection was cut"}}`},
}

func TestEventsReadAsTheContractSays(t *testing.T) {
	var lines strings.Builder
	for _, tt := range oneOfEach {
		got, err := tt.e.Encode()
		if err != nil || string(got) != tt.want {
			t.Errorf("got  %s\nwant %s (%v)", got, tt.want, err)
		}
		var inside bytes.Buffer
		enc := json.NewEncoder(&inside)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(tt.e); err != nil || inside.String() != tt.want+"\n" {
			t.Errorf("inside another document it is %s (%v)", inside.String(), err)
		}
		lines.WriteString(tt.want + "\n")
	}
	events, err := ReadNDJSON(strings.NewReader(lines.String()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := WriteNDJSON(&again, events); err != nil || again.String() != lines.String() {
		t.Errorf("read and written it is\n%s(%v)", again.String(), err)
	}
}

func TestATraceThatIsNoneIsRefusedByItsLine(t *testing.T) {
	const good = `{"seq":1,"at":"2026-11-23T10:00:00Z","kind":"change","run":1,"change":{"what":"run"}}`
	with := func(old, new string) string {
		return good + "\n" + strings.Replace(strings.Replace(good, `"seq":1`, `"seq":2`, 1), old, new, 1)
	}
	for _, tt := range []struct{ name, in, says string }{
		{"no JSON", good + "\n\nhello", "line 3"},
		{"two values in a line", good + good, "line 1"},
		{"a member that doesn't exist", with(`"run":1`, `"run":1,"extra":1`), "extra"},
		{"a member within that doesn't exist", with(`"what"`, `"wath"`), "wath"},
		{"a kind that doesn't exist", with(`"kind":"change"`, `"kind":"surprise"`), `"surprise"`},
		{"the wrong member for its kind", with(`"kind":"change"`, `"kind":"request"`), "line 2"},
		{"two members", with(`"change":{`, `"token":{"tag":"a#1","format":"opaque"},"change":{`), "line 2"},
		{"no position", with(`"seq":2,`, ``), "seq"},
		{"no run", with(`"run":1`, `"run":0`), "run"},
		{"a gap", with(`"seq":2`, `"seq":3`), "event 3 follows event 1"},
		{"no time", with(`2026-11-23T10:00:00Z`, `today`), "line 2"},
		{"a line without end", `{"seq":1,"at":"` + strings.Repeat("x", maxLine), "can't be read"},
	} {
		if _, err := ReadNDJSON(strings.NewReader(tt.in)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, which should say %q", tt.name, err, tt.says)
		}
	}
	if events, err := ReadNDJSON(strings.NewReader("\n" + good + "\n\n")); err != nil || len(events) != 1 {
		t.Errorf("empty lines: %d events, %v", len(events), err)
	}
}

func TestAnEndlessTraceIsRefused(t *testing.T) {
	var b strings.Builder
	for seq := range maxEvents + 1 {
		line, err := Event{Seq: uint64(seq + 1), At: at, Kind: KindChange, Run: 1, Change: &Change{What: "step"}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	if _, err := ReadNDJSON(strings.NewReader(b.String())); err == nil || !strings.Contains(err.Error(), "10000 events") {
		t.Errorf("got %v", err)
	}
}
