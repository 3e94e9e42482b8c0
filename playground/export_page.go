package playground

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"oauthplayground/frontend"
)

// copied is a page of the server as a copy without one has it: with links that lead from file to file, one script that is no module,
// a policy of its own, a line that says what it is, and without all that needs a server: what is marked data-server, what data-copy has other words for, forms' addresses,
// and what links to pages that aren't there.
func (x *exporter) copied(address, file string, raw []byte) ([]byte, error) {
	doc, err := html.ParseWithOptions(bytes.NewReader(raw), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, err
	}
	p := &copiedPage{exporter: x, file: file, policy: []string{"default-src 'none'", "", "", "font-src 'self'", "img-src 'self' data:", "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types lit-html playground"}}
	p.walk(doc)
	find := func(a atom.Atom) *html.Node { return first(doc, func(n *html.Node) bool { return n.DataAtom == a }) }
	root, head, body := find(atom.Html), find(atom.Head), find(atom.Body)
	set(root, "data-root", strings.Repeat("../", strings.Count(file, "/")))
	if first(head, func(n *html.Node) bool { return attr(n, "rel") == "icon" }) == nil {
		head.AppendChild(element("link", "rel", "icon", "href", p.to("/assets/icon.svg"), "type", "image/svg+xml")) // or browsers ask for one at the server's root
	}
	x.need("/assets/static.css")
	x.need("/assets/static.js")
	head.AppendChild(element("link", "rel", "stylesheet", "href", p.to("/assets/static.css")))
	still := strings.HasPrefix(address, "/embed/v1/diagram") || strings.HasPrefix(address, "/embed/v1/token") // nothing runs in these
	if !still {
		head.AppendChild(element("script", "defer", "", "src", p.to("/assets/static.js")))
	}
	p.policy[1] = strings.Join(append([]string{"script-src 'self'"}, p.scripts...), " ")
	p.policy[2] = strings.Join(append([]string{"style-src 'self'"}, p.styles...), " ")
	policy := element("meta", "http-equiv", "Content-Security-Policy", "content", strings.Join(p.policy, "; "))
	head.InsertBefore(policy, first(head, func(n *html.Node) bool { return n.DataAtom == atom.Meta }).NextSibling) // behind the charset, before all that loads
	if extra := x.extra[address]; extra != "" {
		// Inside the page's own element, where there is one: its script looks for it there.
		within := first(doc, func(n *html.Node) bool {
			return slices.Contains([]string{"pg-lesson", "pg-attack"}, n.Data) || address == "/runs" && attr(n, "class") == "step"
		})
		if within == nil {
			within = body
		}
		if err := p.insert(within, nil, extra); err != nil {
			return nil, err
		}
	}
	if top := first(body, func(n *html.Node) bool { return n.DataAtom == atom.Header && attr(n, "class") == "top" }); top != nil {
		if err := p.render(top.Parent, top.NextSibling, "static-note", nil); err != nil {
			return nil, err
		}
	} else if foot := first(body, func(n *html.Node) bool { return n.DataAtom == atom.Footer }); foot != nil && !still {
		if err := p.render(foot.Parent, foot, "static-embed-note", strings.HasPrefix(address, "/embed/v1/run")); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err = html.Render(&b, doc)
	return append(bytes.TrimSpace(b.Bytes()), '\n'), err
}

// copiedPage is a page that is being copied.
type copiedPage struct {
	*exporter
	file            string
	policy          []string
	scripts, styles []string // the hashes of what stands in the page itself
	own             bool     // what is walked through is the copy's own, and stays
}

// walk changes a node and all below it.
func (p *copiedPage) walk(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode && !p.own && p.goes(c) {
			n.RemoveChild(c)
		} else {
			p.walk(c)
		}
		c = next
	}
	if n.Type != html.ElementNode {
		return
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "nonce" })
	if key := attr(n, "data-copy"); key != "" { // of a server this isn't true
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
		n.AppendChild(&html.Node{Type: html.TextNode, Data: frontend.Say(key)})
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-copy" })
	}
	switch n.DataAtom {
	case atom.Script:
		if attr(n, "type") == "" {
			p.scripts = append(p.scripts, frontend.Hash(text(n)))
		}
	case atom.Style:
		p.styles = append(p.styles, frontend.Hash(text(n)))
	case atom.Form:
		// It is graded by the script; without that it is sent nowhere. What tells one question from another stays.
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "method" || a.Key == "target" })
		set(n, "action", attr(n, "action")[strings.IndexByte(attr(n, "action")+"#", '#'):])
	}
	for i, a := range n.Attr {
		if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(a.Val, "/") {
			if to := p.to(a.Val); to != "" {
				n.Attr[i].Val = to
			} else { // the words stay
				n.Data, n.DataAtom = "span", atom.Span
				n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" || a.Key == "target" })
				return
			}
		}
	}
}

