package playground

import (
	"bytes"
	"encoding/json"
	"html"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestOEmbed: a consumer finds the address on a page, asks, and gets a frame that is there. What isn't ours has none.
func TestOEmbed(t *testing.T) {
	base := startServer(t, Config{})
	ask := func(query string) (result, oEmbed) {
		r := do(t, http.DefaultClient, mustRequest("GET", base+"/oembed?"+query, ""))
		described(t, "GET", "/oembed", r)
		var o oEmbed
		json.Unmarshal(r.body, &o)
		return r, o
	}
	for _, tt := range []struct{ url, more, title, src string }{
		{"/lessons/code-flow", "", "The code flow, end to end", "/embed/v1/lesson/code-flow"},
		{"/lessons/code-flow#swap", "&format=json", "Swap the code for a token, from “The code flow, end to end”", "/embed/v1/step/code-flow/swap"},
		{"/lessons/code-flow?step=swap", "", "Swap the code for a token, from “The code flow, end to end”", "/embed/v1/step/code-flow/swap"},
		{"/lessons/pkce/attack?step=caught", "", "The torch that claims Planner’s address", "/embed/v1/attack/pkce/caught"},
		{"/embed/v1/token/code-flow/id_token%231?theme=dark", "", "id_token#1 of “The code flow, end to end”", "/embed/v1/token/code-flow/id_token%231?theme=dark"},
		{"/embed/v1/lesson/code-flow?live=1&title=0", "", "The code flow, end to end", "/embed/v1/lesson/code-flow?title=0"},
		{"/embed/v1/step/code-flow/allow..spend", "", "Allow it, and stop, from “The code flow, end to end”", "/embed/v1/step/code-flow/allow..spend"},
	} {
		r, o := ask("url=" + url.QueryEscape(base+tt.url) + tt.more)
		if r.status != 200 || o.Version != "1.0" || o.Type != "rich" || o.Title != tt.title || r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", tt.url, r.status, r.body)
		}
		m := regexp.MustCompile(`^<iframe src="([^"]+)" title="[^"]+" [^>]*width="720" height="\d+"[^>]*></iframe>$`).FindStringSubmatch(o.HTML)
		if m == nil || html.UnescapeString(m[1]) != base+tt.src {
			t.Errorf("%s: %s", tt.url, o.HTML)
			continue
		}
		if there := do(t, http.DefaultClient, mustRequest("GET", html.UnescapeString(m[1]), "")); there.status != 200 {
			t.Errorf("%s: its frame is %d", tt.url, there.status)
		}
		if o.ThumbnailWidth != 1200 || o.ThumbnailHeight != 630 {
			t.Errorf("%s: a picture of %d by %d", tt.url, o.ThumbnailWidth, o.ThumbnailHeight)
		}
	}
	for _, tt := range []struct {
		most                 string
		width, height, thumb int
	}{{"&maxwidth=500", 500, 640, 300}, {"&maxheight=200", 720, 200, 300}, {"&maxwidth=700&maxheight=400", 700, 400, 600}, {"&maxwidth=100", 100, 640, 0}, {"&maxwidth=5000", 720, 640, 1200}} {
		_, o := ask("url=" + url.QueryEscape(base+"/lessons/code-flow") + tt.most)
		if o.Width != tt.width || o.Height != tt.height || o.ThumbnailWidth != tt.thumb {
			t.Errorf("%s: %d by %d with a picture of %d", tt.most, o.Width, o.Height, o.ThumbnailWidth)
		}
		if tt.thumb > 0 {
			r := do(t, http.DefaultClient, mustRequest("GET", o.ThumbnailURL, ""))
			if p, err := png.DecodeConfig(bytes.NewReader(r.body)); err != nil || p.Width != o.ThumbnailWidth || p.Height != o.ThumbnailHeight {
				t.Errorf("%s: %v, %+v", o.ThumbnailURL, err, p)
			}
		}
	}
	ours := url.QueryEscape(base + "/lessons/code-flow")
	for query, want := range map[string]int{
		"":                               400,
		"url=%zz":                        400,
		"url=" + ours + "&format=xml":    501,
		"url=" + ours + "&maxwidth=wide": 400,
		"url=" + ours + "&maxheight=0":   400,
		"url=" + url.QueryEscape("https://elsewhere.example/lessons/code-flow"):                404,
		"url=" + url.QueryEscape(base+"/"):                                                     404,
		"url=" + url.QueryEscape(base+"/workbench"):                                            404,
		"url=" + url.QueryEscape(base+"/lessons/nothing"):                                      404,
		"url=" + url.QueryEscape(base+"/lessons/code-flow#nothing"):                            404,
		"url=" + url.QueryEscape(base+"/embed/v1/lesson/code-flow?theme=blue"):                 400,
		"url=" + url.QueryEscape(strings.Replace(base, "//", "//me@", 1)+"/lessons/code-flow"): 404,
	} {
		r, _ := ask(query)
		if r.status != want || !strings.HasPrefix(r.header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d, want %d: %s", query, r.status, want, r.body)
		}
	}
}

