package lessons

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// A page shows less than Markdown can say. What it leaves out is told to the author: a picture that nobody sees would be missed by
// nobody who knows the text.

// loss is something of a text that its page does not show.
type loss struct {
	rule        Rule
	at          string // the words that it is found by
	wrong, mend string
}

// lossesIn are those of a text that has been read.
func lossesIn(doc ast.Node, src []byte) (list []loss) {
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			list = append(list, loss{RuleText, string(n.Destination), "a lesson has no pictures", "say what this one shows, or link to it"})
		case *ast.RawHTML:
			list = append(list, htmlLoss(string(n.Segments.Value(src)))...)
		case *ast.HTMLBlock:
			list = append(list, htmlLoss(string(n.Lines().Value(src)))...)
		case *ast.Link:
			if to := string(n.Destination); !leads(to) {
				list = append(list, loss{RuleLink, "](" + to, "this link leads nowhere", "write https://…, a page of the playground as in /lessons/code-flow, or a place in the run as in #POST /token"})
			}
		}
		return ast.WalkContinue, nil
	})
	return list
}

// htmlLoss is that of HTML, unless it is a comment: those are the author's own.
func htmlLoss(text string) []loss {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if text == "" || strings.HasPrefix(text, "<!--") {
		return nil
	}
	return []loss{{RuleText, text, "HTML is not shown", "say it in Markdown; to show it as it stands, put it between backticks"}}
}

// leads tells whether a link leads anywhere: into the run, to a page of the playground, or out.
func leads(to string) bool {
	return strings.HasPrefix(to, "#") && to != "#" || strings.HasPrefix(to, "/") || strings.HasPrefix(to, "https://")
}
