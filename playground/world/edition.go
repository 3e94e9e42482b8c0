package world

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"oauthplayground/lessons"
)

// A lesson may change while learners are in it: its author saves the file. An act goes on with the text that it began with, and
// the next one takes what is there then. A step, a question or a lesson that is there no more is told in a sentence, and what
// a sandbox remembers of it counts for nothing.

type editionKey struct{}

// hold makes what is done under ctx go on with the lesson as it is now.
func (s *Sandbox) hold(ctx context.Context) context.Context {
	if l, err := s.lesson(ctx); err == nil {
		return context.WithValue(ctx, editionKey{}, l)
	}
	return ctx // what needs the lesson will say that it is gone
}

// lesson is this sandbox's lesson: the one that the act of ctx holds, or else the present one. The error is a Problem.
func (s *Sandbox) lesson(ctx context.Context) (*lessons.Lesson, error) {
	if l, ok := ctx.Value(editionKey{}).(*lessons.Lesson); ok {
		return l, nil
	}
	return s.world.lesson(s.fixed.Lesson)
}

// lessonStep finds a step of this sandbox's lesson; the error is a Problem.
func (s *Sandbox) lessonStep(ctx context.Context, id string) (*lessons.Lesson, *lessons.Step, error) {
	if s.fixed.Kind != KindLesson {
		return nil, nil, notFound("A workbench has no steps.")
	}
	l, err := s.lesson(ctx)
	if err != nil {
		return nil, nil, err
	}
	if i := slices.IndexFunc(l.Steps, func(step *lessons.Step) bool { return step.ID == id }); i >= 0 {
		return l, l.Steps[i], nil
	}
	return nil, nil, notFound("Lesson %q has no step %q.", l.Slug, id)
}

// stepAt is the step that the learner is on; nil before the first, and if the lesson no longer has it.
func (s *Sandbox) stepAt(ctx context.Context, id string) (*lessons.Step, error) {
	if id == "" {
		return nil, nil
	}
	_, step, err := s.lessonStep(ctx, id)
	var p Problem
	if errors.As(err, &p) && p.Status == http.StatusNotFound {
		return nil, nil
	}
	return step, err
}
