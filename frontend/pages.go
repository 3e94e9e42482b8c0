package frontend

import "html/template"

// The view models: what the pages show, in plain types, so that templates need no other package of ours.

// Layout is what every page has.
type Layout struct {
	Title string
	Nonce string // of this answer's Content-Security-Policy
}

// Link is a text and where it leads.
type Link struct{ Text, URL string }

// HomePage is the catalogue.
type HomePage struct {
	Layout
	First  *LessonLink // where a learner begins; nil without lessons
	Demo   *DemoView   // nil if no run has an attack that is refused
	Tracks []TrackView
	Specs  []Link // the documents that the lessons are checked against
}

// DemoView is the way of one value through a recorded run.
type DemoView struct {
	Slug, Title string // of the lesson
	Tag         string // of the value
	Last        uint64 // the exchange that was refused
	Rows        []RowView
	Golden      string // the same as NDJSON
}

// TrackView is a track of the catalogue.
type TrackView struct {
	ID, Title, Blurb string
	Minutes          int
	Lessons          []LessonLink
}

// LessonLink is a lesson in the catalogue.
type LessonLink struct {
	Number                        int
	Slug, Title, Question, Attack string
	Minutes                       int
}

// LessonPage is a lesson.
type LessonPage struct {
	Layout
	Slug, Track, Title, Question string
	Number, Minutes              int
	Specs                        []Link
	Intro                        []BlockView
	Steps                        []StepView
	Rows                         []RowView // the recorded run as a table
	Golden                       string    // the recorded run as NDJSON
}

// StepView is a step.
type StepView struct {
	ID, Title, Phase string
	Do               bool // the learner acts
	Playable         bool // it has a solution to play
	Attack           bool // which is an attack
	Blocks           []BlockView
}

// BlockView is a part of a step. Kind says which of the fields it has: prose, note, experiment, takeaway, hint, quiz,
// predict, browser, http, policy, settings, clock, attack, expect.
type BlockView struct {
	Kind    string
	HTML    template.HTML
	Text    string
	Lines   []string
	Acts    []ActView
	Entries []EntryView
	Quiz    *QuizView
	From    string
	Edit    bool
	Index   int // of an http block in its step
	Attack  string
}

// ActView is a line of a browser block. Do is a word of the catalogue, as act.open.
type ActView struct{ Do, Target, Value string }

// EntryView is a line of a policy or settings block.
type EntryView struct{ ID, Value string }

// QuizView is a question. What is right is not in it until it has been answered.
type QuizView struct {
	ID        string
	Question  template.HTML
	Choices   []ChoiceView
	SelfCheck bool
	Answer    template.HTML // of a self-check
	Graded    bool          // answered by a form, without script
	Given     int
	Correct   bool
	Feedback  template.HTML
}

// ChoiceView is a choice, counted from 1.
type ChoiceView struct {
	N    int
	HTML template.HTML
}

// RowView is an exchange of a recorded run.
type RowView struct {
	N                      uint64
	Method, Path, From, To string
	Status, Note           string
	Passed                 int    // checks
	RefusedBy              string // the check that refused it; empty if none did
}

// WorkbenchPage is the workbench.
type WorkbenchPage struct{ Layout }

// GlossaryPage is every term.
type GlossaryPage struct {
	Layout
	Terms []TermView
}

// TermView is a word of the glossary.
type TermView struct {
	ID, Name string
	HTML     template.HTML
	Spec     *Link // nil if no specification defines it
}

// ErrorPage says what happened and what to do.
type ErrorPage struct {
	Layout
	Status   int
	What, Do string
}
