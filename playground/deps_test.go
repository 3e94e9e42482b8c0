package playground

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// forbidden says who may not import what, and why. A package is below a rule if its path begins with it.
var forbidden = []struct{ in, imports, except, because string }{
	{"mockidp", "oauthplayground/playground", "", "mockidp is a library of its own: other modules' tests import it alone"},
	{"mockidp", "oauthplayground/lessons", "", "leaves don't import leaves"},
	{"mockidp", "oauthplayground/frontend", "", "leaves don't import leaves"},
	{"mockidp/check", "oauthplayground/", "", "a check knows nobody"},
	{"playground/trace", "oauthplayground/", "oauthplayground/mockidp/check oauthplayground/playground/trace", "the record is a leaf: it knows verdicts and nothing else of ours"},
	{"playground/vnet", "oauthplayground/", "oauthplayground/playground/vnet", "the network is a leaf"},
	{"lessons", "oauthplayground/", "", "lessons are a leaf: the world gives them a vocabulary"},
	{"frontend/", "oauthplayground/playground", "frontend/bundle", "the pages are a leaf: only the tool that writes the wire's types looks at them"},
	{"playground/engine", "oauthplayground/", "oauthplayground/mockidp oauthplayground/playground/trace playground/engine/enginetest", "an engine keeps two interfaces and knows no more"},
	{"playground/world", "oauthplayground/frontend", "", "the world knows no pages"},
	{"mockidp", "github.com/gin-gonic/", "", "Gin stops at playground; below it is net/http"},
	{"playground/", "github.com/gin-gonic/", "playground/.", "Gin stops at playground; below it is net/http"},
	{"playground/", "github.com/gorilla/", "playground/. playground/load", "sockets stop at playground; a class under load is their other end"},
	{"", "github.com/nats-io/", "playground/engine cmd/load", "NATS is an engine's business; what tries servers out may start one"},
	{"", "github.com/lestrrat-go/jwx", "mockidp/jose", "jwx stops at mockidp/jose, so that another version is a change to that package alone"},
	{"", "github.com/yuin/goldmark", "lessons", "goldmark is how lessons are read, and nobody else's business"},
	{"", "github.com/evanw/esbuild", "frontend/bundle", "esbuild builds the pages and is not in the server"},
	{"", "oauthplayground/mockidp/jose", "mockidp playground/world", "keys and signatures are the authorization server's and the world's"},
}

// TestWhoMayImportWhom holds every import of the module against the map of the house.
func TestWhoMayImportWhom(t *testing.T) {
	root := ".."
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return filepath.SkipDir
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, filepath.Dir(name))
		pkg := filepath.ToSlash(rel)
		for _, i := range file.Imports {
			imported := strings.Trim(i.Path.Value, `"`)
			for _, rule := range forbidden {
				if below(pkg, rule.in) && strings.HasPrefix(imported, rule.imports) && !allowed(pkg, imported, rule.except) {
					t.Errorf("%s imports %s: %s", pkg, imported, rule.because)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func below(pkg, rule string) bool {
	rule = strings.TrimSuffix(rule, "/")
	return rule == "" || pkg == rule || strings.HasPrefix(pkg, rule+"/")
}

// allowed reads the exceptions: importing packages ("mockidp/jose", or "playground/." for playground alone), or imported ones.
func allowed(pkg, imported, except string) bool {
	for _, e := range strings.Fields(except) {
		switch {
		case strings.HasPrefix(e, "oauthplayground/"):
			if imported == e || strings.HasPrefix(imported, e+"/") && e != "oauthplayground/mockidp" {
				return true
			}
		case strings.HasSuffix(e, "/."):
			if pkg == path.Dir(e) {
				return true
			}
		case below(pkg, e):
			return true
		}
	}
	return false
}
