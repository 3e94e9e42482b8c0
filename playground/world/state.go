package world

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

// fixed is what never changes in a sandbox's life; it is written once, at creation.
type fixed struct {
	Kind    string    `json:"kind"`
	Lesson  string    `json:"lesson,omitempty"`
	Login   string    `json:"login,omitempty"` // workbench: form or auto
	KeyHash []byte    `json:"key_hash"`        // SHA-256: the key itself is known to its learner alone
	Created time.Time `json:"created"`         // real time
	Expires time.Time `json:"expires"`         // real time
}

// state is what may change between two requests: policy, settings, clock, run and step. It is one record, so that a
// request reads it once and judges everything by the same values.
type state struct {
	Policy   check.Policy   `json:"policy,omitempty"`
	Settings check.Settings `json:"settings,omitempty"`
	Advance  time.Duration  `json:"advance,omitempty"` // what the learner wound forward

	Step   string   `json:"step,omitempty"`   // the step the learner is on
	Since  uint64   `json:"since,omitempty"`  // the log's position when that step began: its expectations see what came after
	Begun  []string `json:"begun,omitempty"`  // steps whose set-up has been done in this run
	Passed []string `json:"passed,omitempty"` // steps whose expectations have held in this run

	Answers map[string]int `json:"answers,omitempty"` // question id → the first choice, for progress
}

const (
	fixedKey = "sandbox"
	stateKey = "state"
)

// decoded is a state with the revision it was read at.
type decoded struct {
	state
	rev mockidp.Rev
}

// state reads the record. The decoded copy is kept by revision, so that an unchanged record costs one read of the store
// and no decoding. Callers must not change what they get; that is update's job.
func (s *Sandbox) state(ctx context.Context) (*decoded, error) {
	raw, rev, err := s.store.Get(ctx, stateKey)
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's state: %w", err)
	}
	if d := s.cached.Load(); d != nil && d.rev == rev {
		return d, nil
	}
	d := &decoded{rev: rev}
	if err := json.Unmarshal(raw, &d.state); err != nil {
		return nil, fmt.Errorf("decoding the sandbox's state: %w", err)
	}
	s.cached.Store(d)
	return d, nil
}

// update changes the record by compare-and-swap; change may refuse with an error, which ends the update.
func (s *Sandbox) update(ctx context.Context, change func(*state) error) error {
	return modify(ctx, s, stateKey, change)
}

// now is sandbox time under d.
func (s *Sandbox) now(d *decoded) time.Time { return s.world.config.Clock().Add(d.Advance) }

type conditionsKey struct{}

// withState gives the handlers below ctx the state their request is judged by.
func withState(ctx context.Context, d *decoded) context.Context {
	return context.WithValue(ctx, conditionsKey{}, d)
}

// stateOf is the state the request of ctx is judged by, or the present one outside a request.
func (s *Sandbox) stateOf(ctx context.Context) (*decoded, error) {
	if d, ok := ctx.Value(conditionsKey{}).(*decoded); ok {
		return d, nil
	}
	return s.state(ctx)
}

// conditions hands the state to the authorization server in its own words.
func (s *Sandbox) conditions(ctx context.Context) (mockidp.Conditions, error) {
	d, err := s.stateOf(ctx)
	if err != nil {
		return mockidp.Conditions{}, err
	}
	return mockidp.Conditions{Policy: d.Policy, Settings: d.Settings, Advance: d.Advance}, nil
}

func (st *state) passed(step string) bool { return slices.Contains(st.Passed, step) }
