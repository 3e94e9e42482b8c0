package playground

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// The API: each handler decodes, calls one function of the world, and writes.

func (s *Server) createSandbox(c *gin.Context) {
	if wait := s.creates.wait(c.ClientIP(), time.Now()); wait > 0 {
		s.problem(c, world.Problem{Status: http.StatusTooManyRequests, Title: "Too many", RetryAfter: wait, Detail: "This address has as many sandboxes as it may, or has made many in a short time. Wait a little and try again."})
		return
	}
	var spec world.Spec
	err := decode(c, &spec, false)
	var created world.Created
	if err == nil {
		created, err = s.world.Create(c.Request.Context(), spec)
	}
	if err != nil {
		s.creates.failed(c.ClientIP(), time.Now())
		s.problem(c, err)
		return
	}
	s.creates.made(c.ClientIP(), created.ID, time.Now())
	c.Header("Location", "/api/sandboxes/"+created.ID)
	answer(c, http.StatusCreated, created)
}

func (s *Server) getSandbox(c *gin.Context, sandbox *world.Sandbox) {
	view, err := sandbox.View(c.Request.Context())
	s.reply(c, view, err)
}

// reply writes v, or the problem.
func (s *Server) reply(c *gin.Context, v any, err error) {
	if err != nil {
		s.problem(c, err)
		return
	}
	answer(c, http.StatusOK, v)
}

// changed writes the state after a change.
func (s *Server) changed(c *gin.Context, sandbox *world.Sandbox, err error) {
	if err != nil {
		s.problem(c, err)
		return
	}
	s.getSandbox(c, sandbox)
}

