package playground

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// posters are an address of each grain.
var posters = []string{
	"/embed/v1/lesson/code-flow", "/embed/v1/step/pkce/one-character", "/embed/v1/step/code-flow/allow..spend", "/embed/v1/quiz/code-flow/browser-gets",
	"/embed/v1/attack/pkce/caught", "/embed/v1/run/two-steps", "/embed/v1/token/code-flow/id_token%231", "/embed/v1/diagram/code-flow",
}

// TestAPosterIsLightAndMayBeFramed: of each grain, all that is loaded before it is started, compressed, is 15 kB at most; anybody may
// frame it, it sets no cookie, and each of its few parts comes from this server.
func TestAPosterIsLightAndMayBeFramed(t *testing.T) {
	base := startServer(t, Config{})
	get := func(path string) result {
		req := mustRequest("GET", base+path, "")
		req.Header.Set("Accept-Encoding", "gzip")
		return do(t, loadClient(), req)
	}
	loads := regexp.MustCompile(`<(?:link rel="(?:stylesheet|preload|modulepreload)"[^>]* href|(?:script|img|iframe)[^>]* src)="([^"]+)"`)
	for _, path := range posters {
		r := get(path)
		if r.status != http.StatusOK {
			t.Fatalf("%s: %d", path, r.status)
		}
		sum := len(r.body)
		parts := loads.FindAllStringSubmatch(unzipped(t, r.body), -1)
		if len(parts) == 0 {
			t.Errorf("%s loads nothing: not even its style sheet is weighed", path)
		}
		for _, m := range parts {
			part := get(html.UnescapeString(m[1]))
			if part.status != http.StatusOK || !strings.HasPrefix(part.header.Get("Content-Type"), "text/css") {
				t.Errorf("%s loads %s: %d, %s", path, m[1], part.status, part.header.Get("Content-Type"))
			}
			sum += len(part.body)
		}
		if sum > 15<<10 {
			t.Errorf("%s is %d bytes, more than 15 kB", path, sum)
		}
		t.Logf("%s: %d bytes", path, sum)
		for name, want := range map[string]string{"Set-Cookie": "", "X-Frame-Options": "", "Cross-Origin-Opener-Policy": "", "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "max-age=300"} {
			if got := r.header.Get(name); want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if csp := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "frame-ancestors") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
	}
}

