package room

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"oauthplayground/lessons"
)

// The views: what a page shows of a room. Their JSON is the contract with the pages; each is a whole state.

// Role is whose page it is.
type Role string

const (
	Instructor Role = "instructor"
	Learner    Role = "learner"
	Projector  Role = "projector" // the wall: what everybody may know
)

// View is what everybody is asked.
type View struct {
	Type     string    `json:"type" ts:"'room'"` // room
	Code     string    `json:"code"`
	Title    string    `json:"title"`
	Role     Role      `json:"role" ts:"'instructor' | 'learner' | 'projector'"`
	Now      time.Time `json:"now"` // the server's clock, for what counts down or up
	Here     int       `json:"here"`
	Learners int       `json:"learners"`
	Pace     string    `json:"pace" ts:"'free' | 'follow'"`
	Lesson   string    `json:"lesson"`
	Step     string    `json:"step"`
	Brought  uint64    `json:"brought"`
	Locked   bool      `json:"locked"`
	Timer    *Timer    `json:"timer"`
	Vote     *VoteView `json:"vote"`
}

// Timer is a time that everybody sees run.
type Timer struct {
	Ends time.Time `json:"ends"`
	Now  time.Time `json:"now"`
}

// VoteView is the present vote. How it came out and what is right are there from the reveal on, on the instructor's page as on
// everybody's: theirs is often the screen that is projected. Before the reveal an instructor is told what they lead by, how many were
// right in the first round once it is closed; for more they ask, with Peek.
type VoteView struct {
	Ask      string       `json:"ask"`
	Lesson   string       `json:"lesson"`
	Question string       `json:"question"`
	Title    string       `json:"title"` // of the lesson
	Number   int          `json:"number"`
	Kind     lessons.Kind `json:"kind" ts:"'choice' | 'order' | 'match' | 'matrix'"`
	HTML     string       `json:"html"`
	Options  []string     `json:"options"`
	Rows     []string     `json:"rows"`
	RowHead  string       `json:"row_head"`
	Columns  []string     `json:"columns"`
	Twin     string       `json:"twin"` // the question to ask next, if there is one
	Phase    string       `json:"phase" ts:"'vote' | 'hidden' | 'discuss' | 'revote' | 'reveal' | 'explain'"`
	Round    int          `json:"round"`
	Results  []Result     `json:"results" ts:"Results[] | null"`
	Right    []int        `json:"right" ts:"number[] | null"`
	Feedback []string     `json:"feedback" ts:"string[] | null"`
}

// You is what a learner's page shows of its learner.
type You struct {
	Type string   `json:"type" ts:"'you'"` // you
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Hand bool     `json:"hand"`
	Vote *OwnVote `json:"vote"`
	Hint *Hint    `json:"hint"`
}

// OwnVote is a learner's last vote; what it was worth is there from the reveal on.
type OwnVote struct {
	Ask      string         `json:"ask"`
	Round    int            `json:"round"`
	Answer   lessons.Answer `json:"answer"`
	Correct  *bool          `json:"correct,omitempty"`
	Feedback string         `json:"feedback,omitempty"`
}

// Hint is a sentence from the instructor.
type Hint struct {
	N    uint64 `json:"n"`
	Text string `json:"text"`
}

// Tally is how many: the class without names.
type Tally struct {
	Type     string      `json:"type" ts:"'tally'"` // tally
	Here     int         `json:"here"`
	Learners int         `json:"learners"`
	Votes    [2]int      `json:"votes"`  // in each round of the present vote
	Lesson   string      `json:"lesson"` // that most are in
	Wire     []ArrowView `json:"wire"`
	Spread   []StepView  `json:"spread"`
}

// ArrowView is a request of a lesson, with how many learners have sent it.
type ArrowView struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Sent    int    `json:"sent"`
	Refused int    `json:"refused"` // of the last ones
	Last    int    `json:"last"`    // learners who have sent nothing after it
}

// StepView is a step of the lesson that most are in, with how many learners are at it.
type StepView struct {
	Step     string `json:"step"`
	Title    string `json:"title"`
	N        int    `json:"n"`
	Learners int    `json:"learners"`
}

