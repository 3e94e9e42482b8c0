package world

import (
	"regexp"
	"testing"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
)

func TestExpectationsInWords(t *testing.T) {
	for text, want := range map[string]lessons.Expectation{
		"Mallory sends POST /posts to Chirper API and gets 201":                 {Kind: "exchange", From: Attacker, To: API, Method: "POST", Path: "/posts", Status: "201"},
		"Content Planner does not send POST /posts to Chirper API":              {Kind: "exchange", No: true, From: Client, To: API, Method: "POST", Path: "/posts", Status: "*"},
		"Maya’s browser sends GET /callback to Content Planner and gets 3xx":    {Kind: "exchange", From: Browser, To: Client, Method: "GET", Path: "/callback", Status: "3*"},
		"Mallory does not send POST /token to Authorization server and get 200": {Kind: "exchange", No: true, From: Attacker, To: AS, Method: "POST", Path: "/token", Status: "200"},
		"The check as.pkce-verifier fails on enforce":                           {Kind: "verdict", Check: "as.pkce-verifier", Outcome: "fail", Mode: "enforce"},
		"Never: the check client.state is off":                                  {Kind: "verdict", No: true, Check: "client.state", Outcome: "off", Mode: "off"},
		"code#1 is in the query of Maya’s browser":                              {Kind: "value", Tag: "code#1", In: "query", Of: Browser},
		"Maya’s browser never sees access_token#1":                              {Kind: "seen", No: true, Tag: "access_token#1", Of: Browser},
		"id_token#1 is verified":                                                {Kind: "token", Tag: "id_token#1"},
		"Never: an answer says invalid_grant":                                   {Kind: "error", No: true, Code: "invalid_grant"},
	} {
		if got := Words(want); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
}

// TestEveryExpectationOfTheCourseHasWords: a learner never reads the language of lessons.
func TestEveryExpectationOfTheCourseHasWords(t *testing.T) {
	language := regexp.MustCompile(`->|\*|  |^verdict|^value|^seen|^token|^error|^no `)
	for kind := range kinds {
		if sentences[kind] == nil {
			t.Errorf("%s has no sentence", kind)
		}
	}
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		for _, step := range l.Steps {
			for _, b := range step.Blocks {
				var lines []lessons.Expectation
				switch b := b.(type) {
				case *lessons.Expect:
					lines = b.Lines
				case *lessons.Attack:
					lines = b.Goals
				}
				for _, x := range lines {
					if said := Words(x); language.MatchString(said) {
						t.Errorf("%s:%d: %q", l.File, x.Line, said)
					}
				}
			}
		}
	})
}

// TestALessonCountsFromWhatItBeganWith: a check is of note to a learner once it is met, or is not as the lesson had it.
func TestALessonCountsFromWhatItBeganWith(t *testing.T) {
	w := newWorld(t, engine.NewMemory())
	for _, spec := range []Spec{{Lesson: "code-flow"}, {Kind: KindWorkbench}} {
		v, err := newSandbox(t, w, spec).View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.Checks {
			if v.Policy[c.ID] != c.Default {
				t.Errorf("%+v: %s begins on %s, and %s is called its default", spec, c.ID, v.Policy[c.ID], c.Default)
			}
		}
	}
}
