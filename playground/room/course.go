package room

import (
	"fmt"
	"slices"

	"oauthplayground/lessons"
)

// catalogue is what a room needs of a course, made once for each course.
type catalogue struct {
	course    *lessons.Course
	lessons   []LessonInfo
	questions map[string]questionInfo // by lesson and question
	tries     map[string][]Place      // by misconception: where it can be seen to be wrong
}

type questionInfo struct {
	predict bool
	beliefs map[string]bool // the misconceptions that an answer to it can show
}

// LessonInfo is a lesson as an instructor chooses from it.
type LessonInfo struct {
	Slug      string         `json:"slug"`
	Number    int            `json:"number"`
	Title     string         `json:"title"`
	Steps     []StepInfo     `json:"steps"`
	Questions []QuestionInfo `json:"questions"`
	Notes     string         `json:"notes,omitempty"` // the speaker's, HTML
}

type StepInfo struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Notes string `json:"notes,omitempty"` // the speaker's, HTML
}

type QuestionInfo struct {
	ID      string `json:"id"`
	HTML    string `json:"html"`
	Predict bool   `json:"predict"`
	TwinOf  string `json:"twin_of"`
}

// Place is a step of a lesson, with a title that names both.
type Place struct {
	Lesson string `json:"lesson"`
	Step   string `json:"step"`
	Title  string `json:"title"`
}

// catalogueOf reads a course.
func catalogueOf(course *lessons.Course) *catalogue {
	c := &catalogue{course: course, questions: map[string]questionInfo{}, tries: map[string][]Place{}}
	for _, t := range course.Tracks {
		for _, l := range t.Lessons {
			c.add(l)
		}
	}
	return c
}

func (c *catalogue) add(l *lessons.Lesson) {
	info := LessonInfo{Slug: l.Slug, Number: l.Number, Title: l.Title, Notes: string(l.Notes)}
	for _, s := range l.Steps {
		info.Steps = append(info.Steps, StepInfo{s.ID, s.Title, string(s.Notes)})
	}
	twinOf := map[string]string{}
	for _, q := range l.Quizzes() {
		if q.SelfCheck {
			continue
		}
		if q.Twin != nil {
			twinOf[q.Twin.ID] = q.ID
		}
		info.Questions = append(info.Questions, QuestionInfo{q.ID, string(q.Question), q.Predict, twinOf[q.ID]})
		asked := questionInfo{predict: q.Predict, beliefs: map[string]bool{}}
		for _, choice := range q.Choices {
			if choice.Misconception != "" {
				asked.beliefs[choice.Misconception] = true
			}
		}
		c.questions[l.Slug+"/"+q.ID] = asked
		for belief := range asked.beliefs {
			if at, ok := experiment(l, belief); ok && !slices.Contains(c.tries[belief], at) {
				c.tries[belief] = append(c.tries[belief], at)
			}
		}
	}
	c.lessons = append(c.lessons, info)
}

// experiment is the step of a lesson that shows best what is believed wrongly: the first that is predicted wrongly by who believes it
// and then played, attacks before others, or else the lesson's attack, or what the learner does first.
func experiment(l *lessons.Lesson, belief string) (Place, bool) {
	for _, fits := range []func(*lessons.Step) bool{
		func(s *lessons.Step) bool { return predicts(s, belief) && s.Attack() != nil },
		func(s *lessons.Step) bool { return predicts(s, belief) && len(s.Expectations()) > 0 },
		(*lessons.Step).Succeeds,
		func(s *lessons.Step) bool { return s.Attack() != nil },
		func(s *lessons.Step) bool { return s.Do },
	} {
		for n, s := range l.Steps {
			if fits(s) {
				return Place{l.Slug, s.ID, fmt.Sprintf("%d.%d %s", l.Number, n+1, s.Title)}, true
			}
		}
	}
	return Place{}, false
}

// predicts tells whether a prediction of a step has a choice for who believes that.
func predicts(s *lessons.Step, belief string) bool {
	return slices.ContainsFunc(s.Blocks, func(b lessons.Block) bool {
		q, ok := b.(*lessons.Quiz)
		return ok && q.Predict && slices.ContainsFunc(q.Choices, func(c lessons.Choice) bool { return c.Misconception == belief })
	})
}

// try is where a misconception can be tried next: in the lesson that the class is at, if it can be, or else in the first that does.
func (c *catalogue) try(belief, lesson string) *Place {
	list := c.tries[belief]
	for i := range list {
		if list[i].Lesson == lesson {
			return &list[i]
		}
	}
	if len(list) > 0 {
		return &list[0]
	}
	return nil
}

// lesson finds a lesson and the place of a step in it, counted from 1; 0 before the first.
func (c *catalogue) step(lesson, step string) (info *LessonInfo, n int) {
	for i := range c.lessons {
		if c.lessons[i].Slug != lesson {
			continue
		}
		for n, s := range c.lessons[i].Steps {
			if s.ID == step {
				return &c.lessons[i], n + 1
			}
		}
		return &c.lessons[i], 0
	}
	return nil, 0
}

// catalogue is that of the present course.
func (rs *Rooms) catalogue() *catalogue {
	course, err := rs.config.Course()
	if err != nil {
		course = &lessons.Course{} // the server says so itself: it is not ready
	}
	if c := rs.courses.Load(); c != nil && c.course == course {
		return c
	}
	c := catalogueOf(course)
	rs.courses.Store(c)
	return c
}
