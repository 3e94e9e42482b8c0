package playground

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
)

// Site is a copy of the playground without a server: its files, by their paths with slashes. Any web server can have it, at any
// address, and most of it works where its pages are opened as files.
type Site struct {
	files map[string][]byte
	Pages int // how many of them are pages
}

// copyBase is where the server of a copy seems to be. No page of a copy may name it.
const copyBase = "http://copy.invalid"

// exporter makes a site. Its pages are the server's own, asked for as a browser asks, without what only a server can do.
type exporter struct {
	server *Server
	site   *Site
	pages  map[string]string // the file of each page, by its address
	extra  map[string]string // what else stands in a page, by its address: HTML that goes to its end
	wanted []string          // addresses of files that pages need
}

// NewSite makes a copy of what the config teaches: lessons with their recorded runs, questions that are graded in the page, attacks with
// their graphs, the glossary, the page for runs that come as files, and those of the embeds that need no server. Runs are files of
// runs to be in it besides, by their names.
func NewSite(c Config, runs map[string][]byte) (*Site, error) {
	c.BaseURL = copyBase
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	site, err := s.copy(runs)
	return site, errors.Join(err, s.Close())
}

func (s *Server) copy(runs map[string][]byte) (*Site, error) {
	course, err := s.course()
	if err != nil {
		return nil, err
	}
	if a := s.author(""); a != nil && len(a.Problems) > 0 {
		p := a.Problems[0]
		return nil, fmt.Errorf("%s:%d: %s. playground lint tells of all that is to mend", p.File, p.Line, p.What)
	}
	x := &exporter{server: s, site: &Site{files: map[string][]byte{}}, pages: map[string]string{"/": "index.html", "/glossary": "glossary.html", "/runs": "runs.html"}, extra: map[string]string{}}
	var here []frontend.Link
	for _, track := range course.Tracks {
		for _, l := range track.Lessons {
			if err := x.lesson(l); err != nil {
				return nil, err
			}
			if body, err := savedGolden(l); err == nil {
				x.site.files["runs/"+l.Slug+".json"] = body
				here = append(here, frontend.Link{Text: l.Title, URL: "runs/" + l.Slug + ".json"})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		run, err := readSavedRun(bytes.NewReader(runs[name]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		file := "runs/" + name
		if x.site.files[file] != nil {
			return nil, fmt.Errorf("%s is the name of a lesson’s own run: call yours by another", name)
		}
		x.site.files[file] = runs[name]
		here = append(here, frontend.Link{Text: run.Title + " (" + name + ")", URL: file})
	}
	if err := x.add("/runs", "static-runs", here); err != nil {
		return nil, err
	}
	for _, address := range slices.Sorted(maps.Keys(x.pages)) {
		if err := x.page(address); err != nil {
			return nil, err
		}
	}
	return x.site, x.assets()
}

// lesson plans the pages of a lesson.
func (x *exporter) lesson(l *lessons.Lesson) error {
	at := "/lessons/" + l.Slug
	x.pages[at] = at[1:] + ".html"
	answers, err := answerKeys(l, l.Quizzes()...)
	if err != nil {
		return err
	}
	x.extra[at] = answers
	golden := x.server.goldenRun(l)
	if len(golden.view.Parts) > 0 {
		x.embed("run", l.Slug, "", "?live=1")
		x.embed("diagram", l.Slug, "", "")
	}
	for i, step := range l.Attacks() {
		address, file := at+"/attack?step="+step.ID, at[1:]+"/attack/"+step.ID+".html"
		x.pages[address] = file
		if i == 0 { // a page of its own and not a second address of that one: links lead to either
			x.pages[at+"/attack"] = at[1:] + "/attack.html"
		}
		place := slices.Index(l.Steps, step)
		recorded := `<script type="application/x-ndjson" id="golden">` + strings.ReplaceAll(linesWithin(l, place, place), "<", `\u003c`) + `</script>`
		x.extra[address] = recorded
		if i == 0 {
			x.extra[at+"/attack"] = recorded
		}
	}
	for _, q := range l.Quizzes() {
		if q.SelfCheck {
			continue
		}
		address := x.embed("quiz", l.Slug, q.ID, "")
		if x.extra[address], err = answerKeys(l, q); err != nil {
			return err
		}
	}
	for _, t := range golden.tokens {
		if t.step != "" {
			x.embed("token", l.Slug, t.Tag, "?interactive=0")
		}
	}
	return nil
}

// embed plans the page of an embed; a tag's sign becomes a hyphen in its file's name.
func (x *exporter) embed(grain, slug, part, query string) string {
	file := path.Join("embed/v1", grain, slug, strings.ReplaceAll(part, "#", "-")) + ".html"
	address := path.Join("/embed/v1", grain, slug)
	if part != "" {
		address += "/" + strings.ReplaceAll(part, "#", "%23")
	}
	x.pages[address+query] = file
	return address + query
}

// add puts a template's part at the end of what a page says first.
func (x *exporter) add(address, template string, data any) error {
	var b bytes.Buffer
	err := frontend.Render(&b, template, data)
	x.extra[address] += b.String()
	return err
}

// answered is what the server answers to a request.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) WriteHeader(status int)      { a.status = status }
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }

// get is what the server has at an address.
func (x *exporter) get(address string) ([]byte, error) {
	r, err := http.NewRequest("GET", copyBase+address, nil)
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:1"
	a := &answered{header: http.Header{}, status: http.StatusOK}
	x.server.router.ServeHTTP(a, r)
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("%s was answered with %d", address, a.status)
	}
	return a.body.Bytes(), nil
}

func (x *exporter) page(address string) error {
	raw, err := x.get(address)
	if err != nil {
		return err
	}
	file := x.pages[address]
	if x.site.files[file], err = x.copied(address, file, raw); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	x.site.Pages++
	return nil
}

// fontLicences go wherever the fonts go (SIL Open Font License 1.1, condition 2).
var fontLicences = []string{"OFL-Atkinson-Hyperlegible-Mono.txt", "OFL-Atkinson-Hyperlegible-Next.txt"}

// inSheet finds what a style sheet loads.
var inSheet = regexp.MustCompile(`url\("?([^)"]+)"?\)`)

// assets adds the files that pages need, and those that these need.
func (x *exporter) assets() error {
	for _, licence := range fontLicences {
		x.need("/assets/fonts/" + licence)
	}
	for i := 0; i < len(x.wanted); i++ {
		address := x.wanted[i]
		body, err := x.get(address)
		if err != nil {
			return err
		}
		x.site.files[fileOf(address)] = body
		if path.Ext(fileOf(address)) != ".css" {
			continue
		}
		for _, m := range inSheet.FindAllSubmatch(body, -1) {
			if name, _, _ := strings.Cut(string(m[1]), "?"); !strings.HasPrefix(name, "data:") && !strings.HasPrefix(name, "#") {
				x.need(path.Join(path.Dir(address), name))
			}
		}
	}
	return nil
}

// need asks for a file once; its address may have a query, which its name has not.
func (x *exporter) need(address string) {
	address, _, _ = strings.Cut(address, "?")
	if !slices.Contains(x.wanted, address) {
		x.wanted = append(x.wanted, address)
	}
}

// fileOf is the name of a file that isn't a page.
func fileOf(address string) string {
	if name := strings.TrimPrefix(address, "/"); path.Ext(name) != "" {
		return name
	}
	return strings.TrimPrefix(address, "/") + ".svg" // a course's logo
}

// Names are the paths of the site's files, sorted.
func (s *Site) Names() []string { return slices.Sorted(maps.Keys(s.files)) }

// File is a file of the site; nil if there is none of that name.
func (s *Site) File(name string) []byte { return s.files[name] }

// Bytes is how large the site is.
func (s *Site) Bytes() (n int) {
	for _, b := range s.files {
		n += len(b)
	}
	return n
}

// siteMark names the file that says what a folder is, and which of its files are ours.
const siteMark = ".playground-export"

const siteFormat = "oauth-playground-site"

// mark is what stands in it.
type mark struct {
	Format  string   `json:"format"`
	Version int      `json:"version"`
	Files   []string `json:"files"`
}

// Write writes the site into a folder. That must be empty, not there yet, or an earlier export: of that what is no longer part of it
// goes, and nothing else. Each file is there whole or as it was before; pages come after what they need.
func (s *Site) Write(dir string) error {
	earlier, err := earlierExport(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // no link in it leads a write out of it
	if err != nil {
		return err
	}
	defer root.Close()
	if err := s.write(root, earlier); err != nil {
		return fmt.Errorf("%s is not written to its end: %w", dir, err) // by itself the error names a file within it
	}
	return nil
}

func (s *Site) write(root *os.Root, earlier []string) error {
	names := s.Names()
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(strings.Count(path.Ext(a), "html"), strings.Count(path.Ext(b), "html"))
	})
	// Until all is done the mark has both lists, so that what was cut off is finished by the next try.
	if err := writeMark(root, append(slices.Clone(names), earlier...)); err != nil {
		return err
	}
	for _, name := range names {
		if err := writeWhole(root, name, s.files[name]); err != nil {
			return err
		}
	}
	for _, name := range earlier {
		if s.files[name] != nil {
			continue
		}
		for _, gone := range []string{name, name + unfinished} {
			if err := root.Remove(filepath.FromSlash(gone)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
			if root.Remove(filepath.FromSlash(parent)) != nil { // it has something else in it
				break
			}
		}
	}
	return writeMark(root, names)
}

// earlierExport are the files of an earlier export; an error says that there is something else.
func earlierExport(dir string) ([]string, error) {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(list) == 0:
		return nil, nil
	case err != nil:
		return nil, err
	case len(list) == 1 && list[0].Name() == siteMark+unfinished: // the first of an export that was cut off
		return nil, nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, siteMark))
	var m mark
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Format != siteFormat {
		return nil, fmt.Errorf("%s is not empty, and no earlier export: nothing was written. Name another folder, or empty this one", dir)
	}
	return m.Files, nil
}

func writeMark(root *os.Root, names []string) error {
	slices.Sort(names)
	raw, err := json.MarshalIndent(mark{Format: siteFormat, Version: 1, Files: slices.Compact(names)}, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(root, siteMark, append(raw, '\n'))
}

// unfinished ends the name of a file that is being written.
const unfinished = ".new"

// writeWhole writes a file beside its place and moves it there.
func writeWhole(root *os.Root, name string, content []byte) error {
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.WriteFile(name+unfinished, content, 0o644); err != nil {
		return err
	}
	return root.Rename(name+unfinished, name)
}
