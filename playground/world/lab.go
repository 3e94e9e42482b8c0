package world

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// Lab is what an attack of a lesson is about: the protections and settings that the lesson names, and how it has set them when
// the attack begins. It is known without a sandbox.
type Lab struct {
	Checks   []check.Info
	Options  []check.Setting
	Policy   check.Policy   // of Checks, as the lesson has them
	Settings check.Settings // of Options
}

// LabOf reads it from a lesson's policy and settings blocks and from its graph.
func LabOf(l *lessons.Lesson, attack *lessons.Step) Lab {
	p, m := check.Policy{}, check.Settings{}    // up to the attack
	named, chosen := check.Policy{}, []string{} // anywhere in the lesson
	before := true
	for _, step := range l.Steps {
		for _, b := range step.Blocks {
			switch b := b.(type) {
			case *lessons.Policy:
				if before {
					maps.Copy(p, policyOf(b))
				}
				for _, e := range b.Entries {
					if e.ID != lessons.Everything {
						named[e.ID] = ""
					}
				}
			case *lessons.Settings:
				if before {
					maps.Copy(m, settingsOf(b))
				}
				for _, e := range b.Entries {
					chosen = append(chosen, e.ID)
				}
			case *lessons.Attack:
				before = before && step != attack
			}
		}
	}
	if g := l.Graph(); g != nil {
		for _, e := range g.Edges {
			for _, c := range e.Cuts {
				if c.Value == "" {
					named[c.ID] = ""
				} else {
					chosen = append(chosen, c.ID)
				}
			}
		}
	}
	lab := Lab{Policy: check.Policy{}, Settings: check.Settings{}}
	began := strict()
	maps.Copy(began, p)
	for _, c := range Checks() {
		if _, ok := named[c.ID]; ok && len(c.Modes) > 1 {
			lab.Checks = append(lab.Checks, c)
			lab.Policy[c.ID] = modeOf(c, began)
		}
	}
	for _, s := range Settings() {
		if slices.Contains(chosen, s.ID) {
			lab.Options = append(lab.Options, s)
			lab.Settings[s.ID] = m.Get(s)
		}
	}
	return lab
}

// Conditions are what a trial is played under, whatever the lesson's own blocks say. What they do not name is as in the lesson.
type Conditions struct {
	Policy   check.Policy
	Settings check.Settings
	Wait     time.Duration // how long Mallory waits before she attacks
}

func (c Conditions) validate() error {
	if err := c.Policy.Validate(Checks()); err != nil {
		return unprocessable("%s.", err)
	}
	if err := c.Settings.Validate(Settings()); err != nil {
		return unprocessable("%s.", err)
	}
	if c.Wait < 0 || c.Wait > maxAdvance {
		return unprocessable("Mallory can wait from no time to ten years.")
	}
	return nil
}

// block is a block of a lesson without what the conditions decide.
func (c Conditions) block(b lessons.Block) lessons.Block {
	switch b := b.(type) {
	case *lessons.Policy:
		own := &lessons.Policy{}
		for _, id := range slices.Sorted(maps.Keys(policyOf(b))) {
			if _, decided := c.Policy[id]; !decided {
				own.Entries = append(own.Entries, lessons.Entry{ID: id, Value: string(policyOf(b)[id])})
			}
		}
		return own
	case *lessons.Settings:
		own := &lessons.Settings{}
		for _, e := range b.Entries {
			if _, decided := c.Settings[e.ID]; !decided {
				own.Entries = append(own.Entries, e)
			}
		}
		return own
	}
	return b
}

// step is a step of a lesson without what the conditions decide.
func (c Conditions) step(step *lessons.Step) *lessons.Step {
	own := *step
	own.Blocks = make([]lessons.Block, len(step.Blocks))
	for i, b := range step.Blocks {
		own.Blocks[i] = c.block(b)
	}
	return &own
}

// Trial is what came of a run that was played from its start under conditions of its own.
type Trial struct {
	Run     uint64  `json:"run"`
	First   uint64  `json:"first"`  // where its events begin in the record
	Attack  uint64  `json:"attack"` // and those of the attack; in an honest run, where Maya begins
	Last    uint64  `json:"last"`   // and where they end
	Outcome Outcome `json:"outcome"`
	State   View    `json:"state"` // the world at its end, with the protections that were met
}

// RunAttack plays a lesson up to an attack and the attack itself, in a run of its own, under the conditions. What a protection
// stops early leaves later acts without their page, and that is its success: the trial goes on.
func (s *Sandbox) RunAttack(ctx context.Context, id string, c Conditions) (Trial, error) {
	ctx = s.hold(ctx)
	l, step, err := s.lessonStep(ctx, id)
	if err != nil {
		return Trial{}, err
	}
	attack := step.Attack()
	if attack == nil {
		return Trial{}, unprocessable("Step %q of this lesson has no attack.", step.ID)
	}
	return s.try(ctx, c, attack.Goals, func(ctx context.Context) error {
		for _, before := range l.Steps {
			if before == step {
				break
			}
			if err := s.rehearse(ctx, c.step(before), nil); err != nil {
				return err
			}
		}
		if err := s.rehearse(ctx, c.step(step), attack); err != nil || c.Wait == 0 {
			return err
		}
		return s.Advance(ctx, c.Wait)
	}, func(ctx context.Context) error { return s.do(ctx, attack, nil) })
}

