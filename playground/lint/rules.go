package lint

import (
	"slices"

	"oauthplayground/lessons"
)

// Severity says whether a problem must be mended.
type Severity string

const (
	Error   Severity = "error"   // the lesson is not right
	Warning Severity = "warning" // it would be better otherwise
)

// The rules of what a lesson does, beside those of its form, which are in package lessons.
const (
	ruleSolution   lessons.Rule = "solution"
	ruleIdle       lessons.Rule = "idle"
	ruleOutcome    lessons.Rule = "outcome"
	ruleEnforced   lessons.Rule = "enforced"
	ruleGoal       lessons.Rule = "goal"
	ruleWire       lessons.Rule = "graph-wire"
	ruleNoGraph    lessons.Rule = "no-graph"
	rulePointer    lessons.Rule = "pointer"
	ruleBack       lessons.Rule = "back-channel"
	ruleRecorded   lessons.Rule = "recorded"
	ruleUnrecord   lessons.Rule = "unrecorded"
	ruleLengths    lessons.Rule = "lengths"
	rulePlaces     lessons.Rule = "places"
	ruleMinutes    lessons.Rule = "minutes"
	ruleNoQuestion lessons.Rule = "no-question"
	ruleNoTwin     lessons.Rule = "no-twin"
	ruleNoRows     lessons.Rule = "no-rows"
	ruleNoOwn      lessons.Rule = "no-own-value"
	ruleUnpointed  lessons.Rule = "unpointed"
)

// rule is what a lesson is held to.
type rule struct {
	ID       lessons.Rule
	Severity Severity
	Asks     string
}

// rules is everything that is asked of a lesson, in the order in which an author meets it. The course that comes with the
// binary has no warning either: its test says so.
var rules = []rule{
	{lessons.RuleFile, Error, "A lesson’s file lies in a folder and is named by its number and its slug, which no other has."},
	{lessons.RuleFrontMatter, Error, "The front matter has title, question, minutes and spec, and nothing that is not known."},
	{lessons.RuleSpec, Error, "Each section it cites is one that can be read."},
	{lessons.RuleNeeds, Error, "What it needs is there, and does not need it in turn."},
	{lessons.RuleStep, Error, "A step has a title; one with something to do has an expect block and a solution, and one for the learner a hint."},
	{lessons.RuleID, Error, "An id has small letters, digits and hyphens, and names one thing, none of them a part of the page."},
	{lessons.RuleText, Error, "Its text is UTF-8, and all of it is shown: HTML and pictures are not."},
	{lessons.RuleLink, Error, "A link leads out by https, to a page that there is, or into the run."},
	{lessons.RuleWords, Error, "No word belittles who does not understand."},
	{lessons.RuleBlock, Error, "A fenced block is one that there is, and is closed."},
	{lessons.RuleBrowser, Error, "A browser block says what a browser can do."},
	{lessons.RuleHTTP, Error, "A literal request has a sender, a method and an address."},
	{lessons.RuleAttack, Error, "An attack has a bot and a goal; a step has one attack at most."},
	{lessons.RuleGraph, Error, "A graph leads to what the attacker wants, and each way there can be cut."},
	{lessons.RuleExpect, Error, "An expectation can come true, and an expect block asks for something that must happen."},
	{lessons.RuleCheck, Error, "A check is one that there is, in a mode that it has."},
	{lessons.RuleSetting, Error, "A setting is one that there is, with a value that it has."},
	{lessons.RuleActor, Error, "An actor is one that there is."},
	{lessons.RuleValue, Error, "A value of the run is of a kind that the record follows."},
	{lessons.RuleCallout, Error, "A callout is one that there is."},
	{lessons.RuleQuestion, Error, "A question has choices, or the answer of a self-check."},
	{lessons.RuleChoice, Error, "A question has 3 or 4 choices, one of them right."},
	{lessons.RuleFeedback, Error, "Something is said to every answer."},
	{lessons.RuleMisconception, Error, "A wrong answer names the belief behind it, by an id that there is."},
	{lessons.RuleTable, Error, "What is put in order, matched or marked is complete."},
	{lessons.RuleTwin, Error, "A twin stands behind the question that it is a twin of."},
	{lessons.RuleCourse, Error, "A course file has no key that is not known, and names lessons, tracks and pictures that there are."},
	{ruleSolution, Error, "The solution plays, and everything that each step expects holds after it."},
	{ruleIdle, Error, "In each step something that it expects does not hold before anyone acts."},
	{ruleOutcome, Error, "An attack succeeds where its step expects what one of its goals says, in the lesson and in a run of its own."},
	{ruleEnforced, Error, "With everything on enforce no attack succeeds, unless the front matter says why: residual."},
	{ruleGoal, Error, "A lesson that promises an attack has one that succeeds, and an expectation that says one of its goals word by word."},
	{ruleWire, Error, "The graph says of its end what comes of the attack: as the lesson leaves the protections, with all of them, and with each."},
	{rulePointer, Error, "What the text points to is in the run."},
	{ruleBack, Error, "A step told as back channel expects an exchange that no browser takes part in."},
	{ruleRecorded, Error, "The recorded run, where there is one, is the run of the solution."},
	{ruleLengths, Error, "The longest choice has at most twice the characters of the shortest."},
	{rulePlaces, Error, "The right choices are spread over the places."},
	{ruleMinutes, Error, "The minutes are true within two fifths: 200 words a minute, 15 seconds a question, 20 seconds a step that acts."},
	{ruleUnrecord, Warning, "There is a recorded run, for who reads before acting."},
	{ruleUnpointed, Warning, "What is said to each answer points into the run."},
	{ruleNoGraph, Warning, "A lesson that promises an attack has a graph of it."},
	{ruleNoQuestion, Warning, "There is a question."},
	{ruleNoTwin, Warning, "Each quiz with choices has a twin."},
	{ruleNoRows, Warning, "Something is put in order, matched or marked."},
	{ruleNoOwn, Warning, "A question is built from the learner’s own values."},
}

// severity is that of a problem of a rule.
func severity(id lessons.Rule) Severity {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.ID == id })
	if i < 0 {
		return Error
	}
	return rules[i].Severity
}
