package trace

import (
	"strconv"
	"strings"
)

// values are the values of interest of one run: what each is called, and when it was first and last seen.
type values struct {
	byValue map[string]*seen
	byTag   map[string]*seen
	counts  map[string]int // by kind
	order   []*seen        // roughly oldest first, to forget what a window has let go
	fresh   int            // how many at the end of order belong to an event that is not in the log yet
}

type seen struct {
	value, tag, kind string
	first, last      uint64 // positions
}

func (s *seen) find(in, name string) Find { return Find{Tag: s.tag, Kind: s.kind, In: in, Name: name} }

// found is a value found by its name.
type found struct {
	kind, in, name, value string
}

// place is a text in which known values may turn up without a name.
type place struct {
	in, name, text string
}

// tag gives each found value its tag, looks for known values in the texts, and returns what is found in the event at seq.
// New values are fresh until keep or undo is called.
func (v *values) tag(named []found, texts []place, seq uint64) []Find {
	var finds []Find
	for _, f := range named {
		finds = addFind(finds, v.know(f.kind, f.value, seq).find(f.in, f.name))
	}
	for _, p := range texts {
		finds = v.scan(finds, p, seq)
	}
	return finds
}

// know is the record of a value, made now if it is new.
func (v *values) know(kind, value string, seq uint64) *seen {
	if s := v.byValue[value]; s != nil {
		s.last = max(s.last, seq)
		return s
	}
	v.fresh++
	return v.add(kind, v.counts[kind]+1, value, seq)
}

// add remembers the n-th value of its kind.
func (v *values) add(kind string, n int, value string, seq uint64) *seen {
	if v.byValue == nil {
		v.byValue, v.byTag, v.counts = map[string]*seen{}, map[string]*seen{}, map[string]int{}
	}
	v.counts[kind] = max(v.counts[kind], n)
	value = strings.Clone(value) // a value must not keep the body it was found in
	s := &seen{value: value, tag: kind + "#" + strconv.Itoa(n), kind: kind, first: seq, last: seq}
	v.byValue[value], v.byTag[s.tag] = s, s
	v.order = append(v.order, s)
	return s
}

// keep says that the fresh values are in the log.
func (v *values) keep() { v.fresh = 0 }

// undo takes the fresh values back: their event did not get into the log.
func (v *values) undo() {
	rest := len(v.order) - v.fresh
	for _, s := range v.order[rest:] {
		delete(v.byValue, s.value)
		delete(v.byTag, s.tag)
		v.counts[s.kind]--
	}
	clear(v.order[rest:])
	v.order, v.fresh = v.order[:rest], 0
}

// learn takes an event of the log into account that somebody else has written, or that is read again. The event's finds
// are the truth about what its values are called: in a window, the events that counted up to them may be gone.
func (v *values) learn(e Event) {
	var finds []Find
	for _, f := range named(e) {
		s := v.byValue[f.value]
		if s == nil {
			// Named values come first among the finds and in this order, so the next find is this value's.
			if len(finds) >= len(e.Finds) {
				break
			}
			next := e.Finds[len(finds)]
			kind, n, ok := parseTag(next.Tag)
			if !ok || next.In != f.in || next.Name != f.name || v.byTag[next.Tag] != nil {
				break
			}
			s = v.add(kind, n, f.value, e.Seq)
		}
		finds = addFind(finds, s.find(f.in, f.name))
	}
	for _, f := range e.Finds {
		if s := v.byTag[f.Tag]; s != nil {
			s.last = max(s.last, e.Seq)
		}
	}
}

// named are the values that an event's message holds under their names.
func named(e Event) []found {
	switch {
	case e.Request != nil:
		return findRequest(e.Request)
	case e.Response != nil:
		return findResponse(e.Response)
	case e.Change != nil:
		return findKept(e.Change)
	}
	return nil
}

// parseTag takes "code#1" apart.
func parseTag(tag string) (kind string, n int, ok bool) {
	kind, number, ok := strings.Cut(tag, "#")
	n, err := strconv.Atoi(number)
	return kind, n, ok && err == nil && n > 0
}

// scanned is the shortest value, in bytes, that is recognised without its name: shorter ones are words of the language.
const scanned = 8

// scan looks for known values in a text: in its words, which are what a URL can hold without escapes. Escapes are undone
// first, twice, since a URL may travel inside another.
func (v *values) scan(finds []Find, p place, seq uint64) []Find {
	if len(v.byValue) == 0 || len(p.text) < scanned {
		return finds
	}
	text := p.text
	for range 2 {
		if strings.IndexByte(text, '%') < 0 {
			break
		}
		text = unescape(text)
	}
	for i := 0; i < len(text); {
		if !wordByte[text[i]] {
			i++
			continue
		}
		begin := i
		for i < len(text) && wordByte[text[i]] {
			i++
		}
		if i-begin < scanned {
			continue
		}
		s := v.byValue[text[begin:i]]
		if s == nil && (text[i-1] == '.' || text[i-1] == '-' || text[begin] == '-') { // the end of a sentence, a dash
			s = v.byValue[strings.Trim(text[begin:i], ".-")]
		}
		if s != nil && len(s.value) >= scanned {
			s.last = max(s.last, seq)
			finds = addFind(finds, s.find(p.in, p.name))
		}
	}
	return finds
}

var wordByte = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		t[c] = true
	}
	return
}()

// unescape undoes percent-encoding where there is any and leaves everything else as it is.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0 {
			b = append(b, byte(hexDigit(s[i+1])<<4|hexDigit(s[i+2])))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

// hexDigit is the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// addFind adds a find unless the same value was found in the same place, with its name, before.
func addFind(finds []Find, f Find) []Find {
	for _, g := range finds {
		if g.Tag == f.Tag && g.In == f.In && (g.Name == f.Name || f.Name == "") {
			return finds
		}
	}
	return append(finds, f)
}

// value is the value behind a tag.
func (v *values) value(tag string) (string, bool) {
	s := v.byTag[tag]
	if s == nil {
		return "", false
	}
	return s.value, true
}

// firstSeen tells whether a tag appears for the first time in the event at seq.
func (v *values) firstSeen(tag string, seq uint64) bool {
	s := v.byTag[tag]
	return s != nil && s.first == seq
}

// forgetBefore lets go of values that were last seen before the window's first position.
func (v *values) forgetBefore(first uint64) {
	for n := len(v.order); n > 0 && v.order[0].first < first; n-- {
		s := v.order[0]
		v.order[0] = nil
		v.order = v.order[1:]
		if s.last >= first {
			v.order = append(v.order, s) // still in use: looked at again later
			continue
		}
		delete(v.byValue, s.value)
		delete(v.byTag, s.tag)
	}
}
