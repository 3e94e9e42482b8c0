package playground

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// shared is a part of a lesson in the forms in which others can put it into their pages.
type shared struct {
	Title   string      `json:"title"`
	Link    string      `json:"link"`    // the page of ours that has all of it
	Embed   string      `json:"embed"`   // the address for a frame
	Picture string      `json:"picture"` // 1200 by 630 pixels
	Forms   []shareForm `json:"forms"`
}

// shareForm is what is pasted. Name is one of link, iframe, element, markdown, mdx, asciidoc, rst.
type shareForm struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// title names an embed's part in a line.
func (e *embed) title() string {
	l := e.lesson
	switch {
	case e.attack != nil:
		return cmp.Or(l.Attack, e.attack.Title)
	case e.quiz != nil:
		return frontend.Say("share.question", "lesson", l.Title)
	case e.token != nil:
		return frontend.Say("share.token", "tag", e.token.Tag, "lesson", l.Title)
	case e.grain == "run" || e.grain == "diagram":
		return frontend.Say("share."+e.grain, "lesson", l.Title)
	case e.grain == "step" || e.start > 0:
		return frontend.Say("share.stepOf", "step", l.Steps[max(e.first, e.start)].Title, "lesson", l.Title)
	}
	return l.Title
}

// path is the address of an embed, without options.
func (e *embed) path() string {
	path := "/embed/v1/" + e.grain + "/" + e.lesson.Slug
	if part := e.part(); part != "" {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// part is what the address names behind the lesson.
func (e *embed) part() string {
	switch {
	case e.attack != nil:
		return e.attack.ID
	case e.quiz != nil:
		return e.quiz.ID
	case e.token != nil:
		return e.token.Tag
	case e.grain == "step" && e.last > e.first:
		return e.lesson.Steps[e.first].ID + ".." + e.lesson.Steps[e.last].ID
	case e.grain == "step":
		return e.lesson.Steps[e.first].ID
	}
	return ""
}

// link is the page of ours that has all of it, for those who show links: they aren't sent what stands behind #.
func (e *embed) link() string {
	path, step, ok := strings.Cut(e.full(), "#")
	if !ok {
		return path
	}
	return path + "?step=" + step + "#" + step
}

// picturePath is where the picture for links to it is.
func (e *embed) picturePath() string {
	path := "/og/" + e.lesson.Slug
	switch {
	case e.attack != nil:
		path += "/" + e.attack.ID
	case e.grain == "step" || e.start > 0:
		path += "/" + e.lesson.Steps[max(e.first, e.start)].ID
	}
	return path + ".png"
}

// share writes an embed in all its forms; options are those of its address.
func (s *Server) share(e *embed, g grain, options url.Values) shared {
	base := s.config.BaseURL
	v := shared{Title: s.cover().Names.In(e.title()), Link: base + e.link(), Embed: base + e.path(), Picture: base + e.picturePath()}
	if len(options) > 0 {
		v.Embed += "?" + options.Encode()
	}
	frame := frameCode(v, "100%", g.height)
	title := html.EscapeString(v.Title)
	v.Forms = []shareForm{
		{"link", v.Link},
		{"iframe", frame},
		{"element", e.element(v, options) + "\n<script type=\"module\" src=\"" + base + "/embed.js\"></script>"},
		{"markdown", fmt.Sprintf("[![%s](%s)](%s)", strings.NewReplacer("[", `\[`, "]", `\]`).Replace(v.Title), v.Picture, v.Link)},
		{"mdx", fmt.Sprintf("<iframe src=\"%s\" title=\"%s\" loading=\"lazy\" allow=\"clipboard-write\" width=\"100%%\" height={%d} style={{ border: 0 }} />", html.EscapeString(v.Embed), title, g.height)},
		{"asciidoc", "++++\n" + frame + "\n++++"},
		{"rst", ".. raw:: html\n\n   " + frame},
	}
	return v
}

// frameCode is a frame, for pages that take HTML.
func frameCode(v shared, width string, height int) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" loading="lazy" allow="clipboard-write" width="%s" height="%d" style="border:0"></iframe>`, html.EscapeString(v.Embed), html.EscapeString(v.Title), width, height)
}

// elementOptions are the options of an address as attributes of <oauth-lesson>, which HTML or the element itself calls otherwise.
var elementOptions = map[string]string{"title": "heading", "step": "part"}

// element is <oauth-lesson>, with a link in it for where no script runs.
func (e *embed) element(v shared, options url.Values) string {
	var b strings.Builder
	attribute := func(name, value string) { fmt.Fprintf(&b, ` %s="%s"`, name, html.EscapeString(value)) }
	b.WriteString("<oauth-lesson")
	attribute("lesson", e.lesson.Slug)
	if part := e.part(); part != "" {
		attribute(e.grain, part)
	} else if e.grain != "lesson" {
		b.WriteString(" " + e.grain)
	}
	for _, o := range embedOptions {
		if value := options.Get(o.name); value != "" {
			name := cmp.Or(elementOptions[o.name], o.name)
			if o.name == "step" && e.grain == "lesson" {
				name = "start"
			}
			attribute(name, value)
		}
	}
	fmt.Fprintf(&b, `><a href="%s">%s</a></oauth-lesson>`, html.EscapeString(v.Link), html.EscapeString(v.Title))
	return b.String()
}

// shareLesson answers with a lesson, or the part of it that the query names, in all its forms.
func (s *Server) shareLesson(c *gin.Context) {
	name, part := "lesson", ""
	for key, values := range c.Request.URL.Query() {
		if name != "lesson" || key != "step" && key != "attack" && key != "quiz" || len(values) > 1 {
			s.problem(c, bad("Name one of step, attack and quiz, or none of them for the whole lesson."))
			return
		}
		name, part = key, values[0]
	}
	e, g, err := s.readEmbed(name, c.Param("slug"), part, nil)
	if err != nil {
		s.problem(c, asProblem(err))
		return
	}
	s.reply(c, s.share(e, g, nil), nil)
}

// asProblem is a mistake in an embed's address for programs.
func asProblem(err error) error {
	p, ok := err.(embedProblem)
	if !ok {
		return err
	}
	return world.Problem{Status: p.status, Title: http.StatusText(p.status), Detail: p.detail}
}

// shareView is what the head of a page says of it to those who show links: title, picture, and where a frame of it is offered.
func (s *Server) shareView(l *lessons.Lesson, name, part string) *frontend.ShareView {
	e, g, err := s.readEmbed(name, l.Slug, part, nil)
	if err != nil {
		return nil
	}
	v := s.share(e, g, nil)
	attack := ""
	if e.attack != nil {
		attack = e.attack.ID
	}
	return &frontend.ShareView{
		Attack: attack,
		Title:  v.Title, Text: l.Question, Link: v.Link, Picture: v.Picture,
		OEmbed: s.config.BaseURL + "/oembed?" + url.Values{"url": {v.Link}, "format": {"json"}}.Encode(),
	}
}
