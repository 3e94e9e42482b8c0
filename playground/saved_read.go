package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"oauthplayground/frontend"
	"oauthplayground/playground/trace"
)

// savedProblem is what is wrong with a file that was to be a run: where in it, and a name for what. The page's reader finds the same
// and says it in the same words: they stand in the catalogue, below runs.bad.
type savedProblem struct {
	Code, Where string
	values      []any // for the sentence
}

func (p savedProblem) Error() string {
	return frontend.Say("runs.bad."+p.Code, append(p.values, "where", p.Where)...)
}

// schema is the part of JSON Schema that saved.schema.json uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Title      string             `json:"title"` // what a pattern asks for, in words
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Enum       []any              `json:"enum"`
	Const      any                `json:"const"`
	Pattern    string             `json:"pattern"`
	Format     string             `json:"format"`    // date-time
	MaxLength  int                `json:"maxLength"` // in characters
	MinItems   int                `json:"minItems"`
	MaxItems   int                `json:"maxItems"`
	Minimum    float64            `json:"minimum"`
	Maximum    float64            `json:"maximum"`
	Defs       map[string]*schema `json:"$defs"`

	pattern *regexp.Regexp
}

// savedSchemaRead is saved.schema.json, with what its references lead to in their places.
var savedSchemaRead = sync.OnceValues(func() (*schema, error) {
	var s schema
	if err := json.Unmarshal(frontend.RunSchema, &s); err != nil {
		return nil, fmt.Errorf("saved.schema.json: %w", err)
	}
	return &s, s.link(s.Defs)
})

// link puts what references lead to in their places, and compiles patterns.
func (s *schema) link(defs map[string]*schema) error {
	if s.Pattern != "" {
		var err error
		if s.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return fmt.Errorf("saved.schema.json: %w", err)
		}
	}
	follow := func(to *schema) (*schema, error) {
		if name, ok := strings.CutPrefix(to.Ref, "#/$defs/"); ok {
			if defs[name] == nil {
				return nil, fmt.Errorf("saved.schema.json: there is no %s", to.Ref)
			}
			to = defs[name]
		}
		return to, to.link(defs)
	}
	var err error
	for name, p := range s.Properties {
		if s.Properties[name], err = follow(p); err != nil {
			return err
		}
	}
	if s.Items != nil {
		s.Items, err = follow(s.Items)
	}
	return err
}

// readSavedRun reads the file of a run, strictly: what is not described is refused, and the error, a savedProblem, says where and what.
func readSavedRun(from io.Reader) (run savedRun, err error) {
	raw, err := io.ReadAll(io.LimitReader(from, maxSaved+1))
	if err != nil {
		return run, fmt.Errorf("the file can’t be read: %w", err)
	}
	if len(raw) > maxSaved {
		return run, savedProblem{Code: "large", values: []any{"n", maxSaved >> 20}}
	}
	if !utf8.Valid(raw) {
		return run, savedProblem{Code: "utf8"}
	}
	s, err := savedSchemaRead()
	if err != nil {
		return run, err
	}
	r := &savedReader{dec: json.NewDecoder(bytes.NewReader(raw))}
	r.dec.UseNumber()
	if err := r.value(s, ""); err != nil {
		return run, err
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return run, savedProblem{Code: "json"}
	}
	if err := json.Unmarshal(raw, &run); err != nil {
		return run, savedProblem{Code: "json"}
	}
	return run, run.coherent()
}

// savedReader walks through a file along its description.
type savedReader struct {
	dec *json.Decoder
}

// place is a member or an entry below another.
func place(where, name string) string {
	if where == "" {
		return name
	}
	return where + "." + name
}

// value reads one value that has to be as s says.
func (r *savedReader) value(s *schema, where string) error {
	wrong := func(code string, values ...any) error {
		if where == "" {
			return savedProblem{Code: "object"}
		}
		return savedProblem{Code: code, Where: where, values: values}
	}
	if s.Type == "object" && s.Properties == nil {
		return r.free(where)
	}
	token, err := r.dec.Token()
	if err != nil {
		return savedProblem{Code: "json"}
	}
	switch t := token.(type) {
	case json.Delim:
		switch {
		case t == '{' && s.Type == "object":
			return r.object(s, where)
		case t == '[' && s.Type == "array":
			return r.array(s, where)
		}
	case string:
		switch {
		case s.Const != nil || s.Enum != nil:
			if s.Const == any(t) || slices.Contains(s.Enum, any(t)) {
				return nil
			}
		case s.Type != "string":
		case utf8.RuneCountInString(t) > s.MaxLength && s.MaxLength > 0:
			return wrong("long", "n", s.MaxLength)
		case s.pattern != nil && !s.pattern.MatchString(t) || s.Format == "date-time" && !isTime(t):
			return wrong("pattern", "what", s.Title)
		default:
			return nil
		}
	case json.Number:
		n, err := t.Int64()
		switch {
		case s.Const != nil:
			if s.Const == any(float64(n)) && err == nil {
				return nil
			}
		case s.Type != "integer" || strings.ContainsAny(string(t), "eE."):
		case err != nil || float64(n) < s.Minimum || float64(n) > s.Maximum:
			return wrong("range", "from", fmt.Sprintf("%.0f", s.Minimum), "to", fmt.Sprintf("%.0f", s.Maximum))
		default:
			return nil
		}
	case bool:
		if s.Type == "boolean" {
			return nil
		}
	}
	switch {
	case where == "format":
		return wrong("format")
	case where == "version":
		return wrong("version", "n", fmt.Sprint(token), "ours", savedVersion)
	case s.Enum != nil:
		var names []string
		for _, e := range s.Enum {
			names = append(names, fmt.Sprint(e))
		}
		return wrong("none", "list", strings.Join(names, ", "))
	}
	return wrong("type", "what", frontend.Say("runs.type."+s.Type))
}

