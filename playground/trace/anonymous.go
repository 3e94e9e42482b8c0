package trace

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Anonymous is a copy of a run in which nothing is left of its chance values: each value that has a tag is replaced by it, in
// braces, times become offsets from the first event's, and what is random and has no tag (a Date, a transaction, a signature's
// key) is named. Two runs of the same lesson are equal after it, so a change of behaviour shows as a difference.
func Anonymous(events []Event) []Event {
	if len(events) == 0 {
		return nil
	}
	names := valuesOf(events)
	begin := events[0].At
	out := make([]Event, len(events))
	for i, e := range events {
		e.At = time.Unix(0, 0).UTC().Add(e.At.Sub(begin))
		replacer := names[e.Run]
		if e.Request != nil {
			r := *e.Request
			r.URL, r.Body, r.Headers = replacer.text(r.URL), replacer.text(r.Body), replacer.headers(r.Headers)
			e.Request = &r
		}
		if e.Response != nil {
			r := *e.Response
			r.Body, r.Headers = replacer.text(r.Body), replacer.headers(r.Headers)
			e.Response = &r
		}
		if e.Change != nil {
			c := *e.Change
			c.From, c.To = replacer.text(c.From), replacer.text(c.To)
			e.Change = &c
		}
		if e.Token != nil {
			t := *e.Token
			t.Header, t.Claims = replacer.json(t.Header), replacer.json(t.Claims)
			if t.Signature != nil {
				s := *t.Signature
				s.Kid = "kid"
				t.Signature = &s
			}
			e.Token = &t
		}
		for j, v := range e.Verdicts {
			if j == 0 {
				e.Verdicts = append(e.Verdicts[:0:0], e.Verdicts...)
			}
			e.Verdicts[j].Expected, e.Verdicts[j].Actual = cutLong(replacer.text(v.Expected)), cutLong(replacer.text(v.Actual))
		}
		out[i] = e
	}
	return out
}

// replacer replaces the values of one run.
type replacer struct{ values *strings.Replacer }

// learned are the values of each run.
func learned(events []Event) map[uint64]*values {
	runs := map[uint64]*values{}
	for _, e := range events {
		if runs[e.Run] == nil {
			runs[e.Run] = &values{}
		}
		runs[e.Run].learn(e)
	}
	return runs
}

// valuesOf is what replaces the values of each run.
func valuesOf(events []Event) map[uint64]*replacer {
	names := map[uint64]*replacer{}
	for run, v := range learned(events) {
		var pairs []string
		for _, s := range v.order {
			if len(s.value) >= scanned && s.kind != "password" {
				pairs = append(pairs, s.value, "{"+s.tag+"}")
			}
		}
		names[run] = &replacer{strings.NewReplacer(pairs...)}
	}
	return names
}

func (r *replacer) text(s string) string {
	s = r.values.Replace(s)
	for _, word := range []string{"txn=", `name="txn" value="`, "mark=", `name="mark" value="`, `"kid":"`, `"x":"`, `"y":"`, `"n":"`, `, key `, "ES256, key ", `class="hash">`} {
		s = cutRandom(s, word)
	}
	return s
}

// cutLong replaces what is left of hashes, which no tag names.
func cutLong(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if len(w) >= 22 && !strings.ContainsAny(w, ":/{ ") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

// cutRandom replaces the word behind a mark, wherever the mark stands, by "…".
func cutRandom(s, mark string) string {
	parts := strings.Split(s, mark)
	for i := 1; i < len(parts); i++ {
		n := 0
		for n < len(parts[i]) && wordByte[parts[i][n]] {
			n++
		}
		if n > 0 {
			parts[i] = "…" + parts[i][n:]
		}
	}
	return strings.Join(parts, mark)
}

func (r *replacer) headers(list []Header) []Header {
	out := make([]Header, len(list))
	for i, h := range list {
		switch {
		case h[0] == "Date" || h[0] == "Etag" || h[0] == "ETag" || h[0] == "Content-Length":
			h[1] = "…"
		case h[0] == "Authorization" && strings.HasPrefix(h[1], "Basic "):
			h[1] = "Basic …"
		}
		out[i] = Header{h[0], r.text(h[1])}
	}
	return out
}

// chanceClaims are the members of a token that differ from run to run.
var chanceClaims = map[string]bool{"jti": true, "at_hash": true, "kid": true}

// json replaces values in a JSON object and keeps the order of its members by sorting them.
func (r *replacer) json(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return nil
	}
	var object map[string]any
	if json.Unmarshal(raw, &object) != nil {
		return raw
	}
	for name, v := range object {
		switch {
		case chanceClaims[name]:
			object[name] = "…"
		default:
			if s, ok := v.(string); ok {
				object[name] = r.text(s)
			} else if f, ok := v.(float64); ok {
				object[name] = json.RawMessage(fmt.Sprintf("%.0f", f))
			}
		}
	}
	out, err := json.Marshal(object)
	if err != nil {
		return raw
	}
	return out
}
