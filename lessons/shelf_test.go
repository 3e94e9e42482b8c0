package lessons

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// save writes a file as an editor does: what it was is gone, and its time is another.
func save(fsys fstest.MapFS, name, text string) {
	saves++
	fsys[name] = &fstest.MapFile{Data: []byte(text), ModTime: time.Unix(saves, 0)}
}

var saves int64

const step = "## S {#s}\n"

// titled is a lesson with a title.
func titled(title string) string {
	return strings.Replace(front, "title: T", "title: "+title, 1) + step
}

func look(t *testing.T, s *Shelf) *Edition {
	t.Helper()
	e, err := s.Look()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestALessonOfAFolderStandsInForAnother of the same slug; others are added, and what is taken away comes back as it was.
func TestALessonOfAFolderStandsInForAnother(t *testing.T) {
	base, _, err := Read(fstest.MapFS{"core/01-a.md": {Data: []byte(titled("A"))}, "core/02-b.md": {Data: []byte(titled("B"))}}, vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	save(folder, "mine/07-b.md", titled("My B"))
	save(folder, "mine/08-c.md", titled("C"))
	s := NewShelf(base, folder, vocabulary)
	e := look(t, s)
	for slug, want := range map[string]string{"a": "A", "b": "My B", "c": "C"} {
		if l := e.Course.Lesson(slug); l == nil || l.Title != want {
			t.Errorf("%s is %+v", slug, l)
		}
	}
	if len(e.Course.Tracks) != 2 || len(e.Course.Tracks[0].Lessons) != 1 {
		t.Errorf("tracks %+v", e.Course.Tracks)
	}
	if again := look(t, s); again != nil {
		t.Error("nothing has changed, and it is another edition")
	}
	delete(folder, "mine/07-b.md")
	if e = look(t, s); e == nil || e.Course.Lesson("b").Title != "B" {
		t.Errorf("without its stand-in b is %+v", e)
	}
}

// TestALessonWithAMistakeIsTaughtAsItLastWas, and what is wrong is told with its line, until it is mended.
func TestALessonWithAMistakeIsTaughtAsItLastWas(t *testing.T) {
	folder := fstest.MapFS{}
	save(folder, "mine/01-a.md", titled("First"))
	save(folder, "mine/02-b.md", titled("B"))
	s := NewShelf(nil, folder, vocabulary)
	first := look(t, s)
	b := first.Course.Lesson("b")

	save(folder, "mine/01-a.md", titled("Second")+"\n```polizy\n```\n")
	broken := look(t, s)
	if got := broken.Course.Lesson("a"); got == nil || got.Title != "First" {
		t.Errorf("it is taught as %+v", got)
	}
	if p := broken.Of("a"); len(p) != 1 || p[0].File != "mine/01-a.md" || p[0].Line != 9 || len(broken.Of("b")) != 0 {
		t.Errorf("problems %v", broken.Problems)
	}
	if broken.Course.Lesson("b") != b {
		t.Error("a lesson that is the same was read again")
	}

	save(folder, "mine/01-a.md", titled("Third"))
	mended := look(t, s)
	if got := mended.Course.Lesson("a"); got == nil || got.Title != "Third" || len(mended.Problems) != 0 {
		t.Errorf("mended it is %+v, %v", got, mended.Problems)
	}
	if m := []string{first.Mark("a"), broken.Mark("a"), mended.Mark("a")}; m[0] == m[1] || m[1] == m[2] || m[0] == m[2] {
		t.Errorf("marks %v", m)
	}
	if first.Mark("b") != mended.Mark("b") {
		t.Error("the mark of what is the same is another")
	}
}

// TestALessonThatNeverWasOne is told, and the others are taught.
func TestALessonThatNeverWasOne(t *testing.T) {
	folder := fstest.MapFS{}
	save(folder, "mine/01-a.md", "Hello.")
	save(folder, "mine/02-b.md", strings.Replace(titled("B"), "minutes: 5", "minutes: 5\nneeds: [a, z]", 1))
	e := look(t, NewShelf(nil, folder, vocabulary))
	if e.Course.Lesson("a") != nil || e.Course.Lesson("b") == nil || len(e.Of("a")) != 1 {
		t.Errorf("%+v %v", e.Course, e.Problems)
	}
	if p := e.Of("b"); len(p) != 1 || p[0].Rule != RuleNeeds || !strings.Contains(p[0].Text, `"z"`) {
		t.Errorf("what b needs: %v", p)
	}
}

func TestARecordedRunIsPartOfWhatIsSeen(t *testing.T) {
	folder := fstest.MapFS{}
	save(folder, "mine/01-a.md", titled("A"))
	s := NewShelf(nil, folder, vocabulary)
	before := look(t, s)
	save(folder, "mine/01-a.golden.ndjson", "{}\n")
	if after := look(t, s); after == nil || after.Mark("a") == before.Mark("a") {
		t.Error("a run was recorded, and the mark is the same")
	}
}

// failing is a folder that can't be read any more.
type failing struct{ fstest.MapFS }

func (failing) ReadDir(string) ([]fs.DirEntry, error) { return nil, errors.New("the disk is gone") }

func TestAFolderThatCanNotBeReadIsAnError(t *testing.T) {
	if _, err := NewShelf(nil, failing{}, vocabulary).Look(); err == nil {
		t.Error("no error")
	}
}

// TestAFolderMayBeALink, as where a container's configuration is mounted.
func TestAFolderMayBeALink(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "..data", "mine"), 0o755),
		os.WriteFile(filepath.Join(dir, "..data", "mine", "01-a.md"), []byte(titled("A")), 0o600),
		os.Symlink(filepath.Join("..data", "mine"), filepath.Join(dir, "mine")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if names, err := Files(os.DirFS(dir)); err != nil || len(names) != 1 || names[0] != "mine/01-a.md" {
		t.Errorf("%v %v", names, err)
	}
}
