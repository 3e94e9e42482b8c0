package playground

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/playground/room"
)

// joinPage is where a learner takes a seat in a room. A code in the address stands in its field; whether there is such a room,
// the page asks.
func (s *Server) joinPage(c *gin.Context) {
	s.showJoin(c, c.Param("code"), "", false)
}

// joinPosted answers who has no script: a room is followed over a socket, and the lessons are readable without one.
func (s *Server) joinPosted(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10)
	if err := c.Request.ParseForm(); err != nil {
		s.errorPage(c, http.StatusBadRequest, "This form can’t be read.", "Go back and write the code again.")
		return
	}
	s.showJoin(c, c.Request.PostForm.Get("code"), c.Request.PostForm.Get("name"), true)
}

func (s *Server) showJoin(c *gin.Context, code, name string, posted bool) {
	home, err := s.home()
	if err != nil {
		s.config.Log.Error("the lessons can't be read", "error", err)
		s.errorPage(c, http.StatusInternalServerError, "The lessons can’t be read.", "Look at the server’s log: it names file and line.")
		return
	}
	s.page(c, http.StatusOK, "join", func(l frontend.Layout) any {
		return frontend.JoinPage{Layout: l, Code: shownCode(code), Name: name, Posted: posted, Tracks: home.Tracks}
	}, "Join a room")
}

// shownCode is a room's code as it stands on the screen, K7P-4MX, however it was typed.
func shownCode(typed string) string {
	code := typedCode(typed)
	return room.Spoken(code[:min(len(code), 12)])
}

// typedCode is what somebody has typed without what can't be in a code, in capitals.
func typedCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r = unicode.ToUpper(r); r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, typed)
}