// Row is a learner on the board.
type Row struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Here      bool      `json:"here"`
	Hand      bool      `json:"hand"`
	Simulated bool      `json:"simulated"`
	Lesson    string    `json:"lesson"`
	Step      string    `json:"step"`
	N         int       `json:"n"`  // of the step, from 1; 0 before the first
	Of        int       `json:"of"` // steps there are
	Passed    int       `json:"passed"`
	Since     time.Time `json:"since"`
	Stuck     bool      `json:"stuck"`
	Error     *Refusal  `json:"error"`
	Voted     int       `json:"voted"` // the round of the present vote in which they have voted last; 0: in none
	Sandbox   bool      `json:"sandbox"`
}

// Rows are learners of whom the board shows something else than before, and the ids of those who are gone.
type Rows struct {
	Type string   `json:"type" ts:"'rows'"` // rows
	Rows []Row    `json:"rows"`
	Gone []string `json:"gone"`
}

// Board is what an instructor chooses from.
type Board struct {
	Type    string       `json:"type" ts:"'board'"` // board
	Lessons []LessonInfo `json:"lessons"`
}

// Message is a view on its way to a page. Of one that is Shared many pages get the same; Wire is the sender's to keep what it has
// made of it.
type Message struct {
	Data   []byte
	Shared bool
	Wire   any

	own any // of which Data is still to be made
}

func shared(v any) *Message { return &Message{Data: encode(v), Shared: true} }

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("room: a view has no JSON: " + err.Error()) // plain structs
	}
	return b
}

// view is what everybody is asked, as one role may know it; mu is held.
func (r *Room) view(role Role, now time.Time) View {
	s := r.state
	now = now.UTC().Truncate(time.Millisecond)
	v := View{Type: "room", Code: r.code, Title: s.title, Role: role, Now: now, Here: r.here(), Learners: len(s.learners), Pace: s.lead.pace, Lesson: s.lead.lesson, Step: s.lead.step, Brought: s.lead.brought, Locked: s.lead.locked}
	if !s.lead.timer.IsZero() {
		v.Timer = &Timer{s.lead.timer, now}
	}
	if s.asked != nil {
		v.Vote = r.voteView(s.asked, role)
	}
	return v
}

func (r *Room) voteView(a *ask, role Role) *VoteView {
	l, q, err := r.rooms.question(a.lesson, a.question)
	if err != nil {
		return nil // the lessons have changed, and it is not in them any more
	}
	v := &VoteView{Ask: a.id, Lesson: a.lesson, Question: a.question, Title: l.Title, Number: l.Number, Kind: q.Kind, HTML: string(q.Question), RowHead: string(q.RowHead), Options: []string{}, Rows: []string{}, Columns: []string{}, Phase: a.phase, Round: a.round()}
	if q.Kind == lessons.OneOf {
		for _, c := range q.Choices {
			v.Options = append(v.Options, string(c.HTML))
		}
	}
	for _, row := range q.Rows {
		v.Rows = append(v.Rows, string(row.HTML))
	}
	for _, c := range q.Columns {
		v.Columns = append(v.Columns, string(c))
	}
	if q.Twin != nil {
		v.Twin = q.Twin.ID
	}
	switch {
	case a.revealed():
		v.Results, v.Right = a.results(q), Right(q)
	case role == Instructor && a.phase != Vote:
		first := a.result(1, q)
		v.Results = []Result{{Round: 1, Votes: first.Votes, Right: first.Right}}
	}
	if a.phase == Explain {
		v.Feedback = feedback(q)
	}
	return v
}

// Peek is the present vote with all that there is to know of it: how it stands, what is right, and why. It is for an instructor who
// asks for it.
func (r *Room) Peek() (*VoteView, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.state.asked; a != nil {
		if _, q, err := r.rooms.question(a.lesson, a.question); err == nil {
			v := r.voteView(a, Instructor)
			v.Results, v.Right, v.Feedback = a.results(q), Right(q), feedback(q)
			return v, nil
		}
	}
	return nil, refuse(Conflict, "There is no vote at the moment.")
}

// feedback is what is said to the options; of a question that has none, to its right answer.
func feedback(q *lessons.Quiz) (said []string) {
	for _, c := range q.Choices {
		if q.Kind == lessons.OneOf || c.Correct {
			said = append(said, string(c.Feedback))
		}
	}
	return said
}

