package world

import (
	"strings"

	"oauthplayground/lessons"
)

// Words says an expectation, or a goal of an attack, to a learner, who hasn't learnt the language of lessons.
func Words(x lessons.Expectation) string {
	say, ok := sentences[x.Kind]
	if !ok {
		return x.Text
	}
	return say(x)
}

// sentences is the table of expectations in words: as they are, and with "no" before them.
var sentences = map[string]func(lessons.Expectation) string{
	"exchange": func(x lessons.Expectation) string {
		verb, get := " sends ", " and gets "
		if x.No {
			verb, get = " does not send ", " and get "
		}
		said := nameOf(x.From) + verb + x.Method + " " + x.Path + " to " + nameOf(x.To)
		if x.Status == "*" {
			return said
		}
		return said + get + (strings.TrimSuffix(x.Status, "*") + "xx")[:3] // 3* is 3xx
	},
	"verdict": func(x lessons.Expectation) string {
		outcome := map[string]string{"pass": "passes", "fail": "fails", "off": "is off"}[x.Outcome]
		if x.Outcome != "off" {
			outcome += " on " + x.Mode
		}
		return unless(x, "The check "+x.Check+" "+outcome, "Never: ")
	},
	"value": func(x lessons.Expectation) string {
		return unless(x, x.Tag+" is in the "+x.In+" of "+nameOf(x.Of), "Never: ")
	},
	"seen": func(x lessons.Expectation) string {
		if x.No {
			return nameOf(x.Of) + " never sees " + x.Tag
		}
		return nameOf(x.Of) + " sees " + x.Tag
	},
	"token": func(x lessons.Expectation) string {
		return unless(x, x.Tag+" is verified", "Never: ")
	},
	"error": func(x lessons.Expectation) string { return unless(x, "An answer says "+x.Code, "Never: ") },
}

// unless puts a word before what must not be.
func unless(x lessons.Expectation, said, before string) string {
	if x.No {
		return before + strings.ToLower(said[:1]) + said[1:]
	}
	return said
}

// nameOf is what an actor is called.
func nameOf(id string) string {
	a, _ := actorByID(id)
	return a.Name
}
