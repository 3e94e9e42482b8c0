package lessons

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// vocabulary is a small world to write lessons about.
var vocabulary = Vocabulary{
	Checks: map[string][]string{"as.pkce-verifier": {"enforce", "observe", "off"}, "as.client-known": {"enforce"}},
	Settings: func(id, value string) error {
		if id != "planner.pkce" {
			return fmt.Errorf("there is no setting %q", id)
		}
		return nil
	},
	Actors: []string{"browser", "client", "as", "attacker"}, Browsers: []string{"browser", "attacker-browser"}, Attacks: []string{"url-reader"}, Values: []string{"code", "access_token"},
	Spec: func(ref string) (string, error) {
		if !strings.HasPrefix(ref, "RFC ") {
			return "", fmt.Errorf("%q is not a reference", ref)
		}
		return "https://rfc.test/" + ref, nil
	},
}

const front = "---\ntitle: T\nquestion: Q?\nminutes: 5\nspec: [\"RFC 6749 §4.1\"]\n---\n"

// good is a lesson with one of everything.
const good = front + `
Hello, ` + "`code#1`" + `.

## First {#first .do .front}

` + "```policy\nas.pkce-verifier: observe\n```\n\n```settings\nplanner.pkce: none\n```\n\n```clock +10m\n```\n\n```browser step as=attacker-browser\nopen https://planner.test/\nfill name a value with spaces\nsubmit go\nfollow without state\n```\n\n```http from=attacker edit\nPOST {{as}}/token\nContent-Type: text/plain\n\ncode={{code#1}}\n```\n\n```attack url-reader\ngoal: attacker -> as POST /token 200\n```\n\n```expect\nattacker -> as POST /token 2*\nno verdict as.pkce-verifier pass enforce\nvalue code#1 in query of browser\nseen code#1 by attacker\ntoken access_token#1 verified\nerror invalid_grant\n```\n\n```hint\nTry.\n```" + `

> [!NOTE] A note with [a pointer](#POST /token).

> [!Warning]
> From documentation, as it stands.

> [!QUIZ own-id] Which?
> - [ ] One {M05}
>   Because.
> - [x] Two
>   Yes.
> - [ ] Three {M01}
>   No.

> [!PREDICT] And now?
> - [x] One
>   Yes.
> - [ ] Two {M01}
>   No.
> - [ ] Three {M02}
>   No.

> [!QUIZ] In your own words?
> ---
> Like this.
`

