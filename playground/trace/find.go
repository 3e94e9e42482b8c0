package trace

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// kindOf maps the names that values travel under to the kinds they are of: the specifications' names.
var kindOf = map[string]string{
	"code":          "code",
	"state":         "state",
	"nonce":         "nonce",
	"code_verifier": "code_verifier", "code_challenge": "code_challenge",
	"access_token": "access_token", "refresh_token": "refresh_token",
	"id_token": "id_token", "id_token_hint": "id_token",
	"client_secret": "client_secret",
	"password":      "password",
	"session":       "session",
}

// findRequest finds the named values of a request: in its query, its Authorization, Cookie and Referer headers, its body.
func findRequest(r *Request) []found {
	var list []found
	if _, query, ok := strings.Cut(r.URL, "?"); ok {
		list = findPairs(list, "query", query)
	}
	contentType := ""
	for _, h := range r.Headers {
		switch h[0] {
		case "Authorization":
			list = findAuthorization(list, h[1])
		case "Cookie":
			for pair := range strings.SplitSeq(h[1], ";") {
				list = findCookie(list, pair)
			}
		case "Referer":
			begin := len(list)
			list = findAddress(list, h[1])
			for i := range list[begin:] {
				list[begin+i].in, list[begin+i].name = "header", "Referer"
			}
		case "Content-Type":
			contentType = h[1]
		}
	}
	return findBody(list, contentType, r.Body, r.Cut)
}

// findResponse finds the named values of a response: in where it redirects to, the cookies it sets, its body.
func findResponse(r *Response) []found {
	var list []found
	contentType := ""
	for _, h := range r.Headers {
		switch h[0] {
		case "Location":
			list = findAddress(list, h[1])
		case "Set-Cookie":
			pair, _, _ := strings.Cut(h[1], ";")
			list = findCookie(list, pair)
		case "Content-Type":
			contentType = h[1]
		}
	}
	return findBody(list, contentType, r.Body, r.Cut)
}

// findKept finds what an actor puts by: values that no message has carried yet.
func findKept(c *Change) []found {
	if c.What != WhatKept {
		return nil
	}
	return findPairs(nil, "storage", c.To)
}

// findAddress reads the query and the fragment of a URL.
func findAddress(list []found, address string) []found {
	address, fragment, _ := strings.Cut(address, "#")
	if _, query, ok := strings.Cut(address, "?"); ok {
		list = findPairs(list, "query", query)
	}
	return findPairs(list, "fragment", fragment)
}

func findBody(list []found, contentType, body string, cut bool) []found {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	switch {
	case mediaType == "application/x-www-form-urlencoded":
		if cut { // its last pair may be half of one
			body = body[:max(0, strings.LastIndexByte(body, '&'))]
		}
		return findPairs(list, "body", body)
	case mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"):
		return findJSON(list, body)
	}
	return list
}

// findPairs reads name=value pairs as forms and queries have them.
func findPairs(list []found, in, text string) []found {
	if text == "" {
		return list
	}
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		kind, ok := kindOf[name]
		if !ok || value == "" {
			continue
		}
		if v, err := url.QueryUnescape(value); err == nil {
			list = append(list, found{kind: kind, in: in, name: name, value: v})
		}
	}
	return list
}

// findJSON reads the string members of a JSON object, up to where it ends or stops being one.
func findJSON(list []found, body string) []found {
	depth, name := 0, ""
	for i := 0; i < len(body); {
		switch body[i] {
		case '{', '[':
			if depth == 0 && body[i] == '[' {
				return list
			}
			depth++
			i++
		case '}', ']':
			if depth--; depth <= 0 {
				return list
			}
			i++
		case ',':
			name = ""
			i++
		case '"':
			end := stringEnd(body, i)
			if end < 0 || depth == 0 {
				return list
			}
			literal := body[i:end]
			i = end
			switch {
			case depth > 1:
			case name == "":
				name = literal
			default:
				list = findMember(list, name, literal)
			}
		default:
			i++
		}
	}
	return list
}

// stringEnd is the position behind the string literal that begins at i, or -1.
func stringEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// findMember reads a member of a JSON object, given as two string literals.
func findMember(list []found, nameLiteral, literal string) []found {
	name := nameLiteral[1 : len(nameLiteral)-1]
	kind, ok := kindOf[name]
	value := literal[1 : len(literal)-1]
	if !ok || value == "" {
		return list
	}
	if strings.IndexByte(value, '\\') >= 0 {
		if json.Unmarshal([]byte(literal), &value) != nil {
			return list
		}
	}
	return append(list, found{kind: kind, in: "body", name: name, value: value})
}

// findAuthorization reads an access token (RFC 6750 §2.1, RFC 9449 §7.1), or the secret of a client that authenticates with
// Basic (RFC 6749 §2.3.1).
func findAuthorization(list []found, value string) []found {
	scheme, credentials, _ := strings.Cut(value, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"), strings.EqualFold(scheme, "DPoP"):
		if token := strings.TrimSpace(credentials); token != "" {
			return append(list, found{kind: "access_token", in: "header", name: "Authorization", value: token})
		}
	case strings.EqualFold(scheme, "Basic"):
		b, err := base64.StdEncoding.DecodeString(credentials)
		if err != nil {
			return list
		}
		_, secret, _ := strings.Cut(string(b), ":")
		if secret, err = url.QueryUnescape(secret); err == nil && secret != "" {
			return append(list, found{kind: "client_secret", in: "header", name: "Authorization", value: secret})
		}
	}
	return list
}

// findCookie finds login sessions: the cookies whose holder is taken for the user.
func findCookie(list []found, pair string) []found {
	name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
	if !strings.HasSuffix(name, "_session") || value == "" {
		return list
	}
	return append(list, found{kind: "session", in: "cookie", name: name, value: value})
}

// requestTexts are the parts of a request in which a value may turn up without its name.
func requestTexts(r *Request) []place {
	list := make([]place, 0, len(r.Headers)+3)
	list = headerTexts(addressTexts(list, r.URL), r.Headers)
	return append(list, place{"body", "", r.Body})
}

func responseTexts(r *Response) []place {
	list := make([]place, 0, len(r.Headers)+3)
	return append(headerTexts(list, r.Headers), place{"body", "", r.Body})
}

func addressTexts(list []place, address string) []place {
	address, fragment, _ := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	return append(list, place{"path", "", address}, place{"query", "", query}, place{"fragment", "", fragment})
}

func headerTexts(list []place, headers []Header) []place {
	for _, h := range headers {
		switch h[0] {
		case "Accept", "Content-Length", "Content-Security-Policy", "Content-Type", "Date", "Host", "User-Agent":
			// never holds a value
		case "Location":
			list = addressTexts(list, h[1])
		case "Cookie":
			for pair := range strings.SplitSeq(h[1], ";") {
				list = cookieText(list, pair)
			}
		case "Set-Cookie":
			pair, _, _ := strings.Cut(h[1], ";")
			list = cookieText(list, pair)
		default:
			list = append(list, place{"header", h[0], h[1]})
		}
	}
	return list
}

func cookieText(list []place, pair string) []place {
	name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
	return append(list, place{"cookie", name, value})
}
