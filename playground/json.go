package playground

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"oauthplayground/playground/world"
)

// maxJSON bounds the bodies of the API.
const maxJSON = 64 << 10

// decode reads a JSON object into v, strictly: what is unknown, doubled or wrongly encoded is a mistake that the sender wants
// to hear of. An empty body is allowed if optional.
func decode(c *gin.Context, v any, optional bool) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return world.Problem{Status: http.StatusRequestEntityTooLarge, Title: "Too large", Detail: fmt.Sprintf("The body is longer than %d KiB.", maxJSON>>10)}
	}
	if err != nil {
		return bad("The body broke off: send it again, whole.")
	}
	if optional && len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if t, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || t != "application/json" {
		return world.Problem{Status: http.StatusUnsupportedMediaType, Title: "Not JSON", Detail: "The body must be JSON: send it with Content-Type: application/json."}
	}
	// "JSON text exchanged between systems that are not part of a closed ecosystem MUST be encoded using UTF-8" (RFC 8259 §8.1).
	if !utf8.Valid(body) {
		return bad("The body is not UTF-8.")
	}
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return bad("The body must be a JSON object, not null.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bad(jsonMistake(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return bad("There is something behind the JSON object: send one object.")
	}
	if mistake := lenient(json.NewDecoder(bytes.NewReader(body))); mistake != "" {
		return bad(mistake)
	}
	return nil
}

// lenient is the first mistake in a well-formed text that encoding/json lets pass: a member that one object has twice, of
// which it would take the last, and a member of ours in capitals, which it would take for the right one.
func lenient(dec *json.Decoder) string {
	type object struct {
		names map[string]bool // nil in an array
		value bool            // the next token is a value, not a name
	}
	var open []*object
	for {
		token, err := dec.Token()
		if err != nil {
			return ""
		}
		var in *object
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		if end, ok := token.(json.Delim); ok && (end == '}' || end == ']') {
			open = open[:len(open)-1]
			continue
		}
		if in != nil && in.names != nil {
			if !in.value {
				name := token.(string)
				if in.names[name] {
					return fmt.Sprintf("The member %q is there twice: which one is meant?", name)
				}
				if len(open) == 1 && name != strings.ToLower(name) {
					return jsonMistake(fmt.Errorf("json: unknown field %q", name))
				}
				in.names[name] = true
				in.value = true
				continue
			}
			in.value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, &object{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, &object{})
		}
	}
}

func jsonMistake(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Sprintf("%s can't be a %s.", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return fmt.Sprintf("The body must be a JSON object, not a %s.", kind.Value)
	case errors.As(err, &syntax):
		return fmt.Sprintf("The body is not JSON: it goes wrong at byte %d.", syntax.Offset)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "There is no member " + strings.TrimPrefix(err.Error(), "json: unknown field ") + " here. GET /api/openapi.json tells what there is."
	}
	return "The body must be a JSON object."
}

// answer writes JSON as it is, without escaping for HTML.
func answer(c *gin.Context, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Data(status, "application/json", b.Bytes())
}
