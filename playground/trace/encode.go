package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"oauthplayground/mockidp/check"
)

// MaxBody is how much of a body is kept, in bytes.
const MaxBody = 64 << 10

// wireEvent is Event as its JSON has it: the same fields in the same order, the time as the contract writes it.
type wireEvent struct {
	Seq   uint64 `json:"seq"`
	At    stamp  `json:"at"`
	Kind  Kind   `json:"kind"`
	Run   uint64 `json:"run"`
	N     uint64 `json:"n,omitempty"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Of    uint64 `json:"of,omitempty"`
	Cause uint64 `json:"cause,omitempty"`

	Request  *Request        `json:"request,omitempty"`
	Response *Response       `json:"response,omitempty"`
	Token    *Token          `json:"token,omitempty"`
	Change   *Change         `json:"change,omitempty"`
	Verdicts []check.Verdict `json:"verdicts,omitempty"`
	Finds    []Find          `json:"finds,omitempty"`
}

// Encode is the event as one line of JSON, without the newline: what streams send and NDJSON holds. Characters are not
// escaped for HTML, so that what was on the wire reads as it was.
func (e Event) Encode() ([]byte, error) {
	e = e.settled()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(wireEvent{e.Seq, stamp(e.At), e.Kind, e.Run, e.N, e.From, e.To, e.Of, e.Cause, e.Request, e.Response, e.Token, e.Change, e.Verdicts, e.Finds})
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// MarshalJSON is Encode, for events inside other documents.
func (e Event) MarshalJSON() ([]byte, error) { return e.Encode() }

// UnmarshalJSON reads what Encode writes; a member that an event doesn't have is an error.
func (e *Event) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var w wireEvent
	if err := dec.Decode(&w); err != nil {
		return err
	}
	*e = Event{Seq: w.Seq, At: time.Time(w.At), Kind: w.Kind, Run: w.Run, N: w.N, From: w.From, To: w.To, Of: w.Of, Cause: w.Cause,
		Request: w.Request, Response: w.Response, Token: w.Token, Change: w.Change, Verdicts: w.Verdicts, Finds: w.Finds}
	return nil
}

// moment is when an event is said to have happened: to the millisecond, in UTC.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// stamp is a time in JSON: RFC 3339 in UTC, with three digits of milliseconds or, on a whole second, none.
type stamp time.Time

func (s stamp) MarshalJSON() ([]byte, error) {
	t := moment(time.Time(s))
	layout := `"2006-01-02T15:04:05.000Z"`
	if t.Nanosecond() == 0 {
		layout = `"2006-01-02T15:04:05Z"`
	}
	return t.AppendFormat(nil, layout), nil
}

func (s *stamp) UnmarshalJSON(b []byte) error {
	var t time.Time
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	*s = stamp(moment(t))
	return nil
}

// The bounds of a trace that is read.
const (
	maxLine   = 2 << 20 // bytes of one event: a body and what describes it, escaped
	maxEvents = 10_000  // twice what a lesson's log holds
)

// ReadNDJSON reads a trace: one event a line, their positions without gaps from wherever it begins. Errors name the line.
func ReadNDJSON(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if len(events) == maxEvents {
			return nil, fmt.Errorf("line %d: a trace has at most %d events", n, maxEvents)
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d is not an event: %w", n, err)
		}
		if err := e.validate(); err != nil {
			return nil, fmt.Errorf("line %d is not an event: %w", n, err)
		}
		if len(events) > 0 && e.Seq != events[len(events)-1].Seq+1 {
			return nil, fmt.Errorf("line %d: event %d follows event %d", n, e.Seq, events[len(events)-1].Seq)
		}
		events = append(events, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the trace can't be read: %w", err)
	}
	return events, nil
}

// validate tells what an event lacks to be one: a position, a run, and the one member that its kind has.
func (e Event) validate() error {
	if e.Seq == 0 || e.Run == 0 {
		return errors.New("seq and run count from 1")
	}
	has := map[Kind]bool{
		KindRequest:  e.Request != nil,
		KindResponse: e.Response != nil,
		KindRedirect: e.Response != nil,
		KindToken:    e.Token != nil,
		KindChange:   e.Change != nil,
	}
	members := 0
	for _, there := range []bool{e.Request != nil, e.Response != nil, e.Token != nil, e.Change != nil} {
		if there {
			members++
		}
	}
	if has, known := has[e.Kind]; !known {
		return fmt.Errorf("%q is no kind of event", e.Kind)
	} else if !has || members != 1 {
		return fmt.Errorf("a %s has one member of its own and no other's", e.Kind)
	}
	return nil
}