func TestALessonWithOneOfEverythingParses(t *testing.T) {
	l, err := Parse("core/01-x.md", []byte(good), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	s := l.Steps[0]
	if s.ID != "first" || !s.Do || s.Phase != "front" {
		t.Errorf("the step is %+v", s)
	}
	var kinds []string
	for _, b := range s.Blocks {
		kinds = append(kinds, strings.TrimPrefix(fmt.Sprintf("%T", b), "*lessons."))
	}
	if want := []string{"Policy", "Settings", "Clock", "Browser", "HTTP", "Attack", "Expect", "Hint", "Note", "Note", "Quiz", "Quiz", "Quiz"}; !slices.Equal(kinds, want) {
		t.Errorf("blocks %v, want %v", kinds, want)
	}
	if b := s.Blocks[3].(*Browser); b.As != "attacker-browser" || !b.Step || b.Acts[1].Value != "a value with spaces" || b.Acts[3].Without != "state" {
		t.Errorf("the browser block is %+v", b)
	}
	if n := s.Blocks[8].(*Note); !strings.Contains(string(n.HTML), `data-ref="POST /token"`) {
		t.Errorf("a pointer became %s", n.HTML)
	}
	if n := s.Blocks[9].(*Note); n.Word != "warning" || !strings.Contains(string(n.HTML), "as it stands") {
		t.Errorf("a warning became %+v", n)
	}
	q := l.Quiz("own-id")
	if r, err := q.Grade(Answer{1}); err != nil || r.Correct || r.Misconception != "M05" || !strings.Contains(string(r.Feedback), "Because.") {
		t.Errorf("grading a wrong choice: %+v %v", r, err)
	}
	if r, err := q.Grade(Answer{2}); err != nil || !r.Correct {
		t.Errorf("grading the right choice: %+v %v", r, err)
	}
	if l.Quiz("first-1") == nil || len(l.Quizzes()) != 3 || l.Quiz("first-2") != nil {
		t.Error("a prediction is a question with an id of its step; a self-check can't be answered")
	}
	if p := l.Intro[0].(*Prose); !strings.Contains(string(p.HTML), `<span class="val" data-tag="code#1">`) {
		t.Errorf("a value's tag became %s", p.HTML)
	}
}

// A field may be called as a part of the word before it is.
func TestAFieldIsFilledWithWhatStandsBehindItsName(t *testing.T) {
	l, err := Parse("core/01-x.md", []byte(front+"## S\n\n```browser\n  fill l  all in all\n```\n\n```expect\nbrowser -> as GET / 200\n```\n"), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	if act := l.Steps[0].Blocks[0].(*Browser).Acts[0]; act.Target != "l" || act.Value != "all in all" {
		t.Errorf("it fills %q with %q", act.Target, act.Value)
	}
}

// TestEveryMistakeIsNamedWithItsLine: an author reads where it is, what it is, and how to mend it.
func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	step := front + "\n## S\n\n" // the body begins at line 10
	expect := "\n\n```expect\nbrowser -> as GET / 200\n```\n"
	quiz := func(lines string) string { return step + "> [!QUIZ q] Which?\n" + lines }
	for _, tt := range []struct {
		name, src string
		line      int
		says      string
	}{
		{"no front matter", "# Hello", 1, "begins with its front matter"},
		{"front matter without end", "---\ntitle: x", 1, "close it with a line ---"},
		{"unknown key", strings.Replace(front, "minutes", "minuets", 1) + "## S", 4, "minuets"},
		{"version nought", strings.Replace(front, "minutes: 5", "minutes: 5\nversion: 0", 1) + "## S", 5, "count versions from 1"},
		{"version that is no number", strings.Replace(front, "minutes: 5", "minutes: 5\nversion: new", 1) + "## S", 5, "no whole number"},
		{"no title", strings.Replace(front, "title: T\n", "", 1) + "## S", 1, "no title"},
		{"bad reference", strings.Replace(front, "RFC 6749", "rfc", 1) + "## S", 5, "is not a reference"},
		{"no step", front + "text", 7, "no step"},
		{"unknown mark of a step", front + "## S {.done}", 7, `".done"`},
		{"id of a part of the page", front + "## Play", 7, "give this step another, as in {#play-step}"},
		{"same id twice", front + "## S\n## S", 8, "taken by line 7"},
		{"unknown block", step + "```polizy\n```", 10, `no block "polizy"`},
		{"block without end", step + "```policy\nas.pkce-verifier: off", 10, "close it with"},
		{"sample without end", step + "```text\nhello\n\n## Lost", 10, "close it with"},
		{"fill without a value", step + "```browser\nfill name\n```" + expect, 11, "fill ID VALUE"},
		{"unknown check", step + "```policy\nas.verifier: off\n```", 11, "did you mean as.pkce-verifier"},
		{"mode that can't be", step + "```policy\nas.client-known: off\n```", 11, "it can be enforce"},
		{"unknown setting", step + "```settings\nx: y\n```", 11, "no setting"},
		{"clock that stands still", step + "```clock\n```", 10, "```clock +10m"},
		{"unknown act", step + "```browser\njump\n```" + expect, 11, `can't "jump"`},
		{"unknown browser", step + "```browser as=tv\nback\n```" + expect, 10, `"as=tv"`},
		{"request from nobody", step + "```http\nGET {{as}}/\n```" + expect, 10, "nobody sends"},
		{"unknown value", step + "```http from=attacker\nGET {{nobody}}/\n```" + expect, 11, "{{nobody}}"},
		{"unknown attack", step + "```attack flood\ngoal: error x\n```" + expect, 10, "one of url-reader"},
		{"two attacks in a step", step + "```attack url-reader\ngoal: error x\n```\n```attack url-reader\ngoal: error x\n```" + expect, 13, "an attack already"},
		{"attack without goal", step + "```attack url-reader\n```" + expect, 10, "no goal"},
		{"unknown expectation", step + "```browser\nback\n```\n```expect\nbrowser as GET\n```", 14, "is not an expectation"},
		{"unknown actor", step + "```browser\nback\n```\n```expect\nbrowser -> moon GET / 200\n```", 14, `no actor "moon"`},
		{"only negative", step + "```browser\nback\n```\n```expect\nno error x\n```", 13, "a line without it"},
		{"doing without expecting", front + "## S {.do}\n", 7, "no expect block"},
		{"expecting without solution", step + "```expect\nerror x\n```", 8, "no solution"},
		{"unknown callout", step + "> [!HELLO] x", 10, "no callout"},
		{"two choices", quiz("> - [x] A\n>   f\n> - [ ] B {M01}\n>   f\n"), 10, "3 or 4 choices"},
		{"two right", quiz("> - [x] A\n>   f\n> - [x] B\n>   f\n> - [ ] C {M01}\n>   f\n"), 10, "one of them is right"},
		{"no feedback", quiz("> - [x] A\n> - [ ] B {M01}\n>   f\n> - [ ] C {M01}\n>   f\n"), 11, "no feedback"},
		{"no misconception", quiz("> - [x] A\n>   f\n> - [ ] B\n>   f\n> - [ ] C {M01}\n>   f\n"), 13, "no misconception"},
		{"unknown misconception", quiz("> - [x] A\n>   f\n> - [ ] B {M99}\n>   f\n> - [ ] C {M01}\n>   f\n"), 13, "M99"},
		{"set twice", step + "```settings\nplanner.pkce: none\nplanner.pkce: S256\n```", 12, "set twice"},
		{"open placeholder", step + "```http from=attacker\nGET https://a.test/{{code#1\n```" + expect, 11, "has no }}"},
		{"method in small letters", step + "```browser\nback\n```\n```expect\nbrowser -> as get / 200\n```", 14, "is not an expectation"},
		{"path that is none", step + "```browser\nback\n```\n```expect\nbrowser -> as GET posts 200\n```", 14, "is not an expectation"},
		{"status that is none", step + "```browser\nback\n```\n```expect\nbrowser -> as GET / OK\n```", 14, "is not an expectation"},
		{"verdict that never comes", step + "```browser\nback\n```\n```expect\nverdict as.client-known fail observe\n```", 14, "never comes out"},
		{"off and yet judged", step + "```browser\nback\n```\n```expect\nverdict as.pkce-verifier off enforce\n```", 14, "never comes out"},
		{"kind of value that isn't there", step + "```browser\nback\n```\n```expect\nbrowser -> as GET / 200\nno seen acess_token#1 by browser\n```", 15, "the kinds are code, access_token"},
		{"doing without a hint", front + "## S {.do}\n\n```browser\nback\n```" + expect, 7, "has no hint"},
		{"promised attack", strings.Replace(front, "minutes: 5", "minutes: 5\nattack: A", 1) + "## S", 5, "promises an attack"},
		{"half a follow", step + "```browser\nfollow without\n```" + expect, 11, "follow without PARAMETER"},
		{"neither choices nor answer", step + "> [!QUIZ] Why?\n", 10, "put a line ---"},
		{"twin of nothing", step + "Text.\n\n> [!TWIN q] Which?\n> - [x] A\n>   f\n", 12, "directly behind the question"},
		{"twin of another", quiz("> - [x] A\n>   f\n> - [ ] B {M01}\n>   f\n> - [ ] C {M01}\n>   f\n\n> [!TWIN p] Which?\n> - [x] A\n>   f\n"), 18, "directly behind the question"},
		{"order without endings", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 2. B\n> 3. C\n", 10, "no lines - [x] and - [ ]"},
		{"order of two", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 2. B\n>\n> - [x] Y\n> - [ ] N {M01}\n", 10, "3 to 8 items"},
		{"items out of order", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 3. B\n> 2. C\n>\n> - [x] Y\n> - [ ] N {M01}\n", 13, "here stands item 2"},
		{"one ending", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 2. B\n> 3. C\n>\n> - [x] Y\n", 10, "one line - [x]"},
		{"ending without misconception", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 2. B\n> 3. C\n>\n> - [x] Y\n> - [ ] N\n", 17, "no misconception"},
		{"ending that says nothing", step + "> [!ORDER q] Which?\n>\n> 1. A\n> 2. B\n> 3. C\n>\n> - [x]  {M01}\n> - [ ] N {M01}\n", 16, "nothing is said"},
		{"match without a table", step + "> [!MATCH q] Which?\n>\n> - [x] Y\n> - [ ] N {M01}\n", 10, "has no table"},
		{"match of three columns", step + "> [!MATCH q] Which?\n>\n> | a | b | c |\n> | --- | --- | --- |\n> | 1 | 2 | 3 |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 12, "a match has two columns"},
		{"half a pair", step + "> [!MATCH q] Which?\n>\n> | a | b |\n> | --- | --- |\n> | 1 | 2 |\n> | 3 | |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 15, "second cell is empty"},
		{"value in what is chosen", step + "> [!MATCH q] Which?\n>\n> | a | b |\n> | --- | --- |\n> | 1 | {{code#1}} |\n> | 3 | 4 |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 14, "in its first column"},
		{"nothing to match", step + "> [!MATCH q] Which?\n>\n> | a | b |\n> | --- | --- |\n> | 1 | 2 |\n> | 3 | 2 |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 10, "nothing to match"},
		{"cell that is neither", step + "> [!MATRIX q] Which?\n>\n> | a | b | c |\n> | --- | --- | --- |\n> | 1 | x | y |\n> | 2 | x | |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 14, "x or empty"},
		{"row too short", step + "> [!MATRIX q] Which?\n>\n> | a | b | c |\n> | --- | --- | --- |\n> | 1 | x |\n> | 2 | x | |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 14, "2 cells, and the head 3"},
		{"empty matrix", step + "> [!MATRIX q] Which?\n>\n> | a | b | c |\n> | --- | --- | --- |\n> | 1 | | |\n> | 2 | | |\n>\n> - [x] Y\n> - [ ] N {M01}\n", 10, "nothing in this matrix"},
		{"value that no run has", quiz("> - [x] {{cod#1}}\n>   f\n"), 11, "{{cod#1}} is not a value"},
		{"actor for a value", quiz("> - [x] {{as}}\n>   f\n"), 11, "{{as}} is not a value"},
		{"block that the next part ends", step + "```policy\nas.pkce-verifier: off\n\nText.\n\n## T\n\nText.\n", 10, "this block has no end: close it with ```"},
		{"block of tildes without end", step + "~~~policy\nas.pkce-verifier: off\n", 10, "close it with ~~~"},
		{"block in tildes", step + "~~~policy\nas.pkce-verifier: of\n~~~\n", 11, "can't be \"of\""},
		{"block that is indented", step + "Text.\n\n  ```policy\n  as.pkce-verifier: off\n  ```\n", 12, "this policy block does not begin in the first column"},
		{"callout that is indented", step + "Text.\n\n  > [!QUIZ] Which?\n  > - [x] A\n", 12, "this callout does not begin in the first column"},
		{"check that is misspelt", step + "```policy\nas.pkce-verifyer: off\n```\n", 11, "did you mean as.pkce-verifier?"},
		{"picture", step + "Text.\n![The wire](wire.png)\n", 11, "no pictures"},
		{"link to nowhere", step + "Text.\nSee [this](nowhere.md).\n", 11, "this link leads nowhere"},
		{"link in the clear", step + "See [this](http://example.org).\n", 10, "write https://"},
		{"HTML in a line", step + "Text, <b>bold</b>.\n", 10, "HTML is not shown"},
		{"HTML for itself", step + "Text.\n\n<details>\nHidden.\n</details>\n", 12, "HTML is not shown"},
		{"picture in a choice", quiz("> - [x] A ![p](p.png)\n>   f\n> - [ ] B {M01}\n>   f\n> - [ ] C {M01}\n>   f\n"), 11, "no pictures"},
		{"word that belittles", step + "This is simply so.", 10, `"simply"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("core/01-x.md", []byte(tt.src), vocabulary)
			if err == nil {
				t.Fatal("it parses")
			}
			found := slices.ContainsFunc(Problems(err), func(p Problem) bool { return p.Line == tt.line && strings.Contains(p.Say(), tt.says) })
			if !found {
				t.Errorf("want line %d: …%s…, got:\n%v", tt.line, tt.says, err)
			}
		})
	}
}

func TestTheTreeIsChecked(t *testing.T) {
	lesson := func(needs string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Replace(front, "minutes: 5", "minutes: 5\nneeds: ["+needs+"]", 1) + "## S\n")}
	}
	for _, tt := range []struct {
		name string
		fs   fstest.MapFS
		says string
	}{
		{"a name without a number", fstest.MapFS{"core/x.md": lesson("")}, "03-code-flow.md"},
		{"a need that isn't there", fstest.MapFS{"core/01-a.md": lesson("b")}, `core/01-a.md:5: it needs "b"`},
		{"a circle", fstest.MapFS{"core/01-a.md": lesson("b"), "core/02-b.md": lesson("a")}, "needs itself"},
		{"one slug twice", fstest.MapFS{"core/01-a.md": lesson(""), "tokens/02-a.md": lesson("")}, "is taken by"},
	} {
		if _, err := Load(tt.fs, vocabulary); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	c, err := Load(fstest.MapFS{"core/02-b.md": lesson("a"), "core/01-a.md": lesson(""), "zoo/01-z.md": lesson("")}, vocabulary)
	if err != nil || len(c.Tracks) != 2 || c.Tracks[0].Lessons[0].Slug != "a" || c.Lesson("z") == nil || c.Lesson("y") != nil {
		t.Errorf("the course is %+v, %v", c, err)
	}
}

// TestALessonIsReadFromWhateverEditor: some begin a file with a mark, and end its lines in two characters.
// TestWhatIsNotShownIsNothingElse: a comment is the author's own, and a link in code is code.
func TestWhatIsNotShownIsNothingElse(t *testing.T) {
	src := front + "## S {#s}\n\n<!-- to do -->\nText <!-- here --> and `<b>` and `[x](y.md)`, [out](https://example.org), [here](/lessons/x), [there](#POST /token).\n\n```html\n<img src=a.png>\n```\n\n1. An item\n\n   ```text\n   in it\n   ```\n"
	if _, err := Parse("core/01-x.md", []byte(src), vocabulary); err != nil {
		t.Error(err)
	}
}

func TestALessonIsReadFromWhateverEditor(t *testing.T) {
	l, err := Parse("core/01-x.md", []byte("\ufeff"+strings.ReplaceAll(good, "\n", "\r\n")), vocabulary)
	if err != nil || l.Title != "T" || len(l.Steps) != 1 {
		t.Errorf("%+v %v", l, err)
	}
}

// TestALessonHasAVersion: the first, unless it says another.
func TestALessonHasAVersion(t *testing.T) {
	for src, want := range map[string]int{front + "## S": 1, strings.Replace(front, "minutes: 5", "minutes: 5\nversion: 3", 1) + "## S": 3} {
		if l, err := Parse("core/01-x.md", []byte(src), vocabulary); err != nil || l.Version != want {
			t.Errorf("want version %d: %+v, %v", want, l, err)
		}
	}
}

func TestExpandNamesWhatIsMissing(t *testing.T) {
	lookup := func(name string) (string, bool) { return "v", name == "code#1" }
	if got, err := Expand("a {{code#1}} b", lookup); got != "a v b" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"{{code#2}}", "{{code#1"} {
		if _, err := Expand(text, lookup); err == nil {
			t.Errorf("%q expands", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(kinds))
	f.Add([]byte(front + "## S\n> [!QUIZ\n> - [x] {M01}\n```expect\nno\n```"))
	f.Add([]byte(front + "## S\n> [!MATRIX\n> ] |\n> |a|\n> |---|\n> - [x] {M01}\n\n> [!TWIN a] b\n> - [x]\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		l, err := Parse("core/01-x.md", src, vocabulary)
		if (l == nil) == (err == nil) {
			t.Errorf("lesson %v, error %v", l, err)
		}
	})
}

func TestWhatASpeakerSaysIsNoPartOfTheLesson(t *testing.T) {
	l, err := Parse("x.md", []byte("---\ntitle: T\nquestion: Q?\nminutes: 1\nspec: [\"RFC 6749 §1\"]\n---\n> [!SPEAKER] Ask who has *heard* of it.\n\n## One\n\nWords.\n\n> [!SPEAKER] Two minutes.\n"), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(l.Notes), "<em>heard</em>") || !strings.Contains(string(l.Steps[0].Notes), "Two minutes.") {
		t.Errorf("the notes are %q and %q", l.Notes, l.Steps[0].Notes)
	}
	if len(l.Intro) != 0 || len(l.Steps[0].Blocks) != 1 {
		t.Errorf("learners see them: %v, %v", l.Intro, l.Steps[0].Blocks)
	}
}
