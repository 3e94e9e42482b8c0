package world

import (
	"context"
)

// Graded is the answer to an answer.
type Graded struct {
	Correct       bool   `json:"correct"`
	Feedback      string `json:"feedback"` // HTML, made from the lesson's Markdown
	Misconception string `json:"misconception,omitempty"`
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
	return Graded{Correct: result.Correct, Feedback: string(result.Feedback), Misconception: result.Misconception}, err
}
