package playground

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// homePage is the catalogue, with one recorded run of it as the picture.
func (s *Server) homePage(c *gin.Context) {
	home, err := s.home()
	if err != nil {
		s.config.Log.Error("the lessons can't be read", "error", err)
		s.errorPage(c, http.StatusInternalServerError, "The lessons can't be read.", "Look at the server’s log: it names file and line.")
		return
	}
	s.page(c, http.StatusOK, "home", func(l frontend.Layout) any {
		home.Layout = l // of a copy
		home.Author = s.author("")
		return home
	}, "OAuth Playground")
}

func homeView(course *lessons.Course) frontend.HomePage {
	var p frontend.HomePage
	for _, t := range course.Tracks {
		view := frontend.TrackView{ID: t.Slug, Title: t.Title, Blurb: t.Blurb, Minutes: t.Minutes()}
		for _, l := range t.Lessons {
			view.Lessons = append(view.Lessons, frontend.LessonLink{Number: l.Number, Slug: l.Slug, Title: l.Title, Question: l.Question, Attack: l.Attack, Minutes: l.Minutes})
			for _, spec := range l.Spec {
				_, document := check.Document(spec.Ref)
				url, _, _ := strings.Cut(spec.URL, "#")
				if !slices.ContainsFunc(p.Specs, func(s frontend.Link) bool { return s.Text == document }) {
					p.Specs = append(p.Specs, frontend.Link{Text: document, URL: url})
				}
			}
			if d := demo(l); d != nil && (p.Demo == nil || off(d) < off(p.Demo)) {
				p.Demo = d
			}
		}
		p.Tracks = append(p.Tracks, view)
	}
	if len(p.Tracks) > 0 && len(p.Tracks[0].Lessons) > 0 {
		p.First = &p.Tracks[0].Lessons[0]
	}
	return p
}

// demoRows is how many rows the picture of the catalogue has place for.
const demoRows = 4

// off is by how much a picture misses its place.
func off(d *frontend.DemoView) int { return max(len(d.Rows)-demoRows, demoRows-len(d.Rows)) }

// demo is the way of one value through a lesson's recorded run, from who made it to the attacker who is refused; nil if the
// run has no such end.
func demo(l *lessons.Lesson) *frontend.DemoView {
	events, err := recorded(l)
	if err != nil {
		return nil
	}
	requests := map[uint64]trace.Event{}
	var stolen string
	for _, e := range events {
		if e.Request != nil {
			requests[e.Seq] = e
		}
		q := requests[e.Of]
		refused := slices.ContainsFunc(e.Verdicts, func(v check.Verdict) bool { return v.Outcome == check.Failed && v.Mode == check.Enforce })
		if e.Response != nil && refused && q.From == "attacker" && len(q.Finds) > 0 {
			stolen = q.Finds[0].Tag
		}
	}
	if stolen == "" {
		return nil
	}
	carries := func(e trace.Event) bool {
		return slices.ContainsFunc(e.Finds, func(f trace.Find) bool { return f.Tag == stolen })
	}
	exchanges := map[uint64]bool{} // by their requests' positions
	for _, e := range events {
		if e.Request != nil && carries(e) {
			exchanges[e.Seq] = true
		} else if e.Response != nil && carries(e) {
			exchanges[e.Of] = true
		}
	}
	var way []trace.Event
	for _, e := range events {
		if e.Request != nil && exchanges[e.Seq] || e.Response != nil && exchanges[e.Of] {
			way = append(way, e)
		}
	}
	var lines strings.Builder
	if trace.WriteNDJSON(&lines, way) != nil {
		return nil
	}
	rows := rowViews(way)
	if rows[len(rows)-1].From != world.Attacker {
		return nil
	}
	return &frontend.DemoView{Slug: l.Slug, Title: l.Title, Tag: stolen, Last: rows[len(rows)-1].N, Rows: rows, Golden: strings.TrimSpace(lines.String())}
}
