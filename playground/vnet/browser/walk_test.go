package browser

import "golang.org/x/net/html"

// walkElements visits every element with its attributes.
func walkElements(n *html.Node, visit func(name string, attrs map[string]string)) {
	walk(n, func(n *html.Node) bool {
		if n.Type == html.ElementNode {
			attrs := map[string]string{}
			for _, a := range n.Attr {
				attrs[a.Key] = a.Val
			}
			visit(n.Data, attrs)
		}
		return true
	})
}
