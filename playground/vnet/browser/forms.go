package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Submission is what a person does to a form.
type Submission struct {
	Button string     // the id or the name of the button that is pressed; empty is the form's first
	Form   int        // the number of the form, from 0; -1 finds it by its button
	Value  string     // of several buttons with one name, the value of the one that is pressed
	Fields url.Values // what is filled in, by name; it replaces what the page had
}

// form is a form of the page.
type form struct {
	method, action string
	controls       []control
}

// control is something in a form that may send a value.
type control struct {
	id, name, kind, value string
	checked, disabled     bool
	options               []control // of a select
	action, method        string    // a button's own
}

func (c control) presses() bool {
	return c.kind == "submit" || c.kind == "image"
}

// Submit fills in a form of the page and presses a button.
func (b *Browser) Submit(ctx context.Context, s Submission, o Options) error {
	if b.state.Page == nil {
		return errNoPage
	}
	forms := formsOf(b.state.Page)
	f, button, err := choose(b.state.Page, forms, s)
	if err != nil {
		return err
	}
	values := f.values(button, s.Fields)
	method, action := f.method, f.action
	if button != nil && button.action != "" {
		action = button.action
	}
	if button != nil && button.method != "" {
		method = button.method
	}
	if action == "" {
		action, _, _ = strings.Cut(b.state.Page.URL, "#")
	}
	return b.Navigate(ctx, method, action, values, o)
}

// choose finds the form and the button of a page that a submission means.
func choose(page *Page, forms []form, s Submission) (*form, *control, error) {
	var names []string
	for i := range forms {
		if s.Form >= 0 && i != s.Form {
			continue
		}
		var first *control
		for j := range forms[i].controls {
			c := &forms[i].controls[j]
			if !c.presses() || c.disabled {
				continue
			}
			if first == nil {
				first = c
			}
			if s.Button != "" && (c.id == s.Button || c.name == s.Button) && (s.Value == "" || c.value == s.Value) {
				return &forms[i], c, nil
			}
			names = append(names, nameOf(*c))
		}
		if s.Button == "" {
			return &forms[i], first, nil
		}
	}
	if len(names) == 0 {
		at, _, _ := strings.Cut(page.URL, "?")
		return nil, nil, fmt.Errorf("the page at %s has no form with a button %q", at, s.Button)
	}
	return nil, nil, fmt.Errorf("this page has no button %q; it has %s", s.Button, strings.Join(names, ", "))
}

func nameOf(c control) string {
	if c.id != "" {
		return c.id
	}
	return c.name
}

// values is what a form sends (HTML, "constructing the entry list").
func (f *form) values(button *control, fields url.Values) url.Values {
	out := url.Values{}
	done := map[string]bool{}
	for i := range f.controls {
		c := &f.controls[i]
		if c.name == "" || c.disabled || c.presses() && c != button || c.kind == "button" || c.kind == "reset" {
			continue
		}
		if typed, ok := fields[c.name]; ok && !c.presses() {
			if !done[c.name] {
				out[c.name] = slices.Clone(typed)
				done[c.name] = true
			}
			continue
		}
		switch c.kind {
		case "checkbox", "radio":
			if c.checked {
				out.Add(c.name, c.value)
			}
		case "select":
			for _, o := range c.options {
				if o.checked && !o.disabled {
					out.Add(c.name, o.value)
				}
			}
		default:
			out.Add(c.name, c.value)
		}
	}
	return out
}

// Click follows a link of the page, by its id or by its number from 0 as "#0". What it leads to is opened here, whatever
// its target.
func (b *Browser) Click(ctx context.Context, link string, o Options) error {
	page := b.state.Page
	if page == nil {
		return errNoPage
	}
	links := linksOf(page)
	i := slices.IndexFunc(links, func(l control) bool { return l.id != "" && l.id == link })
	if n, err := strconv.Atoi(strings.TrimPrefix(link, "#")); i < 0 && err == nil && n >= 0 && n < len(links) {
		i = n
	}
	if i < 0 {
		return fmt.Errorf("this page has no link %q", link)
	}
	return b.Navigate(ctx, http.MethodGet, links[i].action, nil, o)
}