func (r *savedReader) object(s *schema, where string) error {
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return savedProblem{Code: "json"}
		}
		name, _ := token.(string)
		member := s.Properties[name]
		switch {
		case seen[name]:
			return savedProblem{Code: "twice", Where: place(where, name)}
		case member == nil:
			return savedProblem{Code: "unknown", Where: place(where, name)}
		}
		seen[name] = true
		if err := r.value(member, place(where, name)); err != nil {
			return err
		}
	}
	for _, name := range s.Required {
		if !seen[name] {
			return savedProblem{Code: "missing", Where: place(where, name)}
		}
	}
	return r.end()
}

func (r *savedReader) array(s *schema, where string) error {
	n := 0
	for ; r.dec.More(); n++ {
		if n == s.MaxItems {
			return savedProblem{Code: "many", Where: where, values: []any{"n", s.MaxItems}}
		}
		if err := r.value(s.Items, fmt.Sprintf("%s[%d]", where, n)); err != nil {
			return err
		}
	}
	if n < s.MinItems {
		return savedProblem{Code: "few", Where: where, values: []any{"n", s.MinItems}}
	}
	return r.end()
}

// end reads what closes an object or an array.
func (r *savedReader) end() error {
	if _, err := r.dec.Token(); err != nil {
		return savedProblem{Code: "json"}
	}
	return nil
}

// maxDepth is how deep the header or the claims of a token may be.
const maxDepth = 20

// free reads an object of which nothing is described: the header or the claims of a token.
func (r *savedReader) free(where string) error {
	depth := 0
	for {
		token, err := r.dec.Token()
		if err != nil {
			return savedProblem{Code: "json"}
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		switch {
		case depth == 0 && token != json.Delim('}') || depth == 1 && token == json.Delim('['):
			return savedProblem{Code: "type", Where: where, values: []any{"what", frontend.Say("runs.type.object")}}
		case depth > maxDepth:
			return savedProblem{Code: "deep", Where: where, values: []any{"n", maxDepth}}
		case depth == 0:
			return nil
		}
	}
}

// members are the members of which an event has the one that its kind names.
var members = []struct {
	name  string
	kinds []trace.Kind
	has   func(trace.Event) bool
}{
	{"request", []trace.Kind{trace.KindRequest}, func(e trace.Event) bool { return e.Request != nil }},
	{"response", []trace.Kind{trace.KindResponse, trace.KindRedirect}, func(e trace.Event) bool { return e.Response != nil }},
	{"token", []trace.Kind{trace.KindToken}, func(e trace.Event) bool { return e.Token != nil }},
	{"change", []trace.Kind{trace.KindChange}, func(e trace.Event) bool { return e.Change != nil }},
}

// coherent tells what a file lacks that is well-formed: events in order, each with what its kind needs, and links that lead somewhere.
func (r savedRun) coherent() error {
	cast := map[string]bool{}
	for i, a := range r.Actors {
		if cast[a.ID] {
			return savedProblem{Code: "twice", Where: fmt.Sprintf("actors[%d].id", i)}
		}
		cast[a.ID] = true
	}
	first := r.Events[0].Seq
	kinds := map[uint64]trace.Kind{}
	numbers := map[[2]uint64]bool{}
	for i, e := range r.Events {
		at := func(member string) string { return fmt.Sprintf("events[%d].%s", i, member) }
		if want := first + uint64(i); e.Seq != want {
			return savedProblem{Code: "order", Where: at("seq"), values: []any{"want", want}}
		}
		for _, m := range members {
			if m.has(e) != slices.Contains(m.kinds, e.Kind) {
				return savedProblem{Code: "member", Where: at(m.name), values: []any{"kind", e.Kind}}
			}
		}
		for _, actor := range []struct{ member, id string }{{"from", e.From}, {"to", e.To}} {
			switch needs := e.Request != nil || e.Response != nil; {
			case actor.id == "" && needs:
				return savedProblem{Code: "missing", Where: at(actor.member)}
			case actor.id != "" && !cast[actor.id]:
				return savedProblem{Code: "actor", Where: at(actor.member)}
			}
		}
		if e.Request != nil {
			switch number := [2]uint64{e.Run, e.N}; {
			case e.N == 0:
				return savedProblem{Code: "missing", Where: at("n")}
			case numbers[number]:
				return savedProblem{Code: "number", Where: at("n")}
			default:
				numbers[number] = true
			}
		}
		// What an event leads back to may have left the window that was recorded.
		leads := func(to uint64, fits bool) bool { return to < e.Seq && (to < first || fits) }
		fits := true
		switch of := kinds[e.Of]; {
		case e.Response != nil:
			fits = of == trace.KindRequest
		case e.Token != nil:
			fits = of == trace.KindRequest || of == trace.KindResponse || of == trace.KindRedirect
		}
		switch {
		case (e.Response != nil || e.Token != nil) && e.Of == 0:
			return savedProblem{Code: "missing", Where: at("of")}
		case e.Of != 0 && !leads(e.Of, fits):
			return savedProblem{Code: "link", Where: at("of")}
		case !leads(e.Cause, true):
			return savedProblem{Code: "link", Where: at("cause")}
		}
		if c := e.Change; c != nil && c.What == "clock" {
			for _, t := range []struct{ member, text string }{{"change.from", c.From}, {"change.to", c.To}} {
				if !isTime(t.text) {
					return savedProblem{Code: "time", Where: at(t.member)}
				}
			}
		}
		kinds[e.Seq] = e.Kind
	}
	return nil
}

// isTime tells whether a text is a time on a day that there is.
func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}
