package lint

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oauthplayground/lessons"
)

var update = flag.Bool("update", false, "write what is expected of broken lessons anew")

// TestBrokenLessons: each folder of testdata holds lessons that are wrong in some way, and want.txt what is said of them. Every
// rule that there is is broken by one of them.
func TestBrokenLessons(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil || len(cases) == 0 {
		t.Fatal(cases, err)
	}
	broken := map[lessons.Rule]bool{}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			r, err := Dir(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, p := range r.Problems {
				said.WriteString(p.String() + "\n")
				broken[p.Rule] = true
				if !slices.ContainsFunc(rules, func(r rule) bool { return r.ID == p.Rule }) {
					t.Errorf("the rule %q stands in no table", p.Rule)
				}
			}
			name := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(name, []byte(said.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := said.String(); got != string(want) {
				t.Errorf("it says:\n%s\nwant:\n%s", got, want)
			}
		})
	}
	unbroken := []lessons.Rule{ruleIdle} // no line without no is known that holds of nothing
	for _, r := range rules {
		if !broken[r.ID] && !slices.Contains(unbroken, r.ID) {
			t.Errorf("no lesson in testdata breaks the rule %q", r.ID)
		}
	}
}