// Right is the right answer to a question, as it is given.
func Right(q *lessons.Quiz) (answer []int) {
	if q.Kind == lessons.OneOf {
		for i, c := range q.Choices {
			if c.Correct {
				answer = append(answer, i+1)
			}
		}
		return answer
	}
	for i, row := range q.Rows {
		for _, column := range row.Right {
			if q.Kind == lessons.Matrix {
				column += i * len(q.Columns)
			}
			answer = append(answer, column)
		}
	}
	return answer
}

// you is what a learner's own page shows; mu is held.
func (r *Room) you(l *learner) You {
	y := You{Type: "you", ID: l.id, Name: l.name, Hand: l.hand}
	if l.hint.n > 0 {
		y.Hint = &Hint{l.hint.n, l.hint.text}
	}
	a := r.state.asked
	if a == nil {
		return y
	}
	v, round := a.last(l.id)
	if round == 0 {
		return y
	}
	y.Vote = &OwnVote{Ask: a.id, Round: round, Answer: v.given}
	if !a.revealed() {
		return y
	}
	y.Vote.Correct = &v.Correct
	if _, q, err := r.rooms.question(a.lesson, a.question); err == nil {
		if graded, err := q.Grade(v.given); err == nil {
			y.Vote.Feedback = string(graded.Feedback)
		}
	}
	return y
}

// row is what the board shows of a learner; mu is held.
func (r *Room) row(l *learner, c *catalogue, now time.Time) Row {
	row := Row{ID: l.id, Name: l.name, Here: r.present.is(l.id), Hand: l.hand, Simulated: l.simulated, Lesson: l.lesson, Step: l.step, Passed: len(l.passed[l.lesson]), Since: l.since, Stuck: r.isStuck(l, c, now), Sandbox: l.present() != ""}
	if info, n := c.step(l.lesson, l.step); info != nil {
		row.N, row.Of = n, len(info.Steps)
	}
	if w := r.wires[l.id]; w != nil && w.lesson == l.lesson {
		row.Error = w.error
	}
	if a := r.state.asked; a != nil {
		_, row.Voted = a.last(l.id)
	}
	return row
}

// tally counts the class; mu is held.
func (r *Room) tally(c *catalogue) Tally {
	s := r.state
	t := Tally{Type: "tally", Learners: len(s.learners), Wire: []ArrowView{}, Spread: []StepView{}}
	in := map[string]int{} // learners by lesson
	for id, l := range s.learners {
		if r.present.is(id) {
			t.Here++
		}
		if l.lesson != "" { // who has not begun is in no lesson, however many those are
			in[l.lesson]++
		}
	}
	for lesson, n := range in {
		if n > in[t.Lesson] || n == in[t.Lesson] && lesson < t.Lesson {
			t.Lesson = lesson
		}
	}
	if a := s.asked; a != nil {
		t.Votes = [2]int{len(a.rounds[0]), len(a.rounds[1])}
	}
	if t.Lesson == "" {
		return t
	}
	at := map[string]int{}
	for _, k := range r.kinds {
		k.sent, k.refused, k.last, k.places = 0, 0, 0, 0
	}
	for id, l := range s.learners {
		if l.lesson == t.Lesson {
			at[l.step]++
		}
		w := r.wires[id]
		if w == nil || w.lesson != t.Lesson {
			continue
		}
		for i, a := range w.arrows {
			a.kind.sent++
			a.kind.places += i
			if a.refused {
				a.kind.refused++
			}
		}
		if w.last != nil {
			w.last.last++
		}
	}
	var list []*kind
	for _, k := range r.kinds {
		if k.sent > 0 {
			list = append(list, k)
		}
	}
	mean := func(k *kind) float64 { return float64(k.places) / float64(k.sent) }
	slices.SortFunc(list, func(a, b *kind) int {
		return cmp.Or(cmp.Compare(mean(a), mean(b)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	for _, k := range list {
		t.Wire = append(t.Wire, ArrowView{From: k.From, To: k.To, Method: k.Method, Path: k.Path, Sent: k.sent, Refused: k.refused, Last: k.last})
	}
	if info, _ := c.step(t.Lesson, ""); info != nil {
		for n, step := range info.Steps {
			t.Spread = append(t.Spread, StepView{step.ID, step.Title, n + 1, at[step.ID]})
		}
	}
	return t
}
