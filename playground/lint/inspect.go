package lint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// inspection is one lesson under inspection.
type inspection struct {
	world    *world.World
	course   *lessons.Course
	lesson   *lessons.Lesson
	lines    []string      // of its file
	events   []trace.Event // of the run of its solution
	recorded []byte        // the same as it is kept; nil if it does not play
	problems []Problem
	missed   []string // ids of steps whose attack came out otherwise than they say
}

// inspect holds one lesson that can be read to everything else.
func inspect(ctx context.Context, w *world.World, course *lessons.Course, fsys fs.FS, l *lessons.Lesson) *inspection {
	src, err := fs.ReadFile(fsys, l.File)
	c := &inspection{world: w, course: course, lesson: l, lines: strings.Split(string(src), "\n")}
	if err != nil {
		c.say(1, lessons.RuleFile, "it can be read no more: %v", err)
		return c
	}
	c.minutes()
	c.lengths()
	c.promises()
	c.links()
	if c.solve(ctx) {
		c.record(fsys)
		c.pointers()
		c.backChannel()
		c.attacks(ctx)
	}
	return c
}

// say notes a problem. What it returns takes how to mend it.
func (c *inspection) say(line int, rule lessons.Rule, format string, a ...any) *mending {
	c.problems = append(c.problems, Problem{File: c.lesson.File, Line: line, Rule: rule, Message: fmt.Sprintf(format, a...)})
	return &mending{c, len(c.problems) - 1}
}

type mending struct {
	c *inspection
	n int
}

func (m *mending) mend(format string, a ...any) { m.c.problems[m.n].Mend = fmt.Sprintf(format, a...) }

// find is the first line from a given one that holds one of some texts, counted from 1; the given one if none does.
func (c *inspection) find(from int, texts ...string) int {
	for i := max(from-1, 0); i < len(c.lines); i++ {
		for _, text := range texts {
			if strings.Contains(c.lines[i], text) {
				return i + 1
			}
		}
	}
	return from
}

// sandbox makes a world of its own for the lesson.
func (c *inspection) sandbox(ctx context.Context) (*world.Sandbox, error) {
	made, err := c.world.Create(ctx, world.Spec{Lesson: c.lesson.Slug})
	if err != nil {
		return nil, err
	}
	return c.world.Open(ctx, made.ID)
}

// solve plays the solution, step by step: everything that a step expects holds after it, and something did not before. It tells
// whether there is a run to look at.
func (c *inspection) solve(ctx context.Context) bool {
	s, err := c.sandbox(ctx)
	if err != nil {
		c.say(1, ruleSolution, "no sandbox can be made for it: %v", err)
		return false
	}
	for _, step := range c.lesson.Steps {
		if !c.solveStep(ctx, s, step) {
			return false
		}
	}
	c.events, err = trace.Past(ctx, s.Log(), 0)
	if err != nil {
		c.say(1, ruleSolution, "its run can't be read: %v", err)
	}
	return err == nil
}

func (c *inspection) solveStep(ctx context.Context, s *world.Sandbox, step *lessons.Step) bool {
	stopped := func(err error) bool {
		if err == nil {
			return false
		}
		line := step.Line
		var at world.At
		if errors.As(err, &at) {
			line = at.Line
		}
		c.say(line, ruleSolution, "the solution of step %q stops here: %s", step.ID, detail(err)).mend("each act begins where the one before it has led; a protection that stops it is set to observe or off in a policy block before it")
		return true
	}
	_, _, since, err := s.Log().Info(ctx)
	if stopped(err) || stopped(s.BeginStep(ctx, step.ID)) {
		return false
	}
	events, err := trace.Past(ctx, s.Log(), since)
	if stopped(err) {
		return false
	}
	expects := step.Expectations()
	if idle := everyPositive(world.Judge(events, expects), expects); len(expects) > 0 && idle {
		c.say(expects[0].Line, ruleIdle, "everything that step %q expects is true before anyone acts", step.ID).mend("expect something that only the act brings about")
	}
	played, err := s.Play(ctx, step.ID, nil)
	if stopped(err) {
		return false
	}
	wrong := played.Outcome != nil && played.Outcome.Won != step.Succeeds()
	if wrong {
		c.outcome(ctx, s, since, step, played.Outcome)
	}
	for i, line := range played.Expect {
		isGoal := wrong && slices.ContainsFunc(played.Outcome.Goals, func(g world.Line) bool { return g.Text == line.Text })
		if !line.Held && !isGoal { // what is wrong with a goal has been said
			c.say(expects[i].Line, ruleSolution, "this does not hold when the solution has been played: %s", line.Text).mend("%s", c.instead(ctx, s, since, expects[i]))
		}
	}
	return true
}

// detail is what an error says to a person.
func detail(err error) string {
	var p world.Problem
	if errors.As(err, &p) {
		return strings.TrimSuffix(p.Detail, ".")
	}
	return err.Error()
}

// everyPositive tells whether all lines without "no" hold already.
func everyPositive(lines []world.Line, expects []lessons.Expectation) bool {
	for i, x := range expects {
		if !x.No && !lines[i].Held {
			return false
		}
	}
	return true
}

// instead says what was nearest to an expectation that does not hold.
func (c *inspection) instead(ctx context.Context, s *world.Sandbox, since uint64, x lessons.Expectation) string {
	if x.No {
		return "leave it out, or stop in the solution what it denies"
	}
	events, err := trace.Past(ctx, s.Log(), since)
	if err != nil {
		return err.Error()
	}
	var near []string
	for _, e := range events {
		switch {
		case x.Kind == "exchange" && e.Request != nil && e.To == x.To && e.Request.Method == x.Method:
			near = append(near, exchange(e, events))
		case x.Kind == "verdict":
			for _, v := range e.Verdicts {
				if v.Check == x.Check {
					near = append(near, fmt.Sprintf("verdict %s %s %s", v.Check, v.Outcome, v.Mode))
				}
			}
		case x.Tag != "":
			for _, f := range e.Finds {
				if f.Tag == x.Tag {
					near = append(near, fmt.Sprintf("%s is in the %s of a message from %s to %s", f.Tag, f.In, e.From, e.To))
				}
			}
		}
	}
	if near = unique(near); len(near) == 0 {
		return "nothing like it happens in this step"
	}
	return "what happens in this step is " + strings.Join(near[:min(len(near), 4)], ", ")
}
