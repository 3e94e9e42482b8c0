package lessons

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	if early := look(t, s); early != nil {
		t.Error("a file is gone that one look has missed")
	}
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

// TestAFileMayBeAwayForAMoment, while an editor puts another in its place.
func TestAFileMayBeAwayForAMoment(t *testing.T) {
	folder := fstest.MapFS{}
	save(folder, "mine/01-a.md", titled("A"))
	save(folder, "mine/02-b.md", titled("B"))
	s := NewShelf(nil, folder, vocabulary)
	look(t, s)
	for _, title := range []string{"Second", "Third"} {
		delete(folder, "mine/01-a.md")
		if e := look(t, s); e != nil {
			t.Errorf("it is another edition already: %+v", e.Course)
		}
		save(folder, "mine/01-a.md", titled(title))
		if e := look(t, s); e == nil || e.Course.Lesson("a").Title != title {
			t.Errorf("it is back, and %+v", e)
		}
	}
	// One that has another number now is the same lesson, and never two.
	folder["mine/03-a.md"] = folder["mine/01-a.md"]
	delete(folder, "mine/01-a.md")
	if e := look(t, s); e == nil || len(e.Problems) != 0 || e.Course.Lesson("a").Number != 3 {
		t.Errorf("%+v", e)
	}
}

// TestOneBadFileStopsNoOther: its problem is told, the others are taught, and what is saved is seen.
func TestOneBadFileStopsNoOther(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("mine/01-a.md", titled("A"))
	write("mine/folder/x", "")
	write("mine/05-large.md", titled("L")+strings.Repeat("words\n", maxText/6))
	write("mine/06-latin.md", titled("L")+"caf\xe9\n")
	write("mine/07-utf16.md", "\xff\xfe-\x00-\x00-\x00\n\x00")
	write("mine/08-Über.md", titled("U"))
	write("Our Track/01-x.md", titled("X"))
	for name, to := range map[string]string{"mine/02-loop.md": "02-loop.md", "mine/03-nothing.md": "nothing", "mine/04-folder.md": "folder", "course.yaml": "course.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	s := NewShelf(nil, os.DirFS(dir), vocabulary)
	e := look(t, s)
	want := []string{
		`Our Track/01-x.md:1: the folder "Our Track" can't be a track: name it with small letters, digits and hyphens; what people read is said in course.yaml, under tracks`,
		`mine/02-loop.md:1: this can't be read: too many levels of symbolic links`,
		`mine/03-nothing.md:1: this leads to nothing: take the link away, or put back what it leads to`,
		`mine/04-folder.md:1: this is no plain file: put one in its place, or give it another name`,
		`mine/05-large.md:1: this is larger than 1 MB: keep the text, and leave out what is none`,
		`mine/06-latin.md:8: this line is not UTF-8: save the file in that encoding`,
		`mine/07-utf16.md:1: this line is not UTF-8: save the file in that encoding`,
		`mine/08-Über.md:1: this file has another name than a lesson: name it by its number and its slug, as in 03-code-flow.md, with small letters, digits and hyphens; what is no lesson lies beside the folders`,
		`course.yaml:1: this can't be read: too many levels of symbolic links`,
	}
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Error())
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := look(t, s); again != nil {
		t.Error("nothing has changed, and it is another edition")
	}
	write("mine/01-a.md", titled("Another"))
	if e = look(t, s); e == nil || e.Course.Lesson("a").Title != "Another" {
		t.Errorf("what was saved is not seen: %+v", e)
	}
}

// guarded is a folder of which one track may not be read.
type guarded struct {
	fstest.MapFS
	name *string
}

func (f guarded) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == *f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.ReadDir(name)
}

// TestATrackThatIsShut is told, and what was read in it before is taught on.
func TestATrackThatIsShut(t *testing.T) {
	var name string
	folder := guarded{fstest.MapFS{}, &name}
	save(folder.MapFS, "mine/01-a.md", titled("A"))
	save(folder.MapFS, "other/01-b.md", titled("B"))
	s := NewShelf(nil, folder, vocabulary)
	look(t, s)
	name = "mine"
	e := look(t, s)
	if e == nil || len(e.Problems) != 1 || e.Problems[0].Error() != "mine:1: the playground may not read this: let whoever runs it do so, as with chmod a+rX" {
		t.Fatalf("%+v", e)
	}
	for range 3 {
		if e := look(t, s); e != nil {
			t.Error("nothing has changed, and it is another edition")
		}
	}
	if e.Course.Lesson("a") == nil || e.Course.Lesson("b") == nil {
		t.Errorf("%+v", e.Course)
	}
	name = ""
	if e = look(t, s); e == nil || len(e.Problems) != 0 || e.Course.Lesson("a") == nil {
		t.Errorf("open again: %+v", e)
	}
}

// TestNobodyWaitsForAPipe that has a lesson's name.
func TestNobodyWaitsForAPipe(t *testing.T) {
	folder := fstest.MapFS{"mine/01-a.md": {Data: []byte(titled("A")), Mode: fs.ModeNamedPipe}}
	if e := look(t, NewShelf(nil, folder, vocabulary)); e.Course.Lesson("a") != nil || len(e.Problems) != 1 || !strings.Contains(e.Problems[0].Text, "no plain file") {
		t.Errorf("%+v", e)
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
	if names, _, err := Files(os.DirFS(dir)); err != nil || len(names) != 1 || names[0] != "mine/01-a.md" {
		t.Errorf("%v %v", names, err)
	}
}
