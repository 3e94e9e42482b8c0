package trace

import (
	"net/http"
	"slices"
	"strings"
)

// RequestOf is a request as its receiver got it; base is the origin, and for a mounted receiver the path, that its URL
// begins with.
func RequestOf(r *http.Request, base string, body []byte, cut bool) Request {
	url := base + r.URL.EscapedPath()
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		url += "?" + r.URL.RawQuery
	}
	headers := make([]Header, 0, len(r.Header)+1)
	headers = append(headers, Header{"Host", r.Host})
	return Request{Method: r.Method, URL: url, Headers: appendHeaders(headers, r.Header), Body: text(body), Cut: cut}
}

// ResponseOf is a response as its sender sends it.
func ResponseOf(status int, h http.Header, body []byte) Response {
	cut := len(body) > MaxBody
	if cut {
		body = body[:MaxBody]
	}
	return Response{Status: status, Headers: appendHeaders(make([]Header, 0, len(h)), h), Body: text(body), Cut: cut}
}

func appendHeaders(list []Header, h http.Header) []Header {
	begin := len(list)
	for name, values := range h {
		for _, v := range values {
			list = append(list, Header{name, v})
		}
	}
	slices.SortStableFunc(list[begin:], func(a, b Header) int { return strings.Compare(a[0], b[0]) })
	return list
}

// text is a body as a string that JSON can hold.
func text(body []byte) string { return strings.ToValidUTF8(string(body), "\uFFFD") }

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
