package browser

import (
	"bytes"
	"fmt"
	stdhtml "html"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The hidden fields by which a post of the rendered page says what was done.
const (
	formField = "pg-form"
	linkField = "pg-link"
)

// Render is the page for a frame that shows it: every form posts to action, every link is a small form that does, and
// nothing in it can run or load anything. Elements and attributes that are not known to be harmless are left out.
func (b *Browser) Render(action string) []byte {
	p := b.state.Page
	switch {
	case p == nil:
		return notice("New tab", "Nothing is open in this browser yet.")
	case p.Problem != "":
		return notice("This page could not be opened", p.Problem)
	}
	doc := document(p)
	if doc == nil {
		return notice(p.URL, "", p.Body)
	}
	// Links and forms are numbered as linksOf and formsOf find them, before any is left out.
	numbers, links, forms := map[*html.Node]int{}, 0, 0
	walk(doc, func(n *html.Node) bool {
		switch {
		case n.DataAtom == atom.Form:
			numbers[n] = forms
			forms++
		case n.DataAtom == atom.A && has(n, "href"):
			numbers[n] = links
			links++
		}
		return true
	})
	clean(doc, action, numbers)
	var out bytes.Buffer
	if err := html.Render(&out, doc); err != nil {
		return notice("This page could not be shown", "It can't be read as a page.")
	}
	return out.Bytes()
}

func notice(title, text string, body ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>%s</title><style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:1.25rem;overflow-wrap:anywhere}pre{white-space:pre-wrap}</style></head><body>`, stdhtml.EscapeString(title))
	if text != "" {
		fmt.Fprintf(&b, "<h1>%s</h1><p>%s</p>", stdhtml.EscapeString(title), stdhtml.EscapeString(text))
	}
	for _, t := range body {
		fmt.Fprintf(&b, "<pre>%s</pre>", stdhtml.EscapeString(t))
	}
	b.WriteString("</body></html>")
	return b.Bytes()
}

// document parses a page's HTML; nil if it isn't any.
func document(p *Page) *html.Node {
	if kind, _, _ := strings.Cut(p.ContentType, ";"); !strings.EqualFold(strings.TrimSpace(kind), "text/html") {
		return nil
	}
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		return nil
	}
	return doc
}

// elements are those that a rendered page may have.
var elements = set(atom.Html, atom.Head, atom.Body, atom.Title, atom.Style, atom.Meta, atom.Main, atom.Header, atom.Footer, atom.Section, atom.Article, atom.Aside, atom.Nav,
	atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.P, atom.Div, atom.Span, atom.Br, atom.Hr, atom.Pre, atom.Code, atom.Blockquote, atom.B, atom.I, atom.Em, atom.Strong, atom.Small, atom.Mark,
	atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Thead, atom.Tbody, atom.Tr, atom.Th, atom.Td, atom.Caption, atom.Details, atom.Summary, atom.Time,
	atom.Form, atom.Fieldset, atom.Legend, atom.Label, atom.Input, atom.Button, atom.Select, atom.Option, atom.Optgroup, atom.Textarea, atom.Datalist, atom.Output, atom.A)

// attributes are those that a rendered element may have.
var attributes = map[string]bool{
	"id": true, "name": true, "class": true, "type": true, "value": true, "checked": true, "selected": true, "disabled": true, "required": true, "readonly": true,
	"placeholder": true, "for": true, "form": true, "list": true, "multiple": true, "rows": true, "cols": true, "maxlength": true, "minlength": true, "autocomplete": true,
	"lang": true, "dir": true, "role": true, "title": true, "hidden": true, "open": true, "colspan": true, "rowspan": true, "scope": true, "charset": true, "content": true, "datetime": true, "label": true,
}

func set(list ...atom.Atom) map[atom.Atom]bool {
	m := map[atom.Atom]bool{}
	for _, a := range list {
		m[a] = true
	}
	return m
}

// clean makes a tree harmless in place.
func clean(n *html.Node, action string, numbers map[*html.Node]int) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode, c.Type == html.ElementNode && !harmless(c):
			n.RemoveChild(c)
		case c.Type == html.ElementNode:
			cleanElement(c, action, numbers)
			clean(c, action, numbers)
		}
		c = next
	}
}

// loads matches what makes a style sheet fetch something, or reach outside its own rules.
var loads = regexp.MustCompile(`(?i)url\s*\(|@import|image-set|expression|src\s*\(|\\`)

func harmless(n *html.Node) bool {
	switch {
	case !elements[n.DataAtom] || n.Namespace != "":
		return false
	case n.DataAtom == atom.Style:
		return !loads.MatchString(textOf(n))
	case n.DataAtom == atom.Meta:
		return has(n, "charset") || attr(n, "name") == "viewport" || attr(n, "name") == "color-scheme"
	}
	return true
}

func cleanElement(n *html.Node, action string, numbers map[*html.Node]int) {
	isLink := n.DataAtom == atom.A && has(n, "href")
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if a.Namespace == "" && (attributes[a.Key] || strings.HasPrefix(a.Key, "aria-")) {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
	switch {
	case n.DataAtom == atom.Form:
		setAttr(n, "method", "post")
		setAttr(n, "action", action)
		n.InsertBefore(hidden(formField, numbers[n]), n.FirstChild)
	case isLink:
		// A link becomes a button: following it is a request of the virtual browser, and needs no request here but a post.
		f := &html.Node{Type: html.ElementNode, DataAtom: atom.Button, Data: "button", Attr: []html.Attribute{{Key: "type", Val: "submit"}, {Key: "name", Val: linkField}, {Key: "value", Val: strconv.Itoa(numbers[n])}}}
		for _, a := range n.Attr {
			if a.Key == "id" || a.Key == "class" || a.Key == "title" {
				f.Attr = append(f.Attr, a)
			}
		}
		if attr(n, "class") == "" {
			f.Attr = append(f.Attr, html.Attribute{Key: "class", Val: "pg-link"})
		}
		for c := n.FirstChild; c != nil; c = n.FirstChild {
			n.RemoveChild(c)
			f.AppendChild(c)
		}
		if inForm(n) { // a form in a form would end the outer one: the button stands alone, and its name says what was pressed
			*n = html.Node{Parent: n.Parent, PrevSibling: n.PrevSibling, NextSibling: n.NextSibling, FirstChild: f.FirstChild, LastChild: f.LastChild, Type: f.Type, DataAtom: f.DataAtom, Data: f.Data,
				Attr: append(f.Attr, html.Attribute{Key: "formnovalidate"})}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				c.Parent = n
			}
			return
		}
		n.DataAtom, n.Data = atom.Form, "form"
		n.Attr = []html.Attribute{{Key: "method", Val: "post"}, {Key: "action", Val: action}, {Key: "class", Val: "pg-link-form"}}
		n.AppendChild(f)
	case n.DataAtom == atom.Head:
		n.AppendChild(&html.Node{Type: html.ElementNode, DataAtom: atom.Style, Data: "style", FirstChild: nil})
		style := n.LastChild
		style.AppendChild(&html.Node{Type: html.TextNode, Data: ".pg-link-form{display:inline}.pg-link{font:inherit;color:inherit;background:none;border:0;padding:0;text-decoration:underline;cursor:pointer;inline-size:auto;min-block-size:0}"})
	}
}

func inForm(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Form {
			return true
		}
	}
	return false
}

func hidden(name string, n int) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: atom.Input, Data: "input", Attr: []html.Attribute{{Key: "type", Val: "hidden"}, {Key: "name", Val: name}, {Key: "value", Val: strconv.Itoa(n)}}}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return true
		}
	}
	return false
}

func setAttr(n *html.Node, name, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

// walk visits the nodes of a tree in order; visit says whether to go into one.
func walk(n *html.Node, visit func(*html.Node) bool) {
	if visit(n) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, visit)
		}
	}
}

func textOf(n *html.Node) string {
	var b strings.Builder
	walk(n, func(n *html.Node) bool {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		return true
	})
	return b.String()
}

func titleOf(p *Page) string {
	if p.Problem != "" {
		return "This page could not be opened"
	}
	title := ""
	if doc := document(p); doc != nil {
		walk(doc, func(n *html.Node) bool {
			if n.DataAtom == atom.Title && title == "" {
				title = strings.TrimSpace(textOf(n))
			}
			return true
		})
	}
	if title == "" {
		title = p.URL
	}
	return title
}
