package world

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
)

// enforced is every protection that can be switched, on enforce.
func enforced() check.Policy {
	p := check.Policy{}
	for _, c := range Checks() {
		p[c.ID] = check.Enforce
	}
	return p
}

// TestAttackAndDefend plays each attack that succeeds in its lesson twice, from the start: as the lesson leaves the world, and
// with everything enforced. Then Maya does honestly what Planner is for. The graph says the same as the wire.
func TestAttackAndDefend(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		ctx := context.Background()
		s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: l.Slug})
		attacks := l.Attacks()
		for _, step := range attacks {
			run := func(c Conditions) Trial {
				trial, err := s.RunAttack(ctx, step.ID, c)
				if err != nil {
					t.Fatalf("%s:%d: %v", l.File, step.Line, err)
				}
				return trial
			}
			own := run(Conditions{})
			if !own.Outcome.Won {
				t.Errorf("%s:%d: the attack fails in a run of its own: %+v", l.File, step.Line, own.Outcome.Goals)
			}
			lab := LabOf(l, step)
			for id, mode := range lab.Policy {
				if own.State.Policy[id] != mode {
					t.Errorf("%s: the page says that %s is on %s, and in the run it was on %s", l.File, id, mode, own.State.Policy[id])
				}
			}
			for id, value := range lab.Settings {
				if own.State.Settings[id] != value {
					t.Errorf("%s: the page says that %s is %s, and in the run it was %s", l.File, id, value, own.State.Settings[id])
				}
			}
			defended := run(Conditions{Policy: enforced()})
			if defended.Outcome.Won && l.Residual == "" {
				t.Errorf("%s:%d: the attack succeeds with everything enforced", l.File, step.Line)
			}
			if defended.First != own.Last+1 || defended.Attack <= defended.First || defended.Last < defended.Attack || defended.Run != own.Run+1 {
				t.Errorf("%s: the runs lie at %+v and %+v", l.File, own, defended)
			}
		}
		honest, err := s.RunHonest(ctx, Conditions{Policy: enforced()})
		if err != nil || !honest.Outcome.Won {
			t.Errorf("%s: with everything enforced Maya can't sign in and post any more: %+v %v", l.File, honest.Outcome, err)
		}
	})
}

func TestATrialsConditionsCountMoreThanTheLesson(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "two-steps"})
	one := func(c Conditions) Trial {
		t.Helper()
		trial, err := s.RunAttack(ctx, "steal", c)
		if err != nil {
			t.Fatal(err)
		}
		return trial
	}
	if trial := one(Conditions{Policy: check.Policy{"as.response-type-retired": check.Enforce}}); trial.Outcome.Won || trial.State.Policy["as.response-type-retired"] != check.Enforce {
		t.Errorf("one protection on enforce: %+v", trial.Outcome)
	}
	if trial := one(Conditions{Settings: check.Settings{"planner.response-type": "code"}}); trial.Outcome.Won || trial.State.Settings["planner.response-type"] != "code" {
		t.Errorf("a setting: %+v", trial.Outcome)
	}
	if trial := one(Conditions{Wait: 2 * time.Hour}); trial.Outcome.Won {
		t.Error("a token that has expired opens the API")
	}
	if trial := one(Conditions{}); !trial.Outcome.Won || trial.State.Policy["as.response-type-retired"] != check.Observe {
		t.Errorf("as in the lesson, after all of these: %+v", trial.Outcome)
	}
	for name, c := range map[string]Conditions{
		"unknown check":       {Policy: check.Policy{"as.nothing": check.Enforce}},
		"check that is fixed": {Policy: check.Policy{"as.client-known": check.Off}},
		"unknown setting":     {Settings: check.Settings{"planner.mood": "good"}},
		"time that runs back": {Wait: -time.Second},
		"an age":              {Wait: 2 * maxAdvance},
	} {
		if _, err := s.RunAttack(ctx, "steal", c); problemStatus(err) != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.RunAttack(ctx, "two-step", Conditions{}); problemStatus(err) != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), "no attack") {
		t.Errorf("a step without an attack: %v", err)
	}
	if _, err := s.RunAttack(ctx, "nothing", Conditions{}); problemStatus(err) != http.StatusNotFound {
		t.Errorf("a step that isn't there: %v", err)
	}
}

// TestAnErrandForEachApp: with everything enforced each app does for Maya what it is for.
func TestAnErrandForEachApp(t *testing.T) {
	for _, tt := range []struct {
		setting, goal string
	}{{"phone.pkce: none", "phone -> api GET /posts 200"}, {"planner.pkce: none", "client -> api POST /posts 201"}} {
		lesson := "---\ntitle: T\nquestion: Q?\nminutes: 5\nspec: [\"RFC 6749 §4.1\"]\n---\n## One {#one}\n\n```settings\n" + tt.setting + "\n```\n"
		w, err := New(Config{Engine: engine.NewMemory(), Clock: func() time.Time { return noon }, BaseURL: "http://127.0.0.1:8080",
			Course: func() (*lessons.Course, error) {
				return lessons.Load(fstest.MapFS{"core/01-x.md": {Data: []byte(lesson)}}, Vocabulary())
			}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		trial, err := newSandbox(t, w, Spec{Lesson: "x"}).RunHonest(context.Background(), Conditions{Policy: enforced()})
		if err != nil || !trial.Outcome.Won || !slices.ContainsFunc(trial.Outcome.Goals, func(l Line) bool { return l.Text == tt.goal }) {
			t.Errorf("a lesson with %s: %+v %v", tt.setting, trial.Outcome, err)
		}
	}
}
