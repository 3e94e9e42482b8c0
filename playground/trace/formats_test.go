package trace

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"oauthplayground/mockidp/check"
)

// story is a callback that is open while its token request is answered, and an attempt that is refused.
func story() []Event {
	later := at.Add(30 * time.Millisecond)
	return []Event{
		{Seq: 1, At: at, Kind: KindRequest, Run: 1, N: 1, From: "attacker-browser", To: "client", Request: &Request{Method: "GET", URL: "https://planner.test/callback?code=it%27s&state=a%20b", Headers: []Header{{"Host", "planner.test"}, {"Cookie", "a=1; b=2"}}}, Finds: []Find{{"code#1", "code", "query", "code"}, {"code#1", "code", "path", ""}}},
		{Seq: 2, At: at, Kind: KindRequest, Run: 1, N: 2, From: "client", To: "as", Cause: 1, Request: &Request{Method: "POST", URL: "https://auth.chirper.test/token", Headers: []Header{{"Host", "auth.chirper.test"}, {"Content-Length", "9"}, {"Content-Type", "application/x-www-form-urlencoded"}}, Body: "code=it's"}, Finds: []Find{{"code#1", "code", "body", "code"}}},
		{Seq: 3, At: later, Kind: KindResponse, Run: 1, N: 2, From: "as", To: "client", Of: 2, Response: &Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}}, Body: `{"id_token":"…"}`}, Finds: []Find{{"id_token#1", "id_token", "body", "id_token"}},
			Verdicts: []check.Verdict{{Check: "as.code-known", Spec: "RFC 6749 §5.2", Mode: check.Enforce, Outcome: check.Passed}, {Check: "as.pkce-verifier", Spec: "RFC 7636 §4.6", Mode: check.Observe, Outcome: check.Failed, Expected: "E9Mel", Actual: "`*`"}}},
		{Seq: 4, At: later, Kind: KindToken, Run: 1, N: 2, Of: 3, Token: &Token{Tag: "id_token#1", Format: "jwt", Header: json.RawMessage(`{"alg":"ES256"}`), Claims: json.RawMessage(`{"sub":"u"}`), Signature: &Signature{Alg: "ES256", Verified: true}}},
		{Seq: 5, At: later, Kind: KindRedirect, Run: 1, N: 1, From: "client", To: "attacker-browser", Of: 1, Response: &Response{Status: 303, Headers: []Header{{"Location", "/?x=y"}, {"Set-Cookie", "planner_session=1; Path=/"}}}},
		{Seq: 6, At: later, Kind: KindChange, Run: 2, Change: &Change{What: "run"}},
		{Seq: 7, At: later, Kind: KindChange, Run: 2, Change: &Change{What: "policy", Actor: "as.pkce-verifier", From: "observe", To: "enforce"}},
		{Seq: 8, At: later, Kind: KindRequest, Run: 2, N: 1, From: "client", To: "as", Cause: 1, Request: &Request{Method: "HEAD", URL: "https://auth.chirper.test/%7B%25%7D[1]#end;", Headers: []Header{{"X-Empty", ""}}}},
	}
}

