package playground

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/trace"
)

// embed is what an address below /embed/v1/ asks for: a part of a lesson, and how to show it.
type embed struct {
	grain       string
	lesson      *lessons.Lesson // nil: it is a run that is a file
	from        *url.URL        // where that file lies; nil: the address carries it
	first, last int             // the steps it shows, by their places in the lesson
	start       int             // the step it begins with
	attack      *lessons.Step
	quiz        *lessons.Quiz
	token       *recordedToken
	golden      goldenRun // the lesson's recorded run
	theme       string    // light or dark; empty: as the reader's system has it
	accent      accent
	noTitle     bool
	still       bool // nothing can be started
	live        bool // it has been started
	version     int  // that it was written for; 0: any
}

// grain is a kind of embed: how what stands behind its lesson in the address is read, and how high its frame is if nobody says.
type grain struct {
	name   string
	part   string // what the address names behind the lesson; empty: nothing
	height int    // pixels, for pages that can't ask
	read   func(e *embed, part string) error
}

// grains are all kinds, in the order of the page that shows them.
var grains = []grain{
	{"lesson", "", 640, func(e *embed, _ string) error { return nil }},
	{"step", "step", 640, (*embed).readSteps},
	{"quiz", "question", 460, (*embed).readQuiz},
	{"attack", "step", 720, (*embed).readAttack},
	{"run", "", 520, func(e *embed, _ string) error { return nil }},
	{"token", "tag", 460, (*embed).readToken},
	{"diagram", "", 460, func(e *embed, _ string) error { return nil }},
}

// embedProblem is a mistake in an embed's address, in a sentence for who wrote it.
type embedProblem struct {
	status int
	detail string
}

func (p embedProblem) Error() string { return p.detail }

