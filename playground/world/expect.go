package world

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// Line is an expectation, or a goal of an attack, and whether it holds in the learner's own run.
type Line struct {
	Text  string `json:"text"`  // as the lesson has it
	Words string `json:"words"` // as a learner reads it
	Held  bool   `json:"held"`
}

// Judge tells for each expectation whether it holds over events.
func Judge(events []trace.Event, expectations []lessons.Expectation) []Line {
	lines := make([]Line, len(expectations))
	for i, x := range expectations {
		lines[i] = Line{Text: x.Text, Words: Words(x), Held: holds(events, x)}
	}
	return lines
}

func allHeld(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool { return !l.Held })
}

// holds tells whether one expectation holds: some event shows it, or with "no" none does.
func holds(events []trace.Event, x lessons.Expectation) bool {
	shows, ok := kinds[x.Kind]
	if !ok {
		return false
	}
	found := slices.ContainsFunc(events, func(e trace.Event) bool { return shows(e, x, events) })
	return found != x.No
}

// kinds is the table of expectations: whether an event shows what a line expects.
var kinds = map[string]func(e trace.Event, x lessons.Expectation, all []trace.Event) bool{
	"exchange": showsExchange,
	"verdict":  showsVerdict,
	"value":    showsValue,
	"seen":     showsSeen,
	"token":    showsToken,
	"error":    showsError,
}

// showsExchange: FROM -> TO METHOD PATH STATUS
func showsExchange(e trace.Event, x lessons.Expectation, all []trace.Event) bool {
	if e.Kind != trace.KindRequest || e.From != x.From || e.To != x.To || e.Request.Method != x.Method {
		return false
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || !matches(x.Path, u.Path) {
		return false
	}
	i := slices.IndexFunc(all, func(a trace.Event) bool { return a.Response != nil && a.Of == e.Seq })
	return i >= 0 && matches(x.Status, strconv.Itoa(all[i].Response.Status))
}

// matches compares with a pattern that may end in *.
func matches(pattern, s string) bool {
	if prefix, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(s, prefix)
	}
	return s == pattern
}

// showsVerdict: verdict CHECK OUTCOME MODE
func showsVerdict(e trace.Event, x lessons.Expectation, _ []trace.Event) bool {
	return slices.ContainsFunc(e.Verdicts, func(v check.Verdict) bool {
		return v.Check == x.Check && string(v.Outcome) == x.Outcome && string(v.Mode) == x.Mode
	})
}

// showsValue: value TAG in PLACE of ACTOR, who sent or got the message, or whose history or storage was read
func showsValue(e trace.Event, x lessons.Expectation, _ []trace.Event) bool {
	at := e.From == x.Of || e.To == x.Of || e.Change != nil && strings.HasSuffix(e.Change.From, " of "+x.Of)
	return at && slices.ContainsFunc(e.Finds, func(f trace.Find) bool { return f.Tag == x.Tag && f.In == x.In })
}

// showsSeen: seen TAG by ACTOR, who sent or got a message with it, or read it somewhere
func showsSeen(e trace.Event, x lessons.Expectation, _ []trace.Event) bool {
	by := e.From == x.Of || e.To == x.Of || e.Change != nil && e.Change.Actor == x.Of
	return by && slices.ContainsFunc(e.Finds, func(f trace.Find) bool { return f.Tag == x.Tag })
}

// showsToken: token TAG verified
func showsToken(e trace.Event, x lessons.Expectation, _ []trace.Event) bool {
	return e.Token != nil && e.Token.Tag == x.Tag && e.Token.Signature != nil && e.Token.Signature.Verified
}

// showsError: error CODE, in an answer's JSON or in the address it redirects to
func showsError(e trace.Event, x lessons.Expectation, _ []trace.Event) bool {
	if e.Response == nil {
		return false
	}
	if jsonString([]byte(e.Response.Body), "error") == x.Code {
		return true
	}
	for _, h := range e.Response.Headers {
		if !strings.EqualFold(h[0], "Location") {
			continue
		}
		u, err := url.Parse(h[1])
		if err != nil {
			return false
		}
		fragment, _ := url.ParseQuery(u.Fragment)
		return u.Query().Get("error") == x.Code || fragment.Get("error") == x.Code
	}
	return false
}

// jsonString is a string member of a JSON object, or "".
func jsonString(body []byte, member string) string {
	if len(body) == 0 || body[0] != '{' {
		return ""
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	var s string
	if json.Unmarshal(object[member], &s) != nil {
		return ""
	}
	return s
}
