package room

import (
	"context"
	"slices"
	"strings"

	"oauthplayground/lessons"
)

// The acts: what instructors and learners do. Each is one record, and is acknowledged when it is in the log and counts.

// Bearer is who has a key: an instructor, or a learner with an id. The role is empty where the key fits nobody. An error says that
// this can't be known now: whoever asks may be somebody all the same.
func (r *Room) Bearer(ctx context.Context, key string) (role Role, learner string, err error) {
	h := hash(key)
	_, err = r.sure(ctx, func(s *state) bool {
		if l := s.seats[h]; l != nil {
			role, learner = Learner, l.id
		} else if s.keys[h] {
			role = Instructor
		}
		return role != "" || key == ""
	})
	return role, learner, err
}

// Key makes one more instructor's key.
func (r *Room) Key(ctx context.Context) (string, error) {
	key := newKey()
	_, err := r.do(ctx, record{What: keyed, Key: hash(key)})
	return key, err
}

// Title is what the room is called.
func (r *Room) Title() (title string) {
	r.look(func(s *state) { title = s.title })
	return title
}

// Here is how many learners are connected.
func (r *Room) Here() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.here()
}

// Offer is a name that nobody has.
func (r *Room) Offer() (name string) {
	r.look(func(s *state) { name = offer(s.taken) })
	return name
}

// Seat is a learner's place in the room, and the only time its key is told.
type Seat struct{ ID, Name, Key string }

// Join gives somebody a seat. A name that somebody has gets a number; without one there is a bird's.
func (r *Room) Join(ctx context.Context, name string) (Seat, error) { return r.join(ctx, name, false) }

// Simulate gives a simulated learner a seat.
func (r *Room) Simulate(ctx context.Context) (Seat, error) { return r.join(ctx, "", true) }

func (r *Room) join(ctx context.Context, typed string, simulated bool) (Seat, error) {
	name := cleanName(typed)
	if name == "" {
		if strings.TrimSpace(typed) != "" {
			return Seat{}, refuse(Invalid, "name has nothing in it that can be read.")
		}
		name = r.Offer()
	}
	key := newKey()
	w, err := r.do(ctx, record{What: joined, Name: name, Key: hash(key), Simulated: simulated})
	if err != nil {
		return Seat{}, err
	}
	seat := Seat{ID: learnerID(w.seq), Name: name, Key: key}
	r.look(func(s *state) {
		if l := s.learners[seat.ID]; l != nil {
			seat.Name = l.name
		}
	})
	return seat, nil
}

// Change is what an instructor changes of the lead; nil leaves a part as it is.
type Change struct {
	Pace   *string `json:"pace"`
	Lesson *string `json:"lesson"`
	Step   *string `json:"step"`
	Locked *bool   `json:"locked"`
	Timer  *int    `json:"timer"`
}

// Lead changes what is asked of everybody.
func (r *Room) Lead(ctx context.Context, c Change) error {
	rec := record{What: led, Locked: c.Locked, Timer: c.Timer}
	if c.Pace != nil {
		if rec.Pace = *c.Pace; rec.Pace != Free && rec.Pace != Follow {
			return refuse(Invalid, "pace can’t be %q: it is free or follow.", clip(rec.Pace))
		}
	}
	if c.Timer != nil && (*c.Timer < 0 || *c.Timer > int(maxTimer.Seconds())) {
		return refuse(Invalid, "timer is in seconds, from 0 (no timer) to %d.", int(maxTimer.Seconds()))
	}
	if (c.Lesson == nil) != (c.Step == nil) {
		return refuse(Invalid, "lesson and step go together: they say where you are.")
	}
	if c.Lesson != nil {
		rec.Lesson, rec.Step = *c.Lesson, *c.Step
		if err := r.rooms.place(rec.Lesson, rec.Step); err != nil {
			return err
		}
	}
	_, err := r.do(ctx, rec)
	return err
}

// place tells whether a lesson has a step; no step is its beginning.
func (rs *Rooms) place(lesson, step string) error {
	l, err := rs.lesson(lesson)
	if err != nil || step == "" {
		return err
	}
	for _, s := range l.Steps {
		if s.ID == step {
			return nil
		}
	}
	return refuse(NotFound, "Lesson %q has no step %q.", lesson, clip(step))
}

// Bring brings everybody to a step, once.
func (r *Room) Bring(ctx context.Context, lesson, step string) error {
	if err := r.rooms.place(lesson, step); err != nil {
		return err
	}
	_, err := r.do(ctx, record{What: brought, Lesson: lesson, Step: step})
	return err
}

// Ask puts a question to the room. The vote before it, if there is one, is over.
func (r *Room) Ask(ctx context.Context, lesson, question string) error {
	if _, _, err := r.rooms.question(lesson, question); err != nil {
		return err
	}
	_, err := r.do(ctx, record{What: asked, Lesson: lesson, Question: question})
	return err
}

// Phase takes the vote further.
func (r *Room) Phase(ctx context.Context, ask, phase string) error {
	_, err := r.do(ctx, record{What: phased, Ask: ask, Phase: phase})
	return err
}

