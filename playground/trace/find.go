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
}

// findRequest finds the named values of a request: in its query, its Authorization and Cookie headers, its body.
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
		case "Content-Type":
			contentType = h[1]
		}
	}
	return findBody(list, contentType, r.Body)
}

// findResponse finds the named values of a response: in where it redirects to, the cookies it sets, its body.
func findResponse(r *Response) []found {
	var list []found
	contentType := ""
	for _, h := range r.Headers {
		switch h[0] {
		case "Location":
			address, fragment, _ := strings.Cut(h[1], "#")
			if _, query, ok := strings.Cut(address, "?"); ok {
				list = findPairs(list, "query", query)
			}
			list = findPairs(list, "fragment", fragment)
		case "Set-Cookie":
			pair, _, _ := strings.Cut(h[1], ";")
			list = findCookie(list, pair)
		case "Content-Type":
			contentType = h[1]
		}
	}
	return findBody(list, contentType, r.Body)
}

func findBody(list []found, contentType, body string) []found {
	contentType, _, _ = strings.Cut(contentType, ";")
	switch strings.TrimSpace(contentType) {
	case "application/x-www-form-urlencoded":
		return findPairs(list, "body", body)
	case "application/json":
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

// findJSON reads the string members of a JSON object.
func findJSON(list []found, body string) []found {
	if !strings.HasPrefix(strings.TrimLeft(body, " \t\r\n"), "{") {
		return list
	}
	dec := json.NewDecoder(strings.NewReader(body))
	depth, name := 0, ""
	for {
		t, err := dec.Token()
		if err != nil {
			return list
		}
		switch v := t.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			name = ""
		case string:
			switch kind, ok := kindOf[name]; {
			case depth == 1 && name == "":
				name = v
				continue
			case depth == 1 && ok && v != "":
				list = append(list, found{kind: kind, in: "body", name: name, value: v})
			}
			name = ""
		default:
			name = ""
		}
	}
}

// findAuthorization reads a bearer token, or the secret of a client that authenticates with Basic.
func findAuthorization(list []found, value string) []found {
	scheme, credentials, _ := strings.Cut(value, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer") && credentials != "":
		return append(list, found{kind: "access_token", in: "header", name: "Authorization", value: strings.TrimSpace(credentials)})
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
	address, query, _ := strings.Cut(r.URL, "?")
	list := []place{{"path", "", address}, {"query", "", query}}
	list = headerTexts(list, r.Headers)
	return append(list, place{"body", "", r.Body})
}

func responseTexts(r *Response) []place {
	return append(headerTexts(nil, r.Headers), place{"body", "", r.Body})
}

func headerTexts(list []place, headers []Header) []place {
	for _, h := range headers {
		switch h[0] {
		case "Authorization", "Cookie", "Set-Cookie", "Location", "Host", "Content-Length", "Content-Type", "Date", "User-Agent", "Accept", "Content-Security-Policy":
			continue // read by name, or never holds a value
		}
		list = append(list, place{"header", h[0], h[1]})
	}
	return list
}
