package frontend

import "html/template"

// The view models: what the pages show, in plain types, so that templates need no other package of ours.

// Layout is what every page has.
type Layout struct {
	Title  string
	Nonce  string      // of this answer's Content-Security-Policy
	Share  *ShareView  // nil for pages that are about nothing in particular
	Author *AuthorView // nil where lessons don't change while the server runs
	Course *CourseView // nil if no course file dresses the pages
}

// CourseView is how a course file dresses the pages. Empty parts are the playground's own.
type CourseView struct {
	Title string
	Logo  string // its address
	Style template.CSS
	Names string // JSON: what is shown for names of the story
}

// AuthorView is what a page tells to who writes lessons.
type AuthorView struct {
	From, Mark string // where to ask whether the text is still this one, and how this one is marked
	Problems   []MistakeView
}

// MistakeView is a mistake in a lesson's file.
type MistakeView struct {
	File       string
	Line       int
	What, Mend string
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
	Editions                     []Edition // of the documents that Specs are sections of
	Intro                        []BlockView
	Steps                        []StepView
	Run                          RunView // the recorded run as a table
	Golden                       string  // the same as NDJSON
	Graph                        bool    // one of its steps has the attack graph
}

// Edition says what a document that is cited by a short name is called in full: its version and its errata.
type Edition struct{ Short, Full string }

// StepView is a step.
type StepView struct {
	ID, Title, Phase string
	At, Of           int    // its place in the lesson, from 1, and how many there are
	Do               bool   // the learner acts
	Hand             string // whose browser it is about, if not Maya's
	Playable         bool   // it has a solution to play
	Attack           bool   // which is an attack
	Blocks           []BlockView
}

// BlockView is a part of a step. Kind says which of the fields it has: prose, note, experiment, takeaway, hint, quiz,
// predict, browser, http, policy, settings, clock, attack, graph, expect.
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
	Compare string // of an attack that succeeds: its step, for the page where two runs of it stand side by side
	Graph   *GraphView
}

// ActView is a line of a browser block. Do is a word of the catalogue, as act.open.
type ActView struct{ Do, Target, Value string }

// AttackPage is where an attack is run with protections and without.
type AttackPage struct {
	Layout
	Slug, Track, Title string // of the lesson
	Question           string
	Number             int
	Name               string // of the attack
	Step, StepTitle    string
	Attacks            []Link // all of this lesson, each with its step's id
	What               []BlockView
	Goals              []string
	Checks             []ProtectionView
	Options            []EntryView
	Graph              *GraphView // nil if the lesson has none
	Takeaway           template.HTML
	Residual           string // why the attack still succeeds with everything on enforce; empty if it doesn't
	Lab                string // all of it as JSON
}

// ProtectionView is a check that matters to an attack, on the mode that its lesson has.
type ProtectionView struct {
	ID, Title, Mode string
	Spec            Link
}

// GraphView is what an attack leads to, from top to bottom, as the lesson's attack meets it.
type GraphView struct {
	Nodes []NodeView
	Goal  string // the last node's text
	Open  bool   // a way leads there
	Shut  bool   // with everything on enforce none does
	Rails int    // how many columns of lines stand beside the nodes
}

// NodeView is a node and the edges that lead to it.
type NodeView struct {
	ID                   int
	Text                 string
	Reached, Goal, First bool
	In                   []EdgeView
	Lines                []LineView
}

// EdgeView is an edge. Rail is the column in which it runs past other nodes; 0 if it leads to the next.
type EdgeView struct {
	ID, From, To, Rail int
	FromText           string
	Cuts               []CutView
	Lines              []LineView
}

// LineView is a piece of an edge beside one row of the graph. Kind says how it runs: pass, end, join, flow, head, begin, out.
type LineView struct {
	Kind  string
	Col   int
	Edges string // whose piece it is, by their ids
	State string // open, cut or dead
}

// CutView is a protection on an edge: a check, or a setting with the value that protects.
type CutView struct {
	ID, Name string
	Values   string // of a setting: those that protect, with spaces between
	Now      string // the mode or the value that it has
	InPlace  bool
}

