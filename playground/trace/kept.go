package trace

import (
	"strings"
	"unique"
)

// kept is an event as a log in memory holds it.
type kept struct {
	Event
	page *page // the body of its response, if that is a page with a style of its own
}

// page is a body without its style, which is most of a page of ours and the same in thousands of records: it is there once.
type page struct {
	before, after string
	style         unique.Handle[string]
}

// minStyle is the length from which a style is worth it.
const minStyle = 512

func keep(e Event) kept {
	if e.Response == nil {
		return kept{Event: e}
	}
	body := e.Response.Body
	from := strings.Index(body, "<style>")
	length := strings.Index(body[max(from, 0):], "</style>")
	if from < 0 || length < minStyle {
		return kept{Event: e}
	}
	bare := *e.Response
	bare.Body = ""
	e.Response = &bare
	// Clones: a part of a string keeps all of it.
	return kept{e, &page{strings.Clone(body[:from]), strings.Clone(body[from+length:]), unique.Make(body[from : from+length])}}
}

// event is the event that was kept.
func (k *kept) event() Event {
	e := k.Event
	if k.page != nil {
		whole := *e.Response
		whole.Body = k.page.before + k.page.style.Value() + k.page.after
		e.Response = &whole
	}
	return e
}
