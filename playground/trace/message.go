package trace

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// RequestOf is a request as its receiver got it; base is the origin, and for a mounted receiver the path, that its URL
// begins with. Of the body up to MaxBody is kept; cut says that there was more of it than is given.
func RequestOf(r *http.Request, base string, body []byte, cut bool) Request {
	url := base + r.URL.EscapedPath()
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		url += "?" + r.URL.RawQuery
	}
	headers := make([]Header, 0, len(r.Header)+1)
	if r.Host != "" { // an address that is handed to an app has none
		headers = append(headers, Header{"Host", r.Host})
	}
	kept, cut := text(body, cut)
	return Request{Method: r.Method, URL: valid(url), Headers: appendHeaders(headers, r.Header), Body: kept, Cut: cut}
}

// ResponseOf is a response as its sender sends it. Of the body up to MaxBody is kept.
func ResponseOf(status int, h http.Header, body []byte) Response {
	kept, cut := text(body, false)
	return Response{Status: status, Headers: appendHeaders(make([]Header, 0, len(h)), h), Body: kept, Cut: cut}
}

func appendHeaders(list []Header, h http.Header) []Header {
	begin := len(list)
	for name, values := range h {
		for _, v := range values {
			list = append(list, Header{name, valid(v)})
		}
	}
	slices.SortStableFunc(list[begin:], func(a, b Header) int { return strings.Compare(a[0], b[0]) })
	return list
}

// text is the part of a body that is kept, and whether that is not all of it.
func text(body []byte, cut bool) (string, bool) {
	if len(body) > MaxBody {
		body, cut = body[:MaxBody], true
	}
	for i := len(body) - 1; cut && i >= max(0, len(body)-utf8.UTFMax); i-- {
		if utf8.RuneStart(body[i]) {
			if !utf8.FullRune(body[i:]) {
				body = body[:i] // not half of a character
			}
			break
		}
	}
	return valid(string(body)), cut
}

// valid is a text as JSON can hold it: bytes that are not UTF-8 become U+FFFD.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// isRedirect tells whether a response sends its receiver on.
func (r Response) isRedirect() bool {
	return r.Status >= 300 && r.Status < 400 && r.header("Location") != ""
}

func (r Response) header(name string) string { return header(r.Headers, name) }

func header(headers []Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}
