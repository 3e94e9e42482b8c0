package mockidp

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// The pages of the server: plain forms without script, with stable ids, so that a browser, HtmlUnit and Playwright can
// all use them. Every page ends with the same sentence.

type view struct{ Title, Name string }

func (i *Issuer) view(title string) view { return view{Title: title, Name: i.name()} }

type loginView struct {
	view
	Action, Txn, Username, Password, Client, Problem string
	Users                                            []User
}

type scopeView struct {
	Name, Words string
	Fixed       bool
}

type consentView struct {
	view
	Action, Txn, Client, Host, User string
	Scopes                          []scopeView
}

type errorView struct {
	view
	Text, Code, Asked string
	Registered        []string
}

type leaveView struct {
	view
	Target, Host string
	Href         template.URL // the same address; what could run in our name was refused by as.redirect-uri-safe
}

var pages = template.Must(template.New("pages").Parse(`
{{define "top"}}<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{.Title}} · {{.Name}}</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#14191f, #eceff2); --soft: light-dark(#46515b, #b4bcc4); --paper: light-dark(#fff, #15191e); --desk: light-dark(#f2f4f6, #1d2329); --own: light-dark(#006e4f, #4fc79a); --edge: light-dark(#7c8791, #7e8a95); --rule: light-dark(#d5dbe1, #39424c); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 "Atkinson Hyperlegible Next", system-ui, sans-serif; min-block-size: 100vh; display: flex; flex-direction: column; }
main { inline-size: 100%; max-inline-size: 26rem; margin: 0 auto; padding: 1.25rem; display: grid; gap: .75rem; flex: 1; align-content: start; }
.ch { display: flex; gap: .5rem; align-items: center; color: var(--own); font-weight: 650; }
.ch i { inline-size: .7rem; block-size: .7rem; background: currentColor; rotate: 45deg; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0; } p { margin: 0; }
form { display: grid; gap: .75rem; } label { display: grid; gap: .25rem; font-weight: 550; font-size: .9rem; }
input:not([type=checkbox]) { font: 400 1rem/1.4 inherit; padding: .55rem .7rem; border: 1px solid var(--edge); border-radius: 4px; background: var(--paper); color: var(--ink); inline-size: 100%; }
button, .go { font: 600 1rem/1 inherit; min-block-size: 2.75rem; border-radius: 4px; border: 1.5px solid var(--own); background: var(--own); color: var(--paper); inline-size: 100%; cursor: pointer; display: grid; place-content: center; text-decoration: none; }
button.ghost { background: none; color: var(--ink); border-color: var(--edge); }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
fieldset { border: 0; border-block: 1px solid var(--rule); margin: 0; padding: .75rem 0; display: grid; gap: .5rem; } legend { float: left; font-weight: 600; font-size: .9rem; padding: 0; }
.ck { display: flex; gap: .75rem; align-items: start; clear: both; font-weight: 400; font-size: 1rem; } .ck input { inline-size: 1.1rem; block-size: 1.1rem; margin: .25rem 0 0; accent-color: var(--own); } code { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .9rem; } .bad { border: 1px solid var(--edge); border-inline-start-width: 4px; border-radius: 4px; padding: .5rem .75rem; }
dl { margin: 0; border-block: 1px solid var(--rule); padding: .75rem 0; font-size: .9rem; overflow-wrap: anywhere; } dt { color: var(--soft); } dd { margin: 0 0 .5rem; font-family: "Atkinson Hyperlegible Mono", monospace; }
footer { padding: .5rem 1.25rem; background: var(--desk); border-block-start: 1px solid var(--rule); font-size: .8rem; color: var(--soft); text-align: center; }
</style>
</head>
<body><main>
<p class="ch"><i></i>{{.Name}}</p>{{end}}
{{define "end"}}</main>
<footer>Practice server. Do not type a real password.</footer>
</body></html>
{{end}}
{{define "login"}}{{template "top" .}}
<h1>Sign in to {{.Name}}</h1>
<p class="soft">to go on to <b>{{.Client}}</b></p>
{{with .Problem}}<p class="bad" id="problem" role="alert">{{.}}</p>{{end}}
<form method="post" action="{{.Action}}" id="login-form">
<input type="hidden" name="txn" value="{{.Txn}}">
<label>User name<input id="username" name="username" autocomplete="off" list="users" value="{{.Username}}" required></label>
<datalist id="users">{{range .Users}}<option value="{{.Username}}">{{end}}</datalist>
<label>Password<input id="password" type="password" name="password" autocomplete="off" value="{{.Password}}" required></label>
<button id="login" name="login" value="login">Sign in</button>
</form>
<p class="soft">Only {{.Name}} sees this password. {{.Client}} does not.</p>
{{template "end"}}{{end}}
{{define "consent"}}{{template "top" .}}
<h1>Allow {{.Client}} to use your account?</h1>
<p class="soft">You are {{.User}}. The app says it is <b>{{.Client}}</b>; you will be sent back to <b>{{.Host}}</b>.</p>
<form method="post" action="{{.Action}}" id="consent-form">
<input type="hidden" name="txn" value="{{.Txn}}">
<fieldset><legend>It will be able to</legend>
{{range .Scopes}}<label class="ck"><input type="checkbox" name="scope" value="{{.Name}}" id="scope-{{.Name}}" checked{{if .Fixed}} disabled{{end}}> <span>{{.Words}}<br><code>{{.Name}}</code></span></label>
{{else}}<p class="soft">Nothing beyond knowing that you signed in.</p>
{{end}}</fieldset>
<p class="soft"><b>It will not</b> see your password. You can take this back at any time.</p>
<div class="two"><button class="ghost" id="deny" name="choice" value="deny">Cancel</button><button id="allow" name="choice" value="allow">Allow</button></div>
</form>
{{template "end"}}{{end}}
{{define "error"}}{{template "top" .}}
<h1>{{.Title}}</h1>
<p id="error">{{.Text}}</p>
{{if .Asked}}<dl><dt>Asked for</dt><dd>{{.Asked}}</dd>{{if .Registered}}<dt>Registered</dt>{{range .Registered}}<dd>{{.}}</dd>{{end}}{{end}}</dl>
<p class="soft">You have not been signed in and nothing was sent.</p>{{end}}
<p class="soft">error <code>{{.Code}}</code></p>
{{template "end"}}{{end}}
{{define "leave"}}{{template "top" .}}
<h1>You are leaving {{.Name}}</h1>
<p>The app asks that you are sent to <b>{{.Host}}</b>. This practice server does not know that address. This is the whole of it:</p>
<dl><dt>Address</dt><dd>{{.Target}}</dd></dl>
<p><a class="go" id="leave" rel="noreferrer" href="{{.Href}}">Go to {{.Host}}</a></p>
<p class="soft">If you did not expect this, close this page.</p>
{{template "end"}}{{end}}
{{define "about"}}{{template "top" .}}
<h1>A server to practise with</h1>
<p>{{.Name}} is a mock authorization server. Its users are made up, its passwords are shown, its protections can be switched off. It must never stand in front of anything real.</p>
{{template "end"}}{{end}}
`))

