package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oauthplayground/playground/lint"
)

// lintCommand holds folders of lessons, or single lessons, to the rules. Exit code: 0 nothing must be mended, 1 something must, 2
// it was called wrongly.
func lintCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	wrongly := func(format string, a ...any) int {
		fmt.Fprintf(errs, "playground lint: "+format+". playground -h tells what there is.\n", a...)
		return 2
	}
	f := flag.NewFlagSet("lint", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	asJSON, record := f.Bool("json", false, ""), f.Bool("record", false, "")
	words, err := parseMixed(f, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, help)
		return 0
	} else if err != nil {
		return wrongly("%v", err)
	}
	if len(words) == 0 {
		return wrongly("it takes a folder of lessons, as in playground lint my-course, or one lesson of it")
	}
	problems, looked := []lint.Problem{}, map[string]bool{}
	for _, arg := range words {
		dir, only := arg, []string(nil)
		if filepath.Ext(arg) == ".md" { // a lesson lies in its track, and that in the folder
			dir = filepath.Dir(filepath.Dir(arg))
			only = []string{filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(arg)), filepath.Base(arg)))}
			if _, err := os.Stat(arg); err != nil {
				return wrongly("there is no file %s", arg)
			}
		}
		r, err := lint.Dir(ctx, dir, only...)
		switch {
		case errors.Is(err, context.Canceled):
			return 1
		case err != nil:
			return wrongly("%v", err)
		}
		if *record {
			changed, err := r.Record(dir)
			if err != nil {
				fmt.Fprintf(errs, "playground lint: the recorded run can’t be written: %v\n", err)
				return 1
			}
			if !*asJSON {
				for _, name := range changed {
					fmt.Fprintf(out, "%s: written\n", filepath.Join(dir, filepath.FromSlash(name)))
				}
			}
		}
		for _, l := range r.Lessons {
			looked[filepath.Join(dir, filepath.FromSlash(l.File))] = true
		}
		for _, p := range r.Problems {
			p.File = filepath.Join(dir, filepath.FromSlash(p.File))
			looked[p.File] = true
			problems = append(problems, p)
		}
	}
	if *asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		e.Encode(problems)
	} else {
		for _, p := range problems {
			fmt.Fprintln(out, p)
		}
		fmt.Fprintln(errs, summary(problems, len(looked)))
	}
	for _, p := range problems {
		if p.Severity == lint.Error {
			return 1
		}
	}
	return 0
}

// summary counts for people what was found.
func summary(problems []lint.Problem, looked int) string {
	must := 0
	for _, p := range problems {
		if p.Severity == lint.Error {
			must++
		}
	}
	said := []string{count(looked, "lesson")}
	switch {
	case must > 0:
		said = append(said, count(must, "thing")+" to mend")
	default:
		said = append(said, "nothing to mend")
	}
	if more := len(problems) - must; more > 0 {
		said = append(said, count(more, "warning"))
	}
	return strings.Join(said, ", ")
}

// count is a number and its word.
func count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