// EntryView is a line of a policy or settings block.
type EntryView struct{ ID, Value, Title string }

// QuizView is a question. What is right is not in it until it has been answered.
type QuizView struct {
	ID        string
	Kind      string // choice, order, match, matrix
	Question  template.HTML
	Choices   []ChoiceView  // of a choice
	Rows      []QuizRowView // of the others
	RowHead   template.HTML
	ColHead   template.HTML // of a match
	Columns   []template.HTML
	SelfCheck bool
	Answer    template.HTML // of a self-check
	Twin      *QuizView     // offered once this has been answered
	Problem   string        // why what a form has posted can't be graded
	Graded    bool          // answered by a form, without script
	Correct   bool
	Feedback  template.HTML
	Belief    string // the misconception behind a wrong answer
}

// ChoiceView is a choice, counted from 1, or a cell of a row.
type ChoiceView struct {
	N     int
	HTML  template.HTML
	Given bool // by a form, without script
}

// QuizRowView is what is put in its place, matched or marked.
type QuizRowView struct {
	N       int
	HTML    template.HTML
	Choices []ChoiceView
	Right   bool // once graded
}

// RowView is an exchange of a recorded run.
type RowView struct {
	N                      uint64
	Method, Path, From, To string
	Status, Note           string
	Passed                 int      // checks
	RefusedBy              string   // the check that refused it; empty if none did
	Spec                   string   // its section
	Observed               []string // the checks that would have refused it
	Carries, Gives         []string // tags of the values in the request and in its answer
}

// RunView is a recorded run, step by step.
type RunView struct {
	Lanes []string // the actors in it, in their order
	Parts []RunPart
}

// RunPart is what a step did.
type RunPart struct {
	ID, Title string // of the step
	Lines     []RunLine
}

// RunLine is an exchange, or something that changed before the next one. One of them is nil.
type RunLine struct {
	Row    *RowView
	Change *ChangeView
}

// ChangeView is a change of the world, or something that was read: What says which.
type ChangeView struct {
	What, Actor, From, To string
	Tags                  []string
}

// WorkbenchPage is the workbench.
type WorkbenchPage struct{ Layout }

// RunsPage is where runs are opened that came as files.
type RunsPage struct{ Layout }

// JoinPage is where a learner takes a seat in a room.
type JoinPage struct {
	Layout
	Code   string // as it was in the address or in the form
	Name   string
	Posted bool // by a form, without script
	Tracks []TrackView
}

// TeachPage is where rooms are opened.
type TeachPage struct {
	Layout
	Lessons []LessonLink
}

// BoardPage is a room as its instructor sees it. What is in the room comes over its stream, to who has the key.
type BoardPage struct {
	Layout
	Code string // as addresses have it
	Join string // the address for learners
}

// ProjectorPage is a room on the wall.
type ProjectorPage struct {
	Layout
	Code, Shown string // as addresses have it, and as people read it
	Host        string // where to go without a camera
	Join        string // what the QR code says
	QR          QRView
	Lessons     []LessonLink
}

// QRView is a QR code: dark modules as an SVG path in a square of Size modules.
type QRView struct {
	Size int
	Path string
}

// Frame is the size with the quiet zone that ISO/IEC 18004 asks for around it: four modules on each side.
func (q QRView) Frame() int { return q.Size + 8 }

// HandoutPage is a lesson on paper. Its key stands on a page of its own.
type HandoutPage struct {
	Layout
	Slug, Track, Title, Question string
	Number, Minutes              int
	Specs                        []Link
	Editions                     []Edition
	Steps                        []HandoutStep
	Run                          RunView
	Questions                    []*QuizView
	Keys                         []KeyView
	Takeaways                    []template.HTML
}

// HandoutStep is a step in a sentence.
type HandoutStep struct {
	ID, Title string
	HTML      template.HTML // its first paragraph; empty if it has none
}

// KeyView is what is right, and why.
type KeyView struct {
	Lines    []template.HTML // a letter for a choice; for each row what belongs to it
	Feedback template.HTML
}

// GlossaryPage is every term.
type GlossaryPage struct {
	Layout
	Terms    []TermView
	Editions []Edition // of the documents that the terms cite
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
