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
	Tracks []TrackView
}

// TrackView is a track of the catalogue.
type TrackView struct {
	Title, Blurb string
	Minutes      int
	Lessons      []LessonLink
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
	Blocks           []BlockView
}

// BlockView is a part of a step. Kind says which of the fields it has: prose, note, experiment, takeaway, hint, quiz,
// predict, browser, http, policy, settings, clock, attack, expect.
type BlockView struct {
	Kind    string
	HTML    template.HTML
	Text    string
	Lines   []string
	Entries []EntryView
	Quiz    *QuizView
	From    string
	Edit    bool
	Index   int // of an http block in its step
	Attack  string
}

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
	N                            uint64
	Method, Path, From, FromName string
	To, ToName, Status, Note     string
	Checks, Refused              int
}

// WorkbenchPage is the workbench.
type WorkbenchPage struct{ Layout }

// ErrorPage says what happened and what to do.
type ErrorPage struct {
	Layout
	Status   int
	What, Do string
}
