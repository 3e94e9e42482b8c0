package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// savedCase is a line of testdata/runs.json, which the page's reader is held to as well: what is changed in a good file, and what both say.
type savedCase struct {
	Name  string
	Path  []any           // to the member that is changed
	Value json.RawMessage // what it becomes; not there: it is taken away
	Raw   string          // instead: the whole file
	Code  string          // empty: it stays a run
	Where string
}

func savedCases(t testing.TB) (good json.RawMessage, cases []savedCase) {
	t.Helper()
	raw, err := os.ReadFile("testdata/runs.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Good  json.RawMessage
		Cases []savedCase
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all.Good, all.Cases
}

// changed is a file with one member changed.
func changed(t testing.TB, file json.RawMessage, c savedCase) []byte {
	t.Helper()
	if c.Raw != "" {
		return []byte(c.Raw)
	}
	var v any
	if err := json.Unmarshal(file, &v); err != nil {
		t.Fatal(err)
	}
	if len(c.Path) > 0 {
		in := v
		for _, step := range c.Path[:len(c.Path)-1] {
			switch s := step.(type) {
			case string:
				in = in.(map[string]any)[s]
			case float64:
				in = in.([]any)[int(s)]
			}
		}
		var value any
		if c.Value != nil {
			if err := json.Unmarshal(c.Value, &value); err != nil {
				t.Fatal(err)
			}
		}
		switch s := c.Path[len(c.Path)-1].(type) {
		case string:
			if m := in.(map[string]any); c.Value == nil {
				delete(m, s)
			} else {
				m[s] = value
			}
		case float64:
			in.([]any)[int(s)] = value
		}
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAFileOfARunIsReadStrictly(t *testing.T) {
	good, cases := savedCases(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			_, err := readSavedRun(bytes.NewReader(changed(t, good, c)))
			if c.Code == "" {
				if err != nil {
					t.Errorf("it is a run, and %v", err)
				}
				return
			}
			p, ok := err.(savedProblem)
			if !ok || p.Code != c.Code || p.Where != c.Where {
				t.Fatalf("got %T %+v, want %s at %q", err, err, c.Code, c.Where)
			}
			if says := p.Error(); says == "runs.bad."+p.Code || !strings.Contains(says, c.Where) || strings.ContainsAny(says, "{}") {
				t.Errorf("it is told as %q", says)
			}
		})
	}
}

func TestAFileOfARunHasItsSize(t *testing.T) {
	good, _ := savedCases(t)
	large := append(bytes.TrimSpace(good), bytes.Repeat([]byte(" "), maxSaved)...)
	if _, err := readSavedRun(bytes.NewReader(large)); fmt.Sprint(err) != frontend.Say("runs.bad.large", "n", 16) {
		t.Errorf("got %v", err)
	}
	deep := strings.Replace(string(good), `"claims": {`, `"claims": {"deep": `+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+`, `, 1)
	if _, err := readSavedRun(strings.NewReader(deep)); fmt.Sprint(err) != frontend.Say("runs.bad.deep", "where", "events[2].token.claims", "n", maxDepth) {
		t.Errorf("got %v", err)
	}
}

// TestTheFormatKnowsTheWholeCast: an actor that a lesson brings in must be in the description, or no reader takes its runs.
func TestTheFormatKnowsTheWholeCast(t *testing.T) {
	s, err := savedSchemaRead()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range append(world.Actors(), world.Actor{ID: world.Outside}) {
		if !slices.Contains(s.Defs["actor"].Enum, any(a.ID)) {
			t.Errorf("saved.schema.json doesn’t know %s", a.ID)
		}
	}
}

func TestEveryLessonsRunIsAFileThatIsRead(t *testing.T) {
	s, base := startOwn(t, Config{})
	course, err := s.course()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range everyLesson(course) {
		path := "/api/lessons/" + l.Slug + "/run"
		r := do(t, http.DefaultClient, mustRequest("GET", base+path, ""))
		described(t, "GET", path, r)
		run, err := readSavedRun(bytes.NewReader(r.body))
		if err != nil || run.Lesson != l.Slug || !slices.Contains(run.Redacted, "values") {
			t.Errorf("%s: %v, redacted %v", l.Slug, err, run.Redacted)
		}
	}
}

func TestALearnersRunIsSaved(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"lesson":"code-flow"}`)
	if r := b.call(t, "GET", "/run", b.Key, ""); r.status != http.StatusConflict {
		t.Errorf("before anything happened: %d %s", r.status, r.body)
	}
	b.call(t, "POST", "/steps/"+lastStep(t, base, "code-flow")+"/replay", b.Key, "")
	read := func(query string) savedRun {
		t.Helper()
		r := b.call(t, "GET", "/run"+query, b.Key, "")
		if strings.Contains(string(r.body), b.ID) || strings.Contains(string(r.body), b.Key) {
			t.Errorf("%s: the file names its sandbox", query)
		}
		run, err := readSavedRun(bytes.NewReader(r.body))
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return run
	}
	whole := read("")
	var lines int
	for range strings.Lines(string(b.call(t, "GET", "/trace", b.Key, "").body)) {
		lines++
	}
	if len(whole.Events) != lines || whole.Lesson != "code-flow" || whole.LessonVersion < 1 || whole.Title == "" || len(whole.Redacted) != 0 || time.Since(whole.Made) > time.Minute {
		t.Errorf("%d events of %d, %q %d, redacted %v, made %s", len(whole.Events), lines, whole.Lesson, whole.LessonVersion, whole.Redacted, whole.Made)
	}
	token := tokenIn(t, whole)
	if strings.Count(token, ".") != 2 {
		t.Fatalf("no token in the run: %q", token)
	}
	head, _, _ := strings.Cut(token, ".")
	if cut := tokenIn(t, read("?redact=signatures")); !strings.HasPrefix(cut, head) || !strings.HasSuffix(cut, ".{signature}") {
		t.Errorf("without signatures it is %s", cut)
	}
	if tag := tokenIn(t, read("?redact=values")); tag != "{access_token#1}" {
		t.Errorf("without values it is %s", tag)
	}
	if r := b.call(t, "GET", "/run?redact=everything", b.Key, ""); r.status != 400 {
		t.Errorf("an unknown redaction: %d %s", r.status, r.body)
	}
	if r := b.call(t, "GET", "/run", "", ""); r.status != 401 {
		t.Errorf("without its key: %d", r.status)
	}
}

// TestARunOutlivesItsLesson: an author who takes a lesson away takes no run with it.
func TestARunOutlivesItsLesson(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine", "01-first.md")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(lessons.Template), 0o644); err != nil {
		t.Fatal(err)
	}
	s, base := startOwn(t, Config{Author: os.DirFS(dir)})
	b := newBox(t, base, `{"lesson":"first"}`)
	b.call(t, "POST", "/steps/"+lastStep(t, base, "first")+"/replay", b.Key, "")
	if err := os.Rename(file, strings.Replace(file, "first", "second", 1)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // at the first look it may be away for a moment
		if err := s.look(); err != nil {
			t.Fatal(err)
		}
	}
	r := b.call(t, "GET", "/run", b.Key, "")
	if run, err := readSavedRun(bytes.NewReader(r.body)); err != nil || run.Lesson != "first" || run.Title != "first" || len(run.Events) == 0 {
		t.Errorf("%d %.200s: %v", r.status, r.body, err)
	}
}

// tokenIn is the access token as the token endpoint answered it.
func tokenIn(t *testing.T, run savedRun) string {
	t.Helper()
	for _, e := range run.Events {
		var body struct {
			Token string `json:"access_token"`
		}
		if e.Response != nil && json.Unmarshal([]byte(e.Response.Body), &body) == nil && body.Token != "" {
			return body.Token
		}
	}
	return ""
}

func lastStep(t *testing.T, base, slug string) string {
	t.Helper()
	var lesson struct{ Steps []struct{ ID string } }
	decodeInto(t, do(t, http.DefaultClient, mustRequest("GET", base+"/api/lessons/"+slug, "")).body, &lesson)
	return lesson.Steps[len(lesson.Steps)-1].ID
}

// TestAnAppsRunKeepsItsSandboxSecret: in a workbench the sandbox's name is in every address and in every token.
func TestAnAppsRunKeepsItsSandboxSecret(t *testing.T) {
	base := startServer(t, Config{})
	b := newBox(t, base, `{"kind":"workbench","login":"auto"}`)
	var c mockidp.Client
	post(t, b.Issuer+"/register", `{"redirect_uris":["http://127.0.0.1:9/cb"]}`, &c)
	app := oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: c.RedirectURIs[0], Scopes: []string{"openid"}, Endpoint: oauth2.Endpoint{AuthURL: b.Issuer + "/authorize", TokenURL: b.Issuer + "/token"}}
	back := browse(t, app.AuthCodeURL("state with + / and & 12345"))
	tokens, err := app.Exchange(t.Context(), back.Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	do(t, http.DefaultClient, mustRequest("GET", b.Issuer+"/jwks", ""))
	events, err := trace.ReadNDJSON(bytes.NewReader(b.call(t, "GET", "/trace?format=ndjson", b.Key, "").body))
	if err != nil {
		t.Fatal(err)
	}
	for _, redact := range []string{"none", "signatures", "values"} {
		r := b.call(t, "GET", "/run?redact="+redact, b.Key, "")
		run, err := readSavedRun(bytes.NewReader(r.body))
		if err != nil {
			t.Fatalf("%s: %v", redact, err)
		}
		gone := []string{b.ID, b.Key, tokens.AccessToken}
		if redact == "values" {
			gone = append(gone, c.ClientSecret, back.Get("code"), "state with + / and & 12345")
		}
		for _, secret := range gone {
			if bytes.Contains(r.body, []byte(secret)) {
				t.Errorf("%s: %q is in the file", redact, secret)
			}
		}
		if redact == "values" {
			for _, leak := range leaks(r.body, secretsOf(events)) {
				t.Errorf("%s", leak)
			}
		}
		if !slices.Contains(run.Redacted, trace.RedactedSandbox) || !slices.Contains(run.Redacted, trace.RedactedSignatures) {
			t.Errorf("%s: it says that %v went", redact, run.Redacted)
		}
	}
}

func FuzzReadSavedRun(f *testing.F) {
	good, cases := savedCases(f)
	for _, c := range cases {
		f.Add(changed(f, good, c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		run, err := readSavedRun(bytes.NewReader(b))
		if err != nil {
			if p, ok := err.(savedProblem); !ok || p.Error() == "runs.bad."+p.Code {
				t.Fatalf("%T is told as %q", err, err)
			}
			return
		}
		again, err := run.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readSavedRun(bytes.NewReader(again)); err != nil && len(again) <= maxSaved {
			t.Fatalf("what was read is written as what is not: %v\n%s", err, again)
		}
	})
}

// everyLesson is every lesson of a course, in its order.
func everyLesson(c *lessons.Course) (all []*lessons.Lesson) {
	for _, t := range c.Tracks {
		all = append(all, t.Lessons...)
	}
	return all
}
