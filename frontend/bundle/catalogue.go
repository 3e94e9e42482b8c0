package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// What a source says: a key in quotes, or the beginning of one that is made from an id, as in `actor.${id}` and under('tab.').
var (
	keyForm    = regexp.MustCompile(`['"]([\w.-]+\.[\w.-]*)['"]`)
	prefixForm = regexp.MustCompile("[`]([a-zA-Z]+[. ][\\w. -]*)\\$\\{")
)

// sayings is a plugin that puts into a script only those sentences of the catalogue that its sources say: most of them belong
// to other pages and to the templates.
func sayings(root string, entry string) api.Plugin {
	return api.Plugin{Name: "sayings", Setup: func(b api.PluginBuild) {
		b.OnLoad(api.OnLoadOptions{Filter: `strings/en\.json$`}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			content, err := said(root, entry, a.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			text := string(content)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJSON}, nil
		})
	}}
}

// said is the part of a catalogue that a script's sources say, in its order.
func said(root, entry, file string) ([]byte, error) {
	catalogue, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sources, err := reached(root, entry)
	if err != nil {
		return nil, err
	}
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
		name := key.(string)
		whole := strings.TrimSuffix(strings.TrimSuffix(name, ".one"), ".other")
		wanted := keys[name] || keys[whole]
		for _, p := range prefixes {
			wanted = wanted || strings.HasPrefix(name, p)
		}
		if wanted {
			lines = append(lines, fmt.Sprintf("%q: %s", name, text))
		}
	}
	return []byte("{\n" + strings.Join(lines, ",\n") + "\n}\n"), nil
}

// reached is the text of every source that a script is made of.
func reached(root, entry string) ([][]byte, error) {
	o := options(root)
	o.EntryPoints, o.Metafile = []string{entry}, true
	res := api.Build(o)
	if len(res.Errors) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(api.FormatMessages(res.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	var meta struct{ Inputs map[string]any }
	if err := json.Unmarshal([]byte(res.Metafile), &meta); err != nil {
		return nil, err
	}
	var sources [][]byte
	for name := range meta.Inputs {
		if filepath.Ext(name) != ".ts" {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}
