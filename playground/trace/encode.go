package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// MaxBody is how much of a body is kept, in bytes.
const MaxBody = 64 << 10

// plainEvent is Event without its methods.
type plainEvent Event

// Encode is the event as one line of JSON, without the newline: what streams send and NDJSON holds. Characters are not
// escaped for HTML, so that what was on the wire reads as it was.
func (e Event) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plainEvent(e.settled())); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// MarshalJSON is Encode, for events inside other documents.
func (e Event) MarshalJSON() ([]byte, error) { return e.Encode() }

// moment is when an event is said to have happened: to the millisecond, in UTC.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// maxLine bounds one event of a trace that is read: two bodies and what describes them, escaped.
const maxLine = 2 << 20

// ReadNDJSON reads a trace: one event a line. Errors name the line.
func ReadNDJSON(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields()
		var e plainEvent
		if err := dec.Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d is not an event: %w", n, err)
		}
		events = append(events, Event(e))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("the trace can't be read: %w", err)
	}
	return events, nil
}
