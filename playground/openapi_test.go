package playground

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// TestOpenAPIDescribesTheRouter holds the document and the table of routes against each other, both ways.
func TestOpenAPIDescribesTheRouter(t *testing.T) {
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary   string
			Responses map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(openAPIDocument, &doc); err != nil {
		t.Fatal(err)
	}
	param := regexp.MustCompile(`:(\w+)`)
	served := map[string]bool{}
	for _, r := range routes() {
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		path := param.ReplaceAllString(r.Path, "{$1}")
		served[strings.ToLower(r.Method)+" "+path] = true
		op, ok := doc.Paths[path][strings.ToLower(r.Method)]
		if !ok || op.Summary == "" || len(op.Responses) == 0 {
			t.Errorf("%s %s is served and not described", r.Method, path)
		}
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			if method != "parameters" && !served[method+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
	for _, m := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllSubmatch(openAPIDocument, -1) {
		if doc.Components.Schemas[string(m[1])] == nil {
			t.Errorf("the schema %s is named and not described", m[1])
		}
	}
}
