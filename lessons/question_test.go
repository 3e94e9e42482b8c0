package lessons

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// kinds is a step with a question of each kind that has rows, and a twin.
const kinds = front + `
## Look back {#back}

> [!QUIZ first] Which of these is {{code#1}}?
> - [ ] One {M05}
>   Because.
> - [x] Two, as in ` + "`code={{code#1}}&state=…`" + `
>   Yes.
> - [ ] Three {M01}
>   No.

> [!TWIN first] And of these?
> - [x] One
>   Yes.
> - [ ] Two {M05}
>   No.
> - [ ] Three {M01}
>   No.

> [!ORDER trips] Bring the trips into their order.
>
> 1. Out
> 2. Maya answers,
>    at Chirper
> 3. Back
> 4. Swap
>
> - [x] Yes: [the swap](#POST /token)
>   comes last.
> - [ ] Look at [the callback](#GET /callback). {M04}

> [!MATCH who] What is whose?
>
> | value | whose it is |
> | --- | --- |
> | ` + "`a\\|b`" + ` | Planner's |
> | the code | Chirper's |
> | the state | Planner's |
> | the password | Maya's |
>
> - [x] Yes.
> - [ ] No. {M03}

> [!MATRIX stops] What stops which?
>
> | attack | state | PKCE |
> | --- | :---: | :---: |
> | swap | x | |
> | steal | | x |
> | guess | | |
>
> - [x] Yes.
> - [ ] No. {M09}
`

func parsed(t *testing.T, src string) *Lesson {
	t.Helper()
	l, err := Parse("core/01-x.md", []byte(src), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEachKindOfQuestionIsGraded(t *testing.T) {
	l := parsed(t, kinds)
	if n := len(l.Steps[0].Blocks); n != 4 || len(l.Quizzes()) != 5 {
		t.Fatalf("%d blocks, %d questions: a twin belongs to its question", n, len(l.Quizzes()))
	}
	if q := l.Quiz("first-twin"); q == nil || l.Quiz("first").Twin != q || q.Kind != OneOf {
		t.Errorf("the twin is %+v", q)
	}
	q := l.Quiz("first")
	if !strings.Contains(string(q.Question), `<code><span data-value="code#1">code#1</span></code>`) || !strings.Contains(string(q.Choices[1].HTML), `<code>code=<span data-value="code#1">code#1</span>&amp;state=…</code>`) {
		t.Errorf("places for values: %s, %s", q.Question, q.Choices[1].HTML)
	}

	// right is the right answer, found as only the server can.
	right := func(q *Quiz) (a Answer) {
		for i, row := range q.Rows {
			for _, n := range row.Right {
				if q.Kind == Matrix {
					n += i * len(q.Columns)
				}
				a = append(a, n)
			}
		}
		return a
	}
	for id, want := range map[string]string{
		"trips": "1. Out; 2. Maya answers, at Chirper; 3. Back; 4. Swap",
		"who":   "a|b: Planner’s; the code: Chirper’s; the state: Planner’s; the password: Maya’s",
		"stops": "swap: state; steal: PKCE; guess: none",
	} {
		q := l.Quiz(id)
		r, err := q.Grade(right(q))
		if err != nil || !r.Correct || slices.Contains(r.Rows, false) || r.Words != want || !strings.Contains(string(r.Feedback), "Yes") || r.Misconception != "" {
			t.Errorf("%s, all right: %+v, %v", id, r, err)
		}
		shown := Answer{1, 2, 3, 4}[:len(q.Rows)]
		if q.Kind == Match {
			shown = Answer{1, 2, 1, 3}
		}
		r, err = q.Grade(shown)
		if err != nil || r.Correct || !slices.Contains(r.Rows, false) || r.Misconception == "" || strings.Contains(string(r.Feedback), "Yes") {
			t.Errorf("%s, as it is shown: %+v, %v: it must never be right", id, r, err)
		}
	}
	if q := l.Quiz("who"); len(q.Columns) != 3 {
		t.Errorf("what belongs to two rows stands there once: %v", q.Columns)
	}
	if r, _ := l.Quiz("stops").Grade(Answer{4, 1, 6}); !reflect.DeepEqual(r.Rows, []bool{true, true, false}) {
		t.Errorf("a mark too many is wrong in its row alone: %v", r.Rows)
	}

	for _, tt := range []struct {
		question string
		answer   Answer
		says     string
	}{
		{"first", nil, "none of the 3 choices"},
		{"first", Answer{1, 2}, "none of the 3 choices"},
		{"first", Answer{4}, "none of the 3 choices"},
		{"trips", Answer{1, 2}, "each of the 4 rows, and this has 2"},
		{"trips", Answer{1, 2, 3, 5}, "row 4 has none"},
		{"trips", Answer{1, 2, 3, 3}, "two stand at place 3"},
		{"who", Answer{1, 2, 0, 1}, "row 3 has none"},
		{"stops", Answer{}, "nothing is marked"},
		{"stops", Answer{1, 1}, "each once"},
		{"stops", Answer{7}, "there are 6"},
	} {
		if _, err := l.Quiz(tt.question).Grade(tt.answer); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s %v: %v, want …%s…", tt.question, tt.answer, err, tt.says)
		}
	}
}

// TestWhatIsShownIsNeverTheRightOrder, and always the same: a page without script has it too.
func TestWhatIsShownIsNeverTheRightOrder(t *testing.T) {
	for n := 2; n <= 8; n++ {
		for _, id := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
			order := shuffled(id, n)
			if slices.IsSorted(order) || !slices.Equal(order, shuffled(id, n)) || !slices.Equal(slices.Sorted(slices.Values(order)), []int{0, 1, 2, 3, 4, 5, 6, 7}[:n]) {
				t.Errorf("%d things of %q are shown as %v", n, id, order)
			}
		}
	}
}

