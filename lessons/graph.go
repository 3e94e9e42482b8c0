package lessons

import (
	"slices"
	"strings"
)

// Graph is an attack as a chain of what leads to what: nodes in the order of their first mention, and edges that protections
// cut. The first nodes are those that no edge leads to; where the last edge leads is what the attacker wants.
type Graph struct {
	Nodes []string // plain text
	Edges []Edge
}

// Edge leads from one node to another, both by their place in Nodes. Each of its cuts is enough to cut it.
type Edge struct {
	From, To int
	Cuts     []Cut
}

// Cut is a protection on an edge: a check, which cuts on enforce, or a setting, which cuts when it has the value.
type Cut struct {
	ID    string
	Value string // of a setting; empty for a check
}

// Reached tells for each node whether some way still leads there, given which protections are in place.
func (g *Graph) Reached(inPlace func(Cut) bool) []bool {
	reached := make([]bool, len(g.Nodes))
	for i := range g.Nodes {
		reached[i] = !slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.To == i })
	}
	for range g.Nodes { // long enough for the longest way
		for _, e := range g.Edges {
			if reached[e.From] && !slices.ContainsFunc(e.Cuts, inPlace) {
				reached[e.To] = true
			}
		}
	}
	return reached
}

// Order is how the nodes are told from top to bottom: none before all that lead to it, and what belongs to one way together.
func (g *Graph) Order() []int {
	var order []int
	var tell func(node int)
	tell = func(node int) {
		if slices.Contains(order, node) || slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.To == node && !slices.Contains(order, e.From) }) {
			return
		}
		order = append(order, node)
		for _, e := range g.Edges {
			if e.From == node {
				tell(e.To)
			}
		}
	}
	for i := range g.Nodes {
		if !slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.To == i }) {
			tell(i)
		}
	}
	return order
}

// Goal is the node to which the last edge leads: what the attacker wants.
func (g *Graph) Goal() int { return g.Edges[len(g.Edges)-1].To }

// graph reads lines "What is -> what it leads to : protection, protection".
func (p *parser) graph(begin int, content []string) {
	g, before := &Graph{}, len(p.problems)
	for i, line := range content {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := begin + 1 + i
		p.plain(at, line)
		way, cuts, cut := strings.Cut(line, " : ")
		ends := strings.Split(way, " -> ")
		if len(ends) != 2 || strings.TrimSpace(ends[0]) == "" || strings.TrimSpace(ends[1]) == "" || strings.HasSuffix(line, " :") {
			p.fail(at, RuleGraph, "this is no line of a graph").mend("write what is, an arrow and what it leads to, as in The code leaks -> Mallory redeems it : as.pkce-verifier")
			continue
		}
		e := Edge{From: g.node(ends[0]), To: g.node(ends[1])}
		if slices.ContainsFunc(g.Edges, func(o Edge) bool { return o.From == e.From && o.To == e.To }) {
			p.fail(at, RuleGraph, "this arrow stands in the graph already").mend("name all its protections in one line")
		}
		if g.leads(e.To, e.From) {
			p.fail(at, RuleGraph, "this arrow closes a circle").mend("leave it out: what an attack leads to never leads back")
			continue // Order and Reached need a graph without circles
		}
		if cut {
			for _, name := range strings.Split(cuts, ",") {
				if c, ok := p.cut(at, strings.TrimSpace(name)); ok {
					e.Cuts = append(e.Cuts, c)
				}
			}
		}
		g.Edges = append(g.Edges, e)
	}
	sound := len(p.problems) == before
	switch {
	case len(g.Edges) == 0 && sound:
		p.fail(begin, RuleGraph, "this graph has no arrow").mend("write one a line, as in The code leaks -> Mallory redeems it")
	case p.step == nil:
		p.fail(begin, RuleGraph, "this graph stands before the first step").mend("put it into a step: that of the attack, or at the end of the defence")
	case p.lesson.Graph() != nil:
		p.fail(begin, RuleGraph, "a lesson has one graph, and this is another").mend("draw both attacks in one")
	case sound && p.lesson.Residual == "" && g.Reached(func(Cut) bool { return true })[g.Goal()]:
		p.fail(begin, RuleGraph, "with every protection of this graph in place a way still leads to its end, %q", g.Nodes[g.Goal()]).mend("name a protection on an arrow of that way")
	}
	p.add(g)
}

// node is the place of a text among the nodes.
func (g *Graph) node(text string) int {
	text = strings.TrimSpace(text)
	if i := slices.Index(g.Nodes, text); i >= 0 {
		return i
	}
	g.Nodes = append(g.Nodes, text)
	return len(g.Nodes) - 1
}

// leads tells whether a way leads from one node to another; each leads to itself.
func (g *Graph) leads(from, to int) bool {
	return from == to || slices.ContainsFunc(g.Edges, func(e Edge) bool { return e.From == from && g.leads(e.To, to) })
}

// cut reads a protection: the id of a check that can be switched, or a setting as id=value.
func (p *parser) cut(line int, name string) (Cut, bool) {
	if id, value, setting := strings.Cut(name, "="); setting {
		if err := p.v.Settings(id, value); err != nil {
			wrong, mend := cutMend(err)
			p.fail(line, RuleSetting, "%s", wrong).on(id).mend("%s", mend)
			return Cut{}, false
		}
		return Cut{ID: id, Value: value}, true
	}
	modes, known := p.v.Checks[name]
	switch {
	case !known:
		p.fail(line, RuleCheck, "there is no check %q", name).on(name).mend("%s (a setting is written with its value, as in planner.state=bound)", p.near(name))
	case len(modes) < 2:
		p.fail(line, RuleCheck, "check %q is always on enforce, so this arrow could never be open", name).on(name).mend("leave it out")
	}
	return Cut{ID: name}, known
}

// Graph is the lesson's attack graph; nil if it has none.
func (l *Lesson) Graph() *Graph {
	for _, s := range l.Steps {
		for _, b := range s.Blocks {
			if g, ok := b.(*Graph); ok {
				return g
			}
		}
	}
	return nil
}
