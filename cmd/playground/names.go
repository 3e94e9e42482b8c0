package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// namesCommand lists what a lesson may name, each with what it is.
func namesCommand(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	v := world.Vocabulary()
	fmt.Fprintln(w, "CHECKS\tmodes\tsection\tasks")
	for _, c := range world.Checks() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.ID, strings.Join(v.Checks[c.ID], " "), c.Spec, c.Title)
	}
	fmt.Fprintln(w, "\nSETTINGS\tvalues\tfirst\tsays")
	for _, s := range world.Settings() {
		values := strings.Join(s.Values, " ")
		if s.Duration {
			values = "a time, as 10m"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, values, s.Default, s.Title)
	}
	fmt.Fprintln(w, "\nMISCONCEPTIONS\tsection\tbelief")
	for _, id := range slices.Sorted(maps.Keys(lessons.Misconceptions)) {
		if m := lessons.Misconceptions[id]; m.Spec != "" {
			fmt.Fprintf(w, "%s\t%s\t%s\n", id, m.Spec, m.Belief)
		}
	}
	w.Flush()
	fmt.Fprintf(out, "\nATTACKS   %s\nACTORS    %s\nBROWSERS  %s\nVALUES    %s\n", strings.Join(v.Attacks, " "), strings.Join(v.Actors, " "), strings.Join(v.Browsers, " "), strings.Join(v.Values, " "))
}
