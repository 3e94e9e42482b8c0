package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// fixed is what never changes in a sandbox's life; it is written once, at creation.
type fixed struct {
	Kind    string    `json:"kind"`
	Lesson  string    `json:"lesson,omitempty"`
	Login   string    `json:"login,omitempty"` // workbench: form or auto
	KeyHash []byte    `json:"key_hash"`        // SHA-256: the key itself is known to its learner alone
	Began   time.Time `json:"began"`           // real time
	Expires time.Time `json:"expires"`         // real time
	Seat    string    `json:"seat,omitempty"`  // of its learner in a room
}

// state is what may change between two requests: policy, settings, clock, run and step. It is one record, so that a
// request reads it once and judges everything by the same values.
type state struct {
	Policy   check.Policy   `json:"policy,omitempty"`
	Settings check.Settings `json:"settings,omitempty"`
	Advance  time.Duration  `json:"advance,omitempty"` // what the learner wound forward

	Life string `json:"life"` // which furnishing this is of: a reset, by whatever server, makes another

	Step    string   `json:"step,omitempty"`    // the step the learner is on
	Since   uint64   `json:"since,omitempty"`   // the log's position when that step began: its expectations see what came after
	Unready bool     `json:"unready,omitempty"` // the run is being brought to where a step begins; if its server dies over that, it stays so
	Begun   []string `json:"begun,omitempty"`   // steps whose set-up has been done in this run
	Passed  []string `json:"passed,omitempty"`  // steps whose expectations have held in this run

	Answers map[string]lessons.Answer `json:"answers,omitempty"` // question id → the first answer, for progress
}

const (
	fixedKey = "sandbox"
	stateKey = "state" // there is a sandbox as long as it has this: it is made last, and taken away first
)

// made is what never changes of a sandbox that is whole; otherwise it is mockidp.ErrNotFound.
func made(ctx context.Context, store mockidp.Store) (f fixed, err error) {
	if _, _, err := store.Get(ctx, stateKey); err != nil {
		return f, err
	}
	raw, _, err := store.Get(ctx, fixedKey)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, fmt.Errorf("decoding a sandbox: %w", err)
	}
	return f, nil
}

// decoded is a state with the revision it was read at.
type decoded struct {
	state
	rev mockidp.Rev
}

// state reads the record. The decoded copy is kept by revision, so that an unchanged record costs one read of the store
// and no decoding. Callers must not change what they get; that is update's job.
func (s *Sandbox) state(ctx context.Context) (*decoded, error) {
	raw, rev, err := s.store.Get(ctx, stateKey)
	if errors.Is(err, mockidp.ErrNotFound) {
		return nil, s.missing(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's state: %w", err)
	}
	s.missed.Store(0)
	if d := s.cached.Load(); d != nil && d.rev == rev {
		return d, nil
	}
	d := &decoded{rev: rev}
	if err := json.Unmarshal(raw, &d.state); err != nil {
		return nil, fmt.Errorf("decoding the sandbox's state: %w", err)
	}
	s.cached.Store(d)
	if before := s.life.Swap(&d.Life); before != nil && *before != d.Life {
		s.issuer.ForgetKeys() // another server has reset the sandbox
	}
	return d, nil
}

// renewTime is more than a reset takes: what is not whole after so long was left by a server that died over it.
const renewTime = 15 * time.Second

// missing is what to say of a sandbox whose state isn't there: it is being made anew, or has ended, perhaps on another server.
func (s *Sandbox) missing(ctx context.Context) error {
	known, err := s.world.config.Engine.Has(ctx, s.id)
	if err != nil {
		return err
	}
	now := s.world.config.Clock().Unix()
	s.missed.CompareAndSwap(0, now)
	if !known || now-s.missed.Load() > int64(renewTime.Seconds()) {
		s.world.forget(s)
		return errNoSandbox
	}
	return errRenewed
}

// errRenewed is what meets a sandbox in the moment in which it is reset, or has ended.
var errRenewed = conflict("This sandbox is being made anew, or has ended. Ask again.")

// update changes the record by compare-and-swap; change may refuse with an error, which ends the update.
func (s *Sandbox) update(ctx context.Context, change func(*state) error) error {
	var after *state
	err := modify(ctx, s, stateKey, func(st *state) error {
		after = st
		return change(st)
	})
	if errors.Is(err, mockidp.ErrNotFound) {
		return s.missing(ctx)
	}
	if err == nil {
		s.tellMove(ctx, after)
	}
	return err
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
	changed, err := s.changedCredentials(ctx, d.Settings)
	return mockidp.Conditions{Policy: d.Policy, Settings: d.Settings, Advance: d.Advance, Credentials: changed}, err
}

func (st *state) passed(step string) bool { return slices.Contains(st.Passed, step) }

// setPolicy sets the modes that p names and returns what became different.
func (st *state) setPolicy(p check.Policy) []trace.Change {
	if st.Policy == nil {
		st.Policy = check.Policy{}
	}
	var changes []trace.Change
	for _, c := range Checks() {
		to, named := p[c.ID]
		from := modeOf(c, st.Policy)
		if named && to != from {
			changes = append(changes, trace.Change{What: "policy", Step: st.Step, Actor: c.ID, From: string(from), To: string(to)})
		}
		if named {
			st.Policy[c.ID] = to
		}
	}
	return changes
}

// setSettings sets the values that m names and returns what became different.
func (st *state) setSettings(m check.Settings) []trace.Change {
	if st.Settings == nil {
		st.Settings = check.Settings{}
	}
	var changes []trace.Change
	for _, def := range Settings() {
		to, named := m[def.ID]
		from := st.Settings.Get(def)
		if named && to != from {
			changes = append(changes, trace.Change{What: "setting", Step: st.Step, Actor: def.ID, From: from, To: to})
		}
		if named {
			st.Settings[def.ID] = to
		}
	}
	return changes
}

// maxAdvance keeps sandbox time representable in tokens and cookies.
const maxAdvance = 10 * 365 * 24 * time.Hour

// advance winds the clock forward by d; real is the time outside.
func (st *state) advance(real time.Time, d time.Duration) (trace.Change, error) {
	if d > maxAdvance || st.Advance+d > maxAdvance {
		return trace.Change{}, unprocessable("The clock can be wound forward by ten years at the most.")
	}
	const form = "2006-01-02T15:04:05Z"
	from := real.Add(st.Advance)
	st.Advance += d
	return trace.Change{What: "clock", From: from.UTC().Format(form), To: from.Add(d).UTC().Format(form)}, nil
}
