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

// exchange is a request with its answer and the tokens first seen in either; the answer is nil while it is open.
type exchange struct {
	request Event
	answer  *Event
	tokens  []Event
}

// exchanges are the exchanges of a trace in the order of their requests. An answer or a token whose request is not in the
// trace is left out.
func exchanges(events []Event) []exchange {
	var list []exchange
	at := map[uint64]int{} // the exchange that a message belongs to
	for _, e := range events {
		if e.Request != nil {
			at[e.Seq] = len(list)
			list = append(list, exchange{request: e})
			continue
		}
		i, ok := at[e.Of]
		if !ok {
			continue
		}
		switch {
		case e.Response != nil:
			list[i].answer = &e
			at[e.Seq] = i
		case e.Token != nil:
			list[i].tokens = append(list[i].tokens, e.settled())
		}
	}
	return list
}

// The parts of an HTTP Archive 1.2 that a trace fills.
type (
	harField struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPostData struct {
		MimeType string     `json:"mimeType"`
		Params   []harField `json:"params"`
		Text     string     `json:"text"`
		Comment  string     `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []harField   `json:"cookies"`
		Headers     []harField   `json:"headers"`
		QueryString []harField   `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int          `json:"headersSize"`
		BodySize    int          `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harField `json:"cookies"`
		Headers     []harField `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
		Comment     string     `json:"comment,omitempty"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harEntry struct {
		Started  stamp       `json:"startedDateTime"`
		Time     float64     `json:"time"` // ms
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
)

// cutComment marks a body of which the end was not recorded.
const cutComment = "longer than what was recorded"

// WriteHAR writes the exchanges as an HTTP Archive 1.2, which the network panels of browsers import. Times are the
// sandbox's; an exchange that has no answer, or was cut, has status 0.
func WriteHAR(w io.Writer, events []Event) error {
	log := harLog{Version: "1.2", Creator: harCreator{"OAuth Playground", "1"}, Entries: []harEntry{}}
	for _, x := range exchanges(events) {
		entry := harEntry{Started: stamp(x.request.At), Request: harRequestOf(x.request.Request), Comment: "#" + fmt.Sprint(x.request.N) + " from " + x.request.From + " to " + x.request.To}
		entry.Response = harResponse{Cookies: []harField{}, Headers: []harField{}, HeadersSize: -1, BodySize: -1, Comment: "not answered yet"}
		if a := x.answer; a != nil {
			entry.Response = harResponseOf(a.Response)
			// Never below zero, even if somebody winds the clock while the answer is made.
			entry.Time = max(0, float64(a.At.Sub(x.request.At))/float64(time.Millisecond))
			entry.Timings.Wait = entry.Time
		}
		log.Entries = append(log.Entries, entry)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(struct {
		Log harLog `json:"log"`
	}{log})
}

func harRequestOf(r *Request) harRequest {
	out := harRequest{Method: r.Method, URL: r.URL, HTTPVersion: "HTTP/1.1", Cookies: []harField{}, Headers: harFields(r.Headers), QueryString: []harField{}, HeadersSize: -1, BodySize: len(r.Body)}
	address, _, _ := strings.Cut(r.URL, "#")
	if _, query, ok := strings.Cut(address, "?"); ok {
		out.QueryString = harPairs(query)
	}
	for _, h := range r.Headers {
		if h[0] == "Cookie" {
			for pair := range strings.SplitSeq(h[1], ";") {
				out.Cookies = append(out.Cookies, harCookie(pair))
			}
		}
	}
	if r.Body != "" {
		out.PostData = &harPostData{MimeType: header(r.Headers, "Content-Type"), Params: []harField{}, Text: r.Body}
		if r.Cut {
			out.PostData.Comment = cutComment
		}
	}
	return out
}

func harResponseOf(r *Response) harResponse {
	out := harResponse{Status: r.Status, StatusText: http.StatusText(r.Status), HTTPVersion: "HTTP/1.1", Cookies: []harField{}, Headers: harFields(r.Headers), RedirectURL: r.header("Location"), HeadersSize: -1, BodySize: len(r.Body), Comment: r.Error,
		Content: harContent{Size: len(r.Body), MimeType: r.header("Content-Type"), Text: r.Body}}
	for _, h := range r.Headers {
		if h[0] == "Set-Cookie" {
			pair, _, _ := strings.Cut(h[1], ";")
			out.Cookies = append(out.Cookies, harCookie(pair))
		}
	}
	if r.Cut {
		out.Content.Comment = cutComment
	}
	return out
}

func harFields(headers []Header) []harField {
	list := make([]harField, len(headers))
	for i, h := range headers {
		list[i] = harField{h[0], h[1]}
	}
	return list
}

func harPairs(query string) []harField {
	list := []harField{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			list = append(list, harField{unescaped(name), unescaped(value)})
		}
	}
	return list
}

func harCookie(pair string) harField {
	name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
	return harField{name, value}
}

// unescaped is a part of a query as it is meant, or as it came if its escapes are wrong.
func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return valid(u)
	}
	return s
}

// path is the path of an address, escaped as it was sent.
func path(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, address, _ = strings.Cut(rest, "/")
		address = "/" + address
	}
	if address == "" {
		return "/"
	}
	return address
}

// WriteMermaid writes the exchanges as a Mermaid sequence diagram, with the numbers the page shows.
func WriteMermaid(w io.Writer, events []Event) error {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	var actors []string
	seen := map[string]bool{}
	for _, e := range events {
		for _, actor := range []string{e.From, e.To} {
			if actor != "" && !seen[actor] {
				seen[actor] = true
				actors = append(actors, actor)
				fmt.Fprintf(&b, "  participant %s as %s\n", mermaidID(actor), mermaidText(actor))
			}
		}
	}
	run := uint64(1)
	for _, e := range events {
		if e.Run != run && len(actors) > 0 {
			run = e.Run
			fmt.Fprintf(&b, "  Note over %s,%s: run %d\n", mermaidID(actors[0]), mermaidID(actors[len(actors)-1]), run)
		}
		switch {
		case e.Request != nil:
			fmt.Fprintf(&b, "  %s->>%s: %s\n", mermaidID(e.From), mermaidID(e.To), mermaidText(fmt.Sprintf("%d. %s %s%s", e.N, e.Request.Method, path(e.Request.URL), tagList(e))))
		case e.Response != nil:
			fmt.Fprintf(&b, "  %s-->>%s: %s\n", mermaidID(e.From), mermaidID(e.To), mermaidText(fmt.Sprintf("%d. %s%s%s", e.N, statusOf(e.Response), tagList(e), refusals(e))))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidID is an actor as Mermaid names it: in letters, digits and "_", and never one of its keywords, such as "end".
func mermaidID(actor string) string {
	return "a_" + strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		}
		return '_'
	}, actor)
}

// mermaidText escapes what Mermaid would read as its own or as HTML, in its way: "#", the character's number, ";".
func mermaidText(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case strings.ContainsRune("#;<>&%\"`{}\\", c):
			fmt.Fprintf(&b, "#%d;", c)
		case c < ' ', c == '\u007f', c == '\u0085', c == '\u2028', c == '\u2029':
			b.WriteByte(' ')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// statusOf is a response in a word.
func statusOf(r *Response) string {
	if r.Status == 0 {
		return "the connection was cut"
	}
	return fmt.Sprint(r.Status)
}

// tagList is what was found in a message, each value once.
func tagList(e Event) string {
	var list []string
	seen := map[string]bool{}
	for _, f := range e.Finds {
		if !seen[f.Tag] {
			seen[f.Tag] = true
			list = append(list, f.Tag)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// refusals says which checks a message failed.
func refusals(e Event) string {
	var b strings.Builder
	for _, v := range e.Verdicts {
		if v.Outcome == check.Failed {
			b.WriteString(", " + failure(v) + " " + v.Check)
		}
	}
	return b.String()
}

// failure says what became of a message that failed a check.
func failure(v check.Verdict) string {
	if v.Mode == check.Enforce {
		return "refused by"
	}
	return "would have been stopped by"
}

// WriteCurl writes each request as a command of a POSIX shell that sends it again.
func WriteCurl(w io.Writer, events []Event) error {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Each request of a recorded run. Hosts that end in .test exist inside the playground only.\n")
	for _, x := range exchanges(events) {
		r := x.request.Request
		fmt.Fprintf(&b, "\n# %d. from %s to %s", x.request.N, oneLine(x.request.From), oneLine(x.request.To))
		if x.answer != nil {
			fmt.Fprintf(&b, ", answered %s", statusOf(x.answer.Response))
		}
		if r.Cut {
			b.WriteString("; the body was " + cutComment)
		}
		if r.Method == "OPEN" { // a browser's, that hands an address to an app
			fmt.Fprintf(&b, "\n# %s is handed to an app of the same device: nothing is sent.\n", oneLine(r.URL))
			continue
		}
		// No globbing: brackets in an address are part of it.
		fmt.Fprintf(&b, "\ncurl -i -g %s --url %s", curlMethod(r.Method), shell(r.URL))
		for _, h := range r.Headers {
			switch h[0] {
			case "Host", "Content-Length", "Connection", "Accept-Encoding":
				continue // curl's own
			}
			line := h[0] + ": " + h[1]
			if h[1] == "" {
				line = h[0] + ";" // how curl sends an empty header
			}
			fmt.Fprintf(&b, " \\\n  -H %s", shell(strings.TrimLeft(line, "@"))) // "@" would name a file
		}
		if r.Body != "" {
			fmt.Fprintf(&b, " \\\n  --data-raw %s", shell(r.Body))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func curlMethod(method string) string {
	if method == http.MethodHead {
		return "-I" // with -X it would wait for a body
	}
	return "-X " + shell(method)
}

// shell quotes a word for a POSIX shell, which can't hold a NUL.
func shell(s string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "\x00", "").Replace(s) + "'"
}

// oneLine takes the line breaks out of a text.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == '\u007f' || c == '\u0085' || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, s)
}

// WriteMarkdown writes the text twin of the diagram, a handout: each exchange with who sent it, what it carried, what came of
// it, the checks it failed and the tokens it brought.
func WriteMarkdown(w io.Writer, events []Event) error {
	list := exchanges(events)
	number := map[uint64]uint64{} // of the exchange that a message belongs to
	byRequest := map[uint64]exchange{}
	for _, x := range list {
		byRequest[x.request.Seq] = x
		number[x.request.Seq] = x.request.N
		if x.answer != nil {
			number[x.answer.Seq] = x.request.N
		}
	}
	var b strings.Builder
	b.WriteString("# A recorded run\n")
	run := uint64(0)
	for _, e := range events {
		if e.Run > run {
			run = e.Run
			fmt.Fprintf(&b, "\n## Run %d\n\n", run)
		}
		switch {
		case e.Request != nil:
			markdownExchange(&b, byRequest[e.Seq], number[e.Cause])
		case e.Change != nil && e.Change.What != "run":
			markdownChange(&b, e)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownExchange(b *strings.Builder, x exchange, cause uint64) {
	q := x.request
	fmt.Fprintf(b, "%d. **%s to %s**: %s", q.N, markdownText(q.From), markdownText(q.To), markdownCode(q.Request.Method+" "+path(q.Request.URL)))
	if cause > 0 {
		fmt.Fprintf(b, ", because of %d", cause)
	}
	b.WriteString("\n")
	markdownFinds(b, "It carries", q.Finds)
	a := x.answer
	if a == nil {
		b.WriteString("   - Not answered yet.\n")
		return
	}
	fmt.Fprintf(b, "   - Answer: **%s**", statusOf(a.Response))
	if to := a.Response.header("Location"); to != "" {
		address, _, _ := strings.Cut(to, "#")
		address, _, _ = strings.Cut(address, "?")
		b.WriteString(", on to " + markdownCode(address))
	}
	passed := 0
	for _, v := range a.Verdicts {
		if v.Outcome == check.Passed {
			passed++
		}
	}
	if passed > 0 {
		fmt.Fprintf(b, ", %d checks passed", passed)
	}
	b.WriteString(".\n")
	markdownFinds(b, "The answer carries", a.Finds)
	for _, v := range a.Verdicts {
		if v.Outcome != check.Failed {
			continue
		}
		failed := failure(v)
		fmt.Fprintf(b, "   - %s %s (%s)", strings.ToUpper(failed[:1])+failed[1:], markdownCode(v.Check), markdownText(v.Spec))
		if v.Expected != "" {
			b.WriteString(", expected " + markdownCode(v.Expected))
		}
		if v.Actual != "" {
			b.WriteString(", got " + markdownCode(v.Actual))
		}
		b.WriteString(".\n")
	}
	for _, e := range x.tokens {
		markdownToken(b, e.Token)
	}
}

func markdownFinds(b *strings.Builder, what string, finds []Find) {
	for i, f := range finds {
		if i == 0 {
			b.WriteString("   - " + what)
		} else {
			b.WriteString(",")
		}
		fmt.Fprintf(b, " %s (%s)", markdownCode(f.Tag), markdownText(f.In))
	}
	if len(finds) > 0 {
		b.WriteString(".\n")
	}
}

func markdownToken(b *strings.Builder, t *Token) {
	if t.Format != "jwt" {
		fmt.Fprintf(b, "   - %s is opaque.\n", markdownCode(t.Tag))
		return
	}
	fmt.Fprintf(b, "   - %s is a JWT with header %s and claims %s", markdownCode(t.Tag), markdownCode(string(t.Header)), markdownCode(string(t.Claims)))
	switch s := t.Signature; {
	case s == nil:
		b.WriteString("; its signature was not looked at.\n")
	case s.Verified:
		b.WriteString("; its signature is verified.\n")
	default:
		b.WriteString("; its signature is not verified: " + markdownText(s.Problem) + ".\n")
	}
}

func markdownChange(b *strings.Builder, e Event) {
	c := e.Change
	fmt.Fprintf(b, "\n*%s*", markdownText(c.What))
	for _, part := range [][2]string{{" ", c.Actor}, {" step ", c.Step}, {" from ", c.From}, {" to ", c.To}} {
		if part[1] != "" {
			b.WriteString(part[0] + markdownCode(part[1]))
		}
	}
	for _, f := range e.Finds {
		b.WriteString(" " + markdownCode(f.Tag))
	}
	b.WriteString("\n\n")
}

// markdownCode is a text as a code span, in which nothing has a meaning: its fence is longer than any in the text.
func markdownCode(s string) string {
	s = oneLine(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence != "`" || strings.Trim(s, " ") == "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// markdownText escapes what Markdown would read as its own or as HTML.
func markdownText(s string) string {
	var b strings.Builder
	for _, c := range oneLine(s) {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|~&", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
