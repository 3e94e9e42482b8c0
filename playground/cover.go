package playground

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
)

// cover is what the course that is taught now says of its look. Its zero value is the playground's own.
func (s *Server) cover() lessons.Cover {
	course, err := s.course()
	if err != nil {
		return lessons.Cover{}
	}
	return course.Cover
}

// trackName is what a lesson's track is called: an author's word, or else its id, which the interface has a word for.
func (s *Server) trackName(l *lessons.Lesson) string {
	course, err := s.course()
	if err != nil {
		return l.Track
	}
	return cmp.Or(course.TrackTitle(l.Track), l.Track)
}

// coverView is what a page needs of a cover; nil for the playground's own.
func coverView(c lessons.Cover) *frontend.CourseView {
	v := &frontend.CourseView{Title: c.Title}
	if c.Accent != "" {
		own, err := readColour(c.Accent)
		if err == nil {
			// The ring shows where the control is, however pale its colour; who asks for more contrast has the playground's own.
			v.Style = template.CSS(fmt.Sprintf("@media (prefers-contrast:no-preference){:root:not([data-contrast=more]) .btn.do:not([aria-disabled=true]){background:%s;border-color:var(--ink);color:%s}.top{border-block-start:3px solid %[1]s}}", own, own.on()))
		}
	}
	if c.Logo != nil {
		v.Logo = "/course/logo"
	}
	if len(c.Names) > 0 {
		if names, err := json.Marshal(c.Names); err == nil {
			v.Names = string(names)
		}
	}
	if *v == (frontend.CourseView{}) {
		return nil
	}
	return v
}

// logo is the picture of the course. It comes from an author's folder: shown by itself, it is shut in.
func (s *Server) logo(c *gin.Context) {
	cover := s.cover()
	if cover.Logo == nil {
		s.lost(c, http.StatusNotFound, "This course has no picture of its own.")
		return
	}
	c.Header("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, cover.LogoType, cover.Logo)
}

// silent are elements whose text is no prose: what was on the wire, what is typed, what scripts read.
var silent = []string{"script", "style", "code", "pre", "textarea"}

// spoken are the attributes that are read out or shown.
var spoken = regexp.MustCompile(`\b(aria-label|title|alt|placeholder|content)="([^"]*)"`)

// renamed is a page with the names that a course file gives the people and apps of the story. What was on the wire, code and
// addresses stay as they are.
func renamed(names lessons.Names, page []byte) []byte {
	if len(names) == 0 {
		return page
	}
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(page))
	depth := 0 // of silent elements
	for {
		kind := z.Next()
		raw := z.Raw()
		switch kind {
		case html.ErrorToken:
			out.Write(raw)
			return out.Bytes()
		case html.TextToken:
			if depth == 0 {
				out.WriteString(names.In(string(raw)))
				continue
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			text := string(raw) // TagName overwrites it
			name, _ := z.TagName()
			if kind == html.StartTagToken && slices.Contains(silent, string(name)) {
				depth++
			}
			if string(name) != "meta" || !bytes.Contains([]byte(text), []byte(`name="names"`)) {
				text = spoken.ReplaceAllStringFunc(text, names.In)
			}
			out.WriteString(text)
			continue
		case html.EndTagToken:
			text := string(raw)
			if name, _ := z.TagName(); slices.Contains(silent, string(name)) && depth > 0 {
				depth--
			}
			out.WriteString(text)
			continue
		}
		out.Write(raw)
	}
}
