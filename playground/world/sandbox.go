package world

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"sync/atomic"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// Sandbox is everything one learner can touch. It holds nothing that could not be read again from its store and its log.
type Sandbox struct {
	world    *World
	id       string
	fixed    fixed
	store    mockidp.Store
	log      trace.Log
	recorder *trace.Recorder
	issuer   *mockidp.Issuer

	cached   atomic.Pointer[decoded]
	life     atomic.Pointer[string] // of the state that was read last
	used     atomic.Int64           // unix seconds of the last use here, real time
	told     atomic.Int64           // the same, as other servers can read it
	missed   atomic.Int64           // unix seconds since when there is no state; 0: there is
	toldSeat atomic.Pointer[told]   // what its learner’s seat was told
}

// attach builds the sandbox around its store and log.
func (w *World) attach(ctx context.Context, id string, f fixed) (*Sandbox, error) {
	store, log, err := w.config.Engine.Open(ctx, id, engine.Options{Window: f.Kind == KindWorkbench})
	if err != nil {
		return nil, err
	}
	s := &Sandbox{world: w, id: id, fixed: f, store: store, log: log}
	as, _ := actorByID(AS)
	api, _ := actorByID(API)
	s.issuer = &mockidp.Issuer{Seed: seeds[f.Kind], URL: s.origin(as), API: s.origin(api), Name: "Chirper", Store: store, Keys: w.keys, Clock: w.config.Clock, Conditions: s.conditions}
	s.issuer.KeysAsNeeded = f.Kind == KindLesson // whose Planner wants ES256: a class needs no RSA keys
	if f.Kind == KindWorkbench {
		s.issuer.Leave = w.config.Leave
	}
	s.recorder = trace.NewRecorder(log, s.verify)
	s.touch()
	return s, nil
}

// strict is every check on enforce that is not so by itself.
func strict() check.Policy {
	p := check.Policy{}
	for _, c := range Checks() {
		if c.Default != check.Enforce && c.May(check.Enforce) {
			p[c.ID] = check.Enforce
		}
	}
	return p
}

// checks are all checks, each with the default that it has in this kind of sandbox: a lesson begins with strict.
func (s *Sandbox) checks() []check.Info {
	list := Checks()
	if s.fixed.Kind == KindLesson {
		began := strict()
		for i, c := range list {
			list[i].Default = modeOf(c, began)
		}
	}
	return list
}

// furnish writes the records of a new sandbox.
func (s *Sandbox) furnish(ctx context.Context) error {
	st := state{Life: newSecret()[:12]}
	if s.fixed.Kind == KindLesson {
		st.Policy = strict() // an app under test is told of some things only; the story begins with nothing let through
	}
	if s.fixed.Login == "auto" {
		st.Settings = check.Settings{"as.login": "auto", "as.consent": "skip"}
	}
	c := s.ownClient()
	if err := s.issuer.AddClient(ctx, c); err != nil {
		return err
	}
	if s.fixed.Kind == KindLesson {
		if err := s.create(ctx, plannerConfigKey, plannerConfig{ClientID: c.ClientID, ClientSecret: c.ClientSecret, NextSecret: "practice-" + newSecret()}); err != nil {
			return err
		}
	}
	if err := s.create(ctx, fixedKey, s.fixed); err != nil {
		return err
	}
	return s.create(ctx, stateKey, st) // last: from here on there is a sandbox
}

func (s *Sandbox) create(ctx context.Context, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.store.Create(ctx, key, raw, 0)
	return err
}

// ID is the sandbox's public name: it grants nothing.
func (s *Sandbox) ID() string { return s.id }

// Authorized tells whether key is this sandbox's key.
func (s *Sandbox) Authorized(key string) bool {
	return subtle.ConstantTimeCompare(hashKey(key), s.fixed.KeyHash) == 1
}

// Log is the sandbox's record.
func (s *Sandbox) Log() trace.Log { return s.log }

// Actors lists who can appear in this sandbox.
func (s *Sandbox) Actors() []Actor {
	list := make([]Actor, 0, len(actors))
	for _, a := range actors {
		if s.fixed.Kind == KindWorkbench && a.ID != Browser && a.ID != AS && a.ID != API && a.ID != Outside {
			continue
		}
		if s.fixed.Kind == KindLesson && a.ID == Outside {
			continue
		}
		if a.URL != "" {
			a.URL = s.origin(a)
		}
		list = append(list, a.Actor)
	}
	return list
}

func (s *Sandbox) touch() { s.used.Store(s.world.config.Clock().Unix()) }

// verify is how the record verifies a token it has found: with the keys this sandbox's issuer publishes.
func (s *Sandbox) verify(ctx context.Context, token string) trace.Signature {
	keys, err := s.issuer.VerificationKeys(ctx)
	if err != nil {
		return trace.Signature{Problem: "the keys could not be read"}
	}
	v := jose.Verify(token, keys)
	return trace.Signature{Alg: v.Alg, Kid: v.Kid, Verified: v.Verified, Problem: v.Problem}
}

// SetPolicy changes modes of checks; the checks it does not name stay as they are. An unknown check or a mode that can't
// be is a Problem and changes nothing.
func (s *Sandbox) SetPolicy(ctx context.Context, p check.Policy) error {
	if err := p.Validate(Checks()); err != nil {
		return unprocessable("%s.", err)
	}
	return s.change(ctx, func(st *state) ([]trace.Change, error) { return st.setPolicy(p), nil })
}

func modeOf(c check.Info, p check.Policy) check.Mode {
	if m, ok := p[c.ID]; ok {
		return m
	}
	return c.Default
}

// SetSettings changes what actors do; the settings it does not name stay as they are.
func (s *Sandbox) SetSettings(ctx context.Context, m check.Settings) error {
	if err := m.Validate(Settings()); err != nil {
		return unprocessable("%s.", err)
	}
	return s.change(ctx, func(st *state) ([]trace.Change, error) { return st.setSettings(m), nil })
}

// Advance winds the sandbox's clock forward by d, which must be above zero.
func (s *Sandbox) Advance(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return unprocessable("The clock can only be wound forward: advance must be above zero, as in 10m or 1h.")
	}
	return s.change(ctx, func(st *state) ([]trace.Change, error) {
		c, err := st.advance(s.world.config.Clock(), d)
		return []trace.Change{c}, err
	})
}

// change updates the state and then records what became different.
func (s *Sandbox) change(ctx context.Context, change func(*state) ([]trace.Change, error)) error {
	var changes []trace.Change
	err := s.update(ctx, func(st *state) (err error) {
		changes, err = change(st)
		return err
	})
	if err != nil {
		return err
	}
	return s.noteAll(ctx, changes)
}

func (s *Sandbox) noteAll(ctx context.Context, changes []trace.Change) error {
	for _, c := range changes {
		if err := s.note(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// note records a change at sandbox time.
func (s *Sandbox) note(ctx context.Context, c trace.Change, finds ...trace.Find) error {
	d, err := s.state(ctx)
	if err != nil {
		return err
	}
	_, err = s.recorder.Change(context.WithoutCancel(ctx), s.now(d), c, finds...)
	return recordProblem(err)
}
