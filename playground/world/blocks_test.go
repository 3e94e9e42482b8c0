package world

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
)

// aLesson uses the blocks that the first lessons don't: a literal request that may be edited, a clock, settings.
const aLesson = "---\ntitle: T\nquestion: Q?\nminutes: 5\nspec: [\"RFC 6749 §4.1.3\"]\n---\n" + `
## Get a code {#code}

` + "```browser step\nopen https://planner.test/connect\nfollow\nfollow\nfill username maya\nsubmit login\nfollow\nsubmit allow\n```\n\n```expect\nvalue code#1 in query of browser\n```\n" + `
## Try it {#try .do}

` + "```settings\nas.code-lifetime: 30s\n```\n\n```http from=attacker edit\nPOST {{as}}/token\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code&code={{code#1}}&client_id=content-planner\n```\n\n```expect\nattacker -> as POST /token 401\nerror invalid_client\n```\n\n```hint\nSend it.\n```\n" + `
## Later {#later}

` + "```clock +1h\n```\n\n```http from=attacker\nGET {{api}}/posts\n```\n\n```expect\nattacker -> api GET /posts 401\n```\n"

func TestLiteralRequestsAreSentAsWrittenOrEdited(t *testing.T) {
	ctx := context.Background()
	w, err := New(Config{Engine: engine.NewMemory(), Clock: func() time.Time { return noon }, BaseURL: "http://127.0.0.1:8080",
		Course: func() (*lessons.Course, error) {
			return lessons.Load(fstest.MapFS{"core/01-x.md": {Data: []byte(aLesson)}}, Vocabulary())
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	s := newSandbox(t, w, Spec{Lesson: "x"})

	if _, err := s.Play(ctx, "try", nil); problemStatus(err) != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), "code#1") {
		t.Errorf("a request with a value that isn't there yet: %v", err)
	}
	for _, step := range []string{"code", "try", "later"} {
		p, err := s.Play(ctx, step, nil)
		if err != nil || !p.Passed {
			t.Fatalf("%s: %+v %v", step, p.Expect, err)
		}
		if step == "later" && p.State.Now.Sub(noon) != time.Hour {
			t.Errorf("the clock says %v", p.State.Now)
		}
	}

	const edited = "POST {{as}}/token\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=password"
	if _, err := s.Play(ctx, "try", map[string]string{"0": edited}); err != nil {
		t.Fatal(err)
	}
	if got := refusedBy(t, s, AS); got != "as.token-client-known" {
		t.Errorf("the edited request was refused by %q", got)
	}
	for name, edits := range map[string]map[string]string{
		"a request that can't be read": {"0": "hello"},
		"a host that isn't there":      {"0": "GET https://bank.test/"},
		"one's own host":               {"0": "GET {{attacker}}/"},
		"another request":              {"1": "GET {{as}}/jwks"},
	} {
		if _, err := s.Play(ctx, "try", edits); problemStatus(err) != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Play(ctx, "later", map[string]string{"0": "GET {{as}}/jwks"}); problemStatus(err) != http.StatusUnprocessableEntity {
		t.Errorf("a request that may not be edited: %v", err)
	}
}

func problemStatus(err error) int {
	var p Problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}
