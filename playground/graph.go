package playground

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/world"
)

// graphView is a lesson's graph as an attack meets it; nil if the lesson has none. It is drawn like the history of a repository: nodes
// from top to bottom, what leads to the next one straight down, what leads further down on rails beside them.
func graphView(l *lessons.Lesson, lab world.Lab) *frontend.GraphView {
	g := l.Graph()
	if g == nil {
		return nil
	}
	inPlace := func(c lessons.Cut) bool {
		if c.Value != "" {
			return lab.Settings[c.ID] == c.Value
		}
		return lab.Policy[c.ID] == check.Enforce
	}
	enforced := func(c lessons.Cut) bool { return c.Value == "" || inPlace(c) }
	d := drawing{Graph: g, reached: g.Reached(inPlace), inPlace: inPlace}
	v := &frontend.GraphView{Goal: g.Nodes[g.Goal()], Open: d.reached[g.Goal()], Shut: !g.Reached(enforced)[g.Goal()]}
	order := g.Order()
	rails := d.rails(order)
	v.Rails = 1 + slices.Max(rails)
	for row, node := range order {
		n := frontend.NodeView{ID: node, Text: g.Nodes[node], Reached: d.reached[node], Goal: node == g.Goal(), First: !slices.ContainsFunc(g.Edges, func(e lessons.Edge) bool { return e.To == node })}
		var in, past, out []int // edges, by their places in the graph
		begins := false
		for i, e := range g.Edges {
			from, to := slices.Index(order, e.From), slices.Index(order, e.To)
			switch {
			case to == row:
				in = append(in, i)
			case from == row && rails[i] == 0:
				begins = true
			case from == row:
				out = append(out, i)
			case from < row && row < to:
				past = append(past, i)
			}
		}
		slices.SortStableFunc(in, func(a, b int) int { return cmp.Compare(rails[a], rails[b]) }) // straight from above first: the others join it
		for k, i := range in {
			e := g.Edges[i]
			edge := frontend.EdgeView{ID: i, From: e.From, To: e.To, Rail: rails[i], FromText: g.Nodes[e.From]}
			for _, c := range e.Cuts {
				k := slices.IndexFunc(edge.Cuts, func(o frontend.CutView) bool { return o.ID == c.ID })
				if k < 0 {
					k = len(edge.Cuts)
					edge.Cuts = append(edge.Cuts, frontend.CutView{ID: c.ID, Name: c.ID, Values: c.Value, Now: lab.Settings[c.ID]})
				} else { // another value of the same setting
					edge.Cuts[k].Values += " " + c.Value
				}
				cut := &edge.Cuts[k]
				cut.InPlace = cut.InPlace || inPlace(c)
				if c.Value == "" {
					_, cut.Name, _ = strings.Cut(c.ID, ".")
					cut.Now = string(lab.Policy[c.ID])
				}
			}
			if k > 0 {
				edge.Lines = append(edge.Lines, d.line("flow", 0, in[:k]...))
			}
			kind := "join"
			if rails[i] == 0 {
				kind = "end"
			}
			edge.Lines = append(edge.Lines, d.line(kind, rails[i], i))
			for _, i := range append(slices.Clone(in[k+1:]), past...) {
				edge.Lines = append(edge.Lines, d.line("pass", rails[i], i))
			}
			n.In = append(n.In, edge)
		}
		if len(in) > 0 {
			n.Lines = append(n.Lines, d.line("head", 0, in...))
		}
		if begins {
			n.Lines = append(n.Lines, d.begin(node))
		}
		for _, i := range out {
			n.Lines = append(n.Lines, d.line("out", rails[i], i))
		}
		for _, i := range past {
			n.Lines = append(n.Lines, d.line("pass", rails[i], i))
		}
		v.Nodes = append(v.Nodes, n)
	}
	return v
}

// drawing is a graph and what stands in its ways.
type drawing struct {
	*lessons.Graph
	reached []bool
	inPlace func(lessons.Cut) bool
}

// rails gives each edge its column: 0 where it leads to the next node, else the first that is free between its ends. There are
// three beside the nodes; what has no room in them shares the last.
func (d drawing) rails(order []int) []int {
	rails := make([]int, len(d.Edges))
	var taken [4][]bool
	for i := range taken {
		taken[i] = make([]bool, len(order))
	}
	for i, e := range d.Edges {
		from, to := slices.Index(order, e.From), slices.Index(order, e.To)
		if to == from+1 {
			continue
		}
		rails[i] = 1
		for rails[i] < len(taken)-1 && slices.Contains(taken[rails[i]][from:to+1], true) {
			rails[i]++
		}
		for row := from; row <= to; row++ {
			taken[rails[i]][row] = true
		}
	}
	return rails
}

// line is a piece of one edge, or of what has come together of several. Where it still runs to the place of its cut it is open.
func (d drawing) line(kind string, col int, edges ...int) frontend.LineView {
	l := frontend.LineView{Kind: kind, Col: col, State: "dead"}
	var ids []string
	for _, i := range edges {
		e := d.Edges[i]
		ids = append(ids, fmt.Sprint(i))
		switch cut := slices.ContainsFunc(e.Cuts, d.inPlace); {
		case !d.reached[e.From]:
		case !cut || kind == "pass" || kind == "out":
			l.State = "open"
		case kind == "end" || kind == "join":
			l.State = "cut"
		}
	}
	l.Edges = strings.Join(ids, " ")
	return l
}

// begin is the way out of a node to the next.
func (d drawing) begin(node int) frontend.LineView {
	i := slices.IndexFunc(d.Edges, func(e lessons.Edge) bool { return e.From == node })
	return d.line("out", 0, i)
}
