package playground

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/playground/world"
)

// route is a line of the table of routes. The router is built from it, and the OpenAPI document is held against it.
type route struct {
	Method, Path string
	handlers     func(*Server) []gin.HandlerFunc
}

// routes is every address of the server on one screen.
func routes() []route {
	list := []route{
		{"GET", "/", plain((*Server).homePage)},
		{"GET", "/lessons/:slug", plain((*Server).lessonPage)},
		{"POST", "/lessons/:slug", plain((*Server).answerPage)},
		{"GET", "/lessons/:slug/edition", plain((*Server).edition)},
		{"GET", "/schema/:name", plain((*Server).schema)},
		{"GET", "/course/logo", plain((*Server).logo)},
		{"GET", "/edition", plain((*Server).edition)},
		{"GET", "/lessons/:slug/attack", plain((*Server).attackPage)},
		{"GET", "/lessons/:slug/handout", plain((*Server).handoutPage)},
		{"GET", "/teach", plain((*Server).teachPage)},
		{"GET", "/teach/:code", plain((*Server).boardPage)},
		{"GET", "/projector/:code", plain((*Server).projectorPage)},
		{"GET", "/workbench", plain((*Server).workbenchPage)},
		{"GET", "/glossary", plain((*Server).glossaryPage)},
		{"GET", "/runs", plain((*Server).runsPage)},
		{"GET", "/join", plain((*Server).joinPage)},
		{"GET", "/join/:code", plain((*Server).joinPage)},
		{"POST", "/join", plain((*Server).joinPosted)},
		{"GET", "/embed/v1/:grain", plain((*Server).embedFile)},
		{"GET", "/embed/v1/:grain/:slug", plain((*Server).embedPage)},
		{"GET", "/embed/v1/:grain/:slug/:part", plain((*Server).embedPage)},
		{"POST", "/embed/v1/:grain/:slug/:part", plain((*Server).answerEmbed)},
		{"GET", "/embed", plain((*Server).examplesPage)},
		{"GET", "/oembed", plain((*Server).oEmbedPage)},
		{"GET", "/og/:slug", plain((*Server).socialPicture)},
		{"GET", "/og/:slug/:step", plain((*Server).socialPicture)},
		{"GET", "/embed.js", plain((*Server).embedScript)},
		{"GET", "/assets/*name", func(*Server) []gin.HandlerFunc { return []gin.HandlerFunc{gin.WrapH(frontend.Handler())} }},

		{"GET", "/api/openapi.json", plain((*Server).openAPI)},
		{"GET", "/api/lessons", plain((*Server).listLessons)},
		{"GET", "/api/lessons/:slug", plain((*Server).getLesson)},
		{"POST", "/api/lessons/:slug/answers", plain((*Server).gradeAnswer)},
		{"GET", "/api/lessons/:slug/share", plain((*Server).shareLesson)},
		{"GET", "/api/lessons/:slug/run", plain((*Server).goldenFile)},
		{"GET", "/api/run.schema.json", plain((*Server).savedSchemaDocument)},
		{"POST", "/api/sandboxes", plain((*Server).createSandbox)},
		{"GET", "/api/sandboxes/:id", keyed((*Server).getSandbox)},
		{"DELETE", "/api/sandboxes/:id", keyed((*Server).deleteSandbox)},
		{"POST", "/api/sandboxes/:id/reset", keyed((*Server).resetSandbox)},
		{"GET", "/api/sandboxes/:id/stream", plain((*Server).stream)}, // its key comes as a subprotocol
		{"GET", "/api/sandboxes/:id/trace", keyed((*Server).trace)},
		{"GET", "/api/sandboxes/:id/run", keyed((*Server).savedRunOf)},
		{"PUT", "/api/sandboxes/:id/policy", keyed((*Server).putPolicy)},
		{"PUT", "/api/sandboxes/:id/settings", keyed((*Server).putSettings)},
		{"POST", "/api/sandboxes/:id/clock", keyed((*Server).postClock)},
		{"POST", "/api/sandboxes/:id/steps/:step/begin", keyed((*Server).beginStep)},
		{"POST", "/api/sandboxes/:id/steps/:step/play", keyed((*Server).playStep)},
		{"POST", "/api/sandboxes/:id/steps/:step/replay", keyed((*Server).replayStep)},
		{"POST", "/api/sandboxes/:id/attacks/:step/run", keyed((*Server).runAttack)},
		{"POST", "/api/sandboxes/:id/honest/run", keyed((*Server).runHonest)},
		{"GET", "/api/sandboxes/:id/answers", keyed((*Server).getAnswers)},
		{"POST", "/api/sandboxes/:id/answers", keyed((*Server).postAnswer)},
		{"GET", "/api/sandboxes/:id/clients", keyed((*Server).getClients)},
		{"GET", "/api/sandboxes/:id/browsers/:browser", keyed((*Server).browserInside)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/open", keyed((*Server).browserOpen)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/submit", keyed((*Server).browserSubmit)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/click", keyed((*Server).browserClick)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/follow", keyed((*Server).browserFollow)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/back", keyed((*Server).browserBack)},
		{"POST", "/api/sandboxes/:id/browsers/:browser/forward", keyed((*Server).browserForward)},

		{"POST", "/api/rooms", plain((*Server).createRoom)},
		{"POST", "/api/rooms/join", plain((*Server).joinRoom)},
		{"GET", "/api/rooms/:code", inRoom((*Server).getRoom)},
		{"DELETE", "/api/rooms/:code", leading((*Server).deleteRoom)},
		{"POST", "/api/rooms/:code/claim", inRoom((*Server).claimRoom)},
		{"GET", "/api/rooms/:code/stream", plain((*Server).roomStream)}, // its key, if any, comes as a subprotocol
		{"GET", "/api/rooms/:code/board", leading((*Server).getRows)},
		{"PUT", "/api/rooms/:code/lead", leading((*Server).leadRoom)},
		{"POST", "/api/rooms/:code/bring", leading((*Server).bringRoom)},
		{"POST", "/api/rooms/:code/asks", leading((*Server).askRoom)},
		{"PUT", "/api/rooms/:code/phase", leading((*Server).phaseRoom)},
		{"GET", "/api/rooms/:code/peek", leading((*Server).peekVote)},
		{"GET", "/api/rooms/:code/export.csv", leading((*Server).exportCSV)},
		{"GET", "/api/rooms/:code/export.json", leading((*Server).exportJSON)},
		{"DELETE", "/api/rooms/:code/learners/:learner", leading((*Server).removeLearner)},
		{"POST", "/api/rooms/:code/learners/:learner/hint", leading((*Server).hintLearner)},
		{"POST", "/api/rooms/:code/learners/:learner/reset", learnerSandbox((*Server).resetLearner)},
		{"GET", "/api/rooms/:code/learners/:learner/sandbox", learnerSandbox((*Server).getSandbox)},
		{"GET", "/api/rooms/:code/learners/:learner/trace", learnerSandbox((*Server).trace)},
		{"GET", "/api/rooms/:code/learners/:learner/stream", plain((*Server).learnerStream)},
		{"POST", "/api/rooms/:code/rehearsal", leading((*Server).startRehearsal)},
		{"DELETE", "/api/rooms/:code/rehearsal", leading((*Server).endRehearsal)},
		{"POST", "/api/rooms/:code/votes", seated((*Server).vote)},
		{"POST", "/api/rooms/:code/hand", seated((*Server).raiseHand)},
		{"POST", "/api/rooms/:code/seen", seated((*Server).seenHint)},
		{"POST", "/api/rooms/:code/sandboxes", seated((*Server).seatSandbox)},
		{"DELETE", "/api/rooms/:code/seat", seated((*Server).leaveRoom)},

		{"GET", "/f/:id/:ticket", plain((*Server).showFrame)},
		{"POST", "/f/:id/:ticket", plain((*Server).submitFrame)},

		{"GET", "/healthz", plain((*Server).health)},
		{"GET", "/readyz", plain((*Server).ready)},
		{"GET", "/metrics", plain((*Server).metricsPage)},
	}
	for _, r := range list { // what may be read may be asked about: link checkers and monitors do
		if r.Method == "GET" && !strings.HasPrefix(r.Path, "/api/") {
			list = append(list, route{"HEAD", r.Path, r.handlers})
		}
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} { // which of them, its actor decides
		list = append(list,
			route{method, "/.well-known/oauth-authorization-server/s/:id/as", mounted(world.AS, "/.well-known/oauth-authorization-server")},
			route{method, "/.well-known/openid-configuration/s/:id/as", mounted(world.AS, "/.well-known/openid-configuration")},
			route{method, "/s/:id/as/*path", mounted(world.AS, "")},
			route{method, "/s/:id/api/*path", mounted(world.API, "")})
	}
	return list
}

// plain is a route that anyone may use.
func plain(h func(*Server, *gin.Context)) func(*Server) []gin.HandlerFunc {
	return func(s *Server) []gin.HandlerFunc { return []gin.HandlerFunc{func(c *gin.Context) { h(s, c) }} }
}

// keyed is a route of one sandbox, for who has its key. The handler gets that sandbox and can reach no other.
func keyed(h func(*Server, *gin.Context, *world.Sandbox)) func(*Server) []gin.HandlerFunc {
	return func(s *Server) []gin.HandlerFunc {
		return []gin.HandlerFunc{func(c *gin.Context) {
			c.Header("Cache-Control", "no-store")
			sandbox, ok := s.authorize(c)
			if ok {
				h(s, c, sandbox)
			}
		}}
	}
}

// mounted is an actor of a workbench over TCP; path is fixed, or empty for what follows the mount point.
func mounted(actor, path string) func(*Server) []gin.HandlerFunc {
	return func(s *Server) []gin.HandlerFunc {
		return []gin.HandlerFunc{func(c *gin.Context) {
			sandbox, err := s.world.Open(c.Request.Context(), c.Param("id"))
			if err != nil {
				s.problem(c, err)
				return
			}
			mountHeaders(c)
			relative := path
			if relative == "" {
				relative = c.Param("path")
			}
			r := c.Request
			u := *r.URL
			u.Path, u.RawPath = relative, ""
			mount := *r
			mount.URL = &u
			sandbox.ServeTCP(c.Writer, &mount, actor)
		}}
	}
}

// mountHeaders takes back what is for our own pages: an app may open a login in a window of its own and listen to it. What
// stays is harmless to programs, and an actor that sets its own has the last word.
func mountHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Del("Cross-Origin-Opener-Policy")
	h.Del("Referrer-Policy")
	h.Set("Content-Security-Policy", "frame-ancestors 'none'")
}

// authorize finds the sandbox of a request whose key fits. A sandbox that isn't there is a 404, a key that doesn't fit a 401.
func (s *Server) authorize(c *gin.Context) (*world.Sandbox, bool) {
	sandbox, err := s.world.Open(c.Request.Context(), c.Param("id"))
	if err != nil {
		s.problem(c, err)
		return nil, false
	}
	if !sandbox.Authorized(bearer(c.Request)) {
		c.Header("WWW-Authenticate", `Bearer realm="sandbox"`)
		s.problem(c, world.Problem{Status: http.StatusUnauthorized, Title: "Not your sandbox", Detail: "This needs the key that was given when the sandbox was made, as in Authorization: Bearer KEY."})
		return nil, false
	}
	return sandbox, true
}
