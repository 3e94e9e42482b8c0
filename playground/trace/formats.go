package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"oauthplayground/mockidp/check"
)

// WriteNDJSON writes one event a line.
func WriteNDJSON(w io.Writer, events []Event) error {
	for _, e := range events {
		line, err := e.Encode()
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// pair is a request with its answer; the answer is nil while it is open.
type pair struct {
	request Event
	answer  *Event
}

func pairs(events []Event) []pair {
	var list []pair
	at := map[uint64]int{}
	for _, e := range events {
		switch {
		case e.Request != nil:
			at[e.Seq] = len(list)
			list = append(list, pair{request: e})
		case e.Response != nil:
			if i, ok := at[e.Of]; ok {
				list[i].answer = &e
			}
		}
	}
	return list
}

// WriteHAR writes the exchanges as an HTTP Archive 1.2, which the network panels of browsers import.
func WriteHAR(w io.Writer, events []Event) error {
	type nv struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	headers := func(list []Header) []nv {
		out := []nv{}
		for _, h := range list {
			out = append(out, nv{h[0], h[1]})
		}
		return out
	}
	entries := []any{}
	for _, p := range pairs(events) {
		r := p.request.Request
		query := []nv{}
		if u, err := url.Parse(r.URL); err == nil {
			for _, part := range strings.Split(u.RawQuery, "&") {
				name, value, _ := strings.Cut(part, "=")
				if name, err := url.QueryUnescape(name); err == nil && name != "" {
					v, _ := url.QueryUnescape(value)
					query = append(query, nv{name, v})
				}
			}
		}
		request := map[string]any{
			"method": r.Method, "url": r.URL, "httpVersion": "HTTP/1.1", "cookies": []any{}, "headers": headers(r.Headers),
			"queryString": query, "headersSize": -1, "bodySize": len(r.Body),
		}
		if r.Body != "" {
			request["postData"] = map[string]any{"mimeType": header(r.Headers, "Content-Type"), "text": r.Body}
		}
		response := map[string]any{
			"status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": []any{}, "headers": []nv{},
			"content": map[string]any{"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
		}
		took := time.Duration(0)
		if a := p.answer; a != nil {
			response["status"], response["statusText"] = a.Response.Status, http.StatusText(a.Response.Status)
			response["headers"], response["redirectURL"] = headers(a.Response.Headers), a.Response.header("Location")
			response["bodySize"] = len(a.Response.Body)
			response["content"] = map[string]any{"size": len(a.Response.Body), "mimeType": a.Response.header("Content-Type"), "text": a.Response.Body}
			took = a.At.Sub(p.request.At)
		}
		ms := float64(took.Microseconds()) / 1000
		entries = append(entries, map[string]any{
			"startedDateTime": p.request.At.Format(time.RFC3339Nano), "time": ms, "request": request, "response": response, "cache": map[string]any{},
			"timings": map[string]any{"send": 0, "wait": ms, "receive": 0}, "comment": p.request.From + " to " + p.request.To,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]any{"name": "OAuth Playground", "version": "1"}, "entries": entries,
	}})
}

// path is an address without its query, as a diagram names it.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// WriteMermaid writes the exchanges as a Mermaid sequence diagram.
func WriteMermaid(w io.Writer, events []Event) error {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	seen := map[string]bool{}
	for _, e := range events {
		for _, actor := range []string{e.From, e.To} {
			if actor != "" && !seen[actor] {
				seen[actor] = true
				fmt.Fprintf(&b, "  participant %s\n", mermaidID(actor))
			}
		}
	}
	for _, e := range events {
		switch {
		case e.Request != nil:
			fmt.Fprintf(&b, "  %s->>%s: %s %s%s\n", mermaidID(e.From), mermaidID(e.To), mermaidText(e.Request.Method), mermaidText(path(e.Request.URL)), mermaidText(tagList(e)))
		case e.Response != nil:
			fmt.Fprintf(&b, "  %s-->>%s: %d%s%s\n", mermaidID(e.From), mermaidID(e.To), e.Response.Status, mermaidText(tagList(e)), mermaidText(refusals(e)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func mermaidID(actor string) string { return strings.ReplaceAll(actor, "-", "_") }

// mermaidText takes the characters away that Mermaid would read as its own.
func mermaidText(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '#':
			return '№'
		case c == ';', c == '<', c == '>', c < ' ':
			return ' '
		}
		return c
	}, s)
}

func tagList(e Event) string {
	var list []string
	for _, f := range e.Finds {
		list = append(list, f.Tag)
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// refusals says which checks a message failed.
func refusals(e Event) string {
	var list []string
	for _, v := range e.Verdicts {
		switch {
		case v.Outcome == check.Failed && v.Mode == check.Enforce:
			list = append(list, "refused by "+v.Check)
		case v.Outcome == check.Failed:
			list = append(list, "would have been stopped by "+v.Check)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return ", " + strings.Join(list, ", ")
}

// WriteCurl writes each request as a command that sends it again.
func WriteCurl(w io.Writer, events []Event) error {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n")
	for _, p := range pairs(events) {
		r := p.request.Request
		fmt.Fprintf(&b, "\n# %d. from %s to %s", p.request.N, p.request.From, p.request.To)
		if p.answer != nil {
			fmt.Fprintf(&b, ", answered %d", p.answer.Response.Status)
		}
		fmt.Fprintf(&b, "\ncurl -i -X %s %s", shell(r.Method), shell(r.URL))
		for _, h := range r.Headers {
			if h[0] == "Host" || h[0] == "Content-Length" || h[0] == "Connection" {
				continue
			}
			fmt.Fprintf(&b, " \\\n  -H %s", shell(h[0]+": "+h[1]))
		}
		if r.Body != "" {
			fmt.Fprintf(&b, " \\\n  --data-raw %s", shell(r.Body))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shell quotes a word for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// WriteMarkdown writes the text twin of the diagram: the exchanges as a numbered list.
func WriteMarkdown(w io.Writer, events []Event) error {
	var b strings.Builder
	b.WriteString("# A recorded run\n")
	run := uint64(0)
	for _, p := range pairs(events) {
		if p.request.Run != run {
			run = p.request.Run
			fmt.Fprintf(&b, "\n## Run %d\n\n", run)
		}
		r := p.request.Request
		fmt.Fprintf(&b, "%d. `%s %s` from %s to %s%s", p.request.N, markdownCode(r.Method), markdownCode(path(r.URL)), p.request.From, p.request.To, markdownText(tagList(p.request)))
		if a := p.answer; a != nil {
			passed := 0
			for _, v := range a.Verdicts {
				if v.Outcome == check.Passed {
					passed++
				}
			}
			fmt.Fprintf(&b, ": **%d**%s, %d checks passed%s", a.Response.Status, markdownText(tagList(*a)), passed, markdownText(refusals(*a)))
		} else {
			b.WriteString(": not answered yet")
		}
		b.WriteString(".\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownCode(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '`' || c < ' ' {
			return ' '
		}
		return c
	}, s)
}

func markdownText(s string) string {
	return strings.NewReplacer("_", `\_`, "*", `\*`, "<", "&lt;", "[", `\[`, "\n", " ").Replace(s)
}
