package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"

	"oauthplayground/mockidp/check"
)

// explanation is what the page tells of a parameter, a header or a claim.
type explanation struct {
	Text string `json:"text"`
	By   string `json:"by,omitempty"`   // the actor who makes it
	For  string `json:"for,omitempty"`  // the actor who checks it
	Spec string `json:"spec,omitempty"` // the section that defines it
	URL  string `json:"url,omitempty"`
}

// explained is a plugin for a script that carries the explanations: it has them as explain.json.
func explained(root string) api.Plugin {
	return api.Plugin{Name: "explained", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^explain\.json$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: "explain.json", Namespace: "explained"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "explained"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			content, err := explanations(root)
			text := string(content)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJSON}, err
		})
	}}
}

// explanations joins what strings/explain.json knows with the catalogue's words. The page asks for the result when somebody
// opens the first exchange, and no script carries it.
func explanations(root string) ([]byte, error) {
	var facts map[string]explanation
	var words map[string]string
	for name, into := range map[string]any{"explain.json": &facts, "en.json": &words} {
		content, err := os.ReadFile(filepath.Join(root, "strings", name))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, into); err != nil {
			return nil, fmt.Errorf("strings/%s: %w", name, err)
		}
	}
	for key, e := range facts {
		if e.Text = words[key]; e.Text == "" {
			return nil, fmt.Errorf("strings/explain.json has %s, and strings/en.json says nothing of it", key)
		}
		if e.Spec != "" {
			var err error
			if e.URL, err = check.SpecURL(e.Spec); err != nil {
				return nil, fmt.Errorf("strings/explain.json: %s: %w", key, err)
			}
		}
		facts[key] = e
	}
	return json.Marshal(facts)
}
