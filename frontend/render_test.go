package frontend

import (
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`

// hostilePages are the pages with text in every field that would break out of its place.
func hostilePages() map[string]any {
	layout := Layout{Title: hostile, Nonce: "n0nce"}
	quiz := &QuizView{ID: hostile, Question: "<p>Who?</p>", Choices: []ChoiceView{{N: 1, HTML: "one"}, {N: 2, HTML: "two"}}}
	rows := []QuizRowView{{N: 1, HTML: "one", Choices: []ChoiceView{{N: 1, HTML: "<b>1</b>"}, {N: 2, HTML: "2"}}}}
	asked := func(kind string) *QuizView {
		return &QuizView{ID: hostile + kind, Kind: kind, Question: "q", Rows: rows, RowHead: "r", ColHead: "c", Columns: []template.HTML{"1", "2"}, Problem: hostile, Twin: quiz}
	}
	blocks := []BlockView{
		{Kind: "quiz", Quiz: asked("order")}, {Kind: "quiz", Quiz: asked("match")}, {Kind: "quiz", Quiz: asked("matrix")},
		{Kind: "prose", HTML: "<p>text</p>"}, {Kind: "note", Text: "note", HTML: "n"}, {Kind: "note", Text: "caution", HTML: "n"}, {Kind: "experiment", HTML: "e"}, {Kind: "takeaway", HTML: "t"}, {Kind: "hint", HTML: "h"},
		{Kind: "quiz", Quiz: quiz}, {Kind: "predict", Quiz: quiz}, {Kind: "quiz", Quiz: &QuizView{ID: "self", SelfCheck: true, Question: "q", Answer: "a"}},
		{Kind: "browser", Acts: []ActView{{Do: "fill", Target: hostile, Value: hostile}}}, {Kind: "http", Text: hostile, From: hostile, Edit: true}, {Kind: "policy", Entries: []EntryView{{ID: hostile, Value: hostile}}},
		{Kind: "settings", Entries: []EntryView{{ID: hostile, Value: hostile}}}, {Kind: "clock", Text: hostile}, {Kind: "attack", Attack: hostile, Lines: []string{hostile}}, {Kind: "expect", Lines: []string{hostile}},
	}
	lines := []LineView{{Kind: hostile, Edges: hostile, State: hostile}}
	graph := &GraphView{Goal: hostile, Rails: 2, Shut: true, Nodes: []NodeView{{Text: hostile, Lines: lines, In: []EdgeView{{Rail: 1, FromText: hostile, Lines: lines, Cuts: []CutView{{ID: hostile, Name: hostile, Values: hostile, Now: hostile}}}}}}}
	blocks = append(blocks, BlockView{Kind: "graph", Graph: graph}, BlockView{Kind: "attack", Attack: hostile, Compare: hostile})
	return map[string]any{
		"attack": AttackPage{Layout: layout, Slug: hostile, Track: hostile, Title: hostile, Name: hostile, Step: hostile, StepTitle: hostile, Question: hostile, Residual: hostile, Attacks: []Link{{hostile, hostile}, {hostile, hostile}}, Goals: []string{hostile}, Graph: graph, Lab: `{"goal":"'><script>alert(1)</script>"}`,
			Checks: []ProtectionView{{ID: hostile, Title: hostile, Mode: hostile, Spec: Link{hostile, "javascript:alert(1)"}}}, Options: []EntryView{{ID: hostile, Value: hostile, Title: hostile}}, What: []BlockView{{Kind: "prose", HTML: "<p>text</p>"}}, Takeaway: "<p>t</p>"},
		"home":      HomePage{Layout: layout, Tracks: []TrackView{{Title: hostile, Blurb: hostile, Minutes: 9, Lessons: []LessonLink{{Number: 1, Slug: hostile, Title: hostile, Question: hostile, Attack: hostile, Minutes: 9}}}}},
		"workbench": WorkbenchPage{Layout: layout},
		"join":      JoinPage{Layout: layout, Code: hostile, Name: hostile, Posted: true, Tracks: []TrackView{{Title: hostile, Lessons: []LessonLink{{Number: 1, Slug: hostile, Title: hostile, Question: hostile}}}}},
		"teach":     TeachPage{Layout: layout, Lessons: []LessonLink{{Number: 1, Slug: hostile, Title: hostile}}},
		"board":     BoardPage{Layout: layout, Code: hostile, Join: hostile},
		"projector": ProjectorPage{Layout: layout, Code: hostile, Shown: hostile, Host: hostile, Join: hostile, QR: QRView{Size: 21, Path: hostile}, Lessons: []LessonLink{{Number: 1, Slug: hostile}}},
		"handout": HandoutPage{Layout: layout, Slug: hostile, Track: hostile, Title: hostile, Question: hostile, Number: 1, Minutes: 9, Specs: []Link{{Text: hostile, URL: "javascript:alert(1)"}}, Steps: []HandoutStep{{Title: hostile, HTML: "<p>s</p>"}},
			Run:       RunView{Lanes: []string{hostile, "as"}, Parts: []RunPart{{ID: hostile, Title: hostile, Lines: []RunLine{{Row: &RowView{N: 1, Method: hostile, Path: hostile, From: hostile, To: "as", Status: hostile, Note: hostile}}}}}},
			Questions: []*QuizView{quiz, asked("order"), asked("match"), asked("matrix")}, Keys: []KeyView{{Lines: []template.HTML{"<b>A</b>"}, Feedback: "f"}}, Takeaways: []template.HTML{"<p>t</p>"}},
		"error": ErrorPage{Layout: layout, Status: 404, What: hostile, Do: hostile},
		"lesson": LessonPage{Layout: layout, Slug: hostile, Track: hostile, Title: hostile, Question: hostile, Graph: true, Specs: []Link{{Text: hostile, URL: "javascript:alert(1)"}}, Editions: []Edition{{hostile, hostile}}, Intro: blocks,
			Steps: []StepView{{ID: hostile, Title: hostile, Phase: hostile, Do: true, Playable: true, Blocks: blocks}},
			Run: RunView{Lanes: []string{hostile, "as"}, Parts: []RunPart{{ID: hostile, Title: hostile, Lines: []RunLine{
				{Row: &RowView{N: 1, Method: hostile, Path: hostile, From: hostile, To: "as", Status: hostile, Note: hostile, RefusedBy: hostile, Spec: hostile, Observed: []string{hostile}, Carries: []string{hostile}, Gives: []string{hostile}}},
				{Change: &ChangeView{What: "read", Actor: hostile, From: hostile, To: hostile, Tags: []string{hostile}}}, {Change: &ChangeView{What: "policy", Actor: hostile, From: hostile, To: hostile}}}}}}, Golden: `{"body":"</script><script>alert(1)</script><!--"}`},
	}
}

func rendered(t *testing.T, page string, data any) string {
	t.Helper()
	var b strings.Builder
	if err := Render(&b, page, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	scripts  = regexp.MustCompile(`<script[^>]*>`)
	inline   = regexp.MustCompile(`<[a-zA-Z][\w-]*(\s+[\w-]+(="[^"]*")?)*\s+(on[a-z]+|style)\s*=`)
	checked  = regexp.MustCompile(`<input[^>]*\schecked`)
	foreign  = regexp.MustCompile(`\s(src|href|action)="((https?:)?//|javascript:)`)
	elements = regexp.MustCompile(`<img`)
)

// TestPagesHoldTheirPolicy: whatever text a page gets, it asks for no script but ours, carries no handlers and no styles, and
// loads nothing from elsewhere.
func TestPagesHoldTheirPolicy(t *testing.T) {
	for name, data := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			page := rendered(t, name, data)
			for _, s := range scripts.FindAllString(page, -1) {
				if !strings.Contains(s, `nonce="n0nce"`) && s != `<script type="application/x-ndjson" id="golden">` {
					t.Errorf("a script that is not ours: %s", s)
				}
			}
			for _, bad := range []*regexp.Regexp{inline, checked, foreign, elements} {
				if found := bad.FindString(page); found != "" {
					t.Errorf("the page has %q", found)
				}
			}
			if !strings.HasPrefix(page, "<!doctype html>") || !strings.HasSuffix(strings.TrimSpace(page), "</html>") {
				t.Error("the page is not whole")
			}
		})
	}
}

