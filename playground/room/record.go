package room

import (
	"encoding/json"
	"fmt"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/trace"
)

// What a record says.
const (
	opened   = "opened"   // Title, Lesson
	keyed    = "keyed"    // Key: of one more instructor
	joined   = "joined"   // Name, Key, Simulated; the learner's id is made of the record's position
	left     = "left"     // Learner, of their own will
	removed  = "removed"  // Learner
	cleared  = "cleared"  // all who are Simulated
	seated   = "seated"   // Learner, Lesson, Sandbox
	moved    = "moved"    // Learner, Lesson, Step, Passed
	answered = "answered" // Learner, Lesson, Question, Answer, Graded
	led      = "led"      // Pace, Lesson and Step, Locked, Timer: each where it changes
	brought  = "brought"  // Lesson, Step
	asked    = "asked"    // Lesson, Question
	phased   = "phased"   // Ask, Phase
	voted    = "voted"    // Learner, Ask, Round, Answer, Graded
	raised   = "raised"   // Learner, Up
	hinted   = "hinted"   // Learner, Text; the hint's number is the record's position
	read     = "read"     // Learner, N: the hint that was put away
)

// acts are records of what a learner does.
var acts = map[string]bool{seated: true, moved: true, answered: true, voted: true, raised: true, read: true}

// record is one line of a room's log. Which fields it has depends on what it says.
type record struct {
	Seq  uint64    `json:"-"` // its position
	At   time.Time `json:"-"` // when it was written, to the millisecond
	What string    `json:"-"`

	Learner string `json:"-"`

	Title     string         `json:"title,omitempty"`
	Name      string         `json:"name,omitempty"`
	Key       string         `json:"key,omitempty"` // hashed
	Simulated bool           `json:"simulated,omitempty"`
	Lesson    string         `json:"lesson,omitempty"`
	Step      string         `json:"step,omitempty"`
	Sandbox   string         `json:"sandbox,omitempty"`
	Passed    []string       `json:"passed,omitempty"`
	Question  string         `json:"question,omitempty"`
	Answer    lessons.Answer `json:"answer,omitempty"`
	Graded    *graded        `json:"graded,omitempty"`
	Pace      string         `json:"pace,omitempty"`
	Locked    *bool          `json:"locked,omitempty"`
	Timer     *int           `json:"timer,omitempty"` // seconds from At; 0 ends it
	Ask       string         `json:"ask,omitempty"`
	Phase     string         `json:"phase,omitempty"`
	Round     int            `json:"round,omitempty"`
	Up        bool           `json:"up,omitempty"`
	Text      string         `json:"text,omitempty"`
	N         uint64         `json:"n,omitempty"`
}

// graded is what an answer was worth when it was given: lessons may change later.
type graded struct {
	Correct       bool   `json:"correct,omitempty"`
	Rows          []bool `json:"rows,omitempty"`
	Misconception string `json:"misconception,omitempty"`
}

// event is the record as the log has it: a change of the room's.
// of names the write: its writer finds it again by that, wherever it comes to stand.
func (r record) event(seq uint64, of string) (trace.Event, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return trace.Event{}, err
	}
	return trace.Event{Seq: seq, At: r.At, Kind: trace.KindChange, Run: 1, Change: &trace.Change{What: r.What, Actor: r.Learner, From: of, To: string(body)}}, nil
}

// recordOf reads what event wrote.
func recordOf(e trace.Event) (record, error) {
	if e.Change == nil {
		return record{}, fmt.Errorf("room: event %d is no record", e.Seq)
	}
	var r record
	if err := json.Unmarshal([]byte(e.Change.To), &r); err != nil {
		return record{}, fmt.Errorf("room: record %d can’t be read: %w", e.Seq, err)
	}
	r.Seq, r.At, r.What, r.Learner = e.Seq, e.At, e.Change.What, e.Change.Actor
	return r, nil
}
