package check

import (
	"context"
	"slices"
	"strings"
)

// Mode is what a failed check does: the value of a policy entry.
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // reject the request
	Observe Mode = "observe" // record the failure, let the request through
	Off     Mode = "off"     // do not evaluate
)

// Outcome is what came of a check for one request.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "fail"
	Skipped Outcome = "off" // the check is switched off
)

// Verdict is the line a check leaves in the decision trace. Its JSON is part of the event contract.
type Verdict struct {
	Check    string  `json:"check"`
	Spec     string  `json:"spec"`
	Mode     Mode    `json:"mode"`
	Outcome  Outcome `json:"outcome"`
	Expected string  `json:"expected,omitempty"`
	Actual   string  `json:"actual,omitempty"`
}

// Finding is what a check saw when it looked at one request.
type Finding struct {
	OK bool
	// Expected and Actual tell the decision trace what was compared; they are filled when they help a reader. They may
	// hold values that are on the recorded wire anyway, never a client secret or a password.
	Expected, Actual string
	// Refuse, if set, is the answer in place of the check's own Refuse, for a check whose error depends on the request.
	Refuse error
	// Err says that the check could not be evaluated (a store failed): the request ends with it and no verdict is left.
	Err error
}

// Pass is a finding without remarks.
func Pass() Finding { return Finding{OK: true} }

// Fail is a failed finding with what was expected and what came instead.
func Fail(expected, actual string) Finding { return Finding{Expected: expected, Actual: actual} }

// Compare passes when both are equal and shows them in either case.
func Compare(expected, actual string) Finding {
	return Finding{OK: expected == actual, Expected: expected, Actual: actual}
}

// Check is one sentence of a specification, as applied to a request under judgement of type T. T is usually a pointer
// to a struct that the checks of an endpoint fill as they go (the client once it is known, the code once it is found).
type Check[T any] struct {
	ID    string // stable, like "as.pkce-verifier": the party, then the rule
	Title string // one plain sentence for a person
	Spec  string // the section it implements, like "RFC 7636 §4.6"; [SpecURL] resolves it

	// Required marks a check without which the next one has no meaning: it can only be enforced.
	Required bool
	// Default is the mode when the policy says nothing; empty means Enforce.
	Default Mode
	// Applies tells whether the rule is about this request at all; nil means always. A check that does not apply leaves
	// no verdict.
	Applies func(T) bool
	// Judge looks at the request.
	Judge func(context.Context, T) Finding
	// Refuse is the answer to the request when the check fails and is enforced.
	Refuse error
	// OnRefuse is a side effect of a failure in Enforce, such as revoking what a replayed code produced. It does not run
	// in Observe: a failure that is let through must leave the world as it is.
	OnRefuse func(context.Context, T) error
}

// Table is the ordered list of checks of one endpoint.
type Table[T any] []Check[T]

// Run judges x by each check in turn, notes the verdicts in the sheet of ctx, and returns the error of the first check
// that refuses, or nil.
func (t Table[T]) Run(ctx context.Context, p Policy, x T) error {
	sheet := sheetOf(ctx)
	for i := range t {
		c := &t[i]
		if c.Applies != nil && !c.Applies(x) {
			continue
		}
		mode := c.mode(p)
		if mode == Off {
			sheet.add(Verdict{Check: c.ID, Spec: c.Spec, Mode: Off, Outcome: Skipped})
			continue
		}
		f := c.Judge(ctx, x)
		if f.Err != nil {
			return f.Err
		}
		v := Verdict{Check: c.ID, Spec: c.Spec, Mode: mode, Outcome: Passed, Expected: f.Expected, Actual: f.Actual}
		if !f.OK {
			v.Outcome = Failed
		}
		sheet.add(v)
		if f.OK || mode == Observe {
			continue
		}
		if c.OnRefuse != nil {
			if err := c.OnRefuse(ctx, x); err != nil {
				return err
			}
		}
		if f.Refuse != nil {
			return f.Refuse
		}
		return c.Refuse
	}
	return nil
}

func (c *Check[T]) mode(p Policy) Mode {
	if c.Required {
		return Enforce
	}
	if m, ok := p[c.ID]; ok {
		return m
	}
	if c.Default != "" {
		return c.Default
	}
	return Enforce
}

// Mode is the mode of the check with this id under a policy; empty if the table has none such.
func (t Table[T]) Mode(p Policy, id string) Mode {
	for i := range t {
		if t[i].ID == id {
			return t[i].mode(p)
		}
	}
	return ""
}

// Info describes a check to people and to pages; it is the same for every T.
type Info struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Spec  string `json:"spec"`
	Modes []Mode `json:"modes"` // those that may be chosen; one alone means the check is required
	// Default is the mode when the policy says nothing.
	Default Mode `json:"default"`
}

// Infos describes the checks of a table, in order.
func (t Table[T]) Infos() []Info {
	infos := make([]Info, len(t))
	for i, c := range t {
		infos[i] = Info{ID: c.ID, Title: c.Title, Spec: c.Spec, Modes: []Mode{Enforce, Observe, Off}, Default: c.mode(nil)}
		if c.Required {
			infos[i].Modes = []Mode{Enforce}
		}
	}
	return infos
}

// May reports whether mode m can be chosen for the check.
func (i Info) May(m Mode) bool { return slices.Contains(i.Modes, m) }

// Party is the one who judges by this check: "as", "client", "api".
func (i Info) Party() string {
	party, _, _ := strings.Cut(i.ID, ".")
	return party
}
