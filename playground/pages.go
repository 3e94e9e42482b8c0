package playground

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// The pages: lessons in the words of the frontend's view models.

func (s *Server) findLesson(slug string) (*lessons.Lesson, error) {
	course, err := s.course()
	if err != nil {
		return nil, err
	}
	if l := course.Lesson(slug); l != nil {
		return l, nil
	}
	return nil, world.Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "There is no such lesson. GET /api/lessons lists them."}
}

func (s *Server) workbenchPage(c *gin.Context) {
	s.page(c, http.StatusOK, "workbench", func(l frontend.Layout) any { return frontend.WorkbenchPage{Layout: l} }, "Workbench")
}

func (s *Server) lessonPage(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.noLesson(c)
		return
	}
	s.showLesson(c, http.StatusOK, l, nil)
}

// noLesson says that a lesson isn't there; to its author, if there is one, why it isn't yet.
func (s *Server) noLesson(c *gin.Context) {
	author := s.author(c.Param("slug"))
	if author == nil || len(author.Problems) == 0 {
		s.errorPage(c, http.StatusNotFound, "There is no such lesson.", "Choose one from the list of lessons.")
		return
	}
	s.page(c, http.StatusNotFound, "error", func(l frontend.Layout) any {
		l.Author = author
		return frontend.ErrorPage{Layout: l, Status: http.StatusNotFound, What: "This lesson can’t be read yet.", Do: "Its author finds here what is to mend. This page shows the lesson as soon as it can."}
	}, "A lesson with a mistake")
}

// given is an answer posted without script.
type given struct {
	question string
	answer   lessons.Answer
	graded   world.Graded
	problem  string // why it can't be graded
}

// answerPage grades a question posted as a form, and shows the lesson again with the feedback in its place. An answer that
// can't be graded stands there as it was given, with what is wrong with it.
func (s *Server) answerPage(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.errorPage(c, http.StatusNotFound, "There is no such lesson.", "Choose one from the list of lessons.")
		return
	}
	g, status, m := readGiven(c, l)
	if m != nil {
		s.errorPage(c, status, m.what, m.do)
		return
	}
	s.showLesson(c, status, l, g)
}

// mistake is what is wrong with what was posted, and what to do.
type mistake struct{ what, do string }

// readGiven reads an answer that is posted as a form, and grades it. One that can't be graded is shown with what is wrong with it.
func readGiven(c *gin.Context, l *lessons.Lesson) (*given, int, *mistake) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10)
	if err := c.Request.ParseForm(); err != nil {
		return nil, http.StatusBadRequest, &mistake{"This answer can't be read.", "Go back and choose again."}
	}
	form := c.Request.PostForm
	if len(form["question"]) > 1 || len(form["choice"]) > 1 {
		return nil, http.StatusBadRequest, &mistake{"This answer chooses twice.", "Go back, choose one, and send it again."}
	}
	g := &given{question: form.Get("question")}
	for _, n := range append(form["choice"], form["answer"]...) {
		number, _ := strconv.Atoi(n)
		g.answer = append(g.answer, number)
	}
	q := l.Quiz(g.question)
	if q == nil {
		return nil, http.StatusBadRequest, &mistake{"This lesson has no such question.", "Go back and choose again."}
	}
	var err error
	g.graded, err = world.Grade(l, g.question, g.answer)
	var p world.Problem
	switch {
	case errors.As(err, &p) && q.Kind == lessons.OneOf:
		return nil, http.StatusBadRequest, &mistake{"No answer was chosen.", "Go back, choose one, and send it again."}
	case errors.As(err, &p):
		g.problem = p.Detail
		return g, p.Status, nil
	}
	return g, http.StatusOK, nil
}

func (s *Server) showLesson(c *gin.Context, status int, l *lessons.Lesson, g *given) {
	part := c.Query("step") // a link to a step names it here too: what stands behind # isn't sent to who shows links
	name := "step"
	if part == "" {
		name = "lesson"
	}
	s.page(c, status, "lesson", func(layout frontend.Layout) any {
		layout.Share = s.shareView(l, name, part)
		layout.Author = s.author(l.Slug)
		p := lessonView(layout, l, s.goldenRun(l), g)
		p.Track = s.trackName(l)
		return p
	}, l.Title)
}