// TestALinkToALessonShowsWhatItIs: the head of a page leads to its picture and to its frame, of the lesson or of the step in the link.
func TestALinkToALessonShowsWhatItIs(t *testing.T) {
	base := startServer(t, Config{})
	for path, title := range map[string]string{
		"/lessons/code-flow":               "The code flow, end to end",
		"/lessons/code-flow?step=swap":     "Swap the code for a token, from “The code flow, end to end”",
		"/lessons/pkce/attack":             "The torch that claims Planner’s address",
		"/lessons/pkce/attack?step=caught": "The torch that claims Planner’s address",
	} {
		page := do(t, http.DefaultClient, mustRequest("GET", base+path, ""))
		head, _, _ := strings.Cut(string(page.body), "</head>")
		meta := map[string]string{}
		for _, m := range regexp.MustCompile(`<meta (?:property|name)="([^"]+)" content="([^"]*)"`).FindAllStringSubmatch(head, -1) {
			meta[m[1]] = html.UnescapeString(m[2])
		}
		if meta["og:title"] != title || meta["og:type"] != "article" || meta["og:image:alt"] == "" || meta["twitter:card"] != "summary_large_image" || meta["description"] != meta["og:description"] {
			t.Errorf("%s: %q", path, meta)
		}
		picture := do(t, http.DefaultClient, mustRequest("GET", meta["og:image"], ""))
		if p, err := png.DecodeConfig(bytes.NewReader(picture.body)); err != nil || p.Width != 1200 || p.Height != 630 || picture.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: its picture is %v, %+v", path, err, p)
		}
		m := regexp.MustCompile(`<link rel="alternate" type="application/json\+oembed" href="([^"]+)"`).FindStringSubmatch(head)
		if m == nil {
			t.Errorf("%s leads to no frame", path)
			continue
		}
		var o oEmbed
		decodeInto(t, do(t, http.DefaultClient, mustRequest("GET", html.UnescapeString(m[1]), "")).body, &o)
		if o.Title != title {
			t.Errorf("%s: the frame is of %q", path, o.Title)
		}
	}
	for _, path := range []string{"/og/nothing.png", "/og/code-flow", "/og/code-flow.png?width=5", "/og/code-flow/nothing.png", "/og/code-flow/swap"} {
		if r := do(t, http.DefaultClient, mustRequest("GET", base+path, "")); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	page := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/code-flow?step=nothing", ""))
	if page.status != 200 || bytes.Contains(page.body, []byte("og:title")) {
		t.Errorf("a step that isn't there: %d", page.status)
	}
}

