package main

import (
	"bytes"
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

// TestBudgets holds the promise of a light page: what a cold lesson loads, compressed.
func TestBudgets(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]int{"dist/lesson.js.gz": 38_000, "dist/workbench.js.gz": 38_000, "dist/home.js.gz": 20_000, "dist/page.js.gz": 8_000, "dist/app.css.gz": 14_000} {
		if got := len(files[name]); got == 0 || got > limit {
			t.Errorf("%s has %d bytes, the limit is %d", name, got, limit)
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
