package playground

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/playground/world"
)

// oEmbed is an answer of the rich type (oEmbed 1.0 §2.3.4.4).
type oEmbed struct {
	Version         string `json:"version"`
	Type            string `json:"type"`
	Title           string `json:"title"`
	ProviderName    string `json:"provider_name"`
	ProviderURL     string `json:"provider_url"`
	CacheAge        int    `json:"cache_age"`
	HTML            string `json:"html"`
	Width           int    `json:"width"`
	Height          int    `json:"height"`
	ThumbnailURL    string `json:"thumbnail_url,omitempty"`
	ThumbnailWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbnailHeight int    `json:"thumbnail_height,omitempty"`
}

// oEmbedWidth is how wide a frame is unless its consumer has less room.
const oEmbedWidth = 720

// oEmbedPage answers /oembed: which frame stands for an address of ours. Nothing is fetched for it.
func (s *Server) oEmbedPage(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	if format := c.Query("format"); format != "" && format != "json" { // oEmbed 1.0 §2.3.2, §2.3.3
		s.problem(c, world.Problem{Status: http.StatusNotImplemented, Title: http.StatusText(http.StatusNotImplemented), Detail: "This server answers oEmbed in json alone: ask with format=json."})
		return
	}
	at, err := url.Parse(c.Query("url"))
	if err != nil || c.Query("url") == "" {
		s.problem(c, bad("url must be the address of a lesson on this server, as in url="+url.QueryEscape(s.config.BaseURL+"/lessons/code-flow")+"."))
		return
	}
	var most [2]int
	for i, name := range []string{"maxwidth", "maxheight"} {
		text, said := c.GetQuery(name)
		if most[i], err = strconv.Atoi(text); said && (err != nil || most[i] < 1) {
			s.problem(c, bad(name+" must be a number of pixels, and not “"+text+"”."))
			return
		}
	}
	e, g, options, err := s.findEmbed(at)
	if err != nil {
		p := asProblem(err)
		s.problem(c, p)
		return
	}
	v := s.share(e, g, options)
	answer := oEmbed{Version: "1.0", Type: "rich", Title: v.Title, ProviderName: cmp.Or(s.cover().Title, "OAuth Playground"), ProviderURL: s.config.BaseURL + "/", CacheAge: 3600, Width: oEmbedWidth, Height: g.height}
	within := func(n, most int) int {
		if most > 0 {
			return min(n, most)
		}
		return n
	}
	answer.Width, answer.Height = within(answer.Width, most[0]), within(answer.Height, most[1])
	answer.HTML = frameCode(v, strconv.Itoa(answer.Width), answer.Height)
	for _, width := range socialWidths { // the largest that has room
		if height := width * frontend.SocialHigh / frontend.SocialWide; within(width, most[0]) == width && within(height, most[1]) == height {
			answer.ThumbnailURL, answer.ThumbnailWidth, answer.ThumbnailHeight = v.Picture+"?width="+strconv.Itoa(width), width, height
			break
		}
	}
	c.Header("Cache-Control", "public, max-age=3600")
	s.reply(c, answer, nil)
}

// findEmbed is the embed that stands for an address of ours: that of a lesson, of one of its steps, of its attack, or of an embed.
func (s *Server) findEmbed(at *url.URL) (*embed, grain, url.Values, error) {
	base, _ := url.Parse(s.config.BaseURL)
	none := missing("This is no address of a lesson on this server. Its lessons are below %s/lessons/.", s.config.BaseURL)
	if at.Scheme != base.Scheme || !strings.EqualFold(at.Host, base.Host) || at.User != nil {
		return nil, grain{}, nil, none
	}
	parts := strings.Split(strings.Trim(at.EscapedPath(), "/"), "/")
	for i := range parts {
		text, err := url.PathUnescape(parts[i])
		if err != nil {
			return nil, grain{}, nil, none
		}
		parts[i] = text
	}
	name, slug, part, options := "lesson", "", "", url.Values(nil)
	switch {
	case len(parts) == 2 && parts[0] == "lessons":
		slug = parts[1]
		if part = at.Fragment; part == "" {
			part = at.Query().Get("step")
		}
		if part != "" {
			name = "step"
		}
	case len(parts) == 3 && parts[0] == "lessons" && parts[2] == "attack":
		name, slug, part = "attack", parts[1], at.Query().Get("step")
	case (len(parts) == 4 || len(parts) == 5) && parts[0] == "embed" && parts[1] == "v1":
		name, slug, options = parts[2], parts[3], at.Query()
		if len(parts) == 5 {
			part = parts[4]
		}
	default:
		return nil, grain{}, nil, none
	}
	options.Del("live") // it begins with its poster
	e, g, err := s.readEmbed(name, slug, part, options)
	return e, g, options, err
}
