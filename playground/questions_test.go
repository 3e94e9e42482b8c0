package playground

import (
	"bytes"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// asks is a lesson with a question of each kind.
const asks = `---
title: Questions
question: What can be asked?
minutes: 1
spec: ["RFC 6749 §4.1"]
---
## Look back {#back}

> [!QUIZ first] What comes first?
> - [x] The question
>   Said of the question.
> - [ ] The swap {M04}
>   Said of the swap.
> - [ ] The token {M04}
>   Said of the token.

> [!TWIN first] And last?
> - [ ] The question {M04}
>   Said of the last question.
> - [ ] The swap {M04}
>   Said of the last swap.
> - [x] The call
>   Said of the call.

> [!ORDER trips] In which order?
>
> 1. Out
> 2. Back with {{code#1}}
> 3. Swap
>
> - [x] Said of the right order.
> - [ ] Said of another order. {M04}

> [!MATCH who] Who gets what?
>
> | what | who |
> | --- | --- |
> | the code | Planner |
> | the password | Chirper |
>
> - [x] Said of the right pairs.
> - [ ] Said of other pairs. {M02}

> [!MATRIX sees] Who sees what?
>
> | what | browser | Planner |
> | --- | --- | --- |
> | the code | x | x |
> | the secret | | x |
>
> - [x] Said of the right cells.
> - [ ] Said of other cells. {M03}
`

func asking(t *testing.T) string {
	return startServer(t, Config{Lessons: fstest.MapFS{"core/01-questions.md": {Data: []byte(asks)}}})
}

var (
	rowShown    = regexp.MustCompile(`<li><label><span>(.*?)</span><select`)
	optionShown = regexp.MustCompile(`<option value="(\d)">([^<]*)</option>`)
	verdicts    = regexp.MustCompile(`data-row[^>]*>([^<]*)<`)
)

// part is what a page shows of one question.
func part(t *testing.T, page []byte, question string) string {
	t.Helper()
	_, after, ok := strings.Cut(string(page), `id="q-`+question+`"`)
	part, _, end := strings.Cut(after, "</form>")
	if !ok || !end {
		t.Fatalf("the page has no question %s", question)
	}
	return part
}

// TestEveryKindOfQuestionPostsWithoutScript: it is shown out of order, gives nothing away, and says of each row whether it is right.
func TestEveryKindOfQuestionPostsWithoutScript(t *testing.T) {
	base := asking(t)
	page := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/questions", ""))
	if page.status != 200 || bytes.Contains(page.body, []byte("Said of")) || bytes.Contains(page.body, []byte("checked")) || bytes.Contains(page.body, []byte("selected")) {
		t.Fatalf("the page gives an answer away, or is not there: %d", page.status)
	}
	if !bytes.Contains(page.body, []byte(`<details class="said again" hidden>`)) {
		t.Error("the twin is offered before its question is answered")
	}

	// places and pairs are the right answers, made of what the page shows, as a reader would.
	var places, pairs []string
	for _, m := range rowShown.FindAllStringSubmatch(part(t, page.body, "trips"), -1) {
		text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], "")
		places = append(places, strconv.Itoa(slices.Index([]string{"Out", "Back with code#1", "Swap"}, text)+1))
	}
	if slices.Equal(places, []string{"1", "2", "3"}) || slices.Contains(places, "0") {
		t.Fatalf("the items stand there as %v", places)
	}
	who := part(t, page.body, "who")
	for _, m := range rowShown.FindAllStringSubmatch(who, -1) {
		wants := map[string]string{"the code": "Planner", "the password": "Chirper"}[m[1]]
		for _, o := range optionShown.FindAllStringSubmatch(who, -1) {
			if o[2] == wants && len(pairs) < 2 {
				pairs = append(pairs, o[1])
				break
			}
		}
	}
	if slices.Equal(pairs, []string{"1", "2"}) || len(pairs) != 2 {
		t.Fatalf("the pairs stand there as %v", pairs)
	}

	for _, tt := range []struct {
		name, question string
		answer         []string
		status         int
		says           string
		rows           []string
	}{
		{"the right order", "trips", places, 200, "Said of the right order.", []string{"Right", "Right", "Right"}},
		{"another order", "trips", []string{"1", "2", "3"}, 200, "Said of another order.", nil},
		{"one place twice", "trips", []string{"1", "1", "3"}, 422, "two stand at place 1", []string{"", "", ""}},
		{"a place left open", "trips", []string{"", "1", "3"}, 422, "row 1 has none", []string{"", "", ""}},
		{"the right pairs", "who", pairs, 200, "Said of the right pairs.", []string{"Right", "Right"}},
		{"other pairs", "who", []string{"1", "2"}, 200, "Said of other pairs.", []string{"Not right", "Not right"}},
		{"the right cells", "sees", []string{"1", "2", "4"}, 200, "Said of the right cells.", []string{"Right", "Right"}},
		{"a cell too few", "sees", []string{"1", "2"}, 200, "Said of other cells.", []string{"Right", "Not right"}},
		{"no cell", "sees", nil, 422, "nothing is marked", []string{"", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{"question": {tt.question}, "answer": tt.answer}
			r := do(t, http.DefaultClient, mustRequest("POST", base+"/lessons/questions", form.Encode()))
			asked := part(t, r.body, tt.question)
			if r.status != tt.status || !strings.Contains(html.UnescapeString(asked), tt.says) || strings.Count(string(r.body), "Said of") > 1 {
				t.Errorf("%d %s", r.status, asked)
			}
			var rows []string
			for _, m := range verdicts.FindAllStringSubmatch(asked, -1) {
				rows = append(rows, m[1])
			}
			if tt.rows != nil && !slices.Equal(rows, tt.rows) {
				t.Errorf("the rows say %q, want %q", rows, tt.rows)
			}
			given := strings.Count(asked, " checked") + strings.Count(asked, " selected")
			if want := len(slices.DeleteFunc(slices.Clone(tt.answer), func(s string) bool { return s == "" })); given != want {
				t.Errorf("%d of the answer stand there, want %d", given, want)
			}
		})
	}

	if r := do(t, http.DefaultClient, mustRequest("POST", base+"/lessons/questions", "question=first&choice=2")); !strings.Contains(part(t, r.body, "first"), "misconception that many share") {
		t.Error("a wrong answer does not say which belief is behind it")
	}
	for question, open := range map[string]string{"first": `<details class="said again">`, "first-twin": `<details class="said again" open>`} {
		r := do(t, http.DefaultClient, mustRequest("POST", base+"/lessons/questions", "question="+question+"&choice=2"))
		if r.status != 200 || !bytes.Contains(r.body, []byte(open)) || !strings.Contains(part(t, r.body, question), "Said of the") {
			t.Errorf("%s: the twin stands there otherwise: %d", question, r.status)
		}
	}
}

