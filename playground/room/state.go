package room

import (
	"iter"
	"maps"
	"slices"
	"time"

	"oauthplayground/lessons"
)

// The paces of a room.
const (
	Free   = "free"   // everybody goes where they like
	Follow = "follow" // pages go where the instructor is
)

const (
	maxLearners = 2500
	maxActs     = 5000 // of one learner: the whole course takes about 300. A room must not be full of one who has a loop
	maxHint     = 500  // bytes
	maxTimer    = 4 * time.Hour
	maxTitle    = 80 // characters
)

// state is what the records of a room add up to. Each server that has the room open holds the same one, since apply looks at
// nothing but the state and the record.
type state struct {
	seq   uint64 // of the last record that is in it
	title string

	keys     map[string]bool     // hashed, of instructors
	seats    map[string]*learner // by hashed key
	learners map[string]*learner // by id
	names    map[string]bool     // as sameName has them, of those who have left too
	left     map[string]*learner // by id: they have no seat any more, and what they did counts

	lead  lead
	asks  []*ask
	asked *ask                // the present vote; nil if there is none
	shown map[string]*beliefs // by answers, by lesson and question
	since time.Time           // the instructor has asked something else of everybody

	ended []string // sandboxes that the last record has left without a seat

	version versions
}

// lead is what the instructor asks of everybody.
type lead struct {
	pace         string
	lesson, step string // where the instructor is, or has brought everybody
	brought      uint64 // how often everybody was brought somewhere
	locked       bool
	timer        time.Time // when it ends; zero without one
}

// learner is somebody who has joined.
type learner struct {
	id, name, key string
	simulated     bool
	joined        time.Time

	lesson, step string
	since        time.Time // on this step
	progress     time.Time // when they have gone to a step, passed one or answered a question last
	sandboxes    []seat    // the newest last
	passed       map[string][]passing
	answers      map[string]answer // by lesson and question
	hand         bool
	hint         hint // the last one that was not put away

	acts     int    // records of what they do themselves
	stuck    bool   // as boards were told
	row, you uint64 // versions: of what the board shows of them, and of what their own page does
}

type seat struct{ lesson, sandbox string }

type passing struct {
	step string
	at   time.Time
}

type answer struct {
	lesson, question string
	given            lessons.Answer
	graded
	at time.Time
}

type hint struct {
	n    uint64
	text string
}

// versions tell what has changed since somebody looked. Each grows by one with each change of its part.
type versions struct {
	public uint64 // what everybody is asked
	rows   uint64 // of the learners on the board; each has the version at which it changed last
	gone   uint64 // learners that were removed
	heat   uint64 // answers, and votes that are no secret any more
}

func newState() *state {
	return &state{keys: map[string]bool{}, seats: map[string]*learner{}, learners: map[string]*learner{}, left: map[string]*learner{}, names: map[string]bool{}, shown: map[string]*beliefs{}, lead: lead{pace: Free}}
}

// taken tells whether somebody has this name.
func (s *state) taken(name string) bool { return s.names[sameName(name)] }

// inOrder is learners in the order in which they joined.
func inOrder(some iter.Seq[*learner]) []*learner {
	return slices.SortedFunc(some, func(a, b *learner) int {
		if d := a.joined.Compare(b.joined); d != 0 {
			return d
		}
		return idNumber(a.id) - idNumber(b.id)
	})
}

// check tells why a record would change nothing, if so. What it says now holds at the position at which the record is written, or
// apply says otherwise there.
func (s *state) check(r record) error {
	if r.Learner != "" && s.learners[r.Learner] == nil {
		return refuse(NotFound, "You are not in this room, or no longer: join it again.")
	}
	if acts[r.What] && s.learners[r.Learner].acts >= maxActs {
		return refuse(Full, "You have done more in this room than it can keep of one learner: join it again.")
	}
	switch r.What {
	case joined:
		if len(s.learners)+len(s.left) >= maxLearners {
			return refuse(Full, "This room is full: it has room for %d.", maxLearners)
		}
	case phased:
		if s.asked == nil || s.asked.id != r.Ask {
			return refuse(Conflict, "This vote is over, or another one has begun.")
		}
		return s.asked.mayGo(r.Phase)
	case voted:
		if s.lead.locked {
			return refuse(Conflict, "Answers are locked at the moment.")
		}
		if s.asked == nil || s.asked.id != r.Ask {
			return refuse(Conflict, "This vote is over, or another one has begun.")
		}
		return s.asked.open(r.Round)
	}
	return nil
}

