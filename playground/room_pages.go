package playground

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"rsc.io/qr"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/room"
)

// The pages of who leads a room. None of them needs the room, or its key, to be shown: what is in a room comes over its stream.

// teachPage is where rooms are opened and found again.
func (s *Server) teachPage(c *gin.Context) {
	s.page(c, http.StatusOK, "teach", func(l frontend.Layout) any { return frontend.TeachPage{Layout: l, Lessons: s.lessonLinks()} }, "Teach")
}

// lessonLinks are all lessons. If they can't be read there are none to choose from, and a room says so when it is opened.
func (s *Server) lessonLinks() (links []frontend.LessonLink) {
	course, err := s.course()
	if err != nil {
		return nil
	}
	for _, t := range course.Tracks {
		for _, l := range t.Lessons {
			links = append(links, frontend.LessonLink{Number: l.Number, Slug: l.Slug, Title: l.Title})
		}
	}
	return links
}

// roomAddress is the code of an address as the API has it, and as people read it.
func roomAddress(c *gin.Context) (code, shown string) {
	code = typedCode(c.Param("code"))
	return code, room.Spoken(code)
}

func (s *Server) joinURL(code string) string {
	return s.config.BaseURL + "/join/" + code
}

// boardPage is a room as its instructor sees it.
func (s *Server) boardPage(c *gin.Context) {
	code, shown := roomAddress(c)
	s.page(c, http.StatusOK, "board", func(l frontend.Layout) any {
		return frontend.BoardPage{Layout: l, Code: code, Join: s.joinURL(code)}
	}, "Room "+shown)
}

// projectorPage is a room on the wall. The address in its QR code is the one that the server was told to have.
func (s *Server) projectorPage(c *gin.Context) {
	code, shown := roomAddress(c)
	join := s.joinURL(code)
	drawn, err := qrView(join)
	base, bad := url.Parse(s.config.BaseURL)
	if err != nil || bad != nil || len(code) != 6 {
		s.errorPage(c, http.StatusNotFound, "There is no such room.", "Look at the code again: it has six letters and digits.")
		return
	}
	s.page(c, http.StatusOK, "projector", func(l frontend.Layout) any {
		return frontend.ProjectorPage{Layout: l, Code: code, Shown: shown, Host: base.Host + base.Path, Join: join, QR: drawn, Lessons: s.lessonLinks()}
	}, "Room "+shown+" on the wall")
}

// qrView draws a text as a QR code, its dark modules as runs of one row each. Level M is read though a seventh of it is hidden.
func qrView(text string) (frontend.QRView, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return frontend.QRView{}, err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			begin := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - begin; n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin, y, n, n)
			}
		}
	}
	return frontend.QRView{Size: code.Size, Path: path.String()}, nil
}

// handoutPage is a lesson on paper.
func (s *Server) handoutPage(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.errorPage(c, http.StatusNotFound, "There is no such lesson.", "Choose one from the list of lessons.")
		return
	}
	s.page(c, http.StatusOK, "handout", func(layout frontend.Layout) any {
		p := handoutView(layout, l, s.goldenRun(l))
		p.Track = s.trackName(l)
		return p
	}, l.Title)
}

func handoutView(layout frontend.Layout, l *lessons.Lesson, golden goldenRun) frontend.HandoutPage {
	whole := lessonView(layout, l, golden, nil)
	p := frontend.HandoutPage{Layout: layout, Slug: l.Slug, Track: l.Track, Title: l.Title, Question: l.Question, Number: l.Number, Minutes: l.Minutes, Specs: whole.Specs, Editions: whole.Editions, Run: golden.view}
	parts := [][]lessons.Block{l.Intro}
	for _, step := range l.Steps {
		parts = append(parts, step.Blocks)
		p.Steps = append(p.Steps, frontend.HandoutStep{ID: step.ID, Title: step.Title, HTML: onPaper(l, firstParagraph(step.Blocks))})
	}
	for _, b := range slices.Concat(parts...) {
		if t, ok := b.(*lessons.Takeaway); ok {
			p.Takeaways = append(p.Takeaways, onPaper(l, t.HTML))
		}
	}
	for _, q := range l.Quizzes() {
		if q.SelfCheck {
			continue
		}
		view := quizView(q, nil)
		view.Twin = nil // it has a place of its own
		view.Question = onPaper(l, view.Question)
		for i := range view.Choices {
			view.Choices[i].HTML = onPaper(l, view.Choices[i].HTML)
		}
		for i := range view.Rows {
			view.Rows[i].HTML = onPaper(l, view.Rows[i].HTML)
		}
		p.Questions = append(p.Questions, view)
		key := keyView(q)
		key.Feedback = onPaper(l, key.Feedback)
		for i := range key.Lines {
			key.Lines[i] = onPaper(l, key.Lines[i])
		}
		p.Keys = append(p.Keys, key)
	}
	return p
}

// onPaper points at the lesson where a text points into a run: a handout has none of the learner's own.
func onPaper(l *lessons.Lesson, text template.HTML) template.HTML {
	return template.HTML(strings.ReplaceAll(string(text), `href="#wire"`, `href="/lessons/`+l.Slug+`"`))
}

var paragraph = regexp.MustCompile(`(?s)<p>.*?</p>`)

// firstParagraph is what a step says first: empty if it says nothing.
func firstParagraph(blocks []lessons.Block) template.HTML {
	for _, b := range blocks {
		if prose, ok := b.(*lessons.Prose); ok {
			if p := paragraph.FindString(string(prose.HTML)); p != "" {
				return template.HTML(p)
			}
		}
	}
	return ""
}

// keyView is the answer to a question that is graded.
func keyView(q *lessons.Quiz) frontend.KeyView {
	var k frontend.KeyView
	for i, choice := range q.Choices {
		if !choice.Correct {
			continue
		}
		k.Feedback = choice.Feedback
		if q.Kind == lessons.OneOf {
			k.Lines = append(k.Lines, template.HTML("<b>"+string(rune('A'+i))+"</b> ")+choice.HTML)
		}
	}
	for _, row := range q.Rows {
		var belongs []string
		for _, n := range row.Right {
			belongs = append(belongs, string(q.Columns[n-1]))
		}
		k.Lines = append(k.Lines, row.HTML+": <b>"+template.HTML(strings.Join(belongs, ", "))+"</b>")
	}
	return k
}
