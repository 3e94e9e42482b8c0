package lessons

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one mistake in a file of an author: where it is, what is wrong, and how to mend it.
type Problem struct {
	File   string
	Line   int // from 1
	Column int // in characters, from 1; 0 if it is the whole line
	Rule   Rule
	Text   string // what is wrong
	Mend   string // how to mend it; empty where that is plain from what is wrong
}

func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Say()) }

// Say is what is wrong and how to mend it, without where.
func (p Problem) Say() string {
	if p.Mend == "" {
		return p.Text
	}
	return p.Text + ": " + p.Mend
}

// Join makes one error of problems; nil if there are none.
func Join(problems []Problem) error {
	var list []error
	for _, p := range problems {
		list = append(list, p)
	}
	return errors.Join(list...)
}

// Problems are those that an error of this package joins; nil if it is another error.
func Problems(err error) []Problem {
	var p Problem
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var list []Problem
		for _, e := range all.Unwrap() {
			list = append(list, Problems(e)...)
		}
		return list
	}
	if errors.As(err, &p) {
		return []Problem{p}
	}
	return nil
}

// Rule is what a problem offends, by a short name that stays: editors and scripts may know it.
type Rule string

// The rules of a file's form. What a lesson does when it is played has rules of its own, in package lint.
const (
	RuleFile          Rule = "file"          // a lesson's file is named by its number and its slug
	RuleFrontMatter   Rule = "front-matter"  // title, question, minutes and spec are there, and nothing that isn't known
	RuleSpec          Rule = "spec"          // a cited section is one that can be read
	RuleNeeds         Rule = "needs"         // what a lesson needs is there, and does not need it in turn
	RuleStep          Rule = "step"          // a step has a title, what it asks for, and a way to do it
	RuleID            Rule = "id"            // an id is plain, and names one thing
	RuleText          Rule = "text"          // prose is UTF-8, and all of it is shown
	RuleLink          Rule = "link"          // a link leads somewhere
	RuleWords         Rule = "words"         // no word belittles who doesn't understand
	RuleBlock         Rule = "block"         // a fenced block is one that is known, and is closed
	RuleBrowser       Rule = "browser"       // a browser block says what a browser can do
	RuleHTTP          Rule = "http"          // a literal request has a sender, a method and an address
	RuleAttack        Rule = "attack"        // an attack has a bot and a goal
	RuleGraph         Rule = "graph"         // a graph leads to what the attacker wants, and each way can be cut
	RuleExpect        Rule = "expect"        // an expectation is one that can come true, and not by doing nothing
	RuleCheck         Rule = "check"         // a check is one that there is, in a mode that it has
	RuleSetting       Rule = "setting"       // so are a setting and its value
	RuleActor         Rule = "actor"         // so is an actor
	RuleValue         Rule = "value"         // so is a value of the run
	RuleCallout       Rule = "callout"       // so is a callout
	RuleQuestion      Rule = "question"      // a question has choices, or the answer of a self-check
	RuleChoice        Rule = "choice"        // 3 or 4 choices, one of them right
	RuleFeedback      Rule = "feedback"      // something is said to every answer
	RuleMisconception Rule = "misconception" // a wrong answer names the belief behind it
	RuleTable         Rule = "table"         // what is ordered, matched or marked is complete
	RuleTwin          Rule = "twin"          // a twin stands behind its question
	RuleCourse        Rule = "course"        // a course file names what there is
)

// fail notes a problem at a line, counted from 0. What it returns takes the rest.
func (p *parser) fail(line int, rule Rule, format string, a ...any) noted {
	problem := &Problem{File: p.file, Line: line + 1, Rule: rule, Text: fmt.Sprintf(format, a...)}
	p.problems = append(p.problems, problem)
	return noted{problem, p.lines}
}

// noted is a problem that is being written down.
type noted struct {
	problem *Problem
	lines   []string
}

// mend says how to mend it.
func (n noted) mend(format string, a ...any) noted {
	n.problem.Mend = fmt.Sprintf(format, a...)
	return n
}

// on says which word of the line it is.
func (n noted) on(word string) noted {
	if at := n.problem.Line - 1; word != "" && at < len(n.lines) {
		if before, _, found := strings.Cut(n.lines[at], word); found {
			n.problem.Column = utf8.RuneCountInString(before) + 1
		}
	}
	return n
}
