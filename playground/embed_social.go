package playground

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
)

// socialWidths are the widths that pictures for links have, in pixels, the largest first.
var socialWidths = []int{frontend.SocialWide, 600, 300}

// social is what a picture is of. A lesson that has changed is another one.
type social struct {
	lesson *lessons.Lesson
	step   string
	width  int
	course string // whose name stands below it
}

// socials are pictures that were drawn. There is one hand that draws, so that strangers can't ask for many at once.
type socials struct {
	mu    sync.Mutex // guards drawn
	drawn map[social][]byte
}

// socialsKept is how many pictures are kept: some megabytes.
const socialsKept = 100

// socialPicture answers /og/{lesson}.png and /og/{lesson}/{step}.png: what a link to it looks like on sites that show links. The step may
// be that of an attack.
func (s *Server) socialPicture(c *gin.Context) {
	slug, step := c.Param("slug"), c.Param("step")
	last, ok := strings.CutSuffix(slug+step, ".png")
	width, err := strconv.Atoi(c.DefaultQuery("width", strconv.Itoa(frontend.SocialWide)))
	if !ok || err != nil || !slices.Contains(socialWidths, width) {
		s.lost(c, http.StatusNotFound, "There is no such picture.")
		return
	}
	slug = strings.TrimSuffix(slug, ".png")
	step = strings.TrimPrefix(last, slug)
	name := "lesson"
	if step != "" {
		name = "step"
	}
	e, _, err := s.readEmbed(name, slug, step, nil)
	if err != nil {
		s.lost(c, http.StatusNotFound, "There is no such picture.")
		return
	}
	picture, err := s.socials.draw(e, s.cover().Names, social{e.lesson, step, width, cmp.Or(s.cover().Title, "OAuth Playground")})
	if err != nil {
		s.config.Log.Error("a picture could not be drawn", "error", err)
		s.problem(c, err)
		return
	}
	c.Header("Cache-Control", "public, max-age=86400")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	c.Data(http.StatusOK, "image/png", picture)
}

func (all *socials) draw(e *embed, names lessons.Names, key social) ([]byte, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if picture, ok := all.drawn[key]; ok {
		return picture, nil
	}
	l := e.lesson
	run := within(e.golden.view, l, e.first, e.last)
	v := frontend.Social{Course: key.course, Caption: frontend.Say("embed.kind.lesson", "n", l.Number), Title: l.Title, Text: l.Question, Foot: frontend.Say("embed.drawn"), Rows: telling(run, 6)}
	if e.grain == "step" {
		v.Caption += ", " + frontend.Say("embed.step", "n", e.first+1)
		v.Title, v.Text = l.Steps[e.first].Title, l.Title
	}
	v.Title, v.Text = names.In(v.Title), names.In(v.Text)
	if len(v.Rows) == 0 {
		v.Foot = ""
	}
	var b bytes.Buffer
	if err := frontend.WriteSocial(&b, v, key.width); err != nil {
		return nil, err
	}
	if len(all.drawn) >= socialsKept || all.drawn == nil {
		all.drawn = map[social][]byte{}
	}
	all.drawn[key] = b.Bytes()
	return b.Bytes(), nil
}
