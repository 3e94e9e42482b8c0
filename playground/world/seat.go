package world

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
)

// Seats hear what happens in the sandboxes of learners who sit in a room. A seat is a name that the world was given when the
// sandbox was made, and that means nothing here. Its methods may be called by many at once.
type Seats interface {
	// Moved tells at which step a learner is, and which ones they have passed in this run.
	Moved(ctx context.Context, seat, lesson, step string, passed []string)
	// MayAnswer tells why questions can't be answered now, as a Problem.
	MayAnswer(ctx context.Context, seat string) error
	// Answered tells of an answer to a question of the lesson.
	Answered(ctx context.Context, seat, lesson, question string, answer lessons.Answer, result lessons.Result)
	// Exchanged tells of an exchange on the wire. It returns at once.
	Exchanged(seat, lesson string, e Exchange)
}

// Exchange is a request with what came of it.
type Exchange struct {
	N        uint64 // its number in the run
	From, To string
	Method   string
	Path     string
	Status   int
	Refused  bool
	Error    string          // OAuth's code for why it was refused; empty where it has none
	Verdicts []check.Verdict // of the receiver
}

// nobody sits anywhere.
type nobody struct{}

func (nobody) Moved(context.Context, string, string, string, []string)                          {}
func (nobody) MayAnswer(context.Context, string) error                                          { return nil }
func (nobody) Answered(context.Context, string, string, string, lessons.Answer, lessons.Result) {}
func (nobody) Exchanged(string, string, Exchange)                                               {}

// Seat is where the sandbox's learner sits; empty if they are in no room.
func (s *Sandbox) Seat() string { return s.fixed.Seat }

// Lesson is the slug of the sandbox's lesson; empty for a workbench.
func (s *Sandbox) Lesson() string { return s.fixed.Lesson }

// told is what a seat has heard last.
type told struct {
	step   string
	passed []string
}

// tellMove tells the seat where its learner is, where that is another place than before. A run that is being prepared moves nobody.
func (s *Sandbox) tellMove(ctx context.Context, st *state) {
	if s.fixed.Seat == "" || st.Unready || st.Step == "" {
		return
	}
	if before := s.toldSeat.Load(); before != nil && before.step == st.Step && slices.Equal(before.passed, st.Passed) {
		return
	}
	s.toldSeat.Store(&told{st.Step, slices.Clone(st.Passed)})
	s.world.config.Seats.Moved(ctx, s.fixed.Seat, s.fixed.Lesson, st.Step, st.Passed)
}

// tellExchange tells the seat of an exchange that was recorded.
func (s *Sandbox) tellExchange(n uint64, m meeting, r *http.Request, answer *held, verdicts []check.Verdict) {
	if s.fixed.Seat == "" {
		return
	}
	e := Exchange{N: n, From: m.from, To: m.to, Method: r.Method, Path: r.URL.Path, Status: answer.code(), Verdicts: verdicts}
	e.Refused, e.Error = refusal(answer, verdicts)
	s.world.config.Seats.Exchanged(s.fixed.Seat, s.fixed.Lesson, e)
}

// refusal tells whether an answer refuses, and with which code of OAuth's: in the body (RFC 6749 §5.2) or in the redirect
// (§4.1.2.1).
func refusal(answer *held, verdicts []check.Verdict) (refused bool, code string) {
	failed := slices.ContainsFunc(verdicts, func(v check.Verdict) bool { return v.Outcome == check.Failed && v.Mode == check.Enforce })
	if answer.code() < 400 && !failed {
		return false, ""
	}
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(answer.body.Bytes(), &body) == nil && body.Error != "" {
		return true, body.Error
	}
	if to, err := url.Parse(answer.header.Get("Location")); err == nil && to.Query().Get("error") != "" {
		return true, to.Query().Get("error")
	}
	return true, ""
}