func wrong(format string, args ...any) error {
	return embedProblem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return embedProblem{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// readEmbed reads an address below /embed/v1/: its grain, its lesson, its part, its options.
func (s *Server) readEmbed(name, slug, part string, query url.Values) (*embed, grain, error) {
	i := slices.IndexFunc(grains, func(g grain) bool { return g.name == name })
	if i < 0 {
		return nil, grain{}, missing("There is no embed of the kind “%s”. There are %s.", name, names(grains, func(g grain) string { return g.name }))
	}
	g := grains[i]
	l, err := s.findLesson(slug)
	if err != nil {
		return nil, g, missing("There is no lesson “%s”. /api/lessons lists them.", slug)
	}
	if n, err := strconv.Atoi(query.Get("version")); err == nil && n < l.Version {
		if course, err := s.course(); err == nil {
			l = cmp.Or(course.Earlier(slug, n), l) // what it was written for may name steps that are no more
		}
	}
	if g.part == "" && part != "" {
		return nil, g, missing("An embed of the kind “%s” names a lesson and nothing behind it.", g.name)
	}
	e := &embed{grain: g.name, lesson: l, golden: s.goldenRun(l), last: len(l.Steps) - 1}
	if err := g.read(e, part); err != nil {
		return nil, g, err
	}
	return e, g, e.readOptions(query)
}

// step is the place of a step that is named by its id, or by its number from 1.
func (e *embed) step(name string) (int, error) {
	i := slices.IndexFunc(e.lesson.Steps, func(s *lessons.Step) bool { return s.ID == name })
	if n, err := strconv.Atoi(name); i < 0 && err == nil && n >= 1 && n <= len(e.lesson.Steps) {
		i = n - 1
	}
	if i < 0 {
		return 0, missing("The lesson “%s” has no step “%s”. It has %s.", e.lesson.Slug, name, names(e.lesson.Steps, func(s *lessons.Step) string { return s.ID }))
	}
	return i, nil
}

// readSteps reads a step, or the first and the last of several as in allow..spend.
func (e *embed) readSteps(part string) (err error) {
	from, to, several := strings.Cut(part, "..")
	if e.first, err = e.step(from); err != nil {
		return err
	}
	e.last, e.start = e.first, e.first
	if several {
		if e.last, err = e.step(to); err != nil {
			return err
		}
	}
	if e.last < e.first {
		return wrong("The step “%s” comes before “%s”: name the earlier one first.", to, from)
	}
	return nil
}

func (e *embed) readQuiz(part string) error {
	if e.quiz = e.lesson.Quiz(part); e.quiz != nil {
		return nil
	}
	var ids []string
	for _, q := range e.lesson.Quizzes() {
		if !q.SelfCheck {
			ids = append(ids, q.ID)
		}
	}
	return missing("The lesson “%s” has no question “%s”. It has %s.", e.lesson.Slug, part, strings.Join(ids, ", "))
}

// readAttack reads the step of an attack; none is the lesson's first.
func (e *embed) readAttack(part string) error {
	attacks := e.lesson.Attacks()
	if len(attacks) == 0 {
		return missing("The lesson “%s” has no attack.", e.lesson.Slug)
	}
	i := slices.IndexFunc(attacks, func(s *lessons.Step) bool { return s.ID == cmp.Or(part, attacks[0].ID) })
	if i < 0 {
		return missing("The lesson “%s” has no attack “%s”. It has %s.", e.lesson.Slug, part, names(attacks, func(s *lessons.Step) string { return s.ID }))
	}
	e.attack = attacks[i]
	e.first, _ = e.step(e.attack.ID)
	e.last = e.first
	return nil
}

func names[T any](list []T, name func(T) string) string {
	var all []string
	for _, x := range list {
		all = append(all, name(x))
	}
	return strings.Join(all, ", ")
}

// full is the page of ours on which the embed's part stands.
func (e *embed) full() string {
	path := "/lessons/" + e.lesson.Slug
	switch {
	case e.attack != nil:
		return path + "/attack?step=" + e.attack.ID
	case e.quiz != nil:
		for _, s := range e.lesson.Steps {
			if slices.ContainsFunc(s.Blocks, func(b lessons.Block) bool { q, ok := b.(*lessons.Quiz); return ok && (q == e.quiz || q.Twin == e.quiz) }) {
				return path + "#" + s.ID
			}
		}
	case e.token != nil:
		return path + "#" + e.token.step
	case e.grain == "step" || e.start > 0:
		return path + "#" + e.lesson.Steps[e.start].ID
	}
	return path
}

// embedPage answers /embed/v1/: with a poster, and once that has been started with the part itself.
func (s *Server) embedPage(c *gin.Context) {
	e, _, err := s.readEmbed(c.Param("grain"), c.Param("slug"), c.Param("part"), c.Request.URL.Query())
	if err != nil {
		s.embedProblem(c, err)
		return
	}
	p := s.embedView(e, c.Request.URL, nil)
	if e.live && p.Live != "" {
		s.embedLive(c, e, p)
		return
	}
	s.poster(c, http.StatusOK, p)
}

// embedLive sends a part of a lesson that was started.
func (s *Server) embedLive(c *gin.Context, e *embed, p frontend.EmbedPage) {
	l := e.lesson
	p.Title = l.Title
	if e.attack != nil || e.token != nil {
		p.Title = p.Heading
	}
	v := frontend.EmbedLive{Layout: s.layout(p.Heading, newNonce()), Embed: p, Script: "embed-lesson.js"}
	page := "embed-lesson"
	switch e.grain {
	case "attack":
		page, v.Script, v.Attack = "embed-attack", "embed-attack.js", attackView(v.Layout, l, e.attack)
	case "run":
		page, v.Script, v.Lesson = "embed-run", "embed-run.js", lessonView(v.Layout, l, e.golden, nil)
		if e.first > 0 || e.last < len(l.Steps)-1 {
			v.Lesson.Golden = linesWithin(l, e.first, e.last)
		}
	case "token":
		page, v.Script, v.Start = "embed-token", "embed-token.js", e.token.step
	default:
		v.Lesson = lessonView(v.Layout, l, e.golden, nil)
		v.Graph, v.Intro = v.Lesson.Graph, e.grain == "lesson"
		v.Lesson.Steps = v.Lesson.Steps[e.first : e.last+1]
		if e.start > 0 {
			v.Before, v.Start = l.Steps[e.start-1].ID, l.Steps[e.start].ID
		}
	}
	s.sendLive(c, page, v)
}

// sendLive sends what was started. It may fetch from this server, and from the origins that are named.
func (s *Server) sendLive(c *gin.Context, page string, v frontend.EmbedLive, sources ...string) {
	var b bytes.Buffer
	if err := frontend.Render(&b, page, v); err != nil {
		s.config.Log.Error("an embed could not be rendered", "embed", page, "error", err)
		c.String(http.StatusInternalServerError, "Something went wrong on our side.")
		return
	}
	s.embedHeaders(c, pagePolicy(v.Nonce, sources...))
	c.Header("Cache-Control", "no-store") // a nonce is for one answer
	sendPage(c, http.StatusOK, renamed(s.cover().Names, b.Bytes()))
}

// linesWithin is the part of a lesson's recorded run that belongs to some of its steps, as NDJSON.
func linesWithin(l *lessons.Lesson, first, last int) string {
	events, err := recorded(l)
	if err != nil {
		return ""
	}
	var part []trace.Event
	begin := 0
	for i, e := range events {
		if e.Change == nil || e.Change.What != "step" {
			continue
		}
		if n := slices.IndexFunc(l.Steps, func(s *lessons.Step) bool { return s.ID == e.Change.Step }); n >= first && n <= last {
			part = append(part, events[begin:i+1]...)
		}
		begin = i + 1
	}
	return goldenLines(part)
}

// answerEmbed grades the question of an embed, which is posted as a form, and shows it again with what is said to it.
func (s *Server) answerEmbed(c *gin.Context) {
	e, _, err := s.readEmbed(c.Param("grain"), c.Param("slug"), c.Param("part"), c.Request.URL.Query())
	if err == nil && e.quiz == nil {
		err = embedProblem{http.StatusMethodNotAllowed, "Nothing can be sent to this embed: it asks no question."}
	}
	if err != nil {
		s.embedProblem(c, err)
		return
	}
	g, status, m := readGiven(c, e.lesson)
	if m != nil {
		s.embedProblem(c, wrong("%s %s", m.what, m.do))
		return
	}
	s.poster(c, status, s.embedView(e, c.Request.URL, g))
}

func (s *Server) embedProblem(c *gin.Context, err error) {
	p := embedProblem{http.StatusInternalServerError, "Something went wrong on our side."}
	if known, ok := err.(embedProblem); ok {
		p = known
	}
	s.poster(c, p.status, frontend.EmbedPage{Layout: s.layout(http.StatusText(p.status), ""), Problem: p.detail, Full: "/", FullURL: s.config.BaseURL})
}

// embedView is the poster of an embed.
func (s *Server) embedView(e *embed, at *url.URL, g *given) frontend.EmbedPage {
	l := e.lesson
	p := frontend.EmbedPage{
		Layout: s.layout(l.Title, ""), Grain: e.grain, Slug: l.Slug, Number: l.Number, Heading: l.Title,
		Theme: e.theme, Accent: e.accent.sheet(), NoTitle: e.noTitle, Still: e.still, Full: e.full(), FullURL: s.config.BaseURL + e.full(),
	}
	if p.Accent == "" && p.Course != nil {
		p.Accent = p.Course.Style
	}
	if e.version != 0 && e.version < l.Version {
		p.Older, p.Newer = e.version, l.Version
	}
	run := e.golden.view
	switch e.grain {
	case "lesson":
		p.Text, p.Minutes, p.Before = l.Question, l.Minutes, e.start
		if e.start > 0 {
			p.From, p.To = e.start+1, e.start+1
			p.Text = l.Steps[e.start].Title
		}
	case "step":
		p.Heading, p.From, p.To, p.Before = l.Steps[e.first].Title, e.first+1, e.last+1, e.first
		run = within(run, l, e.first, e.last)
	case "attack":
		p.Heading = cmp.Or(l.Attack, e.attack.Title)
		run = within(run, l, e.first, e.last)
	case "quiz":
		kind := "quiz"
		if e.quiz.Predict {
			kind = "predict"
		}
		p.Quiz = &frontend.BlockView{Kind: kind, Quiz: quizView(e.quiz, g)}
		p.Quiz.Quiz.Twin = nil
		run = frontend.RunView{}
	case "token":
		p.Heading, p.Token = e.token.Tag, tokenView(*e.token)
		run = frontend.RunView{}
	case "run", "diagram":
		run = within(run, l, e.first, e.last)
		if e.first > 0 || e.last < len(l.Steps)-1 {
			p.Heading, p.From, p.To = l.Steps[e.first].Title, e.first+1, e.last+1
		}
	}
	p.Run, p.Draw = run, e.grain == "diagram" || e.still && len(run.Parts) > 0
	if !p.Draw && len(run.Parts) > 0 {
		p.Picture = frontend.Picture(telling(run, 5))
	}
	if !e.still && e.quiz == nil && e.grain != "diagram" {
		q := at.Query()
		q.Set("live", "1")
		p.Live = at.EscapedPath() + "?" + q.Encode()
	}
	return p
}

// within is the part of a recorded run that belongs to some steps of its lesson.
func within(run frontend.RunView, l *lessons.Lesson, first, last int) frontend.RunView {
	if first == 0 && last == len(l.Steps)-1 {
		return run
	}
	part := frontend.RunView{}
	for _, p := range run.Parts {
		if i := slices.IndexFunc(l.Steps, func(s *lessons.Step) bool { return s.ID == p.ID }); i >= first && i <= last {
			part.Parts = append(part.Parts, p)
		}
	}
	rows := exchanges(part)
	part.Lanes = frontend.Lanes(func(actor string) bool {
		return slices.ContainsFunc(rows, func(r frontend.RowView) bool { return r.From == actor || r.To == actor })
	})
	return part
}

// exchanges are the exchanges of a recorded run.
func exchanges(run frontend.RunView) []frontend.RowView {
	var rows []frontend.RowView
	for _, p := range run.Parts {
		for _, line := range p.Lines {
			if line.Row != nil {
				rows = append(rows, *line.Row)
			}
		}
	}
	return rows
}

// telling are the exchanges of a run that say most, for a small picture: those of an attacker, those that carry a code or a token,
// those that carry another value or were refused, in this order of weight and in the order in which they happened.
func telling(run frontend.RunView, count int) []frontend.RowView {
	rows := exchanges(run)
	weight := func(r frontend.RowView) int {
		switch {
		case r.From == r.To:
			return -1
		case strings.HasPrefix(r.From, "attacker") && r.RefusedBy != "":
			return 4
		case strings.HasPrefix(r.From, "attacker"):
			return 3
		case slices.ContainsFunc(r.Carries, func(tag string) bool { return strings.HasPrefix(tag, "code#") || strings.Contains(tag, "_token#") }):
			return 2
		case r.RefusedBy != "" || len(r.Carries) > 0:
			return 1
		}
		return 0
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(rows[b]), weight(rows[a])) })
	order = order[:min(count, len(order))]
	slices.Sort(order)
	var picked []frontend.RowView
	for _, i := range order {
		picked = append(picked, rows[i])
	}
	return picked
}