// Vote is a learner's answer to what the room is asked. Given again it takes the other's place, while the round is open.
func (r *Room) Vote(ctx context.Context, learner, ask string, round int, given lessons.Answer) error {
	var lesson, question string
	if ok, err := r.sure(ctx, func(s *state) bool {
		if s.asked == nil || s.asked.id != ask {
			return false
		}
		lesson, question = s.asked.lesson, s.asked.question
		return true
	}); err != nil {
		return err
	} else if !ok {
		return refuse(Conflict, "This vote is over, or another one has begun.")
	}
	_, q, err := r.rooms.question(lesson, question)
	if err != nil {
		return err
	}
	g, err := q.Grade(given)
	if err != nil {
		return refuse(Invalid, "This vote can’t be counted: %s.", err)
	}
	_, err = r.do(ctx, record{What: voted, Learner: learner, Ask: ask, Round: round, Answer: given, Graded: gradedOf(g)})
	return err
}

func gradedOf(r lessons.Result) *graded {
	return &graded{Correct: r.Correct, Rows: r.Rows, Misconception: r.Misconception}
}

// Hand raises or lowers a learner's hand.
func (r *Room) Hand(ctx context.Context, learner string, up bool) error {
	_, err := r.do(ctx, record{What: raised, Learner: learner, Up: up})
	return err
}

// Hint sends a learner a sentence.
func (r *Room) Hint(ctx context.Context, learner, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxHint {
		return refuse(Invalid, "text is a sentence or two, of %d bytes at the most.", maxHint)
	}
	_, err := r.do(ctx, record{What: hinted, Learner: learner, Text: text})
	return err
}

// Read puts a hint away.
func (r *Room) Read(ctx context.Context, learner string, n uint64) error {
	_, err := r.do(ctx, record{What: read, Learner: learner, N: n})
	return err
}

// Leave gives a learner's seat up. Their votes, answers and progress stay with the room. Their sandboxes are returned: they are the
// caller's to end.
func (r *Room) Leave(ctx context.Context, id string) ([]string, error) {
	return r.ends(ctx, record{What: left, Learner: id})
}

// Remove takes a learner's seat away, with everything they did. Their sandboxes are returned: they are the caller's to end.
func (r *Room) Remove(ctx context.Context, id string) ([]string, error) {
	return r.ends(ctx, record{What: removed, Learner: id})
}

// Clear takes away all simulated learners, and returns their sandboxes.
func (r *Room) Clear(ctx context.Context) ([]string, error) {
	return r.ends(ctx, record{What: cleared})
}

// ends writes a record, and returns the sandboxes that have no seat any more at its position.
func (r *Room) ends(ctx context.Context, rec record) ([]string, error) {
	w, err := r.do(ctx, rec)
	if err != nil {
		return nil, err
	}
	return w.ended, nil
}

// Sandboxes are those of all learners.
func (r *Room) Sandboxes() (list []string) {
	r.look(func(s *state) {
		for _, l := range s.learners {
			list = append(list, l.all()...)
		}
	})
	return list
}

// Sandbox is the one that a learner works in.
func (r *Room) Sandbox(ctx context.Context, learner string) (id string, err error) {
	no := refuse(NotFound, "There is no such learner in this room.")
	ok, err := r.sure(ctx, func(s *state) bool {
		if l := s.learners[learner]; l != nil {
			id, no = l.present(), refuse(NotFound, "This learner has no sandbox yet.")
		}
		return id != ""
	})
	if err == nil && !ok {
		err = no
	}
	return id, err
}

// Seated says that a learner has a new sandbox. Those that are too many now are returned: they are the caller's to end.
func (r *Room) Seated(ctx context.Context, id, lesson, sandbox string) ([]string, error) {
	return r.ends(ctx, record{What: seated, Learner: id, Lesson: lesson, Sandbox: sandbox})
}

// Locked tells whether answers are locked, on whichever server that was done. An error says that this is as far as it is known here.
func (r *Room) Locked(ctx context.Context) (locked bool, err error) {
	err = r.catchUp(ctx)
	r.look(func(s *state) { locked = s.lead.locked })
	return locked, err
}

// Moved says where a learner is in a lesson, and which steps they have passed. What is known already is not written again.
func (r *Room) Moved(ctx context.Context, learner, lesson, step string, passed []string) error {
	known := false
	r.look(func(s *state) {
		l := s.learners[learner]
		known = l == nil || l.lesson == lesson && l.step == step && !slices.ContainsFunc(passed, func(step string) bool { return !l.hasPassed(lesson, step) })
	})
	if known {
		return nil
	}
	r.notes.forgive(learner)
	_, err := r.do(ctx, record{What: moved, Learner: learner, Lesson: lesson, Step: step, Passed: passed})
	return err
}

// Answered says what a learner has answered to a question of a lesson.
func (r *Room) Answered(ctx context.Context, learner, lesson, question string, given lessons.Answer, g lessons.Result) error {
	known := false
	r.look(func(s *state) {
		if l := s.learners[learner]; l != nil {
			_, known = l.answers[lesson+"/"+question]
		}
	})
	if known {
		return nil
	}
	_, err := r.do(ctx, record{What: answered, Learner: learner, Lesson: lesson, Question: question, Answer: given, Graded: gradedOf(g)})
	return err
}
