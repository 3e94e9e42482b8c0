package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDistIsWhatTheSourcesMake builds everything again: what is committed must be the same, byte by byte, on any machine.
func TestDistIsWhatTheSourcesMake(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := compare("..", files); err != nil {
		t.Error(err)
	}
	again, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if !bytes.Equal(content, again[name]) {
			t.Errorf("%s comes out differently the second time", name)
		}
	}
}

// static are the chunks that a script can't begin without.
var static = regexp.MustCompile(`(?:from|import)"\./(chunks/[^"]+)"`)

// TestBudgets holds the promise of a light page: what a cold lesson loads, compressed.
func TestBudgets(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]int{"lesson.js": 38_000, "attack.js": 38_000, "workbench.js": 38_000, "home.js": 20_000, "page.js": 9_000, "join.js": 20_000, "board.js": 38_000, "projector.js": 20_000, "teach.js": 20_000} {
		got := len(files["dist/"+name+".gz"])
		for _, chunk := range static.FindAllSubmatch(files["dist/"+name], -1) {
			got += len(files["dist/"+string(chunk[1])+".gz"])
		}
		if got == 0 || got > limit {
			t.Errorf("%s has %d bytes with what it needs at once, the limit is %d", name, got, limit)
		}
	}
	for _, own := range [][]string{{"home.css"}, {"question.css", "reading.css"}, {"question.css", "graph.css"}, {"attack.css"}, {"workbench.css"}, {"join.css"}, {"room.css"}, {"projector.css"}, {"reading.css", "handout.css"}} {
		got := len(files["dist/app.css.gz"])
		for _, sheet := range own {
			if len(files["dist/"+sheet]) == 0 {
				t.Errorf("there is no %s", sheet)
			}
			got += len(files["dist/"+sheet+".gz"])
		}
		if got > 14_000 {
			t.Errorf("a page with %v has %d bytes of style, the limit is 14000", own, got)
		}
	}
	fonts := 0
	for name, content := range files {
		if strings.HasSuffix(name, ".woff2") {
			fonts += len(content)
		}
	}
	if fonts > 54_000 {
		t.Errorf("the fonts have %d bytes", fonts)
	}
	if bytes.Contains(files["dist/app.css"], []byte("//")) || bytes.Contains(files["dist/app.css"], []byte("@import")) {
		t.Error("the style sheet loads something from elsewhere")
	}
}

// TestABuildIsTheSameElsewhere: what is committed was built in another folder than the one in which it is checked.
func TestABuildIsTheSameElsewhere(t *testing.T) {
	here, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "a", "frontend")
	for _, part := range []string{"css", "fonts", "src", "strings", "vendor"} {
		if err := os.CopyFS(filepath.Join(elsewhere, part), os.DirFS(filepath.Join("..", part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"tsconfig.json", "package.json"} {
		content, err := os.ReadFile(filepath.Join("..", file))
		if err == nil {
			err = os.WriteFile(filepath.Join(elsewhere, file), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	there, err := build(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range here {
		if strings.HasPrefix(name, "dist/") && !bytes.Equal(content, there[name]) {
			t.Errorf("%s depends on where it is built", name)
		}
	}
}