// Act does what a post of the rendered page asks for.
func (b *Browser) Act(ctx context.Context, fields url.Values, o Options) error {
	if b.state.Page == nil {
		return errNoPage
	}
	if link := fields.Get(linkField); link != "" {
		return b.Click(ctx, "#"+link, o)
	}
	n, err := strconv.Atoi(fields.Get(formField))
	forms := formsOf(b.state.Page)
	if err != nil || n < 0 || n >= len(forms) {
		return fmt.Errorf("this page has no such form: it may have changed")
	}
	s := Submission{Form: n, Fields: url.Values{}}
	for i := range forms[n].controls {
		c := &forms[n].controls[i]
		switch {
		case c.name == "" || c.disabled:
		case c.presses():
			if v, ok := fields[c.name]; ok && slices.Contains(v, c.value) {
				s.Button, s.Value = c.name, c.value
			}
		default:
			s.Fields[c.name] = fields[c.name] // what the frame didn't send was left out by the person
		}
	}
	return b.Submit(ctx, s, o)
}

// formsOf reads the forms of a page.
func formsOf(p *Page) []form {
	doc := document(p)
	if doc == nil {
		return nil
	}
	var forms []form
	byNode := map[*html.Node]int{}
	byID := map[string]int{}
	walk(doc, func(n *html.Node) bool {
		if n.DataAtom == atom.Form {
			byNode[n] = len(forms)
			if id := attr(n, "id"); id != "" {
				byID[id] = len(forms)
			}
			forms = append(forms, form{method: formMethod(attr(n, "method")), action: attr(n, "action")})
		}
		return true
	})
	walk(doc, func(n *html.Node) bool {
		c, ok := controlOf(n)
		if !ok {
			return true
		}
		i, ok := owner(n, byNode, byID)
		if ok {
			c.disabled = c.disabled || inDisabled(n)
			forms[i].controls = append(forms[i].controls, c)
		}
		return n.DataAtom != atom.Select
	})
	return forms
}

func formMethod(m string) string {
	if strings.EqualFold(m, "post") {
		return http.MethodPost
	}
	return http.MethodGet
}

// owner is the form that a control belongs to: the one it names, or the one around it.
func owner(n *html.Node, byNode map[*html.Node]int, byID map[string]int) (int, bool) {
	if id := attr(n, "form"); id != "" {
		i, ok := byID[id]
		return i, ok
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if i, ok := byNode[p]; ok {
			return i, true
		}
	}
	return 0, false
}

func inDisabled(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Fieldset && has(p, "disabled") {
			return true
		}
	}
	return false
}

// controlOf reads an element that is a control.
func controlOf(n *html.Node) (control, bool) {
	c := control{id: attr(n, "id"), name: attr(n, "name"), value: attr(n, "value"), checked: has(n, "checked"), disabled: has(n, "disabled"), action: attr(n, "formaction")}
	if m := attr(n, "formmethod"); m != "" {
		c.method = formMethod(m)
	}
	switch n.DataAtom {
	case atom.Input:
		c.kind = strings.ToLower(attr(n, "type"))
		if (c.kind == "checkbox" || c.kind == "radio") && !has(n, "value") {
			c.value = "on"
		}
	case atom.Button:
		if c.kind = strings.ToLower(attr(n, "type")); c.kind != "button" && c.kind != "reset" {
			c.kind = "submit"
		}
	case atom.Textarea:
		c.kind, c.value = "textarea", strings.TrimPrefix(textOf(n), "\n")
	case atom.Select:
		c.kind = "select"
		walk(n, func(o *html.Node) bool {
			if o.DataAtom == atom.Option {
				v := attr(o, "value")
				if !has(o, "value") {
					v = strings.TrimSpace(textOf(o))
				}
				c.options = append(c.options, control{value: v, checked: has(o, "selected"), disabled: has(o, "disabled")})
			}
			return true
		})
		if !has(n, "multiple") {
			chooseOne(c.options)
		}
	default:
		return c, false
	}
	return c, true
}

// chooseOne leaves one option of a select chosen: the last that says so, or else the first that can be.
func chooseOne(options []control) {
	chosen := -1
	for i, o := range options {
		if o.checked {
			chosen = i
		}
	}
	if chosen < 0 {
		chosen = slices.IndexFunc(options, func(o control) bool { return !o.disabled })
	}
	for i := range options {
		options[i].checked = i == chosen
	}
}

// linksOf reads the links of a page, in order.
func linksOf(p *Page) []control {
	doc := document(p)
	if doc == nil {
		return nil
	}
	var links []control
	walk(doc, func(n *html.Node) bool {
		if n.DataAtom == atom.A && has(n, "href") {
			links = append(links, control{id: attr(n, "id"), action: attr(n, "href")})
		}
		return true
	})
	return links
}
