// Command bundle builds what a browser gets: it bundles src into one script a page and css into one style sheet with esbuild, copies
// the fonts, compresses, and writes dist. It also writes src/wire.gen.ts, the types of the wire, from the Go structs, so that
// they are never typed twice. With -check it writes nothing and fails if dist or the types are not what the sources make.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/room"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/vnet/browser"
	"oauthplayground/playground/world"
)

func main() {
	checkOnly := flag.Bool("check", false, "fail if the built files are not what the sources make")
	flag.Parse()
	root := "."
	if _, err := os.Stat("src"); err != nil {
		root = "frontend"
	}
	files, err := build(root)
	if err == nil {
		if *checkOnly {
			err = compare(root, files)
		} else {
			err = write(root, files)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// build makes every generated file, by its path below root.
func build(root string) (map[string][]byte, error) {
	files := map[string][]byte{"src/wire.gen.ts": wireTypes()}
	// A page has a script of its own, whole: one request, and nothing that it doesn't use.
	// What few ask for comes in a chunk when it is asked for; a chunk's name has its hash.
	var texts []string
	for _, page := range []string{"page", "home", "lesson", "graph", "attack", "workbench", "author", "join", "teach", "board", "projector", "runs",
		"embed", "embed-poster", "embed-lesson", "embed-attack", "embed-run", "embed-token", "embeds"} {
		o := options(root)
		o.EntryPoints = []string{"src/pages/" + page + ".ts"}
		o.Plugins = []api.Plugin{sayings(root, o.EntryPoints[0])}
		o.Splitting, o.Outdir, o.ChunkNames = true, "dist", "chunks/[name]-[hash]"
		scripts, err := bundle(o)
		if err != nil {
			return nil, err
		}
		for name, script := range scripts {
			files[name] = script
			texts = append(texts, name)
		}
	}
	var err error
	if files["dist/explain.json"], err = explanations(root); err != nil {
		return nil, err
	}
	// A copy without a server has one script, which is no module: browsers load none where a page was opened as a file.
	o := options(root)
	o.EntryPoints, o.Outdir, o.Format = []string{"src/pages/static.ts"}, "dist", api.FormatIIFE
	o.Plugins = append(o.Plugins, sayings(root, o.EntryPoints[0]))
	alone, err := bundle(o)
	if err != nil {
		return nil, err
	}
	for name, script := range alone {
		files[name] = script
		texts = append(texts, name)
	}
	o = options(root)
	// One style sheet is for all pages; what one page alone has, has a sheet of its own.
	o.EntryPoints, o.External = []string{"css/app.css", "css/home.css", "css/question.css", "css/reading.css", "css/graph.css", "css/attack.css", "css/workbench.css", "css/seat.css", "css/join.css", "css/runs.css", "css/static.css", "css/room.css", "css/projector.css", "css/handout.css", "css/embed.css", "css/embed-live.css", "css/embeds.css"}, []string{"*.woff2"}
	o.Outdir = "dist"
	styles, err := bundle(o)
	if err != nil {
		return nil, err
	}
	for name, style := range styles {
		files[name] = style
		texts = append(texts, name)
	}
	icon, err := os.ReadFile(filepath.Join(root, "css", "icon.svg"))
	if err != nil {
		return nil, err
	}
	files["dist/icon.svg"] = icon
	fonts, err := os.ReadDir(filepath.Join(root, "fonts"))
	if err != nil {
		return nil, err
	}
	for _, f := range fonts {
		content, err := os.ReadFile(filepath.Join(root, "fonts", f.Name()))
		if err != nil {
			return nil, err
		}
		files["dist/fonts/"+f.Name()] = content
		// The style sheet names a font with its hash, as the server does: what is at that address may be kept for ever.
		files["dist/app.css"] = bytes.ReplaceAll(files["dist/app.css"], []byte(f.Name()), []byte(f.Name()+"?v="+hash(content)))
	}
	for _, name := range append(texts, "dist/explain.json", "dist/icon.svg") {
		files[name+".gz"] = compress(files[name])
	}
	return files, nil
}

// options are those of every script and style sheet. Paths in them are relative to root, so that the result is the same
// wherever the sources lie.
func options(root string) api.BuildOptions {
	dir, err := filepath.Abs(root)
	if err != nil {
		panic(err) // there is no working directory
	}
	return api.BuildOptions{
		AbsWorkingDir: dir,
		Bundle:        true, Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true, LegalComments: api.LegalCommentsNone,
		Alias:       map[string]string{"lit": "./vendor/lit.js"},
		Plugins:     []api.Plugin{explained(root)},
		TsconfigRaw: `{"compilerOptions":{"useDefineForClassFields":false,"experimentalDecorators":true}}`,
	}
}

// bundle makes the files that o asks for, by their paths below the root.
func bundle(o api.BuildOptions) (map[string][]byte, error) {
	res := api.Build(o)
	if len(res.Errors) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(api.FormatMessages(res.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	files := map[string][]byte{}
	for _, f := range res.OutputFiles {
		name, err := filepath.Rel(o.AbsWorkingDir, f.Path)
		if err != nil {
			return nil, err
		}
		files[filepath.ToSlash(name)] = f.Contents
	}
	return files, nil
}

// hash is that of the server's addresses.
func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// compress is the same on every machine: no name, no time.
func compress(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func write(root string, files map[string][]byte) error {
	if err := os.RemoveAll(filepath.Join(root, "dist")); err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func compare(root string, files map[string][]byte) error {
	var stale []string
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			stale = append(stale, name)
		}
	}
	err := filepath.WalkDir(filepath.Join(root, "dist"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if _, made := files[filepath.ToSlash(name)]; !made {
			stale = append(stale, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		slices.Sort(stale)
		return fmt.Errorf("not what the sources make: %s. Run go generate ./frontend and commit the result", strings.Join(stale, ", "))
	}
	return nil
}

// wireStructs are the structs of the wire. In TypeScript they have their own names, but for those of a room, whose package says
// already what they are of.
var wireStructs = []struct {
	name string // empty: its own
	v    any
}{
	{"", trace.Event{}}, {"", trace.Request{}}, {"", trace.Response{}}, {"", trace.Token{}}, {"", trace.Signature{}}, {"", trace.Change{}}, {"", trace.Find{}}, {"", check.Verdict{}}, {"", check.Info{}},
	{"", world.Created{}}, {"", world.Actor{}}, {"", world.User{}}, {"", world.View{}}, {"", world.BrowserView{}}, {"", world.EditedRequest{}}, {"", world.StepView{}}, {"", world.Line{}}, {"", world.Played{}}, {"", world.Outcome{}}, {"", world.Trial{}}, {"", world.Graded{}}, {"", world.Given{}}, {"", world.Inside{}}, {"", world.Stored{}}, {"", browser.Entry{}}, {"", browser.Cookie{}},
	{"RoomState", room.View{}}, {"Timer", room.Timer{}}, {"Vote", room.VoteView{}}, {"Results", room.Result{}}, {"You", room.You{}}, {"OwnVote", room.OwnVote{}}, {"HintView", room.Hint{}}, {"Tally", room.Tally{}}, {"WireCount", room.ArrowView{}}, {"Spread", room.StepView{}},
	{"Board", room.Board{}}, {"BoardLesson", room.LessonInfo{}}, {"BoardStep", room.StepInfo{}}, {"BoardQuestion", room.QuestionInfo{}}, {"LearnerRow", room.Row{}}, {"Refusal", room.Refusal{}}, {"Rows", room.Rows{}}, {"Heat", room.Heat{}}, {"HeatRow", room.HeatRow{}}, {"HeatCell", room.Cell{}}, {"Place", room.Place{}},
}

// wireNames are the names of the structs in TypeScript.
var wireNames = func() map[reflect.Type]string {
	names := map[reflect.Type]string{}
	for _, s := range wireStructs {
		t := reflect.TypeOf(s.v)
		names[t] = cmp.Or(s.name, t.Name())
	}
	return names
}()

// wireTypes writes the structs of the wire as TypeScript. What Go can't say, that a string is one of a few or a list may be null, a
// field says in its tag "ts".
func wireTypes() []byte {
	var b strings.Builder
	b.WriteString("// Generated by go generate from the Go structs of the wire. Do not edit.\n")
	for _, s := range wireStructs {
		t := reflect.TypeOf(s.v)
		extends := ""
		for i := range t.NumField() {
			if f := t.Field(i); f.Anonymous {
				extends = " extends " + f.Type.Name()
			}
		}
		fmt.Fprintf(&b, "\nexport interface %s%s {\n", wireNames[t], extends)
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() {
				continue
			}
			if f.Anonymous {
				continue // its members are those of what it extends
			}
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			optional := ""
			if strings.Contains(options, "omit") {
				optional = "?"
			}
			said := f.Tag.Get("ts")
			if said == "" {
				said = tsType(f.Type)
			}
			fmt.Fprintf(&b, "  %s%s: %s;\n", name, optional, said)
		}
		b.WriteString("}\n")
	}
	return []byte(b.String())
}

func tsType(t reflect.Type) string {
	switch t.String() {
	case "time.Time":
		return "string"
	case "json.RawMessage":
		return "Record<string, unknown>"
	case "mockidp.Client":
		return "Record<string, unknown>"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return tsType(t.Elem()) + " | null"
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Uint64, reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Array:
		return "[" + strings.TrimSuffix(strings.Repeat(tsType(t.Elem())+", ", t.Len()), ", ") + "]"
	case reflect.Slice:
		return tsType(t.Elem()) + "[]"
	case reflect.Map:
		return "Record<string, " + tsType(t.Elem()) + ">"
	case reflect.Struct:
		if name, known := wireNames[t]; known {
			return name
		}
	}
	panic("no TypeScript for " + t.String())
}