// TestEveryKindOfQuestionIsAnsweredOverTheAPI: one member, a list of numbers; what was answered first comes back.
func TestEveryKindOfQuestionIsAnsweredOverTheAPI(t *testing.T) {
	base := asking(t)
	b := newBox(t, base, `{"lesson":"questions"}`)
	for _, body := range []string{
		`{"question":"first","choice":2}`, `{"question":"first-twin","answer":[3]}`, `{"question":"trips","answer":[1,2,3]}`,
		`{"question":"trips","answer":[3,2,1]}`, `{"question":"who","answer":[2,1]}`, `{"question":"sees","answer":[4,1,2]}`,
	} {
		if r := b.call(t, "POST", "/answers", b.Key, body); r.status != 200 {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	var given map[string]struct {
		Answer        []int
		Correct       bool
		Rows          []bool
		Words, Belief string
	}
	decodeInto(t, b.call(t, "GET", "/answers", b.Key, "").body, &given)
	if g := given["first"]; !slices.Equal(g.Answer, []int{2}) || g.Correct || g.Words != "The swap" || g.Belief == "" {
		t.Errorf("first: %+v", g)
	}
	if g := given["trips"]; !slices.Equal(g.Answer, []int{1, 2, 3}) || g.Correct || len(g.Rows) != 3 || g.Belief == "" {
		t.Errorf("trips: the first answer counts: %+v", g)
	}
	if g := given["sees"]; !g.Correct || g.Words != "the code: browser, Planner; the secret: Planner" {
		t.Errorf("sees: %+v", g)
	}
	var view struct{ Answers map[string][]int }
	decodeInto(t, b.call(t, "GET", "", b.Key, "").body, &view)
	if len(view.Answers) != 5 || !slices.Equal(view.Answers["first-twin"], []int{3}) {
		t.Errorf("the page would forget %v", view.Answers)
	}
}

// TestAPastedSelfCheckIsAskedAndNotGraded: it is on the page with its answer folded away, and no form, no API and no list of questions
// knows it.
func TestAPastedSelfCheckIsAskedAndNotGraded(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("> [!quiz]\n> Is it just two steps?\n>\n> ---\n>\n> Simply: yes.")})
	_, page := d.get("/lessons/first")
	asked, answered := strings.Index(page, "Is it just two steps?"), strings.Index(page, "Simply: yes.")
	if asked < 0 || answered < asked || !strings.Contains(page[asked:answered], "<details><summary>") || strings.Contains(page, `name="question"`) {
		t.Errorf("asked at %d, answered at %d", asked, answered)
	}
	if _, info := d.get("/api/lessons/first"); strings.Contains(info, `"questions"`) {
		t.Errorf("the API lists it: %s", info)
	}
	web := httptest.NewServer(d.server.Handler())
	defer web.Close()
	if r := do(t, http.DefaultClient, jsonRequest("POST", web.URL+"/api/lessons/first/answers", `{"question":"intro-1","choice":1}`)); r.status != http.StatusNotFound {
		t.Errorf("an answer to it is %d %s", r.status, r.body)
	}
}
