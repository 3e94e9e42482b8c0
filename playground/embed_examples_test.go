package playground

import (
	"encoding/json"
	"html"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pasted are what the page of examples gives to paste, by the recipe and the file, and what stands in the page in the end.
func pasted(t *testing.T, page string) (files map[string]map[string]string, outputs map[string]string) {
	t.Helper()
	files, outputs = map[string]map[string]string{}, map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<div data-recipe="(\w+)">(.*?)</details></div>`).FindAllStringSubmatch(page, -1) {
		files[m[1]] = map[string]string{}
		for _, f := range regexp.MustCompile(`(?s)<span class="cap">([^<]*)</span>.*?<pre class="http" tabindex="0">(.*?)</pre>`).FindAllStringSubmatch(m[2], -1) {
			files[m[1]][f[1]] = html.UnescapeString(f[2])
		}
		if o := regexp.MustCompile(`(?s)data-output>(.*?)</pre>`).FindStringSubmatch(m[2]); o != nil {
			outputs[m[1]] = html.UnescapeString(o[1])
		}
	}
	return files, outputs
}

// shortcode is what a shortcode of Hugo's sees of a page: what it was given, and what is inside it.
type shortcode struct {
	Params map[string]any
	Inner  template.HTML
}

// hugo are those of its functions that the recipe needs.
var hugo = template.FuncMap{"htmlEscape": html.EscapeString, "safeHTMLAttr": func(s string) template.HTMLAttr { return template.HTMLAttr(s) }}

// TestRecipes: what is written for a generator of sites makes what is said to stand in the page.
func TestRecipes(t *testing.T) {
	base := startServer(t, Config{})
	for _, slug := range []string{"", "?lesson=code-flow", "?lesson=pkce"} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+"/embed"+slug, ""))
		if r.status != 200 {
			t.Fatalf("%s: %d", slug, r.status)
		}
		files, outputs := pasted(t, string(r.body))
		if len(files) != 4 {
			t.Fatalf("%s: recipes for %v", slug, files)
		}
		element, script, ok := strings.Cut(outputs["html"], "\n")
		if !ok || files["html"]["index.html"] != outputs["html"] || !strings.HasPrefix(element, `<oauth-lesson lesson="`) || script != `<script type="module" src="`+base+`/embed.js"></script>` {
			t.Errorf("HTML: %q", files["html"])
		}

		config := files["docusaurus"]["docusaurus.config.js"]
		m := regexp.MustCompile(`scripts: (\[\{ src: '([^']+)', type: 'module' \}\]),`).FindStringSubmatch(config)
		if m == nil || element+"\n"+`<script type="module" src="`+m[2]+`"></script>` != outputs["docusaurus"] || files["docusaurus"]["docs/page.mdx"] != element || strings.ContainsAny(element, "{}") {
			t.Errorf("Docusaurus: %q", files["docusaurus"])
		}

		var mkdocs struct {
			Extra []struct{ Path, Type string } `yaml:"extra_javascript"`
		}
		if err := yaml.Unmarshal([]byte(files["mkdocs"]["mkdocs.yml"]), &mkdocs); err != nil || len(mkdocs.Extra) != 1 || mkdocs.Extra[0].Type != "module" || files["mkdocs"]["docs/page.md"]+"\n"+`<script type="module" src="`+mkdocs.Extra[0].Path+`"></script>` != outputs["mkdocs"] {
			t.Errorf("MkDocs: %v %q", err, files["mkdocs"])
		}

		code, err := template.New("shortcode").Funcs(hugo).Parse(files["hugo"]["layouts/shortcodes/oauth-lesson.html"])
		if err != nil {
			t.Fatal(err)
		}
		m = regexp.MustCompile(`^\{\{< oauth-lesson ((?:\w+="[^"]*" )+)>\}\}(.*)\{\{< /oauth-lesson >\}\}$`).FindStringSubmatch(files["hugo"]["content/page.md"])
		if m == nil {
			t.Fatalf("Hugo: %q", files["hugo"]["content/page.md"])
		}
		given := shortcode{map[string]any{}, template.HTML(m[2])}
		for _, m := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(m[1], -1) {
			given.Params[m[1]] = m[2]
		}
		var made strings.Builder
		if err := code.Execute(&made, given); err != nil || made.String() != outputs["hugo"] {
			t.Errorf("Hugo: %v\n%s\nwant\n%s", err, made.String(), outputs["hugo"])
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/embed?lesson=nothing", "")); r.status != http.StatusNotFound {
		t.Errorf("of no lesson: %d", r.status)
	}
}

// TestExamplesAreThere: each kind of embed that a lesson has is on the page, its address can be shown, and its options are all told.
func TestExamplesAreThere(t *testing.T) {
	base := startServer(t, Config{})
	var list struct{ Lessons []struct{ Slug string } }
	if err := json.Unmarshal(do(t, http.DefaultClient, mustRequest("GET", base+"/api/lessons", "")).body, &list); err != nil {
		t.Fatal(err)
	}
	for _, l := range list.Lessons {
		page := string(do(t, http.DefaultClient, mustRequest("GET", base+"/embed?lesson="+l.Slug, "")).body)
		frames := regexp.MustCompile(`&lt;iframe src=&#34;(.*?)&#34;`).FindAllStringSubmatch(page, -1)
		if len(frames) < 7 {
			t.Errorf("%s has %d frames", l.Slug, len(frames))
		}
		for _, m := range frames {
			if r := do(t, http.DefaultClient, mustRequest("GET", html.UnescapeString(html.UnescapeString(m[1])), "")); r.status != 200 {
				t.Errorf("%s: %s is %d", l.Slug, m[1], r.status)
			}
		}
		if n := strings.Count(page, "<oauth-lesson lesson="); n < 6 {
			t.Errorf("%s has %d examples", l.Slug, n)
		}
		for _, o := range embedOptions {
			if told := strings.Contains(page, `<th scope="row"><code>`+o.name+`</code></th>`); told == (o.name == "live") {
				t.Errorf("the option %s: told is %v", o.name, told)
			}
		}
	}
}