// pageCSP lets a page show its own style and submit its own form, and nothing else. It names no form-action: browsers that
// apply it to the redirect after a form would stop the way back to the client.
const pageCSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

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

// errorPage tells the person at the browser; a is what was asked for, if that far has been read.
func (i *Issuer) errorPage(w http.ResponseWriter, r *http.Request, err error, a *authorization) {
	var e pageError
	var plain Error
	switch {
	case errors.As(err, &e):
	case errors.As(err, &plain):
		e = pageError(plain)
	default:
		e = pageError{Status: http.StatusInternalServerError, Code: "server_error", Description: "Something went wrong on our side. Nothing was sent."}
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	v := errorView{view: i.view("This did not work"), Text: e.Description, Code: e.Code}
	if a != nil && a.client != nil && a.redirectURI != "" && !a.trusted {
		v.Asked, v.Registered = a.redirectURI, a.client.RedirectURIs
	}
	i.page(w, e.Status, "error", v)
}

// leavePage shows where an answer would go and asks (RFC 9700 §4.11.2).
func (i *Issuer) leavePage(w http.ResponseWriter, r *http.Request, target string) {
	u, err := url.Parse(target)
	if err != nil || strings.EqualFold(u.Scheme, "javascript") {
		i.fault(w, r)
		return
	}
	i.page(w, http.StatusOK, "leave", leaveView{view: i.view("Leaving"), Target: target, Host: hostOf(target), Href: template.URL(target)})
}

func (i *Issuer) about(w http.ResponseWriter, r *http.Request, _ *moment) {
	i.page(w, http.StatusOK, "about", i.view("About"))
}
