package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oauthplayground/playground/lint"
)

// call runs the command as a shell does.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code = run(t.Context(), args, none, &o, &e)
	return code, o.String(), e.String()
}

// TestANewLessonHasNothingToMend: what the one command writes the other finds right, without a warning, and it is never
// written over.
func TestANewLessonHasNothingToMend(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"new", "lesson", "my-first", "-dir", dir}, {"new", "-dir", dir, "lesson", "second"}, {"new", "lesson", "-dir", dir, "theirs/third"}} {
		if code, out, errs := call(t, args...); code != 0 || !strings.Contains(out, " is written") || errs != "" {
			t.Fatalf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
	for _, name := range []string{"mine/01-my-first", "mine/02-second", "theirs/01-third"} {
		for _, ext := range []string{".md", ".golden.ndjson"} {
			if _, err := os.Stat(filepath.Join(dir, name+ext)); err != nil {
				t.Error(err)
			}
		}
	}
	if code, out, errs := call(t, "lint", dir); code != 0 || out != "" || errs != "3 lessons, nothing to mend\n" {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if code, out, _ := call(t, "lint", "-json", dir); code != 0 || out != "[]\n" {
		t.Errorf("as JSON: exit %d, %s", code, out)
	}
	first := filepath.Join(dir, "mine", "01-my-first.md")
	if err := os.WriteFile(first, []byte("mine alone"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"my-first", "other/my-first"} {
		if code, _, errs := call(t, "new", "lesson", name, "-dir", dir); code != 1 || !strings.Contains(errs, "01-my-first.md is there already") {
			t.Errorf("%s again: exit %d, %s", name, code, errs)
		}
	}
	if b, err := os.ReadFile(first); err != nil || string(b) != "mine alone" {
		t.Errorf("it was written over: %q %v", b, err)
	}
}

// TestANewLessonThatStandsInForAnother: its author may not know that there is one of that name.
func TestANewLessonThatStandsInForAnother(t *testing.T) {
	dir := t.TempDir()
	for name, says := range map[string]bool{"state": true, "mine/pkce": true, "servers": false, "states": false} {
		if code, out, errs := call(t, "new", "lesson", name, "-dir", dir); code != 0 || strings.Contains(out, "It stands in for the lesson") != says {
			t.Errorf("%s: exit %d, %s%s", name, code, out, errs)
		}
	}
}

// TestWhatLintSays on standard output: a line for each problem, with the path as it was asked, or an array.
func TestWhatLintSays(t *testing.T) {
	dir := filepath.Join("..", "..", "playground", "lint", "testdata")
	spec := filepath.Join(dir, "spec", "mine", "01-spec.md")
	code, out, errs := call(t, "lint", filepath.Join(dir, "spec"))
	if code != 1 || !strings.HasPrefix(out, spec+":5: ") || errs != "1 lesson, 2 things to mend\n" {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	code, out, errs = call(t, "lint", spec, "-json")
	var problems []lint.Problem
	if err := json.Unmarshal([]byte(out), &problems); err != nil || code != 1 || len(problems) != 2 || errs != "" {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	if p := problems[0]; p.File != spec || p.Line != 5 || p.Column != 26 || p.Severity != lint.Error || p.Rule != "spec" || p.Message != "RFC 6749 has no section 99.9" {
		t.Errorf("%+v", p)
	}
	if code, out, errs := call(t, "lint", filepath.Join(dir, "plain")); code != 0 || strings.Count(out, ": warning: ") != 4 || errs != "1 lesson, nothing to mend, 4 warnings\n" {
		t.Errorf("warnings: exit %d, %s%s", code, out, errs)
	}
}

// TestLintIsAskedAboutOneFile, as by an editor, from wherever that stands: a lesson or a course file.
func TestLintIsAskedAboutOneFile(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := call(t, "new", "lesson", "first", "-dir", dir); code != 0 {
		t.Fatal(errs)
	}
	if err := os.WriteFile(filepath.Join(dir, "course.yaml"), []byte("colour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from, arg string
		code      int
		out, err  string
	}{
		{".", filepath.Join(dir, "mine", "01-first.md"), 0, "", "1 lesson, nothing to mend\n"},
		{dir, filepath.Join("mine", "01-first.md"), 0, "", "1 lesson, nothing to mend\n"},
		{filepath.Join(dir, "mine"), "01-first.md", 0, "", "1 lesson, nothing to mend\n"},
		{dir, "course.yaml", 1, "course.yaml:1: there is no key", "0 lessons, 1 thing to mend\n"},
		{filepath.Join(dir, "mine"), filepath.Join("..", "course.yaml"), 1, filepath.Join("..", "course.yaml") + ":1: there is no key", "0 lessons, 1 thing to mend\n"},
	} {
		t.Run(tt.from+" "+tt.arg, func(t *testing.T) {
			t.Chdir(tt.from)
			if code, out, errs := call(t, "lint", tt.arg); code != tt.code || !strings.HasPrefix(out, tt.out) || errs != tt.err {
				t.Errorf("exit %d, %s%s", code, out, errs)
			}
		})
	}
}

func TestLintRecordsRuns(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "playground", "lint", "testdata", "recorded"))); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := call(t, "lint", dir); code != 1 || !strings.Contains(out, "[recorded]") {
		t.Errorf("before: exit %d, %s", code, out)
	}
	if code, out, _ := call(t, "lint", "-record", dir); code != 0 || !strings.Contains(out, "01-recorded.golden.ndjson: written") || strings.Contains(out, "recorded]") {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, out, _ := call(t, "lint", dir); code != 0 || strings.Contains(out, "recorded]") {
		t.Errorf("after: exit %d, %s", code, out)
	}
}

func TestHowAuthorsCallIt(t *testing.T) {
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"lint of nothing", []string{"lint"}, 2, "", "it takes a folder"},
		{"lint of what isn't there", []string{"lint", "/nowhere"}, 2, "", "/nowhere: there is no such folder"},
		{"lint of a file that isn't there", []string{"lint", "/nowhere/mine/01-x.md"}, 2, "", "there is no file"},
		{"lint of a course file that isn't there", []string{"lint", "/nowhere/course.yaml"}, 2, "", "there is no file"},
		{"lint of a folder without lessons", []string{"lint", t.TempDir()}, 2, "", "there is no lesson in it"},
		{"a flag that lint hasn't", []string{"lint", "-yaml", "."}, 2, "", "-yaml"},
		{"help of lint", []string{"lint", "-h"}, 0, "playground lint DIR", ""},
		{"new of nothing", []string{"new"}, 2, "", "the word lesson and a name"},
		{"new of something else", []string{"new", "course", "x"}, 2, "", "the word lesson and a name"},
		{"a name that is none", []string{"new", "lesson", "My Lesson"}, 2, "", "small letters"},
		{"a name that leads out", []string{"new", "lesson", "../x"}, 2, "", "small letters"},
		{"help of new", []string{"new", "-h"}, 0, "playground new lesson NAME", ""},
		{"names", []string{"names"}, 0, "as.pkce-verifier", ""},
		{"names of misconceptions", []string{"names"}, 0, "M05", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := call(t, tt.args...)
			if code != tt.code || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.err) || tt.code != 0 && (out != "" || strings.Count(errs, "\n") != 1) {
				t.Errorf("exit %d, want %d\nout %q\nerr %q", code, tt.code, out, errs)
			}
		})
	}
}