func unzipped(t *testing.T, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhoMayFrameWhat: embeds and the frames of browsers in them are for those who are listed, all else is for nobody.
func TestWhoMayFrameWhat(t *testing.T) {
	for list, want := range map[string]string{
		"*": "", "none": "frame-ancestors 'self'",
		"https://docs.example, https://*.example.org": "frame-ancestors 'self' https://docs.example https://*.example.org",
	} {
		origins, err := EmbedOrigins(list)
		if err != nil {
			t.Fatal(err)
		}
		base := startServer(t, Config{EmbedOrigins: origins})
		b := newBox(t, base, `{"lesson":"code-flow"}`)
		var view world.BrowserView
		decodeInto(t, b.call(t, "POST", "/browsers/browser/open", b.Key, `{"url":"https://planner.test/"}`).body, &view)
		policy := func(path string) string {
			r := do(t, loadClient(), mustRequest("GET", base+path, ""))
			_, ancestors, _ := strings.Cut(r.header.Get("Content-Security-Policy"), "; frame-ancestors ")
			ancestors, _, _ = strings.Cut(ancestors, ";")
			if ancestors != "" {
				ancestors = "frame-ancestors " + ancestors
			}
			return ancestors
		}
		for _, path := range []string{posters[0], "/embed/v1/lesson/nothing", "/embed/v1/lesson/code-flow?live=1", view.Frame} {
			if got := policy(path); got != want {
				t.Errorf("%s, %s: %q, want %q", list, path, got, want)
			}
		}
		for _, path := range []string{"/", "/lessons/code-flow", "/lessons/pkce/attack", "/workbench", "/glossary"} {
			if got := policy(path); got != "frame-ancestors 'none'" {
				t.Errorf("%s, %s: %q", list, path, got)
			}
		}
	}
	for _, list := range []string{"docs.example", "https://docs.example/guide", "https://*", "ftp://docs.example", "https://docs.example;script-src *", "https://a b", "'self'", "https://me@docs.example", "https://docs.example?x"} {
		if origins, err := EmbedOrigins(list); err == nil {
			t.Errorf("%q was taken as %q", list, origins)
		}
	}
}

// TestWhatIsWrongWithAnEmbedIsSaid: in the frame, in a sentence that names what would be right.
func TestWhatIsWrongWithAnEmbedIsSaid(t *testing.T) {
	base := startServer(t, Config{})
	for path, want := range map[string]string{
		"/embed/v1/lessons/code-flow":                                 "no embed of the kind “lessons”. There are lesson, step, quiz",
		"/embed/v1/lesson/nothing":                                    "no lesson “nothing”",
		"/embed/v1/lesson/code-flow/swap":                             "names a lesson and nothing behind it",
		"/embed/v1/step/code-flow":                                    "has no step “”. It has planner, leave",
		"/embed/v1/step/code-flow/10":                                 "has no step “10”",
		"/embed/v1/step/code-flow/spend..allow":                       "“allow” comes before “spend”",
		"/embed/v1/quiz/code-flow/why":                                "has no question “why”. It has",
		"/embed/v1/attack/code-flow/leave":                            "has no attack",
		"/embed/v1/token/code-flow/id_token%232":                      "has no token “id_token#2”. It has access_token#1, id_token#1",
		"/embed/v1/lesson/code-flow?them=dark":                        "has no option “them”. It has theme, accent, lang, title, interactive, version, step.",
		"/embed/v1/quiz/code-flow/browser-gets?step=swap":             "has no option “step”. It has theme, accent, lang, title, interactive, version.",
		"/embed/v1/lesson/code-flow?theme=blue":                       "There are auto, light and dark",
		"/embed/v1/lesson/code-flow?theme=dark&theme=light":           "“theme” is there twice",
		"/embed/v1/lesson/code-flow?title=no":                         "title is 1 or 0, and not “no”",
		"/embed/v1/lesson/code-flow?lang=de":                          "There are lessons in en",
		"/embed/v1/lesson/code-flow?version=99":                       "not yet version 99",
		"/embed/v1/lesson/code-flow?version=first":                    "a number from 1",
		"/embed/v1/lesson/code-flow?step=nothing":                     "has no step “nothing”",
		"/embed/v1/lesson/code-flow?accent=blue":                      "“blue” is no colour",
		"/embed/v1/lesson/code-flow?accent=ffee88":                    "#ffee88 can hardly be seen on the light theme: its contrast is 1.2 to 1, and a button needs 3 to 1",
		"/embed/v1/lesson/code-flow?accent=003366":                    "on the dark theme: its contrast is 1.4 to 1",
		"/embed/v1/lesson/code-flow?accent=003366,112233":             "on the dark theme",
		"/embed/v1/lesson/code-flow?theme=light&accent=%23003366":     "on the dark theme: its contrast is 1.4 to 1, and a button needs 3 to 1. Choose another, or give one for light and one for dark",
		"/embed/v1/diagram/code-flow?step=spend..planner&theme=light": "“planner” comes before “spend”",
	} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+path, ""))
		if text := html.UnescapeString(string(r.body)); r.status/100 != 4 || !strings.Contains(text, want) {
			t.Errorf("%s: %d, and it does not say %q\n%s", path, r.status, want, text)
		}
	}
}

