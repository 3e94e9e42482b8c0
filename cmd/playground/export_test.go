package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestHowASiteIsExported(t *testing.T) {
	dir := t.TempDir()
	full, broken, course := filepath.Join(dir, "full"), filepath.Join(dir, "broken.json"), filepath.Join(dir, "course")
	for name, content := range map[string]string{
		filepath.Join(full, "mine.txt"):                     "mine",
		broken:                                              `{"format":"oauth-playground-run","version":7}`,
		filepath.Join(dir, "my run.json"):                   "{}",
		filepath.Join(course, "mine", "01-half.md"):         "---\ntitle: Half\n",
		filepath.Join(dir, "there", ".playground-export"):   `{"format":"something else"}`,
		filepath.Join(dir, "earlier", ".playground-export"): `{"format":"oauth-playground-site","version":1,"files":[]}`,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string
	}{
		{"help", []string{"-h"}, 0, "playground export DIR", ""},
		{"no folder", nil, 2, "", "it takes one folder"},
		{"a folder without a name", []string{""}, 2, "", "it takes one folder"},
		{"two folders", []string{"a", "b"}, 2, "", "it takes one folder"},
		{"a flag that isn't there", []string{"-minify", "site"}, 2, "", "-minify"},
		{"lessons that aren't there", []string{"-lessons", "/nowhere", "site"}, 2, "", "there is no such folder"},
		{"lessons with a mistake", []string{"-lessons", course, filepath.Join(dir, "x")}, 1, "", "mine/01-half.md:"},
		{"a run that isn't there", []string{"-run", "/nowhere/run.json", "site"}, 1, "", "no such file"},
		{"a run with a name for no address", []string{"-run", filepath.Join(dir, "my run.json"), "site"}, 2, "", "is called like my-run.json"},
		{"a run twice", []string{"-run", broken, "-run", broken, "site"}, 2, "", "another run of that name"},
		{"a run that is none", []string{"-run", broken, filepath.Join(dir, "x")}, 1, "", "broken.json: version is 7"},
		{"a folder with something else in it", []string{full}, 1, "", "is not empty, and no earlier export"},
		{"a folder whose mark is another's", []string{filepath.Join(dir, "there")}, 1, "", "is not empty, and no earlier export"},
		{"a file", []string{broken}, 1, "", "not a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs strings.Builder
			code := run(context.Background(), append([]string{"export"}, tt.args...), env(nil), &out, &errs)
			if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.err) {
				t.Errorf("exit %d, want %d\nout %q\nerr %q", code, tt.code, out.String(), errs.String())
			}
			if tt.code != 0 && (out.Len() != 0 || strings.Count(errs.String(), "\n") != 1) {
				t.Errorf("a mistake is one line on standard error and nothing else: out %q, err %q", out.String(), errs.String())
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("a folder was made for what could not be written")
	}
	for _, into := range []string{filepath.Join(dir, "new", "site"), filepath.Join(dir, "earlier")} {
		var out, errs strings.Builder
		if code := run(context.Background(), []string{"export", into}, env(nil), &out, &errs); code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		if !regexp.MustCompile(`is written: \d+ pages, \d+ files, \d\.\d MB\.`).MatchString(out.String()) || !strings.Contains(out.String(), "http.server -d "+into) {
			t.Errorf("it says %q", out.String())
		}
		if _, err := os.Stat(filepath.Join(into, "index.html")); err != nil {
			t.Error(err)
		}
	}
}
