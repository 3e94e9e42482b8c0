package world

import (
	"context"

	"oauthplayground/lessons"
)

// Graded is the answer to an answer.
type Graded struct {
	Correct       bool   `json:"correct"`
	Feedback      string `json:"feedback"`                // HTML, made from the lesson's Markdown
	Misconception string `json:"misconception,omitempty"` // its id in the catalogue
	Belief        string `json:"belief,omitempty"`        // what the misconception says
}

// Given is an answer that was given before, with what was said about it.
type Given struct {
	Choice int `json:"choice"` // counted from 1
	Graded
}

// Answers are the first answers that were given, by question, for a page that was loaded again. One to a question that the
// lesson no longer has is left out.
func (s *Sandbox) Answers(ctx context.Context) (map[string]Given, error) {
	s.touch()
	given := map[string]Given{}
	if s.fixed.Kind != KindLesson {
		return given, nil
	}
	l, err := s.world.lesson(s.fixed.Lesson)
	if err != nil {
		return nil, err
	}
	d, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	for id, choice := range d.Answers {
		q := l.Quiz(id)
		if q == nil {
			continue
		}
		if result, err := q.Grade(choice); err == nil {
			given[id] = Given{Choice: choice, Graded: graded(result)}
		}
	}
	return given, nil
}

func graded(r lessons.Result) Graded {
	return Graded{Correct: r.Correct, Feedback: string(r.Feedback), Misconception: r.Misconception, Belief: lessons.Misconceptions[r.Misconception]}
}

// Answer grades a choice, counted from 1, and keeps the first one given for each question. Unknown questions and choices
// are Problems.
func (s *Sandbox) Answer(ctx context.Context, question string, choice int) (Graded, error) {
	s.touch()
	if s.fixed.Kind != KindLesson {
		return Graded{}, notFound("A workbench has no questions.")
	}
	l, err := s.world.lesson(s.fixed.Lesson)
	if err != nil {
		return Graded{}, err
	}
	q := l.Quiz(question)
	if q == nil {
		return Graded{}, notFound("Lesson %q has no question %q.", l.Slug, question)
	}
	result, err := q.Grade(choice)
	if err != nil {
		return Graded{}, unprocessable("%s.", err)
	}
	err = s.update(ctx, func(st *state) error {
		if st.Answers == nil {
			st.Answers = map[string]int{}
		}
		if _, given := st.Answers[question]; !given {
			st.Answers[question] = choice
		}
		return nil
	})
	if err != nil {
		return Graded{}, err
	}
	return graded(result), nil
}