// TestOptionsOfAnEmbed: what each does to the poster.
func TestOptionsOfAnEmbed(t *testing.T) {
	base := startServer(t, Config{})
	for _, tt := range []struct{ path, has, hasNot string }{
		{"/embed/v1/lesson/code-flow", `id="start"`, `data-theme`},
		{"/embed/v1/lesson/code-flow?theme=dark&lang=en-GB&version=1", `<html lang="en" data-theme="dark">`, `class="cap em-old"`},
		{"/embed/v1/lesson/code-flow?accent=0b5fff", `:root{--accent:light-dark(#0b5fff,#0b5fff);--on-accent:light-dark(#fff,#fff)}`, `none of this`},
		{"/embed/v1/lesson/code-flow?theme=light&accent=036,8bf", `light-dark(#003366,#88bbff`, `none of this`},
		{"/embed/v1/lesson/code-flow?theme=dark&accent=036,fff", `--on-accent:light-dark(#fff,#000)`, `none of this`},
		{"/embed/v1/lesson/code-flow?title=0", `id="start"`, `<h1>`},
		{"/embed/v1/lesson/code-flow?interactive=0", `class="em-run"`, `id="start"`},
		{"/embed/v1/quiz/code-flow/browser-gets?interactive=0", `short-lived code`, `<button`},
		{"/embed/v1/token/code-flow/id_token?interactive=0", `Maya Rivera`, `id="start"`},
		{"/embed/v1/lesson/code-flow?step=swap", `The 4 steps before it are played for you.`, `none of this`},
		{"/embed/v1/step/code-flow/5", `Swap the code for a token`, `GET</b> /connect`},
		{"/embed/v1/step/code-flow/allow..spend", `steps 4 to 6`, `GET</b> /connect`},
		{"/embed/v1/diagram/code-flow?step=swap", `POST</b> /token`, `GET</b> /connect`},
		{"/embed/v1/run/code-flow?step=5", `POST</b> /token`, `GET</b> /connect`},
		{"/embed/v1/lesson/pkce", `it needs allow-scripts, allow-same-origin and allow-forms`, `none of this`},
		{"/embed/v1/attack/pkce", `href="/lessons/pkce/attack?step=`, `none of this`},
		{"/embed/v1/token/code-flow/id_token", `Maya Rivera`, `{nonce#1}`},
	} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+tt.path, ""))
		if text := string(r.body); r.status != http.StatusOK || !strings.Contains(text, tt.has) || strings.Contains(text, tt.hasNot) {
			t.Errorf("%s: %d, want %q and not %q", tt.path, r.status, tt.has, tt.hasNot)
		}
	}
}

