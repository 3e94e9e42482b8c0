package check

import (
	"context"
	"errors"
	"slices"
	"testing"
)

var errA, errB = errors.New("a"), errors.New("b")

// judged is a request about which every check of a table already has its finding.
type judged map[string]Finding

func table(effect func()) Table[judged] {
	find := func(id string) func(context.Context, judged) Finding {
		return func(_ context.Context, j judged) Finding { return j[id] }
	}
	return Table[judged]{
		{ID: "as.a", Spec: "RFC 6749 §3.1", Judge: find("as.a"), Refuse: errA, OnRefuse: func(context.Context, judged) error { effect(); return nil }},
		{ID: "as.never", Applies: func(judged) bool { return false }},
		{ID: "as.b", Required: true, Judge: find("as.b"), Refuse: errB},
		{ID: "as.c", Default: Observe, Judge: find("as.c"), Refuse: errA},
	}
}

func TestTableRuns(t *testing.T) {
	own, broken := errors.New("own"), errors.New("broken")
	good := judged{"as.a": Pass(), "as.b": Pass(), "as.c": Pass()}
	with := func(id string, f Finding) judged {
		j := judged{"as.a": Pass(), "as.b": Pass(), "as.c": Pass()}
		j[id] = f
		return j
	}
	for _, tt := range []struct {
		name    string
		policy  Policy
		in      judged
		err     error
		effects int
		trace   string
	}{
		{"all pass", nil, good, nil, 0, "as.a enforce pass, as.b enforce pass, as.c observe pass"},
		{"the first refusal ends it", nil, with("as.a", Fail("x", "y")), errA, 1, "as.a enforce fail"},
		{"observed, it goes on and has no effect", Policy{"as.a": Observe}, with("as.a", Fail("x", "y")), nil, 0, "as.a observe fail, as.b enforce pass, as.c observe pass"},
		{"off, it is not looked at", Policy{"as.a": Off}, with("as.a", Fail("x", "y")), nil, 0, "as.a off off, as.b enforce pass, as.c observe pass"},
		{"a required one can't be switched", Policy{"as.b": Off}, with("as.b", Fail("x", "y")), errB, 0, "as.a enforce pass, as.b enforce fail"},
		{"a default can be raised", Policy{"as.c": Enforce}, with("as.c", Fail("x", "y")), errA, 0, "as.a enforce pass, as.b enforce pass, as.c enforce fail"},
		{"a finding may bring its own answer", nil, with("as.b", Finding{Refuse: own}), own, 0, "as.a enforce pass, as.b enforce fail"},
		{"what can't be evaluated leaves no verdict", Policy{"as.a": Observe}, with("as.a", Finding{Err: broken}), broken, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			effects := 0
			sheet := new(Sheet)
			err := table(func() { effects++ }).Run(WithSheet(context.Background(), sheet), tt.policy, tt.in)
			trace := ""
			for n, v := range sheet.Verdicts() {
				if n > 0 {
					trace += ", "
				}
				trace += v.Check + " " + string(v.Mode) + " " + string(v.Outcome)
			}
			if err != tt.err || effects != tt.effects || trace != tt.trace {
				t.Errorf("got %v, %d effects, %q; want %v, %d, %q", err, effects, trace, tt.err, tt.effects, tt.trace)
			}
		})
	}
}

func TestTableRunsWithoutASheet(t *testing.T) {
	if err := table(func() {}).Run(context.Background(), nil, judged{"as.a": Fail("", "")}); err != errA {
		t.Errorf("got %v", err)
	}
}

func TestPolicyValidate(t *testing.T) {
	known := table(nil).Infos()
	for _, tt := range []struct {
		name   string
		policy Policy
		says   string
	}{
		{"nothing said", nil, ""},
		{"modes that may be", Policy{"as.a": Off, "as.b": Enforce, "as.c": Observe}, ""},
		{"unknown check", Policy{"as.z": Off}, `there is no check "as.z"`},
		{"unknown mode", Policy{"as.a": "warn"}, `check "as.a" can't be "warn": the modes are enforce, observe and off`},
		{"required", Policy{"as.b": Observe}, `check "as.b" is required and can't be "observe": without it the next check has no meaning`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.policy.Validate(known); err != nil {
				got = err.Error()
			}
			if got != tt.says {
				t.Errorf("got %q, want %q", got, tt.says)
			}
		})
	}
}

func TestSettingsValidate(t *testing.T) {
	login := Setting{ID: "as.login", Values: []string{"form", "auto"}, Default: "form"}
	life := Setting{ID: "as.code-lifetime", Duration: true, Default: "60s"}
	known := []Setting{login, life}
	for _, tt := range []struct {
		name     string
		settings Settings
		says     string
	}{
		{"nothing said", nil, ""},
		{"values that may be", Settings{"as.login": "auto", "as.code-lifetime": "1h"}, ""},
		{"unknown setting", Settings{"as.z": "1"}, `there is no setting "as.z"`},
		{"unknown value", Settings{"as.login": "door"}, `setting "as.login" can't be "door": it takes form, auto`},
		{"no time at all", Settings{"as.code-lifetime": "0s"}, `setting "as.code-lifetime" can't be "0s": it takes a duration such as 90s or 10m`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.settings.Validate(known); err != nil {
				got = err.Error()
			}
			if got != tt.says {
				t.Errorf("got %q, want %q", got, tt.says)
			}
		})
	}
	if got := (Settings{}).Duration(life).String(); got != "1m0s" {
		t.Errorf("default %s", got)
	}
}

func TestInfo(t *testing.T) {
	infos := table(nil).Infos()
	if i := infos[2]; i.Party() != "as" || !slices.Equal(i.Modes, []Mode{Enforce}) || i.May(Off) {
		t.Errorf("a required check: %+v", i)
	}
	if i := infos[3]; i.Default != Observe || !i.May(Enforce) {
		t.Errorf("one with a default: %+v", i)
	}
}
