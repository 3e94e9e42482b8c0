package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/playground/lint"
)

// lessonName is what a new lesson may be called: a slug, and before it perhaps the track.
var lessonName = regexp.MustCompile(`^(?:([a-z0-9][a-z0-9-]*)/)?([a-z0-9][a-z0-9-]*)$`)

// newCommand writes a lesson to begin with, and the run of its solution beside it. Exit code: 0 it is there, 1 it could not be
// written or something is there already, 2 it was called wrongly.
func newCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	wrongly := func(format string, a ...any) int {
		fmt.Fprintf(errs, "playground new: "+format+". playground -h tells what there is.\n", a...)
		return 2
	}
	failed := func(format string, a ...any) int {
		fmt.Fprintf(errs, "playground new: "+format+".\n", a...)
		return 1
	}
	f := flag.NewFlagSet("new", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	dir := f.String("dir", ".", "")
	words, err := parseMixed(f, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, help)
		return 0
	case err != nil:
		return wrongly("%v", err)
	case len(words) != 2 || words[0] != "lesson":
		return wrongly("it takes the word lesson and a name, as in playground new lesson my-first")
	}
	m := lessonName.FindStringSubmatch(words[1])
	if m == nil {
		return wrongly("%q can’t be the name of a lesson: it has small letters, digits and hyphens, as in my-first or my-track/my-first", words[1])
	}
	track, slug := m[1], m[2]
	if track == "" {
		track = "mine"
	}
	if err := os.MkdirAll(filepath.Join(*dir, track), 0o755); err != nil {
		return failed("the folder can’t be made: %v", err)
	}
	number, err := nextNumber(*dir, track, slug)
	if err != nil {
		return failed("%v", err)
	}
	file := fmt.Sprintf("%s/%02d-%s.md", track, number, slug)
	name := filepath.Join(*dir, filepath.FromSlash(file))
	w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return failed("%s is there already", name)
	}
	if err == nil {
		title := strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
		_, err = io.WriteString(w, strings.Replace(lessons.Template, "title: A code that was read", "title: "+title, 1))
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return failed("%s can’t be written: %v", name, err)
	}
	r, err := lint.Dir(ctx, *dir, file)
	if err == nil {
		_, err = r.Record(*dir)
	}
	if err != nil {
		return failed("its recorded run can’t be written: %v", err)
	}
	fmt.Fprintf(out, "%s is written. Change it, and ask: playground lint %s\n", name, *dir)
	if comes, _, err := lessons.Files(lessons.Embedded()); err == nil && slices.ContainsFunc(comes, func(of string) bool { return slugIn(of) == slug }) {
		fmt.Fprintf(out, "It stands in for the lesson %s that comes with the playground. For one beside it choose another name.\n", slug)
	}
	return 0
}

// nextNumber is the number of a new lesson in its track; an error tells of one that has its slug, wherever it lies.
func nextNumber(dir, track, slug string) (int, error) {
	names, _, err := lessons.Files(os.DirFS(dir))
	if err != nil {
		return 0, err
	}
	next := 1
	for _, name := range names {
		in, base, _ := strings.Cut(name, "/")
		number, _, _ := strings.Cut(base, "-")
		if slugIn(name) == slug {
			return 0, fmt.Errorf("%s is there already, and a lesson’s name is its own", filepath.Join(dir, filepath.FromSlash(name)))
		}
		var n int
		if _, err := fmt.Sscan(number, &n); err == nil && in == track {
			next = max(next, n+1)
		}
	}
	return next, nil
}

// slugIn is the slug that a lesson's file has in its name.
func slugIn(name string) string {
	_, slug, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".md"), "-")
	return slug
}

// parseMixed reads flags that stand before and behind words.
func parseMixed(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); err != nil || f.NArg() == 0 {
			return words, err
		}
		words = append(words, f.Arg(0))
		args = f.Args()[1:]
	}
}
