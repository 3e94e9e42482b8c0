package lessons

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// leak is an attack with two ways to its end.
const leak = front + "\n## S\n\n```graph\n" + `The code stands in an address -> Mallory reads it
Mallory reads it -> Mallory redeems it : as.pkce-verifier, planner.pkce=S256
The code stands in a log -> Mallory redeems it : as.pkce-verifier
Mallory redeems it -> Mallory posts as Maya
` + "```\n"

func TestAGraphTellsWhatLeadsToWhatAndWhatCutsIt(t *testing.T) {
	l, err := Parse("core/01-x.md", []byte(leak), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	want := &Graph{
		Nodes: []string{"The code stands in an address", "Mallory reads it", "Mallory redeems it", "The code stands in a log", "Mallory posts as Maya"},
		Edges: []Edge{
			{From: 0, To: 1},
			{From: 1, To: 2, Cuts: []Cut{{ID: "as.pkce-verifier"}, {ID: "planner.pkce", Value: "S256"}}},
			{From: 3, To: 2, Cuts: []Cut{{ID: "as.pkce-verifier"}}},
			{From: 2, To: 4},
		},
	}
	g := l.Graph()
	if !reflect.DeepEqual(g, want) {
		t.Fatalf("the graph is %+v, want %+v", g, want)
	}
	if got := g.Order(); !reflect.DeepEqual(got, []int{0, 1, 3, 2, 4}) {
		t.Errorf("told in the order %v", got)
	}
	for _, tt := range []struct {
		name    string
		inPlace map[Cut]bool
		reached []bool
	}{
		{"no protection", nil, []bool{true, true, true, true, true}},
		{"one way is cut, the other is open", map[Cut]bool{{ID: "planner.pkce", Value: "S256"}: true}, []bool{true, true, true, true, true}},
		{"both ways are cut", map[Cut]bool{{ID: "as.pkce-verifier"}: true}, []bool{true, true, false, true, false}},
	} {
		if got := g.Reached(func(c Cut) bool { return tt.inPlace[c] }); !reflect.DeepEqual(got, tt.reached) {
			t.Errorf("%s: reached %v, want %v", tt.name, got, tt.reached)
		}
	}
}

func TestAGraphsMistakesAreNamedWithTheirLine(t *testing.T) {
	graph := func(lines string) string { return front + "\n## S\n\n```graph\n" + lines + "\n```\n" }
	for _, tt := range []struct {
		name, src string
		line      int
		says      string
	}{
		{"nothing", graph(""), 10, "no arrow"},
		{"half an arrow", graph("A ->"), 11, "what it leads to"},
		{"two arrows in a line", graph("A -> B -> C : as.pkce-verifier"), 11, "what it leads to"},
		{"no protection behind the colon", graph("A -> B :"), 11, "what it leads to"},
		{"unknown check", graph("A -> B : as.verifier"), 11, "did you mean as.pkce-verifier"},
		{"check that can't be switched", graph("A -> B : as.client-known"), 11, "never be open"},
		{"unknown setting", graph("A -> B : x=y"), 11, "no setting"},
		{"twice the same", graph("A -> B : as.pkce-verifier\nA -> B : as.pkce-verifier"), 12, "already"},
		{"a circle", graph("A -> B : as.pkce-verifier\nB -> A"), 12, "circle"},
		{"a way that nothing cuts", graph("A -> C : as.pkce-verifier\nB -> C"), 10, "name a protection"},
		{"a word that belittles", graph("A simply -> B : as.pkce-verifier"), 11, `"simply"`},
		{"before the first step", strings.Replace(graph("A -> B : as.pkce-verifier"), "## S\n", "", 1) + "## S\n", 9, "into a step"},
		{"two of them", leak + "\n" + leak[strings.Index(leak, "```graph"):], 17, "one graph"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("core/01-x.md", []byte(tt.src), vocabulary)
			found := slices.ContainsFunc(Problems(err), func(p Problem) bool { return p.Line == tt.line && strings.Contains(p.Say(), tt.says) })
			if !found {
				t.Errorf("want line %d: …%s…, got:\n%v", tt.line, tt.says, err)
			}
		})
	}
	if _, err := Parse("core/01-x.md", []byte(strings.Replace(graph("A -> B"), "minutes", "residual: because\nminutes", 1)), vocabulary); err != nil {
		t.Errorf("what a lesson leaves open on purpose: %v", err)
	}
}
