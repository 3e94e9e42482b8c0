package world

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
)

// plannedPost is the post that Maya has planned: what Planner publishes for her.
const plannedPost = "New on the counter this week: a Kenyan roast that smells of blackcurrant."

// plannerPage is what Planner's pages show.
type plannerPage struct {
	Account *connection
	Notice  string
	Heading string // of a page that says no; empty: an account was not connected
	Problem string
	Post    string

	Password bool // it asks for the Chirper password
	Counter  bool // it loads the visitor counter of another company
	Fragment bool // it reads its own fragment

	Status bool     // it links to the status page
	Log    []string // which shows this

	App    string // which page of the browser app it is
	Script string // its own script, if it is one of that app
}

// Scripts is what the page runs; it is the template that asks.
func (p plannerPage) Scripts() template.HTML {
	var text string
	if p.Counter {
		text += counterTag + "\n"
	}
	if p.Fragment {
		text += "<script>" + fragmentScript + "</script>\n"
	}
	if p.Script != "" {
		text += "<script>" + p.Script + "</script>\n"
	}
	return template.HTML(text)
}

// policy is the page's Content-Security-Policy: what it runs and loads, and nothing else.
func (p plannerPage) policy() string {
	policy := "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
	mallory, _ := actorByID(Attacker)
	var sources []string
	if p.Counter {
		sources = append(sources, mallory.URL)
		policy += "; img-src " + mallory.URL
	}
	if p.Fragment {
		sources = append(sources, sourceHash(fragmentScript))
	}
	if p.Script != "" {
		as, _ := actorByID(AS)
		sources = append(sources, sourceHash(p.Script))
		policy += "; connect-src " + as.URL
	}
	if len(sources) > 0 {
		policy += "; script-src " + strings.Join(sources, " ")
	}
	return policy
}

// plannerPages are plain forms and links with stable ids, so that they work in any user agent.
var plannerPages = template.Must(template.New("planner").Parse(`
{{define "top"}}<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Content Planner</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#14191f, #eceff2); --soft: light-dark(#4a545e, #b4bcc4); --paper: light-dark(#fff, #15191e); --own: light-dark(#8f5600, #e2a24a); --rule: light-dark(#d5dbe1, #39424c); }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 "Atkinson Hyperlegible Next", system-ui, sans-serif; }
main { max-inline-size: 26rem; margin-inline: auto; display: grid; gap: .9rem; justify-items: start; }
header { display: flex; gap: .5rem; align-items: center; color: var(--own); font-weight: 650; }
header i { inline-size: .8rem; block-size: .8rem; background: currentColor; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0; } p { margin: 0; }
blockquote { margin: 0; padding: .6rem .8rem; border-inline-start: 3px solid var(--rule); }
.go { display: inline-block; font: 600 1rem/1 inherit; padding: .8rem 1.1rem; border-radius: 4px; border: 1.5px solid var(--own); background: var(--own); color: var(--paper); text-decoration: none; cursor: pointer; }
.plain { font: inherit; background: none; border: 0; padding: 0; color: var(--soft); text-decoration: underline; cursor: pointer; }
.soft { color: var(--soft); font-size: .9rem; } .note { border: 1px solid var(--rule); border-radius: 4px; padding: .5rem .75rem; }
</style>
</head>
<body><main>
<header><i></i>Content Planner</header>{{end}}
{{define "end"}}<p class="soft">Practice server. Do not type a real password.</p>
</main>{{.Scripts}}</body>
</html>
{{end}}
{{define "home"}}{{template "top" .}}
{{with .Notice}}<p class="note" id="notice" role="status">{{.}}</p>{{end}}
{{if .Account}}<h1>Ready to publish{{with .Account.Name}}, {{.}}{{end}}</h1>
<p>Your Chirper account is connected. This post is planned for today:</p>
<blockquote>{{.Post}}</blockquote>
<form method="post" action="/publish"><button class="go" id="publish">Publish on Chirper</button></form>
<form method="post" action="/disconnect"><button class="plain" id="disconnect">Disconnect Chirper</button></form>
{{else if .Password}}<h1>Plan your posts, publish them on time</h1>
<p>To publish for you, Planner signs in at Chirper as you.</p>
<form method="post" action="/connect/password">
<p><label>Your Chirper user name<br><input id="username" name="username" autocomplete="off" required></label></p>
<p><label>Your Chirper password<br><input id="password" type="password" name="password" autocomplete="off" required></label></p>
<p><button class="go" id="give">Give it to Planner</button></p>
</form>
{{else}}<h1>Plan your posts, publish them on time</h1>
<p>Planner can publish on Chirper for you. It never asks for your Chirper password.</p>
<p><a class="go" id="connect" href="/connect">Connect Chirper</a></p>
{{end}}{{if .Status}}<p><a id="status" href="/status">Server status</a></p>
{{end}}{{template "end" .}}{{end}}
{{define "fragment"}}{{template "top" .}}
<h1>One moment</h1>
<p>Chirper has put its answer behind the # of this page’s address. A script of this page reads it and sends it to Planner.</p>
{{template "end" .}}{{end}}
{{define "refused"}}{{template "top" .}}
<h1>{{or .Heading "Not connected"}}</h1>
<p id="problem">{{.Problem}}</p>
<p><a id="home" href="/">Back to Planner</a></p>
{{template "end" .}}{{end}}
{{define "status"}}{{template "top" .}}
<h1>Server status</h1>
<p>The last addresses that this server was asked for (in) and has called (out):</p>
<style>#log { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }</style>
<pre id="log">{{range .Log}}{{.}}
{{end}}</pre>
{{template "end" .}}{{end}}
{{define "app"}}{{template "top" .}}
<h1>Planner on your phone</h1>
<p>The app is installed on this phone. It signs you in at Chirper, in this browser.</p>
<p><a class="go" id="open-app" href="test.planner:/start">Connect Chirper in the app</a></p>
{{template "end" .}}{{end}}
{{define "web"}}{{template "top" .}}
{{if eq .App "home"}}<h1>Planner in your browser</h1>
<p>This page is all of Planner there is: no server of Planner’s takes part.</p>
<p><a class="go" id="connect" href="/web/start">Connect Chirper</a></p>
{{else}}<h1>Planner in your browser</h1>
<p id="says" role="status">One moment…</p>
{{end}}{{template "end" .}}{{end}}
`))

func writePlannerPage(w http.ResponseWriter, status int, name string, page plannerPage) {
	page.Post = plannedPost
	var b bytes.Buffer
	if err := plannerPages.ExecuteTemplate(&b, name, page); err != nil {
		http.Error(w, "Something went wrong at Planner.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", page.policy())
	w.WriteHeader(status)
	w.Write(b.Bytes())
}