// words are what stands in a template's markup by itself, once its actions and tags are taken out.
var (
	actions = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	samples = regexp.MustCompile(`(?s)<(script|pre)[ >].*?</(script|pre)>`)
	spoken  = regexp.MustCompile(`\s(?:aria-label|title|placeholder|alt)="([^"]*)"`)
	tags    = regexp.MustCompile(`<[^>]*>`)
	words   = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// TestTemplatesSayNothingThemselves: every sentence comes from the catalogue, so that a language is one file. The name of
// the product is the same in all of them.
func TestTemplatesSayNothingThemselves(t *testing.T) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal("no templates", err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(templateFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		text := samples.ReplaceAllString(actions.ReplaceAllString(string(src), ""), "")
		for _, m := range spoken.FindAllStringSubmatch(text, -1) {
			text += " " + m[1]
		}
		text = strings.NewReplacer("OAuth Playground", "", "&ensp;", "").Replace(tags.ReplaceAllString(text, " "))
		if found := words.FindAllString(text, -1); len(found) > 0 {
			t.Errorf("%s says %q by itself: it belongs into strings/en.json", name, found)
		}
	}
}

// TestAnswersAreNotOnThePage: what is right is there for nobody to find until it has been answered.
func TestAnswersAreNotOnThePage(t *testing.T) {
	q := QuizView{ID: "who", Question: "Who?", Kind: "choice", Choices: []ChoiceView{{N: 1, HTML: "Maya"}, {N: 2, HTML: "Mallory", Given: true}}, Correct: true, Feedback: "Because of the code."}
	ask := func() string {
		return rendered(t, "lesson", LessonPage{Slug: "s", Steps: []StepView{{ID: "a", Blocks: []BlockView{{Kind: "quiz", Quiz: &q}}}}})
	}
	if page := ask(); strings.Contains(page, "Because") || strings.Contains(page, "right") && strings.Contains(page, `class="opt done`) {
		t.Error("the answer is on a page that nobody has answered")
	}
	q.Graded = true
	page := ask()
	for _, want := range []string{"Because of the code.", `<span class="tag">Correct`, `action="/lessons/s#q-who"`, `name="choice" value="2"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the answered page lacks %s", want)
		}
	}
	if n := strings.Count(page, `class="fb"`); n != 1 {
		t.Errorf("%d feedbacks", n)
	}
}

// TestEveryActorHasAShape: hue alone must tell nobody apart.
func TestEveryActorHasAShape(t *testing.T) {
	for _, id := range []string{"browser", "client", "as", "api", "attacker", "attacker-browser", "outside", "phone", "spa"} {
		if glyphs[id] == "" {
			t.Errorf("%s has no shape", id)
		}
	}
	if got := glyph("nobody"); got != template.HTML(`<svg class="g" viewBox="0 0 12 12" aria-hidden="true"></svg>`) {
		t.Errorf("an unknown actor is drawn as %s", got)
	}
}

func TestUnknownPagesAreErrors(t *testing.T) {
	if err := Render(new(strings.Builder), "nothing", nil); err == nil {
		t.Error("a page that doesn't exist was rendered")
	}
}