func (s *Server) deleteSandbox(c *gin.Context, sandbox *world.Sandbox) {
	if err := s.world.Delete(c.Request.Context(), sandbox.ID()); err != nil {
		s.problem(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

func (s *Server) resetSandbox(c *gin.Context, sandbox *world.Sandbox) {
	if err := decode(c, &struct{}{}, true); err != nil {
		s.problem(c, err)
		return
	}
	if err := sandbox.Reset(c.Request.Context()); err != nil {
		s.problem(c, err)
		return
	}
	again, err := s.world.Open(c.Request.Context(), sandbox.ID())
	if err != nil {
		s.problem(c, err)
		return
	}
	s.getSandbox(c, again)
}

func (s *Server) putPolicy(c *gin.Context, sandbox *world.Sandbox) {
	var p check.Policy
	err := decode(c, &p, false)
	if err == nil {
		err = sandbox.SetPolicy(c.Request.Context(), p)
	}
	s.changed(c, sandbox, err)
}

func (s *Server) putSettings(c *gin.Context, sandbox *world.Sandbox) {
	var m check.Settings
	err := decode(c, &m, false)
	if err == nil {
		err = sandbox.SetSettings(c.Request.Context(), m)
	}
	s.changed(c, sandbox, err)
}

func (s *Server) postClock(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := decode(c, &in, false); err != nil {
		s.problem(c, err)
		return
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		s.problem(c, bad(`advance must be a duration, as in {"advance":"10m"}.`))
		return
	}
	s.changed(c, sandbox, sandbox.Advance(c.Request.Context(), d))
}

func (s *Server) beginStep(c *gin.Context, sandbox *world.Sandbox) {
	err := decode(c, &struct{}{}, true)
	if err == nil {
		err = sandbox.BeginStep(c.Request.Context(), c.Param("step"))
	}
	s.changed(c, sandbox, err)
}

func (s *Server) playStep(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		Edits   map[string]string `json:"edits"`
		Request *int              `json:"request"` // one of the step's requests alone
	}
	if err := decode(c, &in, true); err != nil {
		s.problem(c, err)
		return
	}
	if in.Request != nil {
		sent, err := sandbox.Send(c.Request.Context(), c.Param("step"), *in.Request, in.Edits)
		s.reply(c, sent, err)
		return
	}
	played, err := sandbox.Play(c.Request.Context(), c.Param("step"), in.Edits)
	s.reply(c, played, err)
}

func (s *Server) replayStep(c *gin.Context, sandbox *world.Sandbox) {
	if err := decode(c, &struct{}{}, true); err != nil {
		s.problem(c, err)
		return
	}
	played, err := sandbox.PlayTo(c.Request.Context(), c.Param("step"))
	s.reply(c, played, err)
}

// conditions reads what a trial is played under; nothing means: as in the lesson.
func conditions(c *gin.Context) (world.Conditions, error) {
	var in struct {
		Policy   check.Policy   `json:"policy"`
		Settings check.Settings `json:"settings"`
		Wait     string         `json:"wait"`
	}
	if err := decode(c, &in, true); err != nil {
		return world.Conditions{}, err
	}
	under := world.Conditions{Policy: in.Policy, Settings: in.Settings}
	if in.Wait == "" {
		return under, nil
	}
	var err error
	if under.Wait, err = time.ParseDuration(in.Wait); err != nil {
		return world.Conditions{}, bad(`wait must be a duration, as in {"wait":"10m"}.`)
	}
	return under, nil
}

func (s *Server) runAttack(c *gin.Context, sandbox *world.Sandbox) {
	under, err := conditions(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	trial, err := sandbox.RunAttack(c.Request.Context(), c.Param("step"), under)
	s.reply(c, trial, err)
}

func (s *Server) runHonest(c *gin.Context, sandbox *world.Sandbox) {
	under, err := conditions(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	trial, err := sandbox.RunHonest(c.Request.Context(), under)
	s.reply(c, trial, err)
}

func (s *Server) getAnswers(c *gin.Context, sandbox *world.Sandbox) {
	answers, err := sandbox.Answers(c.Request.Context())
	s.reply(c, answers, err)
}

// answerTo is an answer to a question, in numbers that count from 1.
type answerTo struct {
	Question string         `json:"question"`
	Choice   *int           `json:"choice"` // short for an answer of one number
	Answer   lessons.Answer `json:"answer"`
}

func decodeAnswer(c *gin.Context) (string, lessons.Answer, error) {
	var in answerTo
	err := decode(c, &in, false)
	switch {
	case err != nil:
	case (in.Choice == nil) == (in.Answer == nil):
		err = bad(`Say what is answered, once: {"question":"…","choice":2}, or {"question":"…","answer":[2,1,3]} where there are rows.`)
	case in.Choice != nil:
		in.Answer = lessons.Answer{*in.Choice}
	}
	return in.Question, in.Answer, err
}

func (s *Server) postAnswer(c *gin.Context, sandbox *world.Sandbox) {
	question, given, err := decodeAnswer(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	graded, err := sandbox.Answer(c.Request.Context(), question, given)
	s.reply(c, graded, err)
}

func (s *Server) gradeAnswer(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.problem(c, err)
		return
	}
	question, given, err := decodeAnswer(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	graded, err := world.Grade(l, question, given)
	s.reply(c, graded, err)
}

func (s *Server) browserOpen(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		URL  string `json:"url"`
		Step bool   `json:"step"`
	}
	s.act(c, sandbox, &in, false, func() world.Act { return world.Act{Do: "open", URL: in.URL, Step: in.Step} })
}

func (s *Server) browserSubmit(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		Button string            `json:"button"`
		Fields map[string]string `json:"fields"`
		Step   bool              `json:"step"`
	}
	s.act(c, sandbox, &in, false, func() world.Act {
		fields := url.Values{}
		for name, v := range in.Fields {
			fields.Set(name, v)
		}
		return world.Act{Do: "submit", Target: in.Button, Fields: fields, Step: in.Step}
	})
}

func (s *Server) browserClick(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		Link string `json:"link"`
		Step bool   `json:"step"`
	}
	s.act(c, sandbox, &in, false, func() world.Act { return world.Act{Do: "click", Target: in.Link, Step: in.Step} })
}

func (s *Server) browserFollow(c *gin.Context, sandbox *world.Sandbox) {
	var in struct {
		Request *world.EditedRequest `json:"request"`
		Step    bool                 `json:"step"`
	}
	s.act(c, sandbox, &in, true, func() world.Act { return world.Act{Do: "follow", Request: in.Request, Step: in.Step} })
}

func (s *Server) browserBack(c *gin.Context, sandbox *world.Sandbox) {
	s.act(c, sandbox, &struct{}{}, true, func() world.Act { return world.Act{Do: "back"} })
}

func (s *Server) browserForward(c *gin.Context, sandbox *world.Sandbox) {
	s.act(c, sandbox, &struct{}{}, true, func() world.Act { return world.Act{Do: "forward"} })
}

func (s *Server) browserInside(c *gin.Context, sandbox *world.Sandbox) {
	inside, err := sandbox.Inside(c.Request.Context(), c.Param("browser"))
	s.reply(c, inside, err)
}

func (s *Server) getClients(c *gin.Context, sandbox *world.Sandbox) {
	clients, err := sandbox.Clients(c.Request.Context())
	s.reply(c, clients, err)
}

func (s *Server) act(c *gin.Context, sandbox *world.Sandbox, in any, optional bool, build func() world.Act) {
	if err := decode(c, in, optional); err != nil {
		s.problem(c, err)
		return
	}
	view, err := sandbox.Act(c.Request.Context(), c.Param("browser"), build())
	s.reply(c, view, err)
}

// parameter reads one parameter of an address, or what stands for it when it isn't there. net/url drops what it can't read, and
// gives the first of two: both are mistakes that the sender wants to hear of.
func parameter(c *gin.Context, name, otherwise string) (string, error) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return "", bad("What is behind the ? can't be read: it must be name=value, joined by & and percent-encoded.")
	}
	switch values := query[name]; len(values) {
	case 0:
		return otherwise, nil
	case 1:
		return values[0], nil
	}
	return "", bad(name + " is there twice: which one is meant?")
}

