package lessons

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// threeLessons are of two tracks.
func threeLessons(course string) fstest.MapFS {
	folder := fstest.MapFS{}
	save(folder, "core/01-a.md", titled("A"))
	save(folder, "core/02-b.md", titled("B"))
	save(folder, "mine/01-c.md", titled("C"))
	if course != "" {
		save(folder, CourseFile, course)
	}
	return folder
}

// contents are the lessons of a course as a catalogue has them.
func contents(c *Course) (list []string) {
	for _, t := range c.Tracks {
		list = append(list, t.Title+":")
		for _, l := range t.Lessons {
			list = append(list, string(rune('0'+l.Number))+" "+l.Title)
		}
	}
	return list
}

func TestACourseFilePutsTheCourseTogether(t *testing.T) {
	for _, tt := range []struct{ name, course, want string }{
		{"none", "", "Core:, 1 A, 2 B, Mine:, 1 C"},
		{"an empty one", "# nothing yet\n", "Core:, 1 A, 2 B, Mine:, 1 C"},
		{"order within a track", "order: [b]", "Core:, 1 B, 2 A, Mine:, 3 C"},
		{"order of tracks", "order: [c, b, a]", "Mine:, 1 C, Core:, 2 B, 3 A"},
		{"one hidden", "hide: [a]", "Core:, 1 B, Mine:, 2 C"},
		{"a track hidden", "hide: [c]", "Core:, 1 A, 2 B"},
		{"other titles", "rename:\n  a: First of all\ntracks:\n  mine: Our own", "Core:, 1 First of all, 2 B, Our own:, 1 C"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := look(t, NewShelf(nil, threeLessons(tt.course), vocabulary))
			if got := strings.Join(contents(e.Course), ", "); got != tt.want || len(e.Problems) > 0 {
				t.Errorf("%s\nwant %s\n%v", got, tt.want, e.Problems)
			}
			for _, slug := range []string{"a", "b", "c"} {
				if e.Course.Lesson(slug) == nil {
					t.Errorf("%s is not at its address", slug)
				}
			}
		})
	}
}

func TestACourseHasALookOfItsOwn(t *testing.T) {
	folder := threeLessons("title: OAuth at Acme\naccent: \"#0b6E4f\"\nlogo: logo.svg\nnames:\n  planner: Acme Planner\n  maya: Zoë\n")
	save(folder, "logo.svg", "<svg/>")
	s := NewShelf(nil, folder, vocabulary)
	e := look(t, s)
	c := e.Course.Cover
	if c.Title != "OAuth at Acme" || c.Accent != "#0b6E4f" || string(c.Logo) != "<svg/>" || c.LogoType != "image/svg+xml" {
		t.Errorf("%+v, %v", c, e.Problems)
	}
	if got := c.Names.In("Maya’s Content Planner asks Chirper; Planner waits, and a Planners’ club does not."); got != "Zoë’s Acme Planner asks Chirper; Acme Planner waits, and a Planners’ club does not." {
		t.Error(got)
	}
	save(folder, "logo.svg", "<svg></svg>")
	other := look(t, s)
	if other == nil || string(other.Course.Cover.Logo) != "<svg></svg>" || other.Mark("a") == e.Mark("a") {
		t.Error("another picture is not shown")
	}
}

// TestACourseFileWithAMistake is told, and the last one that had none counts.
func TestACourseFileWithAMistake(t *testing.T) {
	folder := threeLessons("title: Ours\nhide: [a]")
	s := NewShelf(nil, folder, vocabulary)
	look(t, s)
	save(folder, CourseFile, "title: Theirs\nhide: [z]")
	e := look(t, s)
	if len(e.Problems) != 1 || e.Problems[0].Line != 2 || e.Problems[0].Column != 8 || e.Course.Cover.Title != "Ours" || len(e.Course.Tracks[0].Lessons) != 1 {
		t.Errorf("%v, %+v", e.Problems, e.Course)
	}
	save(folder, CourseFile, "title: Theirs")
	if e = look(t, s); len(e.Problems) != 0 || e.Course.Cover.Title != "Theirs" || len(e.Course.Tracks[0].Lessons) != 2 {
		t.Errorf("mended: %v, %+v", e.Problems, e.Course)
	}
	delete(folder, CourseFile)
	if e = look(t, s); e == nil || e.Course.Cover.Title != "" {
		t.Error("taken away, it still counts")
	}
}

