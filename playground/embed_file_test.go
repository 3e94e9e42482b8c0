package playground

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestARunThatIsAFileComesFromWhereItLies: what is started may fetch from there and from nowhere else, and the poster says whose file it is.
func TestARunThatIsAFileComesFromWhereItLies(t *testing.T) {
	const sources = "connect-src 'self'"
	listed, err := EmbedOrigins("https://docs.example,https://*.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		origins            []string
		from, says, policy string
	}{
		{nil, "https://docs.example/runs/mine.json?v=1", "mine.json, from docs.example.", sources + " https://docs.example;"},
		{nil, "http://127.0.0.1:9000/<b>.json", "<b>.json, from 127.0.0.1:9000.", sources + " http://127.0.0.1:9000;"},
		{nil, "", "It is in the address of this frame.", sources + ";"},
		{listed, "https://elsewhere.example/run.json", "run.json, from elsewhere.example.", sources + " https://docs.example https://*.example.org;"},
		{[]string{}, "https://docs.example/run.json", "run.json, from docs.example.", sources + ";"},
	} {
		base := startServer(t, Config{EmbedOrigins: tt.origins})
		query := url.Values{"theme": {"dark"}}
		if tt.from != "" {
			query.Set("from", tt.from)
		}
		poster := do(t, http.DefaultClient, mustRequest("GET", base+"/embed/v1/run?"+query.Encode(), ""))
		if text := html.UnescapeString(string(poster.body)); poster.status != 200 || !strings.Contains(text, tt.says) || strings.Contains(string(poster.body), "<b>") || !strings.Contains(text, `data-theme="dark"`) {
			t.Errorf("%s: %d\n%s", tt.from, poster.status, poster.body)
		}
		query.Set("live", "1")
		r := do(t, http.DefaultClient, mustRequest("GET", base+"/embed/v1/run?"+query.Encode(), ""))
		if csp := r.header.Get("Content-Security-Policy") + ";"; r.status != 200 || !strings.Contains(csp, tt.policy) {
			t.Errorf("%s: %d, %s", tt.from, r.status, csp)
		}
	}
	base := startServer(t, Config{})
	for query, want := range map[string]string{
		"run?from=mine.json":                                "from is the whole address of a file",
		"run?from=javascript:alert(1)":                      "and not “javascript:alert(1)”",
		"run?from=https://me@docs.example/run.json":         "the whole address",
		"run?from=https://*/run.json":                       "the whole address",
		"run?from=https://a.example%3Bscript-src%20*/x":     "the whole address",
		"run?from=https://a.example%2Cb.example/x":          "the whole address",
		"run?from=https://docs.example/a&step=swap":         "no option “step”. It has theme, accent, lang, title, from.",
		"run?from=https://a.example&from=https://b.example": "“from” is there twice",
		"run/code-flow?from=https://docs.example/a":         "no option “from”",
		"lesson": "names a lesson, as in /embed/v1/lesson/code-flow",
	} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+"/embed/v1/"+query, ""))
		if text := html.UnescapeString(string(r.body)); r.status/100 != 4 || !strings.Contains(text, want) {
			t.Errorf("%s: %d\n%s", query, r.status, text)
		}
	}
}