// withEdition adds the edition that a reference is to, once. An RFC has none: its number says it all.
func withEdition(list []frontend.Edition, ref string) []frontend.Edition {
	short, full := check.Document(ref)
	e := frontend.Edition{Short: short, Full: full}
	if short == full || slices.Contains(list, e) {
		return list
	}
	return append(list, e)
}

// firstLab is what the first attack of a lesson is about that succeeds; empty if none does.
func firstLab(l *lessons.Lesson) (lab world.Lab) {
	if attacks := l.Attacks(); len(attacks) > 0 {
		lab = world.LabOf(l, attacks[0])
	}
	return lab
}

func lessonView(layout frontend.Layout, l *lessons.Lesson, golden goldenRun, g *given) frontend.LessonPage {
	p := frontend.LessonPage{Layout: layout, Slug: l.Slug, Track: l.Track, Title: l.Title, Question: l.Question, Number: l.Number, Minutes: l.Minutes, Golden: golden.text, Run: golden.view}
	for _, spec := range l.Spec {
		p.Specs = append(p.Specs, frontend.Link{Text: spec.Ref, URL: spec.URL})
		p.Editions = withEdition(p.Editions, spec.Ref)
	}
	p.Intro = blockViews(l.Intro, g)
	for n, step := range l.Steps {
		v := frontend.StepView{At: n + 1, Of: len(l.Steps), ID: step.ID, Title: step.Title, Phase: step.Phase, Do: step.Do, Blocks: blockViews(step.Blocks, g)}
		for i, b := range v.Blocks {
			switch {
			case b.Kind == "attack" && step.Succeeds():
				v.Blocks[i].Compare = step.ID
			case b.Kind == "graph":
				v.Blocks[i].Graph = graphView(l, firstLab(l))
				p.Graph = true
			}
		}
		v.Playable = slices.ContainsFunc(step.Blocks, playable)
		for _, b := range step.Blocks {
			if br, ok := b.(*lessons.Browser); ok && br.As != world.Browser {
				v.Hand = br.As
			}
		}
		v.Attack = slices.ContainsFunc(step.Blocks, func(b lessons.Block) bool { _, ok := b.(*lessons.Attack); return ok })
		p.Steps = append(p.Steps, v)
	}
	return p
}

func playable(b lessons.Block) bool {
	switch b.(type) {
	case *lessons.Browser, *lessons.HTTP, *lessons.Attack, *lessons.Policy, *lessons.Settings, *lessons.Clock:
		return true
	}
	return false
}

func blockViews(blocks []lessons.Block, g *given) []frontend.BlockView {
	var views []frontend.BlockView
	requests := 0
	for _, b := range blocks {
		v := blockView(b, g)
		if v.Kind == "http" {
			v.Index = requests
			requests++
		}
		views = append(views, v)
	}
	return views
}

// blockView says a block in the page's words.
func blockView(b lessons.Block, g *given) frontend.BlockView {
	switch b := b.(type) {
	case *lessons.Prose:
		return frontend.BlockView{Kind: "prose", HTML: b.HTML}
	case *lessons.Note:
		return frontend.BlockView{Kind: "note", Text: b.Word, HTML: b.HTML}
	case *lessons.Experiment:
		return frontend.BlockView{Kind: "experiment", HTML: b.HTML}
	case *lessons.Takeaway:
		return frontend.BlockView{Kind: "takeaway", HTML: b.HTML}
	case *lessons.Hint:
		return frontend.BlockView{Kind: "hint", HTML: b.HTML}
	case *lessons.Quiz:
		kind := "quiz"
		if b.Predict {
			kind = "predict"
		}
		return frontend.BlockView{Kind: kind, Quiz: quizView(b, g)}
	case *lessons.Browser:
		v := frontend.BlockView{Kind: "browser", From: b.As}
		for _, a := range b.Acts {
			v.Acts = append(v.Acts, actView(a))
		}
		return v
	case *lessons.HTTP:
		return frontend.BlockView{Kind: "http", Text: b.Source, From: b.From, Edit: b.Edit}
	case *lessons.Policy:
		return frontend.BlockView{Kind: "policy", Entries: entryViews(b.Entries)}
	case *lessons.Settings:
		return frontend.BlockView{Kind: "settings", Entries: entryViews(b.Entries)}
	case *lessons.Clock:
		return frontend.BlockView{Kind: "clock", Text: b.Advance.String()}
	case *lessons.Attack:
		v := frontend.BlockView{Kind: "attack", Attack: b.Name}
		for _, goal := range b.Goals {
			v.Lines = append(v.Lines, world.Words(goal))
		}
		return v
	case *lessons.Graph:
		return frontend.BlockView{Kind: "graph"} // the whole lesson says how it stands
	case *lessons.Expect:
		v := frontend.BlockView{Kind: "expect"}
		for _, line := range b.Lines {
			v.Lines = append(v.Lines, line.Text)
		}
		return v
	}
	return frontend.BlockView{Kind: "prose"}
}

