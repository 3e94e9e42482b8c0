package trace

import (
	"strings"
	"testing"
	"time"
)

// TestPagesAreKeptWhole: that many records share a style shows in none of them.
func TestPagesAreKeptWhole(t *testing.T) {
	style := "<style>" + strings.Repeat("p { margin: 0; } ", 60) + "</style>"
	bodies := []string{
		"<head>" + style + "</head><p>first</p>",
		"<head>" + style + "</head><p>second</p>",
		style,
		style + style,
		"<style>p {}</style>",
		strings.TrimSuffix(style, "</style>"),
		"</style>" + style,
		strings.Repeat("x", 5000),
		"",
	}
	l := NewMemoryLog(MemoryOptions{})
	for i, body := range bodies {
		e := Event{Seq: uint64(i) + 1, At: time.Now(), Kind: KindResponse, Run: 1, Response: &Response{Status: 200, Headers: []Header{{"Content-Type", "text/html"}}, Body: body}}
		if err := l.Append(t.Context(), uint64(i), e); err != nil {
			t.Fatal(err)
		}
		if e.Response.Body != body {
			t.Errorf("body %d was changed in its sender’s hands", i)
		}
	}
	for range 2 { // reading changes nothing
		events, err := l.Past(t.Context(), 0)
		if err != nil || len(events) != len(bodies) {
			t.Fatal(len(events), err)
		}
		for i, e := range events {
			if e.Response.Body != bodies[i] || e.Response.Status != 200 || len(e.Response.Headers) != 1 {
				t.Errorf("body %d came back as %.40q…, %d", i, e.Response.Body, e.Response.Status)
			}
		}
	}
}
