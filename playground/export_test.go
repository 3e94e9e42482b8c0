package playground

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// siteOnce is the site of the lessons that come with the binary.
var siteOnce = sync.OnceValues(func() (*Site, error) { return NewSite(Config{}, nil) })

func exported(t *testing.T) *Site {
	t.Helper()
	site, err := siteOnce()
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// TestTheSameLessonsGiveTheSameSite: who keeps a site in version control sees what has changed, and nothing else.
func TestTheSameLessonsGiveTheSameSite(t *testing.T) {
	again, err := NewSite(Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	site := exported(t)
	if !slices.Equal(site.Names(), again.Names()) {
		t.Fatal("the files are others")
	}
	for _, name := range site.Names() {
		if !bytes.Equal(site.File(name), again.File(name)) {
			t.Errorf("%s is another", name)
		}
	}
}

func TestASiteHasAllThatNeedsNoServerAndNothingElse(t *testing.T) {
	site := exported(t)
	for _, name := range []string{"index.html", "glossary.html", "runs.html", "lessons/code-flow.html", "lessons/pkce/attack.html", "runs/code-flow.json", "embed/v1/run/code-flow.html", "embed/v1/diagram/code-flow.html", "embed/v1/token/code-flow/id_token-1.html", "assets/fonts/OFL-Atkinson-Hyperlegible-Next.txt"} {
		if site.File(name) == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range site.Names() {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		page := string(site.File(name))
		for _, needs := range []string{`href="/`, `src="/`, `type="module"`, "nonce=\"", "copy.invalid", `method="post"`, "data-server", "data-copy", "/api/"} {
			if strings.Contains(page, needs) {
				t.Errorf("%s has %s", name, needs)
			}
		}
		if strings.HasPrefix(name, "embed/") {
			continue
		}
		if !strings.Contains(page, "a copy without a server") {
			t.Errorf("%s doesn’t say what it is", name)
		}
	}
	if home := string(site.File("index.html")); strings.Contains(home, "Workbench") || strings.Contains(home, "this machine") {
		t.Error("the catalogue of a copy promises what needs a server")
	}
	if run, err := readSavedRun(bytes.NewReader(site.File("runs/code-flow.json"))); err != nil || run.Lesson != "code-flow" {
		t.Errorf("its run can’t be read: %v", err)
	}
}

// TestAnswerKeysGradeAsTheServerDoes: what a page is told of each choice, and of right and wrong, is what grading says.
func TestAnswerKeysGradeAsTheServerDoes(t *testing.T) {
	course, err := lessons.Load(lessons.Embedded(), world.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[lessons.Kind]int{}
	for _, l := range everyLesson(course) {
		for _, q := range l.Quizzes() {
			if q.SelfCheck {
				continue
			}
			key, err := keyOf(l, q)
			if err != nil {
				t.Errorf("%s, %s: %v", l.Slug, q.ID, err)
				continue
			}
			kinds[q.Kind]++
			if q.Kind == lessons.OneOf {
				for i, c := range q.Choices {
					if g := key.Choices[i]; g.Correct != c.Correct || g.Feedback != string(c.Feedback) {
						t.Errorf("%s, %s: choice %d is told as %+v", l.Slug, q.ID, i+1, g)
					}
				}
				continue
			}
			if !key.Right.Correct || key.Wrong.Correct || key.Wrong.Misconception == "" {
				t.Errorf("%s, %s: right %+v, wrong %+v", l.Slug, q.ID, key.Right, key.Wrong)
			}
		}
	}
	for _, kind := range []lessons.Kind{lessons.OneOf, lessons.Order, lessons.Match, lessons.Matrix} {
		if kinds[kind] == 0 {
			t.Errorf("no question of the kind %s was looked at", kind)
		}
	}
}

// TestNoAnswerIsMetInASource: neither what is said to a choice nor which one is right stands in a page as text.
func TestNoAnswerIsMetInASource(t *testing.T) {
	site := exported(t)
	course, err := lessons.Load(lessons.Embedded(), world.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range everyLesson(course) {
		page := string(site.File("lessons/" + l.Slug + ".html"))
		for _, q := range l.Quizzes() {
			for i, c := range q.Choices {
				if said := lessons.PlainText(c.Feedback); len(said) > 40 && strings.Contains(page, said[:40]) {
					t.Errorf("%s, %s: what is said to choice %d stands in the page", l.Slug, q.ID, i+1)
				}
			}
		}
		if strings.Contains(page, `"correct":`) {
			t.Errorf("%s tells which answers are right", l.Slug)
		}
	}
}

func TestASiteIsWrittenOnlyWhereItMayBe(t *testing.T) {
	site := exported(t)
	dir := filepath.Join(t.TempDir(), "docs", "oauth")
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	save := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	save("mine.txt", "mine")
	if err := site.Write(dir); err == nil || !strings.Contains(err.Error(), "is not empty, and no earlier export") {
		t.Fatalf("into a folder with something else: %v", err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Fatalf("and it wrote all the same: %v", list)
	}
	os.Remove(filepath.Join(dir, "mine.txt"))

	if err := site.Write(dir); err != nil {
		t.Fatal(err)
	}
	// An earlier export, to which its owner has added something, with a page that isn't made any more.
	save("CNAME", "docs.example")
	save("lessons/old.html", "old")
	save("gone/deep/old.html", "old")
	outside := filepath.Join(t.TempDir(), "outside.txt")
	if err := os.WriteFile(outside, []byte("not ours"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	var m mark
	raw, err := os.ReadFile(filepath.Join(dir, siteMark))
	if err != nil || json.Unmarshal(raw, &m) != nil {
		t.Fatal(err)
	}
	m.Files = append(m.Files, "lessons/old.html", "gone/deep/old.html")
	raw, _ = json.Marshal(m)
	save(siteMark, string(raw))
	save("index.html", "half a pa")
	if err := site.Write(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "index.html")); err != nil || !bytes.Equal(got, site.File("index.html")) {
		t.Error("the page is not written anew")
	}
	if !has("CNAME") || has("lessons/old.html") || has("gone") || !has("lessons/code-flow.html") {
		t.Errorf("CNAME %t, an old page %t, its folder %t", has("CNAME"), has("lessons/old.html"), has("gone"))
	}

	// What a kill leaves, at the very first file and at one that isn't made any more.
	first := filepath.Join(t.TempDir(), "first")
	if err := os.MkdirAll(first, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, siteMark+unfinished), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := site.Write(first); err != nil {
		t.Errorf("cut off at its first file: %v", err)
	}
	save("lessons/cut.html"+unfinished, "half a pa")
	m.Files = append(site.Names(), "lessons/cut.html")
	raw, _ = json.Marshal(m)
	save(siteMark, string(raw))
	if err := site.Write(dir); err != nil || has("lessons/cut.html"+unfinished) {
		t.Errorf("half a page is left, %v", err)
	}

	// A mark that names what lies elsewhere is no way out of the folder.
	for _, name := range []string{"../outside.txt", "out/outside.txt", outside} {
		m.Files = append(site.Names(), name)
		raw, _ = json.Marshal(m)
		save(siteMark, string(raw))
		if err := site.Write(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: it says %v, and not in which folder", name, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error("what lies outside was taken away")
	}
}

func TestRunsOfOnesOwnAreInASite(t *testing.T) {
	good, cases := savedCases(t)
	site, err := NewSite(Config{}, map[string][]byte{"mine.json": good})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(site.File("runs/mine.json"), good) || !strings.Contains(string(site.File("runs.html")), `href="runs.html?from=runs%2fmine.json"`) {
		t.Error("the run is not there, or nothing leads to it")
	}
	bad := changed(t, good, cases[slices.IndexFunc(cases, func(c savedCase) bool { return c.Code == "order" })])
	if _, err := NewSite(Config{}, map[string][]byte{"mine.json": bad}); err == nil || !strings.Contains(err.Error(), "mine.json: events[1].seq") {
		t.Errorf("a file with a gap: %v", err)
	}
	if _, err := NewSite(Config{}, map[string][]byte{"pkce.json": good}); err == nil || !strings.Contains(err.Error(), "call yours by another") {
		t.Errorf("a lesson’s own name: %v", err)
	}
}

func TestAnAuthorsLessonsAreInTheirSite(t *testing.T) {
	folder := fstest.MapFS{"mine/01-first.md": {Data: []byte(lessons.Template)}, "course.yaml": {Data: []byte("title: OAuth at Acme\n")}}
	site, err := NewSite(Config{Author: folder}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if site.File("lessons/first.html") == nil || !strings.Contains(string(site.File("index.html")), "OAuth at Acme") {
		t.Error("the lesson or the name of the course is missing")
	}
	folder["mine/02-second.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Half\n")}
	if _, err := NewSite(Config{Author: folder}, nil); err == nil || !strings.Contains(err.Error(), "mine/02-second.md:") {
		t.Errorf("a lesson with a mistake: %v", err)
	}
}
