package playground

import (
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// taught is what the server teaches at a moment, with what its pages have made of it. When an author changes a lesson, another
// takes its place, and who is being served goes on with the old one.
type taught struct {
	course  *lessons.Course
	edition *lessons.Edition // nil without a folder of an author
	home    func() frontend.HomePage
	golden  sync.Map // *lessons.Lesson to goldenRun
}

func newTaught(course *lessons.Course, edition *lessons.Edition) *taught {
	return &taught{course: course, edition: edition, home: sync.OnceValue(func() frontend.HomePage { return homeView(course) })}
}

// teach says what is taught: the lessons that come with the binary, read at their first use; or with a folder of an author, what
// is in it now.
func (s *Server) teach() error {
	if s.config.Author == nil {
		s.taught = sync.OnceValues(func() (*taught, error) {
			course, err := lessons.Load(s.config.Lessons, world.Vocabulary())
			if err != nil {
				return nil, err
			}
			return newTaught(course, nil), nil
		})
		return nil
	}
	base, problems, err := lessons.Read(s.config.Lessons, world.Vocabulary())
	if err == nil {
		err = lessons.Join(problems)
	}
	if err != nil {
		return err
	}
	s.taught = func() (*taught, error) { return s.now.Load(), nil }
	s.shelf = lessons.NewShelf(base, s.config.Author, world.Vocabulary())
	return s.look()
}

// lookEvery is how often an author's folder is looked at. Its files are asked for their time and size: that costs some dozens of
// system calls, and unlike the notices of an operating system it works the same everywhere, through a container's mounts and
// a network's disks, and however an editor saves.
const lookEvery = time.Second

// watch looks at the author's folder until the server is closed.
func (s *Server) watch() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said := "" // what can't be read is said once
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		switch err := s.look(); {
		case err != nil && said != err.Error():
			said = err.Error()
			s.config.Log.Error("the folder of lessons can’t be read; what was read before is taught on", "error", err)
		case err == nil && said != "":
			said = ""
			s.config.Log.Info("the folder of lessons can be read again")
		}
	}
}

// look takes up what an author has changed.
func (s *Server) look() error {
	s.looking.Lock()
	defer s.looking.Unlock()
	edition, err := s.shelf.Look()
	if err != nil || edition == nil {
		return err
	}
	for _, p := range edition.Problems {
		s.config.Log.Error("a lesson has a mistake", "file", p.File, "line", p.Line, "mistake", p.Say())
	}
	s.config.Log.Info("lessons were read", "mistakes", len(edition.Problems))
	s.now.Store(newTaught(edition.Course, edition))
	return nil
}

func (s *Server) course() (*lessons.Course, error) {
	t, err := s.taught()
	if err != nil {
		return nil, err
	}
	return t.course, nil
}

func (s *Server) home() (frontend.HomePage, error) {
	t, err := s.taught()
	if err != nil {
		return frontend.HomePage{}, err
	}
	return t.home(), nil
}

// author is what a page tells about the lesson's text to who writes it, by its slug, or about all of them; nil without a folder
// of an author.
func (s *Server) author(slug string) *frontend.AuthorView {
	t, err := s.taught()
	if err != nil || t.edition == nil {
		return nil
	}
	view := &frontend.AuthorView{From: "/edition", Mark: t.edition.Mark(slug)}
	problems := t.edition.Problems
	if slug != "" {
		view.From, problems = "/lessons/"+slug+"/edition", t.edition.Of(slug)
	}
	for _, p := range problems {
		view.Problems = append(view.Problems, frontend.MistakeView{File: p.File, Line: p.Line, What: p.Text, Mend: p.Mend})
	}
	return view
}

// edition answers what an open page asks: is its text still the same? It is plain text that is compared and means nothing else. Of a
// lesson that is not there now nothing is said: its pages stay as they are, and go on when it is back.
func (s *Server) edition(c *gin.Context) {
	view := s.author(c.Param("slug"))
	if view == nil {
		s.lost(c, http.StatusNotFound, "Lessons don’t change here while the server runs.")
		return
	}
	c.Header("Cache-Control", "no-store")
	if slug := c.Param("slug"); slug != "" && len(view.Problems) == 0 {
		if _, err := s.findLesson(slug); err != nil {
			c.Status(http.StatusNoContent)
			return
		}
	}
	c.String(http.StatusOK, view.Mark)
}

// schema is a JSON Schema of what an author writes as YAML, for editors.
func (s *Server) schema(c *gin.Context) {
	text := lessons.Schema(c.Param("name"))
	if text == nil {
		s.lost(c, http.StatusNotFound, "There is no such schema: there is lesson.json and course.json.")
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/schema+json", text)
}
