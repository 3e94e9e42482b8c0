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
}

type seen struct {
	value, tag, kind string
	first, last      uint64 // positions
}

// found is a value found by its name.
type found struct {
	kind, in, name, value string
}

// place is a text in which known values may turn up without a name.
type place struct {
	in, name, text string
}

// tag gives each found value its tag, looks for known values in the texts, and returns what is found in the event at seq.
func (v *values) tag(named []found, texts []place, seq uint64) []Find {
	var finds []Find
	for _, f := range named {
		s := v.know(f.kind, f.value, seq)
		finds = addFind(finds, Find{Tag: s.tag, Kind: s.kind, In: f.in, Name: f.name})
	}
	for _, p := range texts {
		finds = v.scan(finds, p, seq)
	}
	return finds
}

// know is the record of a value, made now if it is new.
func (v *values) know(kind, value string, seq uint64) *seen {
	if s := v.byValue[value]; s != nil {
		s.last = seq
		return s
	}
	if v.counts == nil {
		v.counts = map[string]int{}
	}
	v.counts[kind]++
	return v.add(kind, kind+"#"+strconv.Itoa(v.counts[kind]), value, seq)
}

func (v *values) add(kind, tag, value string, seq uint64) *seen {
	if v.byValue == nil {
		v.byValue, v.byTag = map[string]*seen{}, map[string]*seen{}
	}
	value = strings.Clone(value) // a value must not keep the body it was found in
	s := &seen{value: value, tag: tag, kind: kind, first: seq, last: seq}
	v.byValue[value], v.byTag[tag] = s, s
	v.order = append(v.order, s)
	return s
}

// learn takes an event of the log into account that somebody else has written, or that is read again.
func (v *values) learn(e Event) {
	var named []found
	switch {
	case e.Request != nil:
		named = findRequest(e.Request)
	case e.Response != nil:
		named = findResponse(e.Response)
	}
	v.tag(named, nil, e.Seq)
}

// scanned is the shortest value that is recognised without its name.
const scanned = 8

// scan looks for known values in a text: in its words, which are what a URL can hold without escapes.
func (v *values) scan(finds []Find, p place, seq uint64) []Find {
	if len(v.byValue) == 0 {
		return finds
	}
	begin := -1
	for i := 0; i <= len(p.text); i++ {
		if i < len(p.text) && wordByte[p.text[i]] {
			if begin < 0 {
				begin = i
			}
			continue
		}
		if begin >= 0 && i-begin >= scanned {
			word := p.text[begin:i]
			s := v.byValue[word]
			if s == nil {
				s = v.byValue[strings.Trim(word, ".-")]
			}
			if s != nil && len(s.value) >= scanned {
				s.last = max(s.last, seq)
				finds = addFind(finds, Find{Tag: s.tag, Kind: s.kind, In: p.in, Name: p.name})
			}
		}
		begin = -1
	}
	return finds
}

var wordByte = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		t[c] = true
	}
	return
}()

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
		v.order = v.order[1:]
		if s.last >= first {
			v.order = append(v.order, s) // still in use: looked at again later
			continue
		}
		delete(v.byValue, s.value)
		delete(v.byTag, s.tag)
	}
}
