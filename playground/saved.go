package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// What a file of a run says that it is.
const (
	savedFormat  = "oauth-playground-run"
	savedVersion = 1
)

// maxSaved is how large the file of a run may be, in bytes: ten times a long lesson.
const maxSaved = 16 << 20

// savedRun is a run as one file. It names no sandbox and holds no key.
type savedRun struct {
	Format        string        `json:"format"`
	Version       int           `json:"version"`
	Title         string        `json:"title"`
	Lesson        string        `json:"lesson,omitempty"` // its slug
	LessonVersion int           `json:"lesson_version,omitempty"`
	Made          time.Time     `json:"made"`     // when the file was written
	Redacted      []string      `json:"redacted"` // what was taken out, as trace.Redact names it
	Actors        []world.Actor `json:"actors"`   // those who take part
	Events        []trace.Event `json:"events"`
}

// newSavedRun is a record as a file. The lesson is nil for what an app outside has sent.
func newSavedRun(l *lessons.Lesson, cast []world.Actor, events []trace.Event, redacted []string, now time.Time) savedRun {
	run := savedRun{Format: savedFormat, Version: savedVersion, Title: "Your app", Made: now.UTC().Truncate(time.Second), Redacted: append([]string{}, redacted...), Actors: []world.Actor{}, Events: events}
	if l != nil {
		run.Title, run.Lesson, run.LessonVersion = l.Title, l.Slug, l.Version
	}
	for _, a := range cast {
		if slices.ContainsFunc(events, func(e trace.Event) bool { return e.From == a.ID || e.To == a.ID }) {
			run.Actors = append(run.Actors, a)
		}
	}
	return run
}

// encode writes the file, one event a line, so that people can read it and compare two.
func (r savedRun) encode() ([]byte, error) {
	var b bytes.Buffer
	head := r
	head.Events = nil
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return nil, err
	}
	b.Truncate(b.Len() - len("null}\n"))
	b.WriteString("[\n")
	for i, e := range r.Events {
		line, err := e.Encode()
		if err != nil {
			return nil, err
		}
		b.Write(line)
		if i < len(r.Events)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

// redactions are what may be asked to be taken out of a run, by their names in an address.
var redactions = map[string]trace.Redaction{
	"none":       {},
	"values":     {Values: true},
	"signatures": {Signatures: true},
}

// savedRunOf writes the record up to now as the file of a run.
func (s *Server) savedRunOf(c *gin.Context, sandbox *world.Sandbox) {
	name, err := parameter(c, "redact", "none")
	if err != nil {
		s.problem(c, err)
		return
	}
	redaction, ok := redactions[name]
	if !ok {
		s.problem(c, bad("redact must be none, values or signatures."))
		return
	}
	events, err := trace.Past(c.Request.Context(), sandbox.Log(), 0)
	if err != nil {
		s.problem(c, err)
		return
	}
	if len(events) == 0 {
		s.problem(c, world.Problem{Status: http.StatusConflict, Title: "Nothing yet", Detail: "Nothing is recorded yet: do something first, then save it."})
		return
	}
	var l *lessons.Lesson
	if slug := sandbox.Lesson(); slug != "" {
		if l, err = s.findLesson(slug); err != nil { // its author took it away: what was done in it is still the learner's
			l = &lessons.Lesson{Slug: slug, Title: slug}
		}
	}
	// An address of a workbench holds the sandbox's name; a file that is passed on must not lead there.
	redaction.Hidden = sandbox.ID()
	events, redacted := trace.Redact(events, redaction)
	cast := sandbox.Actors()
	for i, a := range cast {
		cast[i].URL = strings.ReplaceAll(a.URL, sandbox.ID(), "{sandbox}")
	}
	body, err := newSavedRun(l, cast, events, redacted, s.config.Clock()).encode()
	switch {
	case err != nil:
		s.problem(c, err)
	case len(body) > maxSaved:
		s.problem(c, world.Problem{Status: http.StatusRequestEntityTooLarge, Title: "Too large", Detail: fmt.Sprintf("This record is larger than the file of a run may be, which is %d MiB. Save it as NDJSON, or start again and record less.", maxSaved>>20)})
	default:
		c.Header("Content-Disposition", `attachment; filename="run.json"`)
		c.Data(http.StatusOK, "application/json", body)
	}
}

// runsPage is where runs are opened that came as files. The browser reads them; none comes here.
func (s *Server) runsPage(c *gin.Context) {
	s.page(c, http.StatusOK, "runs", func(l frontend.Layout) any { return frontend.RunsPage{Layout: l} }, frontend.Say("page.runs"))
}

// savedSchemaDocument serves the description of the format.
func (s *Server) savedSchemaDocument(c *gin.Context) {
	c.Header("Cache-Control", "public, max-age=60")
	c.Data(http.StatusOK, "application/schema+json", frontend.RunSchema)
}

// goldenFile is a lesson's recorded run as a file: its values are replaced by their tags.
func (s *Server) goldenFile(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.problem(c, err)
		return
	}
	body, err := savedGolden(l)
	s.replyRun(c, body, err)
}

func (s *Server) replyRun(c *gin.Context, body []byte, err error) {
	if err != nil {
		s.problem(c, err)
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/json", body)
}

// savedGolden is a lesson’s recorded run as a file: what is left of values in it, its passwords, becomes tags too. It is dated by the first
// of its events, so that the same lesson gives the same file.
func savedGolden(l *lessons.Lesson) ([]byte, error) {
	events, err := recorded(l)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, world.Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "This lesson has no recorded run."}
	}
	events, redacted := trace.Redact(events, trace.Redaction{Values: true}) // their passwords are in them to the letter
	return newSavedRun(l, world.Actors(), events, redacted, events[0].At).encode()
}
