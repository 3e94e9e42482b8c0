package playground

import (
	"bytes"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"oauthplayground/lessons"
)

// notes is what is logged, by whichever goroutine.
type notes struct {
	mu  sync.Mutex // guards text
	all bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.String()
}

// desk is an author's folder, and a server that teaches what is in it.
type desk struct {
	t      *testing.T
	dir    string
	server *Server
	logged *notes
}

func newDesk(t *testing.T, files map[string]string) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), logged: &notes{}}
	for name, text := range files {
		d.write(name, text)
	}
	s, err := New(Config{BaseURL: "http://play.test", Author: os.DirFS(d.dir), Log: slog.New(slog.NewTextHandler(d.logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d.server = s
	return d
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	name = filepath.Join(d.dir, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// save writes a file, and lets the server look.
func (d *desk) save(name, text string) {
	d.t.Helper()
	d.write(name, text)
	if err := d.server.look(); err != nil {
		d.t.Fatal(err)
	}
}

// get is a page, as text.
func (d *desk) get(path string) (status int, body string) {
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, html.UnescapeString(w.Body.String())
}

// mine is a small lesson with a text.
func mine(text string) string {
	return "---\ntitle: A lesson of mine\nquestion: What is here?\nminutes: 1\nspec: [\"RFC 6749 §4.1\"]\n---\n\n" + text + "\n\n## Look {#look}\n\n## Look again {#again}\n"
}

// TestWhatAnAuthorSavesIsTaught: a lesson of the folder is in the catalogue and has a page; saved, it has another text, and an open
// page that asks is told.
func TestWhatAnAuthorSavesIsTaught(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("The first text.")})
	if status, home := d.get("/"); status != 200 || !strings.Contains(home, `href="/lessons/first"`) || !strings.Contains(home, `href="/lessons/code-flow"`) {
		t.Errorf("the catalogue is %d without both lessons", status)
	}
	status, page := d.get("/lessons/first")
	if status != 200 || !strings.Contains(page, "The first text.") {
		t.Fatalf("the page is %d: %s", status, page)
	}
	_, before := d.get("/lessons/first/edition")
	if !strings.Contains(page, `<meta name="edition" content="`+before+`" data-from="/lessons/first/edition">`) {
		t.Error("the page does not know which text it shows")
	}
	_, other := d.get("/lessons/code-flow/edition")

	d.save("mine/01-first.md", mine("The second text."))
	if _, page = d.get("/lessons/first"); !strings.Contains(page, "The second text.") {
		t.Error("the page has the old text")
	}
	if _, now := d.get("/lessons/first/edition"); now == before {
		t.Error("an open page is told nothing")
	}
	if _, now := d.get("/lessons/code-flow/edition"); now != other {
		t.Error("the page of another lesson is told that its text is another")
	}
	if _, list := d.get("/api/lessons"); !strings.Contains(list, "A lesson of mine") {
		t.Error("the API does not list it")
	}
}

// TestALessonStandsInForOneOfTheBinary while its file is there.
func TestALessonStandsInForOneOfTheBinary(t *testing.T) {
	d := newDesk(t, map[string]string{"core/03-code-flow.md": mine("In place of another.")})
	if _, page := d.get("/lessons/code-flow"); !strings.Contains(page, "In place of another.") {
		t.Error("the lesson of the binary is shown")
	}
	if err := os.Remove(filepath.Join(d.dir, "core", "03-code-flow.md")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // one look may find it away because an editor is saving it
		if err := d.server.look(); err != nil {
			t.Fatal(err)
		}
	}
	if status, page := d.get("/lessons/code-flow"); status != 200 || strings.Contains(page, "In place of another.") {
		t.Errorf("without its stand-in the page is %d", status)
	}
}

// TestAMistakeIsSaidWhereItsAuthorLooks: in the log and on the lesson's page, with file and line; learners have the text as it
// last was.
func TestAMistakeIsSaidWhereItsAuthorLooks(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A good text."), "mine/02-second.md": mine("Another.")})
	d.save("mine/01-first.md", mine("A bad text.\n\n```polizy\n```"))
	_, page := d.get("/lessons/first")
	for _, want := range []string{"A good text.", "<code>mine/01-first.md:10</code>", `there is no block "polizy"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if logged := d.logged.String(); !strings.Contains(logged, "file=mine/01-first.md line=10") {
		t.Errorf("logged: %s", logged)
	}
	if _, page := d.get("/lessons/second"); strings.Contains(page, "polizy") {
		t.Error("the page of another lesson says it")
	}
	if _, home := d.get("/"); !strings.Contains(home, "mine/01-first.md:10") {
		t.Error("the catalogue does not say it")
	}
	d.save("mine/01-first.md", mine("A mended text."))
	if _, page := d.get("/lessons/first"); !strings.Contains(page, "A mended text.") || strings.Contains(page, "polizy") {
		t.Error("mended, it is not shown, or the mistake still is")
	}
}

// TestALessonThatCanNotBeReadYetHasAPage that says why, and shows the lesson once it can be.
func TestALessonThatCanNotBeReadYetHasAPage(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": "Hello."})
	status, page := d.get("/lessons/first")
	if status != http.StatusNotFound || !strings.Contains(page, "<code>mine/01-first.md:1</code>") || !strings.Contains(page, `data-from="/lessons/first/edition"`) {
		t.Errorf("%d: %s", status, page)
	}
	if status, page := d.get("/lessons/third"); status != http.StatusNotFound || strings.Contains(page, "01-first.md") {
		t.Errorf("a lesson that isn't there at all: %d", status)
	}
	d.save("mine/01-first.md", mine("Now it is one."))
	if status, _ := d.get("/lessons/first"); status != 200 {
		t.Errorf("mended: %d", status)
	}
}

// TestASandboxGoesOnWhenItsLessonChanges, though the step that its learner was on is another now.
func TestASandboxGoesOnWhenItsLessonChanges(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A text.")})
	web := httptest.NewServer(d.server.Handler())
	defer web.Close()
	b := newBox(t, web.URL, `{"lesson":"first"}`)
	if r := b.call(t, "POST", "/steps/look/begin", b.Key, ""); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	d.save("mine/01-first.md", strings.ReplaceAll(mine("Another text."), "{#look}", "{#see}"))
	if r := b.call(t, "GET", "", b.Key, ""); r.status != 200 {
		t.Errorf("its state: %d %s", r.status, r.body)
	}
	if r := b.call(t, "POST", "/browsers/browser/open", b.Key, `{"url":"https://planner.test/"}`); r.status != 200 {
		t.Errorf("its browser: %d %s", r.status, r.body)
	}
	if r := b.call(t, "POST", "/steps/look/play", b.Key, ""); r.status != http.StatusNotFound || !strings.Contains(string(r.body), "has no step") {
		t.Errorf("the step that is gone: %d %s", r.status, r.body)
	}
	if r := b.call(t, "POST", "/steps/see/begin", b.Key, ""); r.status != 200 {
		t.Errorf("the step that is there: %d %s", r.status, r.body)
	}
	if err := os.Remove(filepath.Join(d.dir, "mine", "01-first.md")); err != nil {
		t.Fatal(err)
	}
	if err := d.server.look(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/steps/see/play", "/answers"} {
		if r := b.call(t, "POST", path, b.Key, `{}`); r.status == 0 || r.status >= 500 {
			t.Errorf("%s without its lesson: %d %s", path, r.status, r.body)
		}
	}
}

// TestAFolderThatIsTakenAwayIsSaidAndWhatWasReadIsTaughtOn.
func TestAFolderThatIsTakenAwayIsTaughtOn(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A text.")})
	if err := os.RemoveAll(d.dir); err != nil {
		t.Fatal(err)
	}
	if err := d.server.look(); err == nil {
		t.Error("no error")
	}
	if status, _ := d.get("/lessons/first"); status != 200 {
		t.Errorf("its page is %d", status)
	}
	if _, err := New(Config{BaseURL: "http://play.test", Author: os.DirFS(filepath.Join(d.dir, "nowhere"))}); err == nil {
		t.Error("a server begins with a folder that isn't there")
	}
}

// TestAPageStaysWhileItsLessonIsAway: it hears nothing that would make it load anew and find no lesson, and goes on with what comes back.
func TestAPageStaysWhileItsLessonIsAway(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A text."), "mine/02-second.md": mine("Another.")})
	_, before := d.get("/lessons/first/edition")
	if err := os.Remove(filepath.Join(d.dir, "mine", "01-first.md")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.server.look(); err != nil {
			t.Fatal(err)
		}
	}
	if status, said := d.get("/lessons/first/edition"); status != http.StatusNoContent || said != "" {
		t.Errorf("away: %d %q", status, said)
	}
	d.save("mine/01-first.md", mine("A text, changed."))
	if status, now := d.get("/lessons/first/edition"); status != http.StatusOK || now == before {
		t.Errorf("back: %d %q", status, now)
	}
}

// TestWithoutAnAuthorNothingIsAsked: the pages of a server whose lessons don't change load no script for it.
func TestWithoutAnAuthorNothingIsAsked(t *testing.T) {
	s, err := New(Config{BaseURL: "http://play.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := &desk{t: t, server: s}
	if _, page := d.get("/lessons/code-flow"); strings.Contains(page, `name="edition"`) || strings.Contains(page, "author.js") {
		t.Error("the page asks for its edition")
	}
	if status, _ := d.get("/lessons/code-flow/edition"); status != http.StatusNotFound {
		t.Errorf("the edition is %d", status)
	}
}

// TestEditorsGetSchemas of what an author writes as YAML.
func TestEditorsGetSchemas(t *testing.T) {
	d := newDesk(t, nil)
	for _, name := range []string{"lesson.json", "course.json"} {
		w := httptest.NewRecorder()
		d.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/schema/"+name, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/schema+json" || !bytes.Equal(w.Body.Bytes(), lessons.Schema(name)) {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if status, _ := d.get("/schema/other.json"); status != http.StatusNotFound {
		t.Errorf("a schema that isn't there: %d", status)
	}
}
