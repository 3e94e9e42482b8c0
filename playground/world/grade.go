package world

import (
	"context"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
)

// Graded is the answer to an answer.
type Graded struct {
	Correct       bool   `json:"correct"`
	Rows          []bool `json:"rows,omitempty"`          // which rows are right, of a question that has rows
	Feedback      string `json:"feedback"`                // HTML, made from the lesson's Markdown
	Misconception string `json:"misconception,omitempty"` // its id in the catalogue
	Belief        string `json:"belief,omitempty"`        // what the misconception says
	Spec          string `json:"spec,omitempty"`          // the section that puts it right
	URL           string `json:"url,omitempty"`           // where that can be read
	Words         string `json:"words"`                   // the answer that was given, in words
}

// Given is an answer that was given before, with what was said about it.
type Given struct {
	Answer lessons.Answer `json:"answer"`
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
	l, err := s.lesson(ctx)
	if err != nil {
		return nil, err
	}
	d, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	for id, answer := range d.Answers {
		q := l.Quiz(id)
		if q == nil {
			continue
		}
		if result, err := q.Grade(answer); err == nil {
			given[id] = Given{Answer: answer, Graded: said(result)}
		}
	}
	return given, nil
}

// said is what is said to a graded answer.
func said(r lessons.Result) Graded {
	m := lessons.Misconceptions[r.Misconception]
	g := Graded{Correct: r.Correct, Rows: r.Rows, Feedback: string(r.Feedback), Misconception: r.Misconception, Belief: m.Belief, Spec: m.Spec, Words: r.Words}
	if m.Spec != "" {
		g.URL, _ = check.SpecURL(m.Spec) // that it leads somewhere is for the tests
	}
	return g
}

// Answer grades an answer, and keeps the first one given to each question. Unknown questions and answers that can't be are
// Problems.
func (s *Sandbox) Answer(ctx context.Context, question string, answer lessons.Answer) (Graded, error) {
	s.touch()
	if s.fixed.Kind != KindLesson {
		return Graded{}, notFound("A workbench has no questions.")
	}
	l, err := s.lesson(ctx)
	if err != nil {
		return Graded{}, err
	}
	if s.fixed.Seat != "" {
		if err := s.world.config.Seats.MayAnswer(ctx, s.fixed.Seat); err != nil {
			return Graded{}, err
		}
	}
	result, err := grade(l, question, answer)
	if err != nil {
		return Graded{}, err
	}
	err = s.update(ctx, func(st *state) error {
		if st.Answers == nil {
			st.Answers = map[string]lessons.Answer{}
		}
		if _, given := st.Answers[question]; !given {
			st.Answers[question] = answer
		}
		return nil
	})
	if err != nil {
		return Graded{}, err
	}
	if s.fixed.Seat != "" {
		s.world.config.Seats.Answered(ctx, s.fixed.Seat, s.fixed.Lesson, question, answer, result)
	}
	return said(result), nil
}

// Grade grades an answer to a question of a lesson, for nobody in particular.
func Grade(l *lessons.Lesson, question string, answer lessons.Answer) (Graded, error) {
	result, err := grade(l, question, answer)
	if err != nil {
		return Graded{}, err
	}
	return said(result), nil
}

func grade(l *lessons.Lesson, question string, answer lessons.Answer) (lessons.Result, error) {
	q := l.Quiz(question)
	if q == nil {
		return lessons.Result{}, notFound("Lesson %q has no question %q.", l.Slug, question)
	}
	result, err := q.Grade(answer)
	if err != nil {
		return lessons.Result{}, unprocessable("This answer can’t be graded: %s.", err)
	}
	return result, nil
}
