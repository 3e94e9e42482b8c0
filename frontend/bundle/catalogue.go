package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// What a source says: a key in quotes, or the beginning of one that is made from an id, as in `actor.${id}` and under('tab.').
var (
	keyForm    = regexp.MustCompile(`['"]([\w.-]+\.[\w.-]*)['"]`)
	prefixForm = regexp.MustCompile("[`]([a-zA-Z]+[. ][\\w. -]*)\\$\\{")
)

// sayings is a plugin that puts into a script only those sentences of the catalogue that its sources say: most of them belong
// to other pages and to the templates. Those of what the script asks for later come with that, as en.json?later.
func sayings(root string, entry string) api.Plugin {
	return api.Plugin{Name: "sayings", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `strings/en\.json\?later$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			// Not by where it lies on this machine: the name of a chunk is made of such paths.
			return api.OnResolveResult{Path: "strings/en.json", Namespace: "later"}, nil
		})
		for _, namespace := range []string{"file", "later"} {
			b.OnLoad(api.OnLoadOptions{Filter: `strings/en\.json$`, Namespace: namespace}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
				content, err := said(root, entry, filepath.Join(root, "strings", "en.json"), namespace == "later")
				if err != nil {
					return api.OnLoadResult{}, err
				}
				text := string(content)
				return api.OnLoadResult{Contents: &text, Loader: api.LoaderJSON}, nil
			})
		}
	}}
}

// said is the part of a catalogue that a script's sources say, in its order: what it begins with, or what it asks for later.
func said(root, entry, file string, later bool) ([]byte, error) {
	catalogue, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	first, all, err := reached(root, entry)
	if err != nil {
		return nil, err
	}
	wanted := sayers(first)
	if later {
		known, more := wanted, sayers(all)
		wanted = func(name string) bool { return more(name) && !known(name) }
	}
	dec := json.NewDecoder(bytes.NewReader(catalogue))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var lines []string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var text json.RawMessage
		if err := dec.Decode(&text); err != nil {
			return nil, err
		}
		if wanted(key.(string)) {
			lines = append(lines, fmt.Sprintf("%q: %s", key, text))
		}
	}
	return []byte("{\n" + strings.Join(lines, ",\n") + "\n}\n"), nil
}

// sayers tells of a key whether some source says it.
func sayers(sources [][]byte) func(name string) bool {
	var prefixes []string
	keys := map[string]bool{}
	for _, source := range sources {
		for _, m := range keyForm.FindAllSubmatch(source, -1) {
			if key := string(m[1]); strings.HasSuffix(key, ".") {
				prefixes = append(prefixes, key)
			} else {
				keys[key] = true
			}
		}
		for _, m := range prefixForm.FindAllSubmatch(source, -1) {
			prefixes = append(prefixes, string(m[1]))
		}
	}
	return func(name string) bool {
		whole := strings.TrimSuffix(strings.TrimSuffix(name, ".one"), ".other")
		return keys[name] || keys[whole] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
}

// reached is the text of every source that a script begins with, and of every one that it is made of.
func reached(root, entry string) (first, all [][]byte, err error) {
	o := options(root)
	o.EntryPoints, o.Metafile = []string{entry}, true
	res := api.Build(o)
	if len(res.Errors) > 0 {
		return nil, nil, fmt.Errorf("%s", strings.Join(api.FormatMessages(res.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	var meta struct {
		Inputs map[string]struct {
			Imports []struct{ Path, Kind string }
		}
	}
	if err := json.Unmarshal([]byte(res.Metafile), &meta); err != nil {
		return nil, nil, err
	}
	begins := map[string]bool{}
	var begin func(name string)
	begin = func(name string) {
		if begins[name] {
			return
		}
		begins[name] = true
		for _, i := range meta.Inputs[name].Imports {
			if i.Kind != "dynamic-import" {
				begin(i.Path)
			}
		}
	}
	begin(entry)
	for name := range meta.Inputs {
		if filepath.Ext(name) != ".ts" {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, nil, err
		}
		all = append(all, source)
		if begins[name] {
			first = append(first, source)
		}
	}
	return first, all, nil
}
