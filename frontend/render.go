package frontend

import (
	"embed"
	"fmt"
	"html"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed templates
var templateFiles embed.FS

var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"asset":       AssetURL,
		"preloads":    Preloads,
		"say":         say,
		"under":       under,
		"word":        word,
		"glyph":       glyph,
		"tone":        tone,
		"choice":      choice,
		"inc":         func(n int) int { return n + 1 },
		"pack":        func(page LessonPage, blocks []BlockView) packed { return packed{Page: page, Blocks: blocks} },
		"packs":       func(page LessonPage, step StepView) packedStep { return packedStep{Page: page, Step: step} },
		"ask":         func(q *QuizView) BlockView { return BlockView{Kind: "quiz", Quiz: q} },
		"pair":        func(q *QuizView, row QuizRowView) quizRow { return quizRow{Question: q, Row: row} },
		"plain":       plain,
		"lanes":       lanes,
		"about":       about,
		"where":       where,
		"join":        func(list []string) string { return strings.Join(list, ", ") },
		"meaning":     meaning,
		"embedScript": EmbedScript,
		"packq":       func(page LessonPage, block BlockView) packedBlock { return packedBlock{Page: page, Block: block} },
		// The recorded run is data for a script, and no script: inside the element only </script could end it.
		"ndjson": func(s string) template.HTML { return template.HTML(strings.ReplaceAll(s, "<", `\u003c`)) },
	}).ParseFS(templateFiles, "templates/*.html")
})

// packed and packedBlock hand a template the page along with a part of it.
type packed struct {
	Page   LessonPage
	Blocks []BlockView
}

type packedBlock struct {
	Page  LessonPage
	Block BlockView
}

// packedStep hands a template the page along with one of its steps.
type packedStep struct {
	Page LessonPage
	Step StepView
}

// quizRow hands a template a row along with its question.
type quizRow struct {
	Question *QuizView
	Row      QuizRowView
}

var element = regexp.MustCompile(`<[^>]*>`)

// plain is what HTML says, for places that hold text alone, like an option.
func plain(h template.HTML) string {
	return html.UnescapeString(element.ReplaceAllString(string(h), ""))
}

// meaning is what the catalogue says of a name in a message: of a claim what it is for; empty if it says nothing.
func meaning(of, name string) string {
	s, _ := say(of + "." + name)
	return s
}

// Render writes a page: home, lesson, workbench or error, with its view model.
func Render(w io.Writer, page string, data any) error {
	t, err := parsed()
	if err != nil {
		return fmt.Errorf("the templates can't be read: %w", err)
	}
	return t.ExecuteTemplate(w, page, data)
}

// glyphs are the shapes of the actors, by id: shape and name tell them apart where colour can't.
var glyphs = map[string]template.HTML{
	"browser":          `<circle cx="6" cy="6" r="5.5"/>`,
	"client":           `<path d="M1 1h10v10H1z"/>`,
	"as":               `<path d="M6 0l6 6-6 6-6-6z"/>`,
	"api":              `<path d="M6 .5 12 11.5H0z"/>`,
	"attacker":         `<path d="M2.6.4 6 3.8 9.4.4l2.2 2.2L8.2 6l3.4 3.4-2.2 2.2L6 8.2 2.6 11.6.4 9.4 3.8 6 .4 2.6z"/>`,
	"attacker-browser": `<path d="M2.6.4 6 3.8 9.4.4l2.2 2.2L8.2 6l3.4 3.4-2.2 2.2L6 8.2 2.6 11.6.4 9.4 3.8 6 .4 2.6z"/>`,
	"phone":            `<circle cx="6" cy="6" r="5.5"/>`,
	"spa":              `<circle cx="6" cy="6" r="5.5"/>`,
	"outside":          `<path d="M1.5 1.5h9v9h-9z" fill="none" stroke="currentColor" stroke-width="2"/>`,
}

func glyph(actor string) template.HTML {
	return `<svg class="g" viewBox="0 0 12 12" aria-hidden="true">` + glyphs[actor] + `</svg>`
}

// laneOrder is where actors stand beside each other.
var laneOrder = []string{"browser", "phone", "client", "outside", "as", "api", "spa", "attacker-browser", "attacker"}

// Lanes are the actors that take part, in the order of their lanes.
func Lanes(part func(actor string) bool) []string {
	return slices.DeleteFunc(slices.Clone(laneOrder), func(a string) bool { return !part(a) })
}

// lanes draws an exchange on its lanes: from the shape of who asks to that of who is asked, with a bar where it was refused.
func lanes(list []string, from, to string, refused bool) template.HTML {
	const pitch = 28
	at := func(actor string) int { return pitch*slices.Index(list, actor) + pitch/2 }
	a, b := at(from), at(to)
	if a < 0 || b < 0 || glyphs[from] == "" || glyphs[to] == "" { // a name that isn't ours would stand in the markup
		return ""
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="run-lanes" width="%d" height="20" viewBox="0 0 %d 20" aria-hidden="true">`, pitch*len(list), pitch*len(list))
	for _, actor := range list {
		fmt.Fprintf(&svg, `<path class="lane" d="M%d 0v20"/>`, at(actor))
	}
	side := 1 // the way it goes
	if b < a {
		side = -1
	}
	fmt.Fprintf(&svg, `<g class="who %s"><path class="way" d="M%d 10H%d"/><svg x="%d" y="4" width="12" height="12" viewBox="0 0 12 12">%s</svg></g>`, tone(from), a, b-side*8, a-6, glyphs[from])
	if refused {
		fmt.Fprintf(&svg, `<path class="bar" d="M%d 3v14"/>`, b-side*8)
	}
	fmt.Fprintf(&svg, `<g class="who %s"><svg x="%d" y="4" width="12" height="12" viewBox="0 0 12 12">%s</svg></g></svg>`, tone(to), b-6, glyphs[to])
	return template.HTML(svg.String())
}

// about is what an exchange is about, as far as the catalogue knows its address; Mallory's are another matter.
func about(r RowView) string {
	what := r.To + " " + r.Method + " " + r.Path
	for _, key := range []string{r.From + " " + what, strings.TrimSuffix(r.From, "-browser") + " " + what} {
		if s, err := say("exchange " + key); err == nil && strings.HasPrefix(r.From, "attacker") {
			return s
		}
	}
	s, _ := say("exchange " + what)
	return s
}

// where says in words where something was read, as in "history of browser".
func where(place string) string {
	what, whose, ok := strings.Cut(place, " of ")
	if !ok {
		return place
	}
	return what + " of " + word("actor", whose)
}

// tone is the class with an actor's colour: what Maya has in hand is hers, whatever is Mallory's is Mallory's.
func tone(actor string) string {
	switch actor {
	case "phone", "spa":
		return "browser"
	case "attacker-browser":
		return "attacker"
	}
	return actor
}