func entryViews(entries []lessons.Entry) []frontend.EntryView {
	var views []frontend.EntryView
	for _, e := range entries {
		views = append(views, frontend.EntryView{ID: e.ID, Value: e.Value})
	}
	return views
}

// actView is what is done in a browser, for the catalogue to say.
func actView(a lessons.BrowserAct) frontend.ActView {
	if a.Without != "" {
		return frontend.ActView{Do: "without", Target: a.Without}
	}
	return frontend.ActView{Do: a.Do, Target: a.Target, Value: a.Value}
}

func quizView(q *lessons.Quiz, g *given) *frontend.QuizView {
	v := &frontend.QuizView{ID: q.ID, Kind: string(q.Kind), Question: q.Question, SelfCheck: q.SelfCheck, Answer: q.Answer, RowHead: q.RowHead, ColHead: q.ColHead, Columns: q.Columns}
	if q.Twin != nil {
		v.Twin = quizView(q.Twin, g)
	}
	mine := g != nil && g.question == q.ID
	if mine {
		v.Problem, v.Graded, v.Correct = g.problem, g.problem == "", g.graded.Correct
		v.Feedback, v.Belief = template.HTML(g.graded.Feedback), g.graded.Belief
	}
	if q.Kind == lessons.OneOf {
		for i, choice := range q.Choices {
			v.Choices = append(v.Choices, frontend.ChoiceView{N: i + 1, HTML: choice.HTML, Given: mine && slices.Contains(g.answer, i+1)})
		}
		return v
	}
	for i, row := range q.Rows {
		r := frontend.QuizRowView{N: i + 1, HTML: row.HTML, Right: v.Graded && g.graded.Rows[i]}
		for n, column := range q.Columns {
			choice := frontend.ChoiceView{N: n + 1, HTML: column}
			if q.Kind == lessons.Matrix {
				choice.N += i * len(q.Columns)
				choice.Given = mine && slices.Contains(g.answer, choice.N)
			} else {
				choice.Given = mine && i < len(g.answer) && g.answer[i] == choice.N
			}
			r.Choices = append(r.Choices, choice)
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// goldenRun is a lesson's recorded run as its page has it: as a table, and as NDJSON for the diagram.
type goldenRun struct {
	view   frontend.RunView
	text   string
	tokens []recordedToken
}

// pageKept is how much of a recorded page a lesson's page carries: its beginning shows what it is. The learner's own run has all of it.
const pageKept = 600

// goldenRun is made once: a page is asked for often, and its run never changes.
func (s *Server) goldenRun(l *lessons.Lesson) goldenRun {
	t, err := s.taught()
	if err != nil {
		return goldenRun{}
	}
	if run, ok := t.golden.Load(l); ok {
		return run.(goldenRun)
	}
	events, err := recorded(l)
	if err != nil {
		s.config.Log.Error("a recorded run could not be read", "lesson", l.Slug, "error", err)
		return goldenRun{}
	}
	run := goldenRun{runView(l, events), goldenLines(events), recordedTokens(events)}
	t.golden.Store(l, run)
	return run
}

// goldenLines are events of a recorded run as NDJSON, with the beginnings of the pages in it.
func goldenLines(events []trace.Event) string {
	for _, e := range events {
		if r := e.Response; r != nil && len(r.Body) > pageKept && strings.HasPrefix(r.Body, "<!doctype") {
			r.Body, r.Cut = strings.ToValidUTF8(r.Body[:pageKept], ""), true
		}
	}
	var lines strings.Builder
	if trace.WriteNDJSON(&lines, events) != nil {
		return ""
	}
	return strings.TrimSpace(lines.String())
}

// recorded are the events of a lesson's recorded run.
func recorded(l *lessons.Lesson) ([]trace.Event, error) {
	raw, err := l.Golden()
	if err != nil {
		return nil, err
	}
	return trace.ReadNDJSON(bytes.NewReader(raw))
}

// rowViews are the exchanges of a trace, each with what came of it.
func rowViews(events []trace.Event) []frontend.RowView {
	var rows []frontend.RowView
	for _, line := range lineViews(events, events) {
		if line.Row != nil {
			rows = append(rows, *line.Row)
		}
	}
	return rows
}

// bands are the changes that a recorded run tells of; a browser's pages and what an app keeps are in the exchanges around them.
var bands = []string{"policy", "setting", "clock", "read"}

// lineViews are the exchanges in a part of a trace, and what changed between them.
func lineViews(all, events []trace.Event) []frontend.RunLine {
	answers := map[uint64]trace.Event{}
	for _, e := range all {
		if e.Response != nil {
			answers[e.Of] = e
		}
	}
	var lines []frontend.RunLine
	for _, e := range events {
		if c := e.Change; c != nil && slices.Contains(bands, c.What) {
			lines = append(lines, frontend.RunLine{Change: &frontend.ChangeView{What: c.What, Actor: c.Actor, From: c.From, To: c.To, Tags: tags(e)}})
		}
		if e.Request == nil {
			continue
		}
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			continue
		}
		row := frontend.RowView{N: e.N, Method: e.Request.Method, Path: u.Path, From: e.From, To: e.To, Carries: tags(e)}
		if a, ok := answers[e.Seq]; ok {
			row.Status, row.Gives = strconv.Itoa(a.Response.Status), tags(a)
			for _, v := range a.Verdicts {
				switch {
				case v.Outcome == check.Passed:
					row.Passed++
				case v.Outcome == check.Failed && v.Mode == check.Enforce:
					row.RefusedBy, row.Spec = v.Check, v.Spec
				case v.Outcome == check.Failed:
					row.Observed = append(row.Observed, v.Check)
				}
			}
			for _, h := range a.Response.Headers {
				if h[0] == "Location" {
					to, _, _ := strings.Cut(h[1], "?")
					to, _, _ = strings.Cut(to, "#")
					row.Note = "→ " + to
				}
			}
		}
		lines = append(lines, frontend.RunLine{Row: &row})
	}
	return lines
}

// tags are those of the values in an event, each once.
func tags(e trace.Event) []string {
	var list []string
	for _, f := range e.Finds {
		if !slices.Contains(list, f.Tag) {
			list = append(list, f.Tag)
		}
	}
	return list
}

// runView is a lesson's recorded run, step by step. The record says of a step that it has passed: what stands before belongs to it.
func runView(l *lessons.Lesson, events []trace.Event) frontend.RunView {
	var run frontend.RunView
	begin := 0
	part := func(step string, end int) {
		p := frontend.RunPart{ID: step, Lines: lineViews(events, events[begin:end])}
		for _, s := range l.Steps {
			if s.ID == step {
				p.Title = s.Title
			}
		}
		if len(p.Lines) > 0 {
			run.Parts = append(run.Parts, p)
		}
		begin = end
	}
	for i, e := range events {
		if e.Change != nil && e.Change.What == "step" {
			part(e.Change.Step, i)
		}
	}
	part("", len(events))
	run.Lanes = frontend.Lanes(func(actor string) bool {
		return slices.ContainsFunc(events, func(e trace.Event) bool { return e.Request != nil && (e.From == actor || e.To == actor) })
	})
	return run
}

// describe is a lesson as the API tells it.
func describe(l *lessons.Lesson) lessonInfo {
	info := lessonInfo{Slug: l.Slug, Track: l.Track, Number: l.Number, Version: l.Version, Title: l.Title, Question: l.Question, Minutes: l.Minutes, Needs: append([]string{}, l.Needs...), Attack: l.Attack, Spec: []specInfo{}}
	for _, spec := range l.Spec {
		info.Spec = append(info.Spec, specInfo{Ref: spec.Ref, URL: spec.URL})
	}
	for _, step := range l.Steps {
		info.Steps = append(info.Steps, stepInfo{ID: step.ID, Title: step.Title, Phase: step.Phase, Do: step.Do})
	}
	for _, q := range l.Quizzes() {
		if q.SelfCheck {
			continue
		}
		v := questionInfo{ID: q.ID, Kind: q.Kind, Predict: q.Predict, HTML: string(q.Question), Choices: []string{}}
		if i := len(info.Quizzes) - 1; i >= 0 && q.ID == info.Quizzes[i].ID+"-twin" {
			v.TwinOf = info.Quizzes[i].ID
		}
		if q.Kind == lessons.OneOf {
			for _, choice := range q.Choices {
				v.Choices = append(v.Choices, string(choice.HTML))
			}
		}
		for _, row := range q.Rows {
			v.Rows = append(v.Rows, string(row.HTML))
		}
		for _, column := range q.Columns {
			v.Columns = append(v.Columns, string(column))
		}
		info.Quizzes = append(info.Quizzes, v)
	}
	return info
}

// styles finds the style sheets of a page.
var styles = regexp.MustCompile(`(?s)<style[^>]*>(.*?)</style>`)

// framePolicy shuts a sandbox's page in: an opaque origin that may post its forms here, looks as its own style sheets say, and
// does nothing else. Who may show an embed may show the frames in it: every page around a frame is asked.
func (s *Server) framePolicy(page []byte) string {
	var allowed strings.Builder
	for _, m := range styles.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(m[1])
		allowed.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	if allowed.Len() == 0 {
		allowed.WriteString(" 'none'")
	}
	return "sandbox allow-forms; default-src 'none'; style-src" + allowed.String() + "; img-src data:; form-action 'self'; base-uri 'none'" + embedAncestors(s.config.EmbedOrigins)
}

func (s *Server) showFrame(c *gin.Context) {
	s.frameHeaders(c)
	sandbox, err := s.world.Open(c.Request.Context(), c.Param("id"))
	if err != nil {
		s.frameProblem(c, err)
		return
	}
	page, err := sandbox.Frame(c.Request.Context(), c.Param("ticket"))
	if err != nil {
		s.frameProblem(c, err)
		return
	}
	s.framePage(c, http.StatusOK, renamed(s.cover().Names, page))
}

func (s *Server) submitFrame(c *gin.Context) {
	s.frameHeaders(c)
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10)
	if err := c.Request.ParseForm(); err != nil {
		s.frameProblem(c, bad("This form can't be read. Nothing was sent."))
		return
	}
	sandbox, err := s.world.Open(c.Request.Context(), c.Param("id"))
	if err != nil {
		s.frameProblem(c, err)
		return
	}
	next, err := sandbox.FrameSubmit(c.Request.Context(), c.Param("ticket"), c.Request.PostForm)
	if err != nil {
		s.frameProblem(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/f/"+sandbox.ID()+"/"+next)
}

func (s *Server) frameHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", s.framePolicy(nil))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Del("Cross-Origin-Opener-Policy")
}

// framePage sends a page for the frame.
func (s *Server) framePage(c *gin.Context, status int, page []byte) {
	c.Header("Content-Security-Policy", s.framePolicy(page))
	c.Data(status, "text/html; charset=utf-8", page)
}

// frameProblem says in the frame what happened.
func (s *Server) frameProblem(c *gin.Context, err error) {
	p := s.explain(c, err)
	s.framePage(c, p.Status, fmt.Appendf(nil, `<!doctype html><html lang="en"><meta charset="utf-8"><title>%s</title><style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:1.25rem}</style><h1>%s</h1><p>%s</p></html>`,
		template.HTMLEscapeString(p.Title), template.HTMLEscapeString(p.Title), template.HTMLEscapeString(p.Detail)))
}
