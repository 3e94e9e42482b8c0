package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"oauthplayground/playground"
)

// runName is what the file of a run may be called in a site.
var runName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json$`)

// exportCommand writes a copy of the playground that needs no server. Exit code: 0 it is written, 1 it could not be, 2 it was called
// wrongly.
func exportCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	wrongly := func(format string, a ...any) int {
		fmt.Fprintf(errs, "playground export: "+format+". playground -h tells what there is.\n", a...)
		return 2
	}
	failed := func(err error) int {
		fmt.Fprintf(errs, "playground export: %v.\n", strings.TrimSuffix(err.Error(), "."))
		return 1
	}
	f := flag.NewFlagSet("export", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	course := f.String("lessons", "", "")
	var files []string
	f.Func("run", "", func(name string) error {
		files = append(files, name)
		return nil
	})
	words, err := parseMixed(f, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, help)
		return 0
	case err != nil:
		return wrongly("%v", err)
	case len(words) != 1 || words[0] == "":
		return wrongly("it takes one folder, as in playground export site")
	}
	var c playground.Config
	if *course != "" {
		if info, err := os.Stat(*course); err != nil || !info.IsDir() {
			return wrongly("-lessons %s: there is no such folder", *course)
		}
		c.Author = os.DirFS(*course)
	}
	runs := map[string][]byte{}
	for _, name := range files {
		base := filepath.Base(name)
		if !runName.MatchString(base) {
			return wrongly("-run %s: a run’s file is called like my-run.json, in letters, digits, hyphens and dots", name)
		}
		if runs[base] != nil {
			return wrongly("-run %s: there is another run of that name", name)
		}
		if runs[base], err = os.ReadFile(name); err != nil {
			return failed(err)
		}
	}
	site, err := playground.NewSite(c, runs)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = site.Write(words[0])
	}
	if err != nil {
		return failed(err)
	}
	fmt.Fprintf(out, "%s is written: %s, %s, %.1f MB.\nAny web server can have it, at any address. To look at it here: python3 -m http.server -d %[1]s\n",
		words[0], count(site.Pages, "page"), count(len(site.Names()), "file"), float64(site.Bytes())/1e6)
	return 0
}