// since reads the position that a reader asks for: everything after it.
func since(c *gin.Context) (uint64, error) {
	value, err := parameter(c, "since", "0")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return 0, bad("since must be a position in the record: 0, or the seq of an event.")
	}
	return n, nil
}

// formats are those of a trace, by their names.
var formats = map[string]struct {
	contentType string
	write       func(gin.ResponseWriter, []trace.Event) error
}{
	"ndjson":  {"application/x-ndjson", func(w gin.ResponseWriter, e []trace.Event) error { return trace.WriteNDJSON(w, e) }},
	"har":     {"application/json", func(w gin.ResponseWriter, e []trace.Event) error { return trace.WriteHAR(w, e) }},
	"mermaid": {"text/plain; charset=utf-8", func(w gin.ResponseWriter, e []trace.Event) error { return trace.WriteMermaid(w, e) }},
	"curl":    {"text/plain; charset=utf-8", func(w gin.ResponseWriter, e []trace.Event) error { return trace.WriteCurl(w, e) }},
	"md":      {"text/markdown; charset=utf-8", func(w gin.ResponseWriter, e []trace.Event) error { return trace.WriteMarkdown(w, e) }},
}

// trace writes what is recorded up to now.
func (s *Server) trace(c *gin.Context, sandbox *world.Sandbox) {
	from, err := since(c)
	if err != nil {
		s.problem(c, err)
		return
	}
	format, err := parameter(c, "format", "ndjson")
	if err != nil {
		s.problem(c, err)
		return
	}
	f, ok := formats[format]
	if !ok {
		s.problem(c, bad("format must be ndjson, har, mermaid, curl or md."))
		return
	}
	events, err := trace.Past(c.Request.Context(), sandbox.Log(), from)
	if err != nil {
		s.problem(c, err)
		return
	}
	c.Header("Content-Type", f.contentType)
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusOK)
	if err := f.write(c.Writer, events); err != nil {
		s.config.Log.Debug("a reader has gone", "error", err)
	}
}

func (s *Server) health(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// ready tells whether new work can be taken: the lessons are read, the engine answers.
func (s *Server) ready(c *gin.Context) {
	if _, err := s.course(); err != nil {
		s.problem(c, world.Problem{Status: http.StatusServiceUnavailable, Title: "Not ready", Detail: "The lessons can't be read."})
		return
	}
	if err := s.engine.Check(c.Request.Context()); err != nil {
		s.config.Log.Warn("not ready", "error", err)
		detail := "What this server must remember can’t be written at the moment."
		if errors.Is(err, engine.ErrDiskFull) {
			detail = "The disk is full: what this server must remember can’t be written. Make room on it."
		}
		s.problem(c, world.Problem{Status: http.StatusServiceUnavailable, Title: "Not ready", RetryAfter: retryAfter, Detail: detail})
		return
	}
	c.String(http.StatusOK, "ready\n")
}

// lessonInfo is a lesson as the API tells it: no answers.
type lessonInfo struct {
	Slug     string         `json:"slug"`
	Track    string         `json:"track"`
	Number   int            `json:"number"`
	Version  int            `json:"version"`
	Title    string         `json:"title"`
	Question string         `json:"question"`
	Minutes  int            `json:"minutes"`
	Needs    []string       `json:"needs"`
	Spec     []specInfo     `json:"spec"`
	Attack   string         `json:"attack,omitempty"`
	Steps    []stepInfo     `json:"steps,omitempty"`
	Quizzes  []questionInfo `json:"questions,omitempty"`
}

type specInfo struct {
	Ref string `json:"ref"`
	URL string `json:"url"`
}

type stepInfo struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Phase string `json:"phase,omitempty"`
	Do    bool   `json:"do"`
}

type questionInfo struct {
	ID      string       `json:"id"`
	Kind    lessons.Kind `json:"kind"`
	Predict bool         `json:"predict"`
	TwinOf  string       `json:"twin_of,omitempty"`
	HTML    string       `json:"html"`
	Choices []string     `json:"choices"`
	Rows    []string     `json:"rows,omitempty"`
	Columns []string     `json:"columns,omitempty"`
}

func (s *Server) listLessons(c *gin.Context) {
	course, err := s.course()
	if err != nil {
		s.problem(c, err)
		return
	}
	list := []lessonInfo{}
	for _, t := range course.Tracks {
		for _, l := range t.Lessons {
			info := describe(l)
			info.Steps, info.Quizzes = nil, nil
			list = append(list, info)
		}
	}
	answer(c, http.StatusOK, map[string]any{"lessons": list})
}

func (s *Server) getLesson(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.problem(c, err)
		return
	}
	answer(c, http.StatusOK, describe(l))
}
