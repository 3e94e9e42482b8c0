package mockidp

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/mockidp/check"
)

// The pages of the server: plain forms without script, with stable ids, so that a browser, HtmlUnit and Playwright can
// all use them. Every page ends with the same sentence.

// view is what every page has.
type view struct{ Title, Name, Person string }

func (i *Issuer) view(title string) view { return view{Title: title, Name: i.name()} }

type loginView struct {
	view
	Action, Txn, Username, Password, Client, Problem string
	People                                           []personView
}

// personView is someone who can be chosen: a link to the same page, with their name and password filled in.
type personView struct {
	Username, Words, Href string
	Chosen                bool
}

type scopeView struct {
	Name, Words string
	Fixed       bool
}

type consentView struct {
	view
	Action, Txn, Client, Host, Not string
	Scopes                         []scopeView
}

// accountView is the account page; Removed is the app that has been taken back.
type accountView struct {
	view
	Action, Mark, Removed string
	Apps                  []appView
}

type appView struct{ ID, Name string }

type errorView struct {
	view
	Text, Fault, Holds, Code, Check, About string
	Asked                                  []split
	Registered                             []split
}

// split is an address in two: what it shares with another, and from where it differs.
type split struct{ Same, Differs string }

type leaveView struct {
	view
	Target, Host string
	Href         template.URL // the same address; what could run in our name was refused by as.redirect-uri-safe
}

// pageStyle stands in every page, since a page in a frame that is shut in can't fetch it. It has no comments: the template
// would leave them out, and the page would no longer match its policy.
//
//go:embed pages.css
var pageStyle string

var pages = template.Must(template.New("pages").Parse(`
{{define "top"}}<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{.Title}} · {{.Name}}</title>
<style>` + pageStyle + `</style>
</head>
<body><main>
<header><i class="logo"></i><b>{{.Name}}</b>{{with .Person}}<span>{{.}}</span>{{end}}</header>
<h1>{{.Title}}</h1>{{end}}
{{define "end"}}</main>
<footer><p>Practice server. Do not type a real password.</p></footer>
</body></html>
{{end}}
{{define "login"}}{{template "top" .}}
<p class="soft">to go on to <b>{{.Client}}</b></p>
{{with .Problem}}<p class="bad" id="problem" role="alert">{{.}}</p>{{end}}
<form method="post" action="{{.Action}}" id="login-form">
<input type="hidden" name="txn" value="{{.Txn}}">
<label>User name<input id="username" name="username" autocomplete="off" value="{{.Username}}" required></label>
<label>Password<input id="password" type="password" name="password" autocomplete="off" value="{{.Password}}" required></label>
<button id="login" name="login" value="login">Sign in</button>
</form>
<p class="small soft">Only {{.Name}} sees this password. {{.Client}} does not.</p>
{{with .People}}<section class="people" aria-labelledby="people"><h2 id="people">Or choose who you are</h2>
{{range .}}<a id="as-{{.Username}}" class="who{{if .Chosen}} on{{end}}"{{if .Chosen}} aria-current="true"{{end}} href="{{.Href}}">{{.Words}}</a>
{{end}}</section>{{end}}
{{template "end"}}{{end}}
{{define "consent"}}{{template "top" .}}
<p class="soft">The app says its name is <b>{{.Client}}</b>. {{.Name}} will send you back to <b>{{.Host}}</b>.</p>
<form method="post" action="{{.Action}}" id="consent-form">
<input type="hidden" name="txn" value="{{.Txn}}">
<fieldset><legend>It will be able to</legend>
{{range .Scopes}}<label class="ck"><input type="checkbox" name="scope" value="{{.Name}}" id="scope-{{.Name}}" checked{{if .Fixed}} disabled{{end}}> <span>{{.Words}}<br><code>{{.Name}}</code></span></label>
{{else}}<p class="ck">Know that you signed in, and nothing else</p>
{{end}}</fieldset>
<p class="will-not"><b>It will not</b> {{.Not}}.{{if .Scopes}} Untick what you do not want to give.{{end}}</p>
<div class="two"><button class="ghost" id="deny" name="choice" value="deny">Cancel</button><button id="allow" name="choice" value="allow">Allow</button></div>
</form>
{{template "end"}}{{end}}
{{define "account"}}{{template "top" .}}
{{with .Removed}}<p class="soft" id="removed" role="status"><b>{{.}}</b> can do nothing more in your name.</p>{{end}}
{{range .Apps}}<form method="post" action="{{$.Action}}" class="app">
<input type="hidden" name="mark" value="{{$.Mark}}"><input type="hidden" name="client_id" value="{{.ID}}">
<p><b>{{.Name}}</b></p><button class="ghost" id="remove-{{.ID}}">Remove</button>
</form>
{{else}}<p class="soft">No app is connected.</p>
{{end}}<p class="small soft">To remove one app changes nothing for the others, and nothing about your password.</p>
{{template "end"}}{{end}}
{{define "error"}}{{template "top" .}}
<p class="soft" id="error">{{.Text}}</p>
{{if .Asked}}<dl><dt>Asked for</dt>{{range .Asked}}{{template "split" .}}{{end}}{{if .Registered}}<dt>Registered</dt>{{range .Registered}}{{template "split" .}}{{end}}{{end}}</dl>{{end}}
<p class="soft" id="fault">{{.Fault}}</p>
<p class="soft" id="holds">{{.Holds}}</p>
<p><a id="home" href="{{.About}}">Go to {{.Name}}</a></p>
<p class="small soft low">error <code>{{.Code}}</code>{{with .Check}}, check <code>{{.}}</code>{{end}}</p>
{{template "end"}}{{end}}
{{define "split"}}<dd>{{.Same}}{{with .Differs}}<mark>{{.}}</mark>{{end}}</dd>{{end}}
{{define "leave"}}{{template "top" .}}
<p class="soft">The app asks that you are sent to <b>{{.Host}}</b>. This practice server does not know that address. This is the whole of it:</p>
<dl><dt>Address</dt><dd>{{.Target}}</dd></dl>
<p><a class="go" id="leave" rel="noreferrer" href="{{.Href}}">Go to {{.Host}}</a></p>
<p class="soft">If you did not expect this, close this page.</p>
{{template "end"}}{{end}}
{{define "about"}}{{template "top" .}}
<p class="soft">{{.Name}} is a mock authorization server. Its users are made up, its passwords are shown, its protections can be switched off. It must never stand in front of anything real.</p>
{{template "end"}}{{end}}
`))