// errand is something that Maya wants of Planner, and how it shows that she got it.
type errand struct {
	about string // a lesson that sets something of this party is about it
	begin string // the address that she opens
	click string // the link that she follows there; empty if it leads on by itself
	then  string // the button that she presses where she ends; empty if nothing is left to do
	goals []lessons.Expectation
}

// errands are, in the order in which they are looked for, what Maya wants of Planner's phone app, and of Planner.
var errands = []errand{
	{about: Phone, begin: plannerOrigin + "/app", click: "open-app", goals: []lessons.Expectation{got(Phone, AS, "POST", "/token", "200"), got(Phone, API, "GET", "/posts", "200")}},
	{about: Client, begin: plannerOrigin + "/connect", then: "publish", goals: []lessons.Expectation{got(Client, AS, "POST", "/token", "200"), got(Client, API, "POST", "/posts", "201")}},
}

func got(from, to, method, path, status string) lessons.Expectation {
	return lessons.Expectation{Text: from + " -> " + to + " " + method + " " + path + " " + status, Kind: "exchange", From: from, To: to, Method: method, Path: path, Status: status}
}

// errandOf is what a lesson's Maya wants.
func errandOf(l *lessons.Lesson) errand {
	for _, e := range errands {
		for _, step := range l.Steps {
			for _, b := range step.Blocks {
				if m, ok := b.(*lessons.Settings); ok && slices.ContainsFunc(m.Entries, func(set lessons.Entry) bool { return strings.HasPrefix(set.ID, e.about+".") }) {
					return e
				}
			}
		}
	}
	return errands[len(errands)-1]
}

// RunHonest lets Maya do, in a run of its own under the conditions, what the lesson's app is for: she connects it to Chirper, and
// it does its work. What a protection costs those who mean well is seen here.
func (s *Sandbox) RunHonest(ctx context.Context, c Conditions) (Trial, error) {
	if s.fixed.Kind != KindLesson {
		return Trial{}, notFound("A workbench has no Maya.")
	}
	ctx = s.hold(ctx)
	l, err := s.lesson(ctx)
	if err != nil {
		return Trial{}, err
	}
	e := errandOf(l)
	return s.try(ctx, c, e.goals, func(context.Context) error { return nil }, func(ctx context.Context) error {
		k, err := s.act(ctx, Browser, Act{Do: "open", URL: e.begin})
		if err == nil && e.click != "" {
			k, err = s.act(ctx, Browser, Act{Do: "click", Target: e.click})
		}
		if err == nil {
			_, err = s.victimAnswers(ctx, k)
		}
		if err == nil && e.then != "" {
			_, err = s.act(ctx, Browser, Act{Do: "submit", Target: e.then})
		}
		return stopped(err)
	})
}

// try plays a run of its own under the conditions, and judges its last part by the goals.
func (s *Sandbox) try(ctx context.Context, c Conditions, goals []lessons.Expectation, before, then func(context.Context) error) (Trial, error) {
	s.touch()
	if err := c.validate(); err != nil {
		return Trial{}, err
	}
	ctx, release, err := s.claim(ctx, agents()...)
	if err != nil {
		return Trial{}, err
	}
	defer release()
	var t Trial
	_, _, last, err := s.log.Info(ctx)
	if err != nil {
		return Trial{}, err
	}
	t.First = last + 1
	if last > 0 {
		if err := s.newRun(ctx, true); err != nil {
			return Trial{}, err
		}
	}
	if err := s.change(ctx, func(st *state) ([]trace.Change, error) { return st.afresh(c), nil }); err != nil {
		return Trial{}, err
	}
	if err := before(ctx); err != nil {
		return Trial{}, err
	}
	_, _, t.Attack, err = s.log.Info(ctx)
	if err != nil {
		return Trial{}, err
	}
	if err := then(ctx); err != nil {
		return Trial{}, err
	}
	events, err := s.events(ctx, t.Attack)
	if err != nil {
		return Trial{}, err
	}
	t.Attack++ // the first that is new
	t.Outcome.Goals = Judge(events, goals)
	t.Outcome.Won = allHeld(t.Outcome.Goals)
	if _, _, t.Last, err = s.log.Info(ctx); err != nil {
		return Trial{}, err
	}
	if t.State, err = s.View(ctx); err != nil {
		return Trial{}, err
	}
	t.Run = t.State.Run
	return t, nil
}

// rehearse does what a step does, up to one of its blocks, or all of it.
func (s *Sandbox) rehearse(ctx context.Context, step *lessons.Step, until lessons.Block) error {
	if err := s.begin(ctx, step); err != nil {
		return err
	}
	_, acts := split(step)
	for _, b := range acts {
		if b == until {
			return nil
		}
		if err := stopped(s.do(ctx, b, nil)); err != nil {
			return err
		}
	}
	return nil
}

// stopped takes away the error of an act for which the page or the value was missing: a protection has ended the flow before it.
func stopped(err error) error {
	var p Problem
	if errors.As(err, &p) && p.Status == http.StatusUnprocessableEntity {
		return nil
	}
	return err
}

// afresh sets every protection and every setting as in a new sandbox, but for what the conditions decide.
func (st *state) afresh(c Conditions) []trace.Change {
	began, p, m := strict(), check.Policy{}, check.Settings{}
	maps.Copy(began, c.Policy)
	for _, info := range Checks() {
		p[info.ID] = modeOf(info, began)
	}
	for _, set := range Settings() {
		m[set.ID] = c.Settings.Get(set)
	}
	return append(st.setPolicy(p), st.setSettings(m)...)
}