// apply adds a record to the state. The error says why it changes nothing.
func (s *state) apply(r record) error {
	s.seq, s.ended = r.Seq, nil
	if err := s.check(r); err != nil {
		return err
	}
	l := s.learners[r.Learner]
	if acts[r.What] {
		l.acts++
	}
	switch r.What {
	case opened:
		s.title, s.lead.lesson = r.Title, r.Lesson
		s.version.public++
	case keyed:
		s.keys[r.Key] = true
	case joined:
		s.join(r)
	case left:
		s.leave(l)
	case removed:
		s.remove(l)
	case cleared:
		for _, l := range inOrder(maps.Values(s.learners)) {
			if l.simulated {
				s.remove(l)
			}
		}
	case seated:
		l.sandboxes = append(slices.DeleteFunc(l.sandboxes, func(o seat) bool { return o.sandbox == r.Sandbox }), seat{r.Lesson, r.Sandbox})
		for len(l.sandboxes) > maxSandboxes {
			s.ended = append(s.ended, l.sandboxes[0].sandbox)
			l.sandboxes = slices.Delete(l.sandboxes, 0, 1)
		}
		s.move(l, r.Lesson, "", r.At)
	case moved:
		s.move(l, r.Lesson, r.Step, r.At)
		for _, step := range r.Passed {
			if !l.hasPassed(r.Lesson, step) {
				l.passed[r.Lesson] = append(l.passed[r.Lesson], passing{step, r.At})
				s.goesOn(l, r.At)
			}
		}
	case answered:
		key := r.Lesson + "/" + r.Question
		if _, given := l.answers[key]; !given { // the first one counts, as in the learner's own sandbox
			l.answers[key] = answer{r.Lesson, r.Question, r.Answer, *r.Graded, r.At}
			s.believed(key).add(*r.Graded, 1)
			s.version.heat++
			s.goesOn(l, r.At)
		}
	case led:
		s.leads(r)
	case brought:
		s.lead.lesson, s.lead.step = r.Lesson, r.Step
		s.lead.brought++
		s.since = r.At
		s.version.public++
	case asked:
		s.noVote()
		s.asked = &ask{id: askID(r.Seq), lesson: r.Lesson, question: r.Question, phase: Vote, began: r.At}
		s.asked.rounds[0], s.asked.rounds[1] = map[string]vote{}, map[string]vote{}
		s.asks = append(s.asks, s.asked)
		s.since = r.At
		s.version.public++
	case phased:
		s.goes(r.Phase)
		s.since = r.At
	case voted:
		if _, before := s.asked.last(l.id); before != r.Round {
			s.touch(l) // that they have voted is shown, and not what
		}
		round := s.asked.rounds[r.Round-1]
		if earlier, again := round[l.id]; again {
			s.asked.shown[r.Round-1].add(earlier.graded, -1)
		}
		s.asked.shown[r.Round-1].add(*r.Graded, 1)
		round[l.id] = vote{r.Answer, *r.Graded, r.At}
		l.you++
	case raised:
		l.hand = r.Up
		s.touch(l)
		l.you++
	case hinted:
		l.hint = hint{r.Seq, r.Text}
		l.you++
	case read:
		if l.hint.n == r.N {
			l.hint = hint{}
			l.you++
		}
	}
	return nil
}

func (s *state) join(r record) {
	name := distinct(r.Name, s.taken)
	l := &learner{id: learnerID(r.Seq), name: name, key: r.Key, simulated: r.Simulated, joined: r.At, since: r.At, progress: r.At, passed: map[string][]passing{}, answers: map[string]answer{}}
	s.learners[l.id], s.seats[l.key], s.names[sameName(name)] = l, l, true
	s.touch(l)
	l.you++
}

// leave takes a learner's seat away. What they did stays with the class; who did nothing is forgotten.
func (s *state) leave(l *learner) {
	voted := slices.ContainsFunc(s.asks, func(a *ask) bool { _, n := a.last(l.id); return n > 0 })
	if !voted && len(l.answers) == 0 && len(l.passed) == 0 {
		s.remove(l)
		return
	}
	s.unseat(l)
	s.left[l.id] = l
}

// unseat takes a learner off the board, and their sandboxes with them.
func (s *state) unseat(l *learner) {
	delete(s.learners, l.id)
	delete(s.seats, l.key)
	s.ended = append(s.ended, l.all()...)
	l.sandboxes = nil
	s.version.gone++
}