// poster sends a page for the frame of others. It has no nonce: what stands in it is known by its hash, and it may be kept.
func (s *Server) poster(c *gin.Context, status int, p frontend.EmbedPage) {
	var b bytes.Buffer
	if err := frontend.Render(&b, "embed", p); err != nil {
		s.config.Log.Error("an embed could not be rendered", "error", err)
		c.String(http.StatusInternalServerError, "Something went wrong on our side.")
		return
	}
	styles := "style-src 'self'"
	if p.Accent != "" {
		styles += " " + frontend.Hash(string(p.Accent))
	}
	s.embedHeaders(c, "default-src 'none'; script-src "+frontend.Hash(string(frontend.EmbedScript()))+"; "+styles+"; img-src 'self' data:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
	if status == http.StatusOK && c.Request.Method != http.MethodPost && s.shelf == nil {
		c.Header("Cache-Control", "public, max-age=300")
	} else { // what was asked or answered is one reader's; what an author saves is shown at once
		c.Header("Cache-Control", "no-store")
	}
	sendPage(c, status, renamed(s.cover().Names, b.Bytes()))
}

// embedHeaders are those of what other pages may frame. It is no document of its own there, so it keeps nothing from them.
func (s *Server) embedHeaders(c *gin.Context, policy string) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy+embedAncestors(s.config.EmbedOrigins))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Cross-Origin-Opener-Policy")
}

// embedScript answers /embed.js, the element for pages of others. It may be loaded from anywhere; its address stays, so it is kept for
// an hour and asked for again after that.
func (s *Server) embedScript(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a module is fetched with CORS
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Del("Cross-Origin-Opener-Policy")
	frontend.ServeElement(c.Writer, c.Request)
}