// TestFormsToShareIn: each says the same part, in the words of its kind of page.
func TestFormsToShareIn(t *testing.T) {
	base := startServer(t, Config{})
	forms := func(query string) (shared, map[string]string) {
		path := "/api/lessons/code-flow/share" + query
		r := do(t, http.DefaultClient, mustRequest("GET", base+path, ""))
		described(t, "GET", "/api/lessons/code-flow/share", r)
		var v shared
		decodeInto(t, r.body, &v)
		by := map[string]string{}
		for _, f := range v.Forms {
			by[f.Name] = f.Code
		}
		return v, by
	}
	v, by := forms("?step=swap")
	frame := `<iframe src="` + base + `/embed/v1/step/code-flow/swap" title="Swap the code for a token, from “The code flow, end to end”" loading="lazy" allow="clipboard-write" width="100%" height="640" style="border:0"></iframe>`
	link := base + "/lessons/code-flow?step=swap#swap"
	for name, want := range map[string]string{
		"link":     link,
		"iframe":   frame,
		"element":  `<oauth-lesson lesson="code-flow" step="swap"><a href="` + link + `">Swap the code for a token, from “The code flow, end to end”</a></oauth-lesson>` + "\n" + `<script type="module" src="` + base + `/embed.js"></script>`,
		"markdown": "[![Swap the code for a token, from “The code flow, end to end”](" + base + "/og/code-flow/swap.png)](" + link + ")",
		"mdx":      `<iframe src="` + base + `/embed/v1/step/code-flow/swap" title="Swap the code for a token, from “The code flow, end to end”" loading="lazy" allow="clipboard-write" width="100%" height={640} style={{ border: 0 }} />`,
		"asciidoc": "++++\n" + frame + "\n++++",
		"rst":      ".. raw:: html\n\n   " + frame,
	} {
		if by[name] != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, by[name], want)
		}
	}
	if len(by) != 7 || v.Embed != base+"/embed/v1/step/code-flow/swap" {
		t.Errorf("%+v", v)
	}
	if _, by := forms(""); !strings.Contains(by["element"], `<oauth-lesson lesson="code-flow"><a`) || by["link"] != base+"/lessons/code-flow" {
		t.Errorf("of the whole lesson: %q", by)
	}
	if _, by := forms("?quiz=browser-gets"); !strings.Contains(by["element"], `quiz="browser-gets"`) {
		t.Errorf("of a question: %q", by)
	}
	for query, want := range map[string]int{"?step=nothing": 404, "?step=swap&quiz=browser-gets": 400, "?steps=swap": 400, "?step=a&step=b": 400, "?attack=swap": 404} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+"/api/lessons/code-flow/share"+query, ""))
		if described(t, "GET", "/api/lessons/code-flow/share", r); r.status != want {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/api/lessons/nothing/share", "")); r.status != 404 {
		t.Errorf("of no lesson: %d", r.status)
	}
}

// TestTheElementIsSmallAndMayBeLoadedFromAnywhere: as a module, which is fetched with CORS, and kept for a while.
func TestTheElementIsSmallAndMayBeLoadedFromAnywhere(t *testing.T) {
	base := startServer(t, Config{})
	req := mustRequest("GET", base+"/embed.js", "")
	req.Header.Set("Accept-Encoding", "gzip")
	r := do(t, loadClient(), req)
	if r.status != 200 || len(r.body) > 3<<10 {
		t.Errorf("%d with %d bytes", r.status, len(r.body))
	}
	t.Logf("%d bytes", len(r.body))
	for name, want := range map[string]string{"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=3600", "Set-Cookie": ""} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if text := unzipped(t, r.body); strings.Contains(text, "import ") || strings.Contains(text, "innerHTML") || strings.Contains(text, "localStorage") {
		t.Error("it needs something of others, writes markup, or keeps something")
	}
	req.Header.Set("If-None-Match", r.header.Get("ETag"))
	if again := do(t, loadClient(), req); again.status != http.StatusNotModified {
		t.Errorf("asked for again: %d", again.status)
	}
}