func TestEveryMistakeOfACourseFileIsNamedWithItsLine(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		line      int
		says      string
	}{
		{"a colon too many", "title: a: b", 1, "put a value with a colon in quotes"},
		{"a tab", "names:\n\tmaya: Zoë", 2, "begins with a tab"},
		{"columns that differ", "names:\n   maya: Zoë\n  planner: P", 2, "do not belong together"},
		{"a bracket that is open", "title: T\norder: [a, b", 2, "a bracket is not closed"},
		{"another encoding", "title: T\nnames: {maya: Zo\xeb}", 2, "not UTF-8"},
		{"no pairs", "- a", 1, "no pairs"},
		{"unknown key", "title: T\ncolour: red", 2, `no key "colour"`},
		{"a key twice", "title: T\ntitle: U", 2, "in line 1 already"},
		{"an empty title", "title:", 1, "no line of text"},
		{"a title of two lines", "title: |\n  a\n  b", 1, "no line of text"},
		{"a colour by name", "accent: green", 1, "no colour"},
		{"a colour that YAML takes for a comment", "accent: #0b6e4f", 1, "no colour"},
		{"a logo that isn't there", "logo: other.png", 1, "no file other.png"},
		{"a logo of elsewhere", "logo: ../logo.svg", 1, "no picture of this folder"},
		{"a logo of another kind", "logo: logo.gif", 1, "no picture of this folder"},
		{"a logo that is too large", "logo: big.png", 1, "more than 64 kB"},
		{"a logo that is no picture", "logo: none.png", 1, "none.png is no PNG"},
		{"a logo in a folder", "logo: mine/logo.svg", 1, "no picture of this folder"},
		{"an order that is no list", "order: a", 1, "no list"},
		{"a lesson that isn't there", "order:\n  - a\n  - z", 3, `no lesson "z": there is a, b, c`},
		{"a lesson twice", "order: [a, b, a]", 1, "twice"},
		{"nothing left", "hide: [a, b, c]", 1, "every lesson is hidden"},
		{"another name of what isn't there", "rename:\n  z: Z", 2, `no lesson "z"`},
		{"another name that is none", "rename:\n  a: [b]", 2, "no line of text"},
		{"a name twice", "rename:\n  a: A\n  a: B", 3, "already"},
		{"a track that isn't there", "tracks:\n  yours: Y", 2, `no track "yours": there is core, mine`},
		{"nobody of the story", "names:\n  bob: B", 2, `called "bob"`},
		{"a name that is markup", "names:\n  maya: <b>", 2, "can't be a name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := threeLessons(tt.src)
			save(folder, "logo.svg", "<svg/>")
			save(folder, "none.png", "a text")
			save(folder, "big.png", strings.Repeat("x", 65<<10))
			e := look(t, NewShelf(nil, folder, vocabulary))
			if !slices.ContainsFunc(e.Problems, func(p Problem) bool {
				return p.File == CourseFile && p.Line == tt.line && p.Rule == RuleCourse && strings.Contains(p.Say(), tt.says)
			}) {
				t.Errorf("want line %d: …%s…, got %v", tt.line, tt.says, e.Problems)
			}
		})
	}
}

// TestACourseFileOfAnotherName is read by nobody, and that is said.
func TestACourseFileOfAnotherName(t *testing.T) {
	folder := threeLessons("")
	delete(folder, CourseFile)
	s := NewShelf(nil, folder, vocabulary)
	look(t, s)
	save(folder, "course.yml", "title: T")
	e := look(t, s)
	if e == nil || len(e.Problems) != 1 || e.Problems[0].Error() != "course.yml:1: nobody reads this: name it course.yaml" {
		t.Errorf("%+v", e)
	}
}

// TestALogoMayComeLater than the course file that names it.
func TestALogoMayComeLater(t *testing.T) {
	folder := threeLessons("title: T\nlogo: late.svg")
	s := NewShelf(nil, folder, vocabulary)
	if e := look(t, s); len(e.Problems) != 1 {
		t.Fatal(e.Problems)
	}
	save(folder, "late.svg", "<svg/>")
	if e := look(t, s); e == nil || len(e.Problems) != 0 || string(e.Course.Cover.Logo) != "<svg/>" {
		t.Errorf("%+v", e)
	}
}

// saving is a folder whose author saves the course file again when it has just been read.
type saving struct {
	fstest.MapFS
	again *string
}

func (f saving) ReadFile(name string) ([]byte, error) {
	b, err := f.MapFS.ReadFile(name)
	if name == CourseFile && *f.again != "" {
		save(f.MapFS, name, *f.again)
		*f.again = ""
	}
	return b, err
}

func TestWhatIsSavedWhileItIsReadIsSeenAtTheNextLook(t *testing.T) {
	again := "title: Second"
	s := NewShelf(nil, saving{threeLessons("title: First"), &again}, vocabulary)
	if e := look(t, s); e.Course.Cover.Title != "First" {
		t.Fatal(e.Course.Cover.Title)
	}
	if e := look(t, s); e == nil || e.Course.Cover.Title != "Second" {
		t.Errorf("%+v", e)
	}
}

// FuzzCover: no course file makes the server fall over.
func FuzzCover(f *testing.F) {
	f.Add("title: T\norder: [a]\nhide: [b]\nrename: {c: C}\nnames: {maya: M}\naccent: \"#000000\"")
	f.Add("? [a]\n: &x [*x]")
	f.Add("order: [[a]]\nhide: {a: b}\ntitle: !!binary x")
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := NewShelf(nil, threeLessons(src), vocabulary).Look(); err != nil {
			t.Error(err)
		}
	})
}
