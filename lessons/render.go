package lessons

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	mdparser "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown renders prose. Raw HTML stays off. Three things are our own: a code span that is a value's tag, like `code#1`, can be
// followed; a link to a tag or to an exchange, like [that request](#POST /token), points into the learner's own run; and
// {{code#1}} is where the page puts the learner's own value.
var markdown = goldmark.New(
	goldmark.WithExtensions(tables, extension.Typographer),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(references{}, 100))),
)

// tables say where their columns stand by an attribute: a style in the markup would be stopped by the Content-Security-Policy.
var tables = extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))

// explained is markdown whose terms lead to the glossary.
var explained = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(tables, extension.Typographer),
		goldmark.WithParserOptions(mdparser.WithASTTransformers(withTerms)),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(references{}, 100))),
	)
})

// render makes HTML of a question, a choice or an explanation; renderProse of the text of a lesson, whose terms lead to the
// glossary. Both tell what of it is not shown.
func render(text string) (template.HTML, []loss, error)      { return convert(markdown, placeholders(text)) }
func renderProse(text string) (template.HTML, []loss, error) { return convert(explained(), text) }

func convert(m goldmark.Markdown, source string) (template.HTML, []loss, error) {
	src := []byte(pointers(source))
	doc := m.Parser().Parse(text.NewReader(src))
	var b bytes.Buffer
	if err := m.Renderer().Render(&b, src, doc); err != nil {
		return "", nil, err
	}
	return template.HTML(strings.ReplaceAll(b.String(), "<th></th>", "<td></td>")), lossesIn(doc, src), nil // a corner that is empty is the head of nothing
}

var ownValue = regexp.MustCompile(`\{\{([a-z_]+#[1-9]\d*)\}\}`)

// placeholders makes {{code#1}} code wherever it isn't code yet.
func placeholders(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = ownValue.ReplaceAllString(parts[i], "`$0`")
	}
	return strings.Join(parts, "`")
}

// pointers makes "[text](#POST /token)" a link that Markdown can read, since its address has a space.
func pointers(text string) string {
	parts := strings.Split(text, "](#")
	for i := 1; i < len(parts); i++ {
		if target, rest, ok := strings.Cut(parts[i], ")"); ok && strings.Contains(target, " ") {
			parts[i] = "<#" + target + ">)" + rest
			parts[i-1] += "]("
			continue
		}
		parts[i-1] += "](#"
	}
	return strings.Join(parts, "")
}

type references struct{}

func (references) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindCodeSpan, codeSpan)
	r.Register(ast.KindLink, link)
}

func codeSpan(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	var b bytes.Buffer
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		}
	}
	text := b.String()
	if tagForm.MatchString(text) {
		w.WriteString(`<span class="val" data-tag="` + text + `">` + text + `</span>`)
		return ast.WalkSkipChildren, nil
	}
	code := ownValue.ReplaceAllString(template.HTMLEscapeString(text), `<span data-value="$1">$1</span>`)
	w.WriteString("<code>" + code + "</code>")
	return ast.WalkSkipChildren, nil
}

func link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	l := n.(*ast.Link)
	if !leads(string(l.Destination)) {
		return ast.WalkContinue, nil // its words stand there alone
	}
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	if ref, ok := strings.CutPrefix(string(l.Destination), "#"); ok {
		ref = strings.ReplaceAll(ref, "%20", " ")
		w.WriteString(`<a class="x-ref" href="#wire" data-ref="` + template.HTMLEscapeString(ref) + `">`)
		return ast.WalkContinue, nil
	}
	if class, ok := l.AttributeString("class"); ok {
		w.WriteString(`<a class="` + string(class.([]byte)) + `" href="` + template.HTMLEscapeString(string(l.Destination)) + `">`)
		return ast.WalkContinue, nil
	}
	w.WriteString(`<a href="` + template.HTMLEscapeString(string(util.URLEscape(l.Destination, false))) + `" rel="noreferrer">`)
	return ast.WalkContinue, nil
}
