package playground

import (
	"encoding/json"
	"slices"
	"strings"

	"oauthplayground/frontend"
	"oauthplayground/playground/trace"
)

// recordedToken is a token of a recorded run, and the step in which it came.
type recordedToken struct {
	trace.Token
	step string
}

// recordedTokens are the tokens of a recorded run that can be read, in their order.
func recordedTokens(events []trace.Event) []recordedToken {
	var list []recordedToken
	open := 0 // those whose step is not over
	for _, e := range events {
		if t := e.Token; t != nil && t.Format == "jwt" && !slices.ContainsFunc(list, func(o recordedToken) bool { return o.Tag == t.Tag }) {
			list = append(list, recordedToken{Token: *t})
		}
		if e.Change != nil && e.Change.What == "step" {
			for ; open < len(list); open++ {
				list[open].step = e.Change.Step
			}
		}
	}
	return list
}

// readToken reads the tag of a token, as in id_token%231; without a number it is the first of its kind.
func (e *embed) readToken(part string) error {
	tag := part
	if !strings.Contains(tag, "#") {
		tag += "#1"
	}
	for _, t := range e.golden.tokens {
		if t.Tag == tag && t.step != "" {
			e.token = &t
			e.first, _ = e.step(t.step)
			return nil
		}
	}
	if len(e.golden.tokens) == 0 {
		return missing("The recorded run of the lesson “%s” has no token that can be read.", e.lesson.Slug)
	}
	return missing("The recorded run of the lesson “%s” has no token “%s”. It has %s (in an address # is written %%23).", e.lesson.Slug, tag, names(e.golden.tokens, func(t recordedToken) string { return t.Tag }))
}

// tokenView is a token as a page shows it: decoded, which proves nothing.
func tokenView(t recordedToken) *frontend.TokenView {
	kind, _, _ := strings.Cut(t.Tag, "#")
	return &frontend.TokenView{Tag: t.Tag, Kind: kind, Header: claimViews(t.Header), Claims: claimViews(t.Claims)}
}

// claimViews are the members of a JSON object in the order in which they were recorded. Values that differ from run to run are
// there as the record has them: as their tags, or as "…".
func claimViews(object json.RawMessage) []frontend.ClaimView {
	dec := json.NewDecoder(strings.NewReader(string(object)))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	var list []frontend.ClaimView
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return list
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return list
		}
		text := string(value)
		if s := ""; json.Unmarshal(value, &s) == nil && strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
			text = strings.Trim(s, "{}")
		}
		list = append(list, frontend.ClaimView{Name: name.(string), Value: text})
	}
	return list
}