// goes tells whether an element has no place in a copy.
func (p *copiedPage) goes(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script:
		return attr(n, "src") != "" || strings.HasPrefix(p.file, "embed/") && attr(n, "type") == ""
	case atom.Link:
		rel := attr(n, "rel")
		return rel == "modulepreload" || rel == "canonical" || rel == "alternate"
	case atom.Meta:
		name := attr(n, "name")
		return attr(n, "property") != "" || slices.Contains([]string{"seat", "edition", "explain", "twitter:card"}, name)
	case atom.Base:
		return false
	}
	return has(n, "data-server") || attr(n, "id") == "lack" || n.DataAtom == atom.Noscript && first(n, func(c *html.Node) bool { return c.DataAtom == atom.Link }) == nil
}

// to is the way from this page to an address of ours; empty if it isn't in the copy.
func (p *copiedPage) to(address string) string {
	rest := ""
	if i := strings.IndexByte(address, '#'); i >= 0 {
		address, rest = address[:i], address[i:]
	}
	target := ""
	bare, query, _ := strings.Cut(address, "?")
	switch {
	case strings.HasPrefix(bare, "/assets/") || strings.HasPrefix(bare, "/course/"):
		p.need(bare)
		target = fileOf(bare)
		if query != "" {
			rest = "?" + query
		}
	case p.pages[address] != "":
		target = p.pages[address]
	case p.pages[bare] != "":
		target = p.pages[bare]
		if step, ok := strings.CutPrefix(query, "step="); ok {
			rest = "#" + step
		} else if query != "" {
			rest = "?" + query + rest
		}
	default:
		return ""
	}
	return relative(p.file, target) + rest
}

// relative is the way from one file of a site to another.
func relative(from, to string) string {
	here := strings.Split(path.Dir(from), "/")
	there := strings.Split(to, "/")
	if here[0] == "." {
		here = nil
	}
	for len(here) > 0 && len(there) > 1 && here[0] == there[0] {
		here, there = here[1:], there[1:]
	}
	return strings.Repeat("../", len(here)) + strings.Join(there, "/")
}

// render puts a template's part into a node, before another.
func (p *copiedPage) render(into, before *html.Node, template string, data any) error {
	var b bytes.Buffer
	if err := frontend.Render(&b, template, data); err != nil {
		return err
	}
	return p.insert(into, before, b.String())
}

// insert puts HTML of ours into a node, before another or at its end.
func (p *copiedPage) insert(into, before *html.Node, content string) error {
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(content), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}, html.ParseOptionEnableScripting(false))
	if err != nil {
		return err
	}
	p.own = true
	for _, n := range nodes {
		into.InsertBefore(n, before)
		p.walk(n)
	}
	return nil
}

// first is the first node, in the order of the page, of which something holds.
func first(n *html.Node, holds func(*html.Node) bool) *html.Node {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && holds(c) {
			return c
		}
	}
	return nil
}

func element(name string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	return n
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, key, value string) {
	for i, a := range n.Attr {
		if a.Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

// text is what stands in a script or a style sheet.
func text(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}
