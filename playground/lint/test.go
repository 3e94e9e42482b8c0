package lint

import "context"

// TB is what Test needs of a test: *testing.T has it.
type TB interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Test holds a folder of lessons to the rules in the test of any module: each problem is an error with file and line, each
// warning is logged.
func Test(t TB, dir string) {
	t.Helper()
	r, err := Dir(t.Context(), dir)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, p := range r.Problems {
		if p.Severity == Warning {
			t.Logf("%s", p)
			continue
		}
		t.Errorf("%s", p)
	}
}