// remove forgets a learner, and everything they did.
func (s *state) remove(l *learner) {
	s.unseat(l)
	delete(s.names, sameName(l.name))
	if s.asked != nil {
		if _, voted := s.asked.last(l.id); voted > 0 {
			s.version.public++ // its results are others now
		}
	}
	for _, a := range s.asks {
		for i, round := range a.rounds {
			if v, ok := round[l.id]; ok {
				a.shown[i].add(v.graded, -1)
				delete(round, l.id)
			}
		}
	}
	for key, a := range l.answers {
		s.believed(key).add(a.graded, -1)
	}
	s.version.heat++
}

// move puts a learner on a step; no step means that the lesson was opened. Time on the step runs from the first of what is said.
func (s *state) move(l *learner, lesson, step string, at time.Time) {
	if l.lesson != lesson || step != "" && l.step != step {
		l.lesson, l.step, l.since = lesson, step, at
		s.goesOn(l, at)
	}
	s.touch(l)
}

// goesOn says that a learner has made progress.
func (s *state) goesOn(l *learner, at time.Time) {
	l.progress, l.stuck = at, false
	s.touch(l)
}

func (s *state) leads(r record) {
	if r.Pace != "" {
		s.lead.pace = r.Pace
	}
	if r.Lesson != "" {
		s.lead.lesson, s.lead.step = r.Lesson, r.Step
	}
	if r.Locked != nil {
		s.lead.locked = *r.Locked
	}
	if r.Timer != nil {
		s.lead.timer = time.Time{}
		if *r.Timer > 0 {
			s.lead.timer = r.At.Add(time.Duration(*r.Timer) * time.Second)
		}
	}
	if r.Pace != "" || r.Locked != nil || s.lead.pace == Follow {
		s.since = r.At
	}
	s.version.public++
}

// goes takes the present vote to a phase. A learner's own page has something new only when it says what their vote was worth.
func (s *state) goes(phase string) {
	told := s.asked.revealed()
	if s.asked.phase = phase; s.asked.revealed() && !told {
		s.version.heat++
		for l := range s.voters() {
			l.you++
		}
	}
	if phase == Over {
		s.noVote()
	}
	s.version.public++
}

// noVote ends the present vote, if there is one: nothing of it is shown any more of who has voted.
func (s *state) noVote() {
	for l := range s.voters() {
		l.you++
		s.touch(l)
	}
	s.asked = nil
	s.version.heat++ // what was not revealed counts there now
}

// voters are the learners who have voted in the present vote.
func (s *state) voters() iter.Seq[*learner] {
	return func(yield func(*learner) bool) {
		if s.asked == nil {
			return
		}
		for _, l := range s.learners {
			if _, round := s.asked.last(l.id); round > 0 && !yield(l) {
				return
			}
		}
	}
}

// isStuck tells whether a learner has made no progress for a time. Nobody is stuck who can't go on: while all vote or talk, while answers
// are locked, on a step that is passed as long as all follow the instructor, and at the lesson's end. What the instructor asks of
// everybody begins the time anew.
func (s *state) isStuck(l *learner, info *LessonInfo, n int, now time.Time, limit time.Duration) bool {
	last := l.progress
	if s.since.After(last) {
		last = s.since
	}
	if info == nil || n >= len(info.Steps) || now.Sub(last) < limit {
		return false
	}
	voting := s.asked != nil && !s.asked.revealed()
	waiting := s.lead.pace == Follow && l.hasPassed(l.lesson, l.step)
	return !voting && !s.lead.locked && !waiting
}

// touch says that the board shows something else of a learner.
func (s *state) touch(l *learner) {
	s.version.rows++
	l.row = s.version.rows
}

// hasPassed tells whether a learner has passed a step.
func (l *learner) hasPassed(lesson, step string) bool {
	return slices.ContainsFunc(l.passed[lesson], func(p passing) bool { return p.step == step })
}

// all are a learner's sandboxes.
func (l *learner) all() (ids []string) {
	for _, s := range l.sandboxes {
		ids = append(ids, s.sandbox)
	}
	return ids
}

// present is the sandbox a learner works in.
func (l *learner) present() string {
	for _, s := range slices.Backward(l.sandboxes) {
		if s.lesson == l.lesson {
			return s.sandbox
		}
	}
	return ""
}