// TestAQuestionAloneIsAnsweredWithoutScript: it gives nothing away before, and says why after.
func TestAQuestionAloneIsAnsweredWithoutScript(t *testing.T) {
	base := startServer(t, Config{})
	at := base + "/embed/v1/quiz/code-flow/browser-gets?theme=dark"
	if r := do(t, http.DefaultClient, mustRequest("GET", at, "")); strings.Contains(string(r.body), "it first appears in the answer") || strings.Contains(string(r.body), "data-correct") {
		t.Error("it gives its answer away")
	}
	for form, want := range map[string]string{
		"question=browser-gets&choice=1": `data-correct="false"`,
		"question=browser-gets&choice=2": `data-correct="true"`,
	} {
		r := do(t, http.DefaultClient, mustRequest("POST", at, form))
		if text := string(r.body); r.status != 200 || !strings.Contains(text, want) || !strings.Contains(text, `class="fb"`) || !strings.Contains(text, `data-theme="dark"`) {
			t.Errorf("%s: %d\n%s", form, r.status, text)
		}
	}
	for form, want := range map[string]string{"question=browser-gets": "No answer was chosen", "question=other&choice=1": "no such question"} {
		if r := do(t, http.DefaultClient, mustRequest("POST", at, form)); r.status != 400 || !strings.Contains(string(r.body), want) {
			t.Errorf("%s: %d\n%s", form, r.status, r.body)
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("POST", base+"/embed/v1/step/code-flow/swap", "question=who-swaps&choice=1")); r.status != http.StatusMethodNotAllowed {
		t.Errorf("an answer to a step: %d", r.status)
	}
}

// TestEveryLessonHasItsPosters: whatever a lesson's author names can be shown elsewhere.
func TestEveryLessonHasItsPosters(t *testing.T) {
	base := startServer(t, Config{})
	course, err := lessons.Load(lessons.Embedded(), world.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range course.Tracks {
		for _, l := range track.Lessons {
			paths := []string{"lesson/" + l.Slug, "run/" + l.Slug, "diagram/" + l.Slug}
			for _, s := range l.Steps {
				paths = append(paths, "step/"+l.Slug+"/"+s.ID)
			}
			for _, q := range l.Quizzes() {
				if !q.SelfCheck {
					paths = append(paths, "quiz/"+l.Slug+"/"+q.ID)
				}
			}
			for _, s := range l.Attacks() {
				paths = append(paths, "attack/"+l.Slug+"/"+s.ID)
			}
			golden, err := l.Golden()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`"tag":"([a-z_]+#\d+)","format":"jwt"`).FindAllStringSubmatch(string(golden), -1) {
				paths = append(paths, "token/"+l.Slug+"/"+url.PathEscape(m[1]))
			}
			for _, path := range paths {
				if r := do(t, http.DefaultClient, mustRequest("GET", base+"/embed/v1/"+path, "")); r.status != http.StatusOK {
					t.Errorf("%s: %d", path, r.status)
				}
			}
		}
	}
}

// TestAnEmbedIsOfItsEdition: who wrote for an earlier edition is told so, and nobody else.
func TestAnEmbedIsOfItsEdition(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": strings.Replace(mine("A text."), "---\n", "---\nversion: 3\n", 1)})
	for query, want := range map[string]string{"": "", "?version=3": "", "?version=2": "written for version 2 of the lesson. You see version 3."} {
		status, page := d.get("/embed/v1/lesson/first" + query)
		if status != 200 || strings.Contains(page, "written for version") != (want != "") || !strings.Contains(page, want) {
			t.Errorf("%q: %d\n%s", query, status, page)
		}
	}
	if status, page := d.get("/embed/v1/lesson/first?version=4"); status != 400 || !strings.Contains(page, "This server has version 3") {
		t.Errorf("a version that isn't there: %d\n%s", status, page)
	}
}

// TestAnEarlierEditionIsShownIfItsAuthorKeepsIt: a page that was written for it names what may be no more.
func TestAnEarlierEditionIsShownIfItsAuthorKeepsIt(t *testing.T) {
	edition := func(n int, asks, step string) string {
		return strings.NewReplacer("---\ntitle", "---\nversion: "+strconv.Itoa(n)+"\ntitle", "What is here?", asks, "{#look}", "{#"+step+"}").Replace(mine("A text."))
	}
	d := newDesk(t, map[string]string{
		"mine/01-first.md": edition(3, "What is new?", "see"), "mine/02-first-v1.md": edition(1, "What was old?", "look"), "mine/03-first-v2.md": edition(1, "Which version?", "look"),
		"course.yaml": "hide: [first-v1, first-v2]\n",
	})
	for address, want := range map[string]string{
		"/embed/v1/lesson/first?version=1":    "What was old?",
		"/embed/v1/step/first/look?version=1": `href="/lessons/first-v1#look"`,
		"/embed/v1/lesson/first?version=2":    "You see version 3.",
		"/embed/v1/lesson/first":              "What is new?",
	} {
		status, page := d.get(address)
		if status != 200 || !strings.Contains(page, want) || strings.Contains(page, "written for version") != strings.Contains(want, "You see") {
			t.Errorf("%s: %d\n%s", address, status, page)
		}
	}
	if status, _ := d.get("/embed/v1/step/first/look"); status != 404 {
		t.Errorf("a step of another edition: %d", status)
	}
	if _, home := d.get("/"); strings.Contains(home, "first-v1") {
		t.Error("what is kept stands in the catalogue")
	}
}

// TestEmbedsWearTheCoursesDress: an embed says the names, and bears the title, of who teaches. Who embeds it may choose the colour.
func TestEmbedsWearTheCoursesDress(t *testing.T) {
	d := newDesk(t, map[string]string{"mine/01-first.md": mine("A text of Maya."), "course.yaml": acme, "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
	for path, want := range map[string][]string{
		"/embed/v1/step/code-flow/sign-in":                     {"<h1>Sign in as Zoë</h1>", "· OAuth at Acme</title>", `<img src="/course/logo"`, "background:#0b6e4f", "<script>" + string(frontend.EmbedScript()) + "</script>"},
		"/embed/v1/step/code-flow/sign-in?live=1":              {"<h2>Sign in as Zoë</h2>", "· OAuth at Acme</title>", `<meta name="names"`},
		"/embed/v1/step/code-flow/sign-in?accent=0b5fff":       {"--accent:light-dark(#0b5fff,#0b5fff)"},
		"/api/lessons/code-flow/share?step=sign-in":            {"Sign in as Zoë, from “The flow at Acme”"},
		"/oembed?url=http%3A%2F%2Fplay.test%2Flessons%2Fstate": {`"provider_name":"OAuth at Acme"`},
	} {
		_, page := d.get(path)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not say %q\n%.600s", path, text, page)
			}
		}
	}
}
