package playground

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
)

// examplesPage answers /embed: each kind of embed as it looks, with what is to be pasted, of the lesson in ?lesson= or of one that has
// them all.
func (s *Server) examplesPage(c *gin.Context) {
	taught, err := s.taught()
	if err != nil {
		s.embedProblem(c, err)
		return
	}
	l := showcase(taught.course)
	if slug := c.Query("lesson"); slug != "" {
		l = taught.course.Lesson(slug)
	}
	if l == nil {
		s.errorPage(c, http.StatusNotFound, "There is no such lesson.", "Choose one from the list of lessons.")
		return
	}
	s.page(c, http.StatusOK, "embeds", func(layout frontend.Layout) any {
		p := frontend.EmbedsPage{Layout: layout, Slug: l.Slug, Lesson: l.Title, Base: s.config.BaseURL,
			Policy: frontend.CodeView{Name: "policy", Code: "frame-src " + s.config.BaseURL + "; script-src " + s.config.BaseURL},
			OEmbed: frontend.CodeView{Name: "oembed", Code: s.config.BaseURL + "/oembed?format=json&url=" + url.QueryEscape(s.config.BaseURL+"/lessons/"+l.Slug)}}
		for _, t := range taught.course.Tracks {
			for _, other := range t.Lessons {
				p.Lessons = append(p.Lessons, frontend.Link{Text: other.Title, URL: "/embed?lesson=" + other.Slug})
			}
		}
		for _, g := range grains {
			part, ok := s.example(l, g.name)
			if !ok {
				continue
			}
			e, g, err := s.readEmbed(g.name, l.Slug, part, nil)
			if err != nil {
				continue
			}
			v := s.share(e, g, nil)
			ex := frontend.ExampleView{Grain: g.name, Element: template.HTML(e.element(v, nil))}
			for _, f := range v.Forms {
				if f.Name == "iframe" || f.Name == "element" {
					ex.Forms = append(ex.Forms, frontend.CodeView{Name: f.Name, Code: f.Code})
				}
			}
			if g.name == "run" {
				file := "https://docs.example/runs/mine.json"
				ex.More = frontend.Say("embeds.file")
				saved := shared{Title: frontend.Say("embed.kind.file"), Embed: s.config.BaseURL + "/embed/v1/run?" + url.Values{"from": {file}}.Encode()}
				ex.MoreForms = []frontend.CodeView{
					{Name: "iframe", Code: frameCode(saved, "100%", g.height)},
					{Name: "element", Code: `<oauth-lesson run="` + file + `"><a href="` + file + `">` + saved.Title + `</a></oauth-lesson>` + "\n" + `<script type="module" src="` + s.config.BaseURL + `/embed.js"></script>`},
				}
			}
			p.Examples = append(p.Examples, ex)
			if g.name == "step" {
				p.Forms = nil
				for _, f := range v.Forms {
					p.Forms = append(p.Forms, frontend.CodeView{Name: f.Name, Code: f.Code})
				}
				p.Recipes = s.recipes(e, v)
			}
		}
		for _, o := range embedOptions {
			if o.name != "live" {
				p.Options = append(p.Options, frontend.OptionView{Name: o.name, In: o.in})
			}
		}
		return p
	}, frontend.Say("embeds.title"))
}

// showcase is the lesson that shows the most kinds of embeds, the first of them; nil without lessons.
func showcase(course *lessons.Course) (best *lessons.Lesson) {
	most := -1
	for _, t := range course.Tracks {
		for _, l := range t.Lessons {
			kinds := 0
			if len(l.Attacks()) > 0 {
				kinds++
			}
			if len(l.Quizzes()) > 0 {
				kinds++
			}
			if kinds > most {
				best, most = l, kinds
			}
		}
	}
	return best
}

// example is a part of a lesson that shows a kind of embed: a step in which something happens, its last question, its first attack, its
// first token. It is false if the lesson has none.
func (s *Server) example(l *lessons.Lesson, name string) (part string, ok bool) {
	golden := s.goldenRun(l)
	switch name {
	case "step":
		for _, step := range l.Steps {
			if len(exchanges(within(golden.view, l, slices.Index(l.Steps, step), slices.Index(l.Steps, step)))) > 0 {
				part = step.ID
				if step.Do { // rather one in which the reader acts
					break
				}
			}
		}
		return part, part != ""
	case "quiz":
		for _, q := range l.Quizzes() {
			if !q.SelfCheck && !q.Predict {
				part = q.ID
			}
		}
		return part, part != ""
	case "attack":
		attacks := l.Attacks()
		if len(attacks) == 0 {
			return "", false
		}
		return attacks[0].ID, true
	case "token":
		for _, t := range golden.tokens {
			if t.step != "" {
				return t.Tag, true
			}
		}
		return "", false
	}
	return "", len(exchanges(golden.view)) > 0
}

// recipes are how pages that a generator makes get an embed: the files that are written, and what stands in the page in the end.
func (s *Server) recipes(e *embed, v shared) []frontend.RecipeView {
	element := e.element(v, nil)
	script := `<script type="module" src="` + s.config.BaseURL + `/embed.js"></script>`
	both := element + "\n" + script
	// Hugo's page has a shortcode where there is an element elsewhere, which hands on its attributes and what is inside it.
	shortcode := strings.NewReplacer("<oauth-lesson", "{{< oauth-lesson", `"><a`, `" >}}<a`, "</oauth-lesson>", "{{< /oauth-lesson >}}").Replace(element)
	return []frontend.RecipeView{
		{ID: "html", Name: "HTML", Files: []frontend.CodeView{{Name: "index.html", Code: both}}, Output: both},
		{ID: "docusaurus", Name: "Docusaurus", Files: []frontend.CodeView{
			{Name: "docusaurus.config.js", Code: "export default {\n  // …\n  scripts: [{ src: '" + s.config.BaseURL + "/embed.js', type: 'module' }],\n};"},
			{Name: "docs/page.mdx", Code: element},
		}, Output: both},
		{ID: "mkdocs", Name: "MkDocs", Files: []frontend.CodeView{
			{Name: "mkdocs.yml", Code: "extra_javascript:\n  - path: " + s.config.BaseURL + "/embed.js\n    type: module"},
			{Name: "docs/page.md", Code: element},
		}, Output: both},
		{ID: "hugo", Name: "Hugo", Files: []frontend.CodeView{
			{Name: "layouts/shortcodes/oauth-lesson.html", Code: "<oauth-lesson{{ range $name, $value := .Params }} {{ printf `%s=\"%s\"` $name (htmlEscape $value) | safeHTMLAttr }}{{ end }}>{{ .Inner }}</oauth-lesson>\n" + script},
			{Name: "content/page.md", Code: shortcode},
		}, Output: both},
	}
}
