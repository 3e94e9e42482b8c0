package playground

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
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
		if !strings.HasPrefix(r.Path, "/api/") && (r.Path != "/oembed" || r.Method == "HEAD") {
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

// TestTheWholeLessonAsDescribed plays a lesson over the API, every route of it, and holds each answer and each message of the
// stream against the document. Refusals are held against it wherever the tests make them.
func TestTheWholeLessonAsDescribed(t *testing.T) {
	base := startServer(t, Config{})
	ask := func(method, path string) result {
		r := do(t, http.DefaultClient, mustRequest(method, base+path, ""))
		described(t, method, path, r)
		return r
	}
	var list struct{ Lessons []struct{ Slug string } }
	decodeInto(t, ask("GET", "/api/lessons").body, &list)
	for _, l := range list.Lessons {
		var lesson struct {
			Steps     []struct{ ID string }
			Questions []struct {
				ID, Kind string
				Rows     []string
			}
		}
		decodeInto(t, ask("GET", "/api/lessons/"+l.Slug).body, &lesson)
		b := newBox(t, base, `{"lesson":"`+l.Slug+`"}`)
		for _, q := range lesson.Questions {
			given := `"choice":1`
			if q.Kind != "choice" {
				places := make([]string, len(q.Rows))
				for i := range places {
					places[i] = strconv.Itoa(i + 1)
				}
				given = `"answer":[` + strings.Join(places, ",") + `]`
			}
			if r := b.call(t, "POST", "/answers", b.Key, `{"question":"`+q.ID+`",`+given+`}`); r.status != 200 {
				t.Errorf("%s, %s: %d %s", l.Slug, q.ID, r.status, r.body)
			}
			path := "/api/lessons/" + l.Slug + "/answers"
			req := mustRequest("POST", base+path, `{"question":"`+q.ID+`",`+given+`}`)
			req.Header.Set("Content-Type", "application/json")
			r := do(t, http.DefaultClient, req)
			if described(t, "POST", path, r); r.status != 200 {
				t.Errorf("%s, %s: graded for nobody: %d %s", l.Slug, q.ID, r.status, r.body)
			}
		}
		for _, step := range lesson.Steps {
			for _, do := range []string{"begin", "play"} {
				if r := b.call(t, "POST", "/steps/"+step.ID+"/"+do, b.Key, "{}"); r.status != 200 {
					t.Errorf("%s, %s %s: %d %s", l.Slug, do, step.ID, r.status, r.body)
				}
			}
		}
		last := lesson.Steps[len(lesson.Steps)-1].ID
		if r := b.call(t, "POST", "/steps/"+last+"/replay", b.Key, ""); r.status != 200 {
			t.Errorf("%s, replay: %d %s", l.Slug, r.status, r.body)
		}
		var given map[string]struct{ Feedback string }
		decodeInto(t, b.call(t, "GET", "/answers", b.Key, "").body, &given)
		for _, q := range lesson.Questions {
			if given[q.ID].Feedback == "" {
				t.Errorf("%s, %s: the answer came back without its feedback", l.Slug, q.ID)
			}
		}
		var events uint64
		for range strings.Lines(string(b.call(t, "GET", "/trace", b.Key, "").body)) {
			events++
		}
		c := b.dial(t, 0, "", b.Key)
		for range events + 1 {
			_, raw := read(t, c)
			holds(t, at(document, "paths", "/api/sandboxes/{id}/stream", "get", "responses", "101", "x-message"), raw, "stream")
		}
		b.call(t, "GET", "/trace?format=har", b.Key, "")
	}

	b := newBox(t, base, `{"lesson":"code-flow"}`)
	for _, act := range []struct{ path, body string }{
		{"open", `{"url":"https://planner.test/","step":true}`},
		{"click", `{"link":"connect","step":true}`},
		{"follow", `{"step":true}`},
		{"follow", `{}`},
		{"submit", `{"button":"login","fields":{"username":"maya","password":"practice-only"}}`},
		{"back", ``},
		{"forward", ``},
	} {
		if r := b.call(t, "POST", "/browsers/browser/"+act.path, b.Key, act.body); r.status != 200 {
			t.Errorf("%s: %d %s", act.path, r.status, r.body)
		}
	}
	for _, tt := range []struct{ method, path, body string }{
		{"PUT", "/policy", `{"as.pkce-verifier":"observe"}`},
		{"PUT", "/settings", `{"planner.pkce":"none"}`},
		{"POST", "/clock", `{"advance":"1h"}`},
		{"GET", "/browsers/browser", ``},
		{"GET", "/clients", ``},
		{"GET", "", ``},
		{"POST", "/reset", ``},
		{"DELETE", "", ``},
		{"GET", "", ``},
	} {
		b.call(t, tt.method, tt.path, b.Key, tt.body)
	}
	b = newBox(t, base, `{"lesson":"two-steps"}`)
	for path, body := range map[string]string{
		"/attacks/steal/run": `{"policy":{"as.response-type-retired":"enforce"},"settings":{"planner.counter":"off"},"wait":"10m"}`,
		"/honest/run":        ``,
	} {
		if r := b.call(t, "POST", path, b.Key, body); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	for _, body := range []string{`{"wait":"long"}`, `{"policy":{"as.nothing":"off"}}`} {
		if r := b.call(t, "POST", "/attacks/steal/run", b.Key, body); r.status/100 != 4 {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	ask("GET", "/api/openapi.json")
	ask("GET", "/api/lessons/nothing")
}
