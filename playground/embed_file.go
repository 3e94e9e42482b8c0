package playground

import (
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
)

// embedFile answers /embed/v1/run: a recorded run that is no lesson's, but a file of who embeds it. The file lies at the address in
// ?from=, or the address itself carries it behind #run=, which a browser sends to nobody. The reader's browser fetches and reads it; this
// server does neither.
func (s *Server) embedFile(c *gin.Context) {
	if name := c.Param("grain"); name != "run" {
		s.embedProblem(c, missing("An embed of the kind “%s” names a lesson, as in /embed/v1/%s/code-flow.", name, name))
		return
	}
	e := &embed{grain: "run"}
	if err := e.readOptions(c.Request.URL.Query()); err != nil {
		s.embedProblem(c, err)
		return
	}
	p := s.embedFileView(e, c.Request.URL)
	if !e.live {
		s.poster(c, http.StatusOK, p)
		return
	}
	p.Title = p.Heading
	v := frontend.EmbedLive{Layout: s.layout(p.Heading, newNonce()), Embed: p, Script: "embed-run.js", File: true}
	if e.from != nil {
		v.From = e.from.String()
	}
	s.sendLive(c, "embed-run", v, s.fileSources(e.from)...)
}

// embedFileView is the poster of a run that is a file.
func (s *Server) embedFileView(e *embed, at *url.URL) frontend.EmbedPage {
	p := frontend.EmbedPage{
		Layout: s.layout(frontend.Say("embed.kind.file"), ""), Grain: e.grain, Heading: frontend.Say("embed.kind.file"), Text: frontend.Say("embed.file.linked"),
		Theme: e.theme, Accent: e.accent.sheet(), NoTitle: e.noTitle, Full: "/runs", FullURL: s.config.BaseURL + "/runs",
	}
	if p.Accent == "" && p.Course != nil {
		p.Accent = p.Course.Style
	}
	if from := e.from; from != nil {
		p.Text = frontend.Say("embed.file.from", "file", path.Base("/"+from.Path), "site", from.Host)
		if base, _ := url.Parse(s.config.BaseURL); from.Scheme == base.Scheme && strings.EqualFold(from.Host, base.Host) {
			p.Full += "?from=" + url.QueryEscape(from.RequestURI())
			p.FullURL = s.config.BaseURL + p.Full
		} else {
			p.Full, p.FullURL, p.Away = from.String(), from.String(), true
		}
	}
	q := at.Query()
	q.Set("live", "1")
	p.Live = at.EscapedPath() + "?" + q.Encode()
	return p
}

// siteForm is the host of a file's address, with a port if it has one: what may stand in a Content-Security-Policy (CSP Level 3 §2.3.1).
var siteForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+(:[0-9]+)?$`)

// readFrom reads the address of a run's file.
func (e *embed) readFrom(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !siteForm.MatchString(u.Host) {
		return wrong("from is the whole address of a file, as in from=https://docs.example/run.json, and not “%s”.", value)
	}
	u.Fragment = ""
	e.from = u
	return nil
}

// fileSources are the origins besides this server's own from which a run may be fetched: where the file lies, or where embeds may be shown,
// if that is not everywhere. What a site is not trusted to frame it is not trusted to fill either.
func (s *Server) fileSources(from *url.URL) []string {
	switch {
	case s.config.EmbedOrigins != nil:
		return s.config.EmbedOrigins
	case from != nil:
		return []string{from.Scheme + "://" + from.Host}
	}
	return nil
}
