package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// everything is every protection on enforce.
func everything() check.Policy {
	p := check.Policy{}
	for _, c := range world.Checks() {
		p[c.ID] = check.Enforce
	}
	return p
}

// outcome says that an attack has come out otherwise than its step says.
func (c *inspection) outcome(ctx context.Context, s *world.Sandbox, since uint64, step *lessons.Step, o *world.Outcome) {
	a := step.Attack()
	c.missed = append(c.missed, step.ID)
	if o.Won {
		c.say(a.Line, ruleOutcome, "the attack of step %q succeeds, and the step does not expect what its goal says", step.ID).mend("add the goal to the expect block, word by word, or put the protection that stops it on enforce")
		return
	}
	line, said := a.Line, ""
	for i, goal := range o.Goals {
		if !goal.Held {
			line, said = a.Goals[i].Line, ": "+goal.Text
			break
		}
	}
	c.say(line, ruleOutcome, "the attack of step %q fails%s", step.ID, said).mend("%s, or leave the goal out of the expect block", stopper(ctx, s, since))
}

// stopper says what to do about the checks that have refused something since a position.
func stopper(ctx context.Context, s *world.Sandbox, since uint64) string {
	var by []string
	events, err := trace.Past(ctx, s.Log(), since)
	for _, e := range events {
		for _, v := range e.Verdicts {
			if v.Outcome == check.Failed && v.Mode == check.Enforce {
				by = append(by, v.Check)
			}
		}
	}
	if by = unique(by); err != nil || len(by) == 0 {
		return "bring about before it what it needs: no check has refused it anything"
	}
	return "put " + strings.Join(by, " and ") + " on observe in a policy block before it"
}

// attacks runs each attack in runs of its own: as the lesson leaves the protections, and with everything on enforce; and holds
// the graph to what comes of it.
func (c *inspection) attacks(ctx context.Context) {
	l := c.lesson
	promise := c.find(1, "attack:")
	if l.Attack != "" && len(l.Attacks()) == 0 {
		c.say(promise, ruleGoal, "the catalogue promises %q, and no step expects what one of its attack's goals says, word by word", l.Attack).mend("repeat the goal in the expect block of its step")
	}
	if l.Attack != "" && l.Graph() == nil {
		c.say(promise, ruleNoGraph, "it promises an attack and has no graph that says what leads to what, and what cuts it").mend("add a graph block to the step that defends")
	}
	s, err := c.sandbox(ctx)
	if err != nil {
		c.say(1, ruleSolution, "no sandbox can be made for it: %v", err)
		return
	}
	for _, step := range l.Steps {
		if step.Attack() != nil {
			c.attack(ctx, s, step)
		}
	}
}

func (c *inspection) attack(ctx context.Context, s *world.Sandbox, step *lessons.Step) {
	l, a := c.lesson, step.Attack()
	run := func(under world.Conditions) (world.Trial, bool) {
		trial, err := s.RunAttack(ctx, step.ID, under)
		if err != nil {
			c.say(a.Line, ruleOutcome, "the attack of step %q can't be run by itself: %s", step.ID, detail(err)).mend("what comes before it must lead to it from the start of a run")
		}
		return trial, err == nil
	}
	defended, ok := run(world.Conditions{Policy: everything()})
	if !ok {
		return
	}
	if defended.Outcome.Won && l.Residual == "" {
		c.say(a.Line, ruleEnforced, "the attack of step %q succeeds with everything on enforce", step.ID).mend("name a goal that a protection stops, or say in the front matter why nothing can: residual")
	}
	if !step.Succeeds() || slices.Contains(c.missed, step.ID) {
		return // it is told as one that fails, or that has been said
	}
	own, ok := run(world.Conditions{})
	if !ok {
		return
	}
	if !own.Outcome.Won {
		c.say(a.Line, ruleOutcome, "the attack of step %q fails in a run of its own", step.ID).mend("what makes it succeed must be in policy and settings blocks before it")
	}
	g := l.Graph()
	if g == nil {
		return
	}
	// A graph may tell of several attacks: a way that is open is not always the way of this one. A way that is cut is cut for all.
	begin := c.find(1, "```graph")
	agree := func(how string, trial world.Trial, open bool) {
		reached := g.Reached(func(cut lessons.Cut) bool { return inPlace(cut, trial.State) })[g.Goal()]
		if trial.Outcome.Won && !reached {
			c.say(begin, ruleWire, "%s the attack of step %q succeeds, and in the graph no way leads to %q", how, step.ID, g.Nodes[g.Goal()]).mend("name on an arrow the protections that really stop it, and no others")
		} else if open && reached && !trial.Outcome.Won {
			c.say(begin, ruleWire, "%s the attack of step %q fails, and in the graph a way leads to %q", how, step.ID, g.Nodes[g.Goal()]).mend("name what stops it on an arrow of that way")
		}
	}
	agree("as the lesson plays it", own, true)
	agree("with everything on enforce", defended, true)
	tried := map[lessons.Cut]bool{}
	for _, e := range g.Edges {
		for _, cut := range e.Cuts {
			if tried[cut] {
				continue
			}
			tried[cut] = true
			under, how := world.Conditions{Policy: check.Policy{cut.ID: check.Enforce}}, fmt.Sprintf("with %s on enforce", cut.ID)
			if cut.Value != "" {
				under, how = world.Conditions{Settings: check.Settings{cut.ID: cut.Value}}, fmt.Sprintf("with %s set to %s", cut.ID, cut.Value)
			}
			if trial, ok := run(under); ok {
				agree(how, trial, false)
			}
		}
	}
}

// inPlace tells whether a protection is in place in a world.
func inPlace(c lessons.Cut, v world.View) bool {
	if c.Value != "" {
		return v.Settings[c.ID] == c.Value
	}
	return v.Policy[c.ID] == check.Enforce
}