// pageCSP lets a page show its own style, by its hash, and submit its own form, and nothing else. It names no form-action:
// browsers that apply it to the redirect after a form would stop the way back to the client.
var pageCSP = "default-src 'none'; style-src " + styleHash(pageStyle) + "; base-uri 'none'; frame-ancestors 'none'"

// styleHash names an inline style to a policy (CSP Level 3 §2.3.1).
func styleHash(style string) string {
	h := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

func (i *Issuer) page(w http.ResponseWriter, status int, name string, v any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	noStore(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pageCSP)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// errorPage tells the person at the browser what was wrong, whose fault it is and what still holds; a is what was asked
// for, if that far has been read.
func (i *Issuer) errorPage(w http.ResponseWriter, r *http.Request, err error, a *authorization) {
	var e pageError
	var plain Error
	switch {
	case errors.As(err, &e):
	case errors.As(err, &plain):
		e = pageError(plain)
	default:
		e = errFault
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	v := errorView{view: i.view("We stopped here"), Text: e.Description, Code: e.Code, Check: check.Refuser(r.Context()), About: i.path("/about")}
	switch {
	case e.Status >= http.StatusInternalServerError:
		v.Title = "This did not work"
		v.Fault = "It is our fault, not yours and not the app’s."
		v.Holds = "Nothing was sent, and you can try again."
	case r.URL.Path == "/authorize":
		v.Fault = "The fault is in the link that brought you here: the app made a mistake, or somebody changed the link. It is not yours."
		v.Holds = "This link has not signed you in, and nothing was sent."
	case FrontChannel(r.URL.Path):
		v.Fault = "Nobody needs to have done wrong: a page like this works once, and only during a sign-in."
		v.Holds = "Nothing was sent now. What you have answered before still holds."
	default:
		v.Fault = "The fault is in the address, or in the link that has it."
		v.Holds = "Nothing was sent."
	}
	if a != nil && a.client != nil && a.redirectURI != "" && !a.trusted {
		v.Asked, v.Registered = compareURIs(a.redirectURI, a.client.RedirectURIs)
	}
	i.page(w, e.Status, "error", v)
}

// compareURIs shows where an address leaves those that are registered: what was asked for against the nearest of them, and
// each of them against what was asked for.
func compareURIs(asked string, registered []string) (a, list []split) {
	nearest := 0
	for _, uri := range registered {
		n := common(asked, uri)
		nearest = max(nearest, n)
		list = append(list, split{uri[:n], uri[n:]})
	}
	return []split{{asked[:nearest], asked[nearest:]}}, list
}

// common is how many bytes two texts share from the start, in whole characters.
func common(a, b string) int {
	for n, c := range a {
		if !strings.HasPrefix(b[min(n, len(b)):], string(c)) {
			return n
		}
	}
	return len(a)
}

// leavePage shows where an answer would go and asks (RFC 9700 §4.11.2).
func (i *Issuer) leavePage(w http.ResponseWriter, r *http.Request, target string) {
	u, err := url.Parse(target)
	if err != nil || strings.EqualFold(u.Scheme, "javascript") {
		i.fault(w, r)
		return
	}
	i.page(w, http.StatusOK, "leave", leaveView{view: i.view("You are leaving " + i.name()), Target: target, Host: hostOf(target), Href: template.URL(target)})
}

func (i *Issuer) about(w http.ResponseWriter, r *http.Request, _ *moment) {
	i.page(w, http.StatusOK, "about", i.view("A server to practise with"))
}