func written(t *testing.T, write func(io.Writer, []Event) error, events []Event) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, events); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHARIsOneThatToolsImport(t *testing.T) {
	var har struct {
		Log struct {
			Version string
			Creator struct{ Name, Version string }
			Entries []struct {
				StartedDateTime time.Time
				Time            float64
				Request         map[string]any
				Response        map[string]any
				Cache           map[string]any
				Timings         map[string]float64
				Comment         string
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, WriteHAR, story())), &har); err != nil {
		t.Fatal(err)
	}
	if har.Log.Version != "1.2" || har.Log.Creator.Name == "" || har.Log.Creator.Version == "" || len(har.Log.Entries) != 3 {
		t.Fatalf("got %+v", har.Log)
	}
	for i, e := range har.Log.Entries {
		// What HAR 1.2 demands is there, also when it is empty.
		for _, name := range []string{"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} {
			if e.Request[name] == nil {
				t.Errorf("entry %d: its request has no %s", i, name)
			}
		}
		for _, name := range []string{"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"} {
			if e.Response[name] == nil {
				t.Errorf("entry %d: its response has no %s", i, name)
			}
		}
		if e.Cache == nil || e.StartedDateTime.IsZero() || len(e.Timings) != 3 {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	first := har.Log.Entries[0]
	asJSON, _ := json.Marshal(first)
	for _, want := range []string{`{"name":"code","value":"it's"}`, `{"name":"state","value":"a b"}`, `{"name":"b","value":"2"}`, `{"name":"planner_session","value":"1"}`, `"redirectURL":"/?x=y"`, `"Time":30`, `"status":303`, `#1 from attacker-browser to client`} {
		if !strings.Contains(string(asJSON), want) {
			t.Errorf("the first entry lacks %s:\n%s", want, asJSON)
		}
	}
	if post := har.Log.Entries[1].Request["postData"].(map[string]any); post["text"] != "code=it's" || post["mimeType"] != "application/x-www-form-urlencoded" {
		t.Errorf("posted %v", post)
	}
	if open := har.Log.Entries[2].Response; open["status"] != 0.0 || open["comment"] != "not answered yet" {
		t.Errorf("the open one is %v", open)
	}
}

func TestMermaid(t *testing.T) {
	const want = `sequenceDiagram
  participant a_attacker_browser as attacker-browser
  participant a_client as client
  participant a_as as as
  a_attacker_browser->>a_client: 1. GET /callback (code#35;1)
  a_client->>a_as: 2. POST /token (code#35;1)
  a_as-->>a_client: 2. 200 (id_token#35;1), would have been stopped by as.pkce-verifier
  a_client-->>a_attacker_browser: 1. 303
  Note over a_attacker_browser,a_as: run 2
  a_client->>a_as: 1. HEAD /#37;7B#37;25#37;7D[1]
`
	if got := written(t, WriteMermaid, story()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCurl(t *testing.T) {
	const want = `#!/bin/sh
# Each request of a recorded run. Hosts that end in .test exist inside the playground only.

# 1. from attacker-browser to client, answered 303
curl -i -g -X 'GET' --url 'https://planner.test/callback?code=it%27s&state=a%20b' \
  -H 'Cookie: a=1; b=2'

# 2. from client to as, answered 200
curl -i -g -X 'POST' --url 'https://auth.chirper.test/token' \
  -H 'Content-Type: application/x-www-form-urlencoded' \
  --data-raw 'code=it'\''s'

# 1. from client to as
curl -i -g -I --url 'https://auth.chirper.test/%7B%25%7D[1]#end;' \
  -H 'X-Empty;'
`
	if got := written(t, WriteCurl, story()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	const want = "# A recorded run\n\n## Run 1\n\n" +
		"1. **attacker-browser to client**: `GET /callback`\n" +
		"   - It carries `code#1` (query), `code#1` (path).\n" +
		"   - Answer: **303**, on to `/`.\n" +
		"2. **client to as**: `POST /token`, because of 1\n" +
		"   - It carries `code#1` (body).\n" +
		"   - Answer: **200**, 1 checks passed.\n" +
		"   - The answer carries `id_token#1` (body).\n" +
		"   - Would have been stopped by `as.pkce-verifier` (RFC 7636 §4.6), expected `E9Mel`, got `` `*` ``.\n" +
		"   - `id_token#1` is a JWT with header `{\"alg\":\"ES256\"}` and claims `{\"sub\":\"u\"}`; its signature is verified.\n" +
		"\n## Run 2\n\n" +
		"\n*policy* `as.pkce-verifier` from `observe` to `enforce`\n\n" +
		"1. **client to as**: `HEAD /%7B%25%7D[1]`, because of 1\n" +
		"   - Not answered yet.\n"
	if got := written(t, WriteMarkdown, story()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestHostileNamesStayInTheirPlace gives the formats a trace that somebody has written to break out of them.
func TestHostileNamesStayInTheirPlace(t *testing.T) {
	const nasty = "x\nrm -rf ~\u2028%%{init: {}}%%\n</script>`'\\'; end #"
	events := []Event{
		{Seq: 1, At: at, Kind: KindRequest, Run: 1, N: 1, From: nasty, To: nasty, Request: &Request{Method: nasty, URL: nasty, Headers: []Header{{"@/etc/passwd", nasty}}, Body: nasty}, Finds: []Find{{nasty, nasty, nasty, nasty}}},
		{Seq: 2, At: at, Kind: KindResponse, Run: 1, N: 1, From: nasty, To: nasty, Of: 1, Response: &Response{Status: 200}, Verdicts: []check.Verdict{{Check: nasty, Spec: nasty, Mode: check.Enforce, Outcome: check.Failed, Expected: nasty, Actual: nasty}}},
		{Seq: 3, At: at, Kind: KindToken, Run: 1, Of: 2, Token: &Token{Tag: nasty, Format: nasty}},
		{Seq: 4, At: at, Kind: KindChange, Run: 1, Change: &Change{What: nasty, Actor: nasty}},
	}
	for _, line := range strings.Split(written(t, WriteMermaid, events), "\n") {
		if line != "" && line != "sequenceDiagram" && !strings.HasPrefix(line, "  ") || strings.ContainsAny(line, "{}<\u2028`") || strings.Contains(line, "%%") {
			t.Errorf("mermaid: %q", line)
		}
	}
	for _, line := range strings.Split(written(t, WriteMarkdown, events), "\n") {
		if strings.HasPrefix(line, "rm") || strings.HasPrefix(line, "<") || strings.Contains(line, "\u2028") {
			t.Errorf("markdown: %q", line)
		}
	}
	commands := 0
	for _, words := range commandsOf(t, written(t, WriteCurl, events)) {
		if commands++; words[0] != "curl" || strings.Contains(strings.Join(words, "\x00"), "\x00@") {
			t.Errorf("curl: %q", words)
		}
	}
	if commands != 1 {
		t.Errorf("%d commands of one request", commands)
	}
}

// commandsOf reads a script as a POSIX shell would, as far as it uses comments, single quotes and escapes alone.
func commandsOf(t *testing.T, script string) (commands [][]string) {
	t.Helper()
	var words []string
	word, inWord := "", false
	finish := func() {
		if inWord {
			words = append(words, word)
		}
		word, inWord = "", false
	}
	for i := 0; i < len(script); i++ {
		switch c := script[i]; {
		case c == '#' && !inWord:
			i += strings.IndexByte(script[i:], '\n') - 1
		case c == '\'':
			end := strings.IndexByte(script[i+1:], '\'')
			word, inWord = word+script[i+1:i+1+end], true
			i += end + 1
		case c == '\\' && script[i+1] == '\n':
			i++
		case c == '\\':
			word, inWord = word+script[i+1:i+2], true
			i++
		case c == ' ':
			finish()
		case c == '\n':
			if finish(); words != nil {
				commands, words = append(commands, words), nil
			}
		case strings.IndexByte("$`\";|&<>(){}", c) >= 0:
			t.Fatalf("an unquoted %q in\n%s", c, script)
		default:
			word, inWord = word+string(c), true
		}
	}
	return commands
}

// TestWhatIsHandedToAnAppIsNoCommand: nothing was sent that could be sent again.
func TestWhatIsHandedToAnAppIsNoCommand(t *testing.T) {
	text := written(t, WriteCurl, []Event{{Seq: 1, At: at, Kind: KindRequest, Run: 1, N: 1, From: "browser", To: "phone", Request: &Request{Method: "OPEN", URL: "test.planner:/callback?code=c"}}})
	if strings.Contains(text, "curl") || !strings.Contains(text, "# test.planner:/callback?code=c is handed to an app") {
		t.Errorf("%s", text)
	}
}
