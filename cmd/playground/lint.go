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

	"oauthplayground/lessons"
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
		dir, only, err := whatToLint(arg)
		if err != nil {
			return wrongly("%v", err)
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
			if filepath.Ext(p.File) == ".md" {
				looked[p.File] = true
			}
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

// whatToLint is the folder of lessons that an argument means, and the file of it that is asked about: a lesson, which lies in its track
// and that in the folder, or a course file, which lies in the folder; else all of them are.
func whatToLint(arg string) (dir string, only []string, err error) {
	course := filepath.Base(arg) == lessons.CourseFile
	if !course && filepath.Ext(arg) != ".md" {
		return arg, nil, nil
	}
	if _, err := os.Lstat(arg); err != nil {
		return "", nil, fmt.Errorf("there is no file %s", arg)
	}
	dir, file := filepath.Dir(arg), filepath.Base(arg)
	if course {
		return dir, []string{file}, nil
	}
	track, err := filepath.Abs(dir) // it may be asked from within
	return filepath.Join(dir, ".."), []string{filepath.Base(track) + "/" + file}, err
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