// TestTablesOfProse have no style of their own, which a page would refuse, and no head that says nothing.
func TestTablesOfProse(t *testing.T) {
	html, _, err := renderProse("| | a |\n| --- | :---: |\n| b | c |\n")
	if err != nil || strings.Contains(string(html), "style=") || strings.Contains(string(html), "<th></th>") || !strings.Contains(string(html), `<th align="center">a</th>`) {
		t.Errorf("%s %v", html, err)
	}
}

// TestASelfCheckIsPastedUnchanged from documentation that is read elsewhere: it is asked, and nobody grades it.
func TestASelfCheckIsPastedUnchanged(t *testing.T) {
	for _, tt := range []struct{ name, src, question, answer string }{
		{"question beside the word", "> [!QUIZ] Why two steps?\n> ---\n> A token never passes the browser.\n", "<p>Why two steps?</p>", "<p>A token never passes the browser.</p>"},
		{"question below the word", "> [!QUIZ]\n> Why two steps?\n>\n> ---\n>\n> A token never passes the browser.\n", "<p>Why two steps?</p>", "<p>A token never passes the browser.</p>"},
		{"small letters, no space behind the mark", ">[!quiz]\n>Why?\n>---\n>Because.\n", "<p>Why?</p>", "<p>Because.</p>"},
		{"a list and code in the answer", "> [!QUIZ] Which?\n> ---\n> - `code`\n> - state\n>\n> ```http\n> GET / HTTP/1.1\n> ```\n", "<p>Which?</p>", "<li>state</li>"},
		{"words that we would not write", "> [!QUIZ] Is it just that easy?\n> ---\n> Simply put: obviously {{not}} yet.\n", "<p>Is it just that easy?</p>", "obviously {{not}} yet"},
		{"lines that Windows has ended", "> [!QUIZ] Why?\r\n> ---\r\n> Because.\r\n", "<p>Why?</p>", "<p>Because.</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Parse("core/01-x.md", []byte(front+"## S {#s}\n\n"+tt.src+"\nMore.\n"), vocabulary)
			if err != nil {
				t.Fatal(err)
			}
			if len(l.Quizzes()) != 1 || len(l.Steps[0].Blocks) != 2 {
				t.Fatalf("the step has %d blocks", len(l.Steps[0].Blocks))
			}
			q := l.Quizzes()[0]
			if !q.SelfCheck || strings.TrimSpace(string(q.Question)) != tt.question || !strings.Contains(string(q.Answer), tt.answer) {
				t.Errorf("%+v", q)
			}
			if _, err := q.Grade(Answer{1}); err == nil || l.Quiz(q.ID) != nil {
				t.Error("somebody grades it")
			}
		})
	}
}
