package lessons

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	mdparser "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

//go:embed glossary.md
var glossarySource string

// Term is a word of the glossary.
type Term struct {
	ID, Name string
	Also     []string // other forms that mean it
	Spec     string   // the section that defines it, as "RFC 6749 §1.1"; empty if it is everyday speech of the field
	HTML     template.HTML
}

// Glossary is every term, by name. An error names what is wrong in glossary.md.
var Glossary = sync.OnceValues(func() ([]Term, error) { return parseGlossary(glossarySource) })

// parseGlossary reads sections of the form "## name {#id}", a line "Also:", a line "Spec:", and prose.
func parseGlossary(src string) ([]Term, error) {
	var terms []Term
	ids := map[string]bool{}
	for i, section := range strings.Split("\n"+src, "\n## ") {
		if i == 0 {
			continue // the title
		}
		head, body, _ := strings.Cut(section, "\n")
		name, id, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(head), "}"), " {#")
		if !ok || id == "" || ids[id] {
			return nil, fmt.Errorf("glossary.md: %q needs an id of its own, as in: ## scope {#scope}", head)
		}
		ids[id] = true
		t := Term{ID: id, Name: name}
		var prose []string
		for line := range strings.Lines(body) {
			if also, ok := strings.CutPrefix(line, "Also: "); ok {
				for form := range strings.SplitSeq(also, ",") {
					t.Also = append(t.Also, strings.TrimSpace(form))
				}
			} else if ref, ok := strings.CutPrefix(line, "Spec: "); ok {
				t.Spec = strings.TrimSpace(ref)
			} else {
				prose = append(prose, line)
			}
		}
		var err error
		if t.HTML, _, err = render(strings.Join(prose, "")); err != nil {
			return nil, fmt.Errorf("glossary.md: %s: %w", name, err)
		}
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b Term) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return terms, nil
}

// form is a way to write a term.
type form struct{ text, id string }

// forms are all ways to write all terms, the longest first: "access token" is not a token.
var forms = sync.OnceValue(func() []form {
	terms, err := Glossary()
	if err != nil {
		return nil // said when the glossary is asked for
	}
	var list []form
	for _, t := range terms {
		for _, f := range append([]string{t.Name}, t.Also...) {
			list = append(list, form{strings.ToLower(f), t.ID})
		}
	}
	slices.SortStableFunc(list, func(a, b form) int { return len(b.text) - len(a.text) })
	return list
})

// terms makes the first appearance of each term in a text a link to the glossary. What is code, a heading or a link already
// stays as it is.
type terms struct{}

func (terms) Transform(doc *ast.Document, reader text.Reader, _ mdparser.Context) {
	source := reader.Source()
	seen := map[string]bool{}
	var texts []*ast.Text
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.Link, *ast.AutoLink, *ast.Heading, *ast.FencedCodeBlock, *ast.CodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering {
				texts = append(texts, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, t := range texts {
		for t != nil {
			t = linkFirst(t, source, seen)
		}
	}
}

// linkFirst links the first unseen term in a text and gives the rest of it, nil if there is nothing left to link.
func linkFirst(t *ast.Text, source []byte, seen map[string]bool) *ast.Text {
	value := strings.ToLower(string(t.Segment.Value(source)))
	if len(value) != t.Segment.Len() {
		return nil // a letter whose lower case is longer: positions would not fit
	}
	for at := 0; at < len(value); {
		if at == 0 || !letterBefore(value, at) {
			for _, f := range forms() {
				end := at + len(f.text)
				if strings.HasPrefix(value[at:], f.text) && !letterAt(value, end) {
					if seen[f.id] {
						at = end - 1
						break
					}
					seen[f.id] = true
					return split(t, at, end, f.id)
				}
			}
		}
		at++
	}
	return nil
}

func split(t *ast.Text, at, end int, id string) *ast.Text {
	parent, start := t.Parent(), t.Segment.Start
	link := ast.NewLink()
	link.Destination = []byte("/glossary#" + id)
	link.SetAttributeString("class", []byte("term"))
	link.AppendChild(link, ast.NewTextSegment(text.NewSegment(start+at, start+end)))
	rest := ast.NewTextSegment(text.NewSegment(start+end, t.Segment.Stop))
	rest.SetSoftLineBreak(t.SoftLineBreak())
	rest.SetHardLineBreak(t.HardLineBreak())
	if at > 0 {
		parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(start, start+at)))
	}
	parent.InsertBefore(parent, t, link)
	parent.ReplaceChild(parent, t, rest)
	return rest
}

func letterBefore(s string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-'
}

func letterAt(s string, at int) bool {
	r, size := utf8.DecodeRuneInString(s[at:])
	return size > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-')
}

var withTerms = util.Prioritized(terms{}, 500)
