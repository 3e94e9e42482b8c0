package playground

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The part of JSON Schema that the OpenAPI document uses, so that every answer the tests see is held against it. A keyword
// that is not known here is an error: what isn't checked must not look as if it were.

// document is openapi.json, decoded once.
var document = func() map[string]any {
	var d map[string]any
	if err := json.Unmarshal(openAPIDocument, &d); err != nil {
		panic(err)
	}
	return d
}()

// at walks down into decoded JSON.
func at(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// conforms tells in what v differs from the schema; nil if in nothing.
func conforms(schema, v any, where string) []string {
	s, ok := schema.(map[string]any)
	if !ok {
		return []string{where + ": there is no schema"}
	}
	var wrong []string
	say := func(format string, a ...any) { wrong = append(wrong, where+": "+fmt.Sprintf(format, a...)) }
	for _, keyword := range sorted(s) {
		arg := s[keyword]
		switch keyword {
		case "description", "default":
		case "properties", "items", "additionalProperties", "required":
			// with type
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/components/schemas/")
			wrong = append(wrong, conforms(at(document, "components", "schemas", name), v, where)...)
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				say("%v is none of %v", v, arg)
			}
		case "const":
			if v != arg {
				say("%v is not %v", v, arg)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < arg.(float64) {
				say("%v is below %v", v, arg)
			}
		case "minItems":
			if l, ok := v.([]any); ok && len(l) < int(arg.(float64)) {
				say("%d items are too few", len(l))
			}
		case "maxItems":
			if l, ok := v.([]any); ok && len(l) > int(arg.(float64)) {
				say("%d items are too many", len(l))
			}
		case "format":
			if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v)); arg != "date-time" || err != nil {
				say("%v is no %v", v, arg)
			}
		case "oneOf":
			fit := 0
			for _, one := range arg.([]any) {
				if len(conforms(one, v, where)) == 0 {
					fit++
				}
			}
			if fit != 1 {
				say("it fits %d of the choices: %.200v", fit, v)
			}
		case "type":
			wrong = append(wrong, conformsType(s, arg.(string), v, where)...)
		default:
			say("the keyword %s is not known to the test", keyword)
		}
	}
	return wrong
}

func conformsType(s map[string]any, kind string, v any, where string) (wrong []string) {
	ok := false
	switch kind {
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "integer":
		n, number := v.(float64)
		ok = number && n == math.Trunc(n)
	case "null":
		ok = v == nil
	case "array":
		var list []any
		list, ok = v.([]any)
		for i, item := range list {
			wrong = append(wrong, conforms(s["items"], item, fmt.Sprintf("%s[%d]", where, i))...)
		}
	case "object":
		var m map[string]any
		m, ok = v.(map[string]any)
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, there := m[name.(string)]; ok && !there {
				wrong = append(wrong, where+": "+name.(string)+" is missing")
			}
		}
		for _, name := range sorted(m) {
			schema := at(s, "properties", name)
			if schema == nil {
				schema = s["additionalProperties"]
				if schema == false {
					wrong = append(wrong, where+": "+name+" is not described")
				}
				if schema == nil || schema == false {
					continue
				}
			}
			wrong = append(wrong, conforms(schema, m[name], where+"."+name)...)
		}
	}
	if !ok {
		wrong = append(wrong, fmt.Sprintf("%s: %.100v is no %s", where, v, kind))
	}
	return wrong
}

func sorted(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// described holds an answer of the API against the document: its status, its type and its body must be there.
func described(t testing.TB, method, path string, r result) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	paths := document["paths"].(map[string]any)
	for template := range paths {
		if paths[path] != nil && template != path {
			continue // what is described as it is, is meant
		}
		if !regexp.MustCompile("^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(template, `[^/]+`) + "$").MatchString(path) {
			continue
		}
		operation := at(document, "paths", template, strings.ToLower(method))
		answer := at(operation, "responses", fmt.Sprint(r.status))
		if answer == nil {
			t.Errorf("%s %s answers %d, which is not described", method, template, r.status)
			return
		}
		content, _ := at(answer, "content").(map[string]any)
		if content == nil {
			if len(r.body) > 0 {
				t.Errorf("%s %s %d has a body that is not described", method, template, r.status)
			}
			return
		}
		kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
		media, ok := content[kind]
		if !ok {
			t.Errorf("%s %s %d is %s, which is not described", method, template, r.status, kind)
			return
		}
		if line := at(media, "x-line"); line != nil {
			for raw := range strings.Lines(string(r.body)) {
				holds(t, line, []byte(raw), method+" "+template)
			}
		} else if strings.Contains(kind, "json") {
			holds(t, at(media, "schema"), r.body, fmt.Sprintf("%s %s %d", method, template, r.status))
		}
		return
	}
	t.Errorf("%s %s is not described", method, path)
}

func holds(t testing.TB, schema any, raw []byte, where string) {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("%s: %v: %.200s", where, err, raw)
		return
	}
	for _, w := range conforms(schema, v, where) {
		t.Error(w)
	}
}
