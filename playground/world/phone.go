package world

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"

	"oauthplayground/mockidp/check"
	"oauthplayground/playground/vnet/browser"
)

// Maya's phone. Her browser is on it, and so is Planner's app. Apps claim addresses of their own; the browser hands such an
// address to the phone, and the phone to an app. Nothing of that goes over a network: in the record it is an exchange with
// the method OPEN, whose answer is the app's screen, or the address that the app opens in the browser.

// phoneScheme is what the addresses of Planner's app begin with: "apps MUST use a URI scheme based on a domain name under
// their control, expressed in reverse order" (RFC 8252 §7.1).
const phoneScheme = "test.planner"

var (
	settingPhonePKCE   = check.Setting{ID: "phone.pkce", Title: "How Planner’s phone app proves that it redeems the code of its own request.", Values: []string{"S256", "plain", "none"}, Default: "S256"}
	settingPhoneClaims = check.Setting{ID: "phone.claims", Title: "Which app Maya’s phone opens for " + phoneScheme + ":/callback: Mallory’s claims it as well.", Values: []string{"planner", "mallory"}, Default: "planner"}
)

// errNoApp is what a browser hears of an address that no app of its device claims.
var errNoApp = errors.New("no app claims this address")

// handOver gives an address from a browser to the app that claims it, and records it as any exchange is.
func (s *Sandbox) handOver(ctx context.Context, who string, req *http.Request, cause uint64) (*http.Response, uint64, error) {
	if who != Browser || req.URL.Scheme != phoneScheme || req.URL.Opaque != "" || req.URL.Host != "" {
		return nil, 0, errNoApp
	}
	d, err := s.state(ctx)
	if err != nil {
		return nil, 0, err
	}
	app := Phone
	if req.URL.Path == "/callback" && d.Settings.Get(settingPhoneClaims) == "mallory" {
		app = Attacker
	}
	screen, answer := &held{header: http.Header{}}, uint64(0)
	s.receive(screen, req.WithContext(ctx), meeting{from: who, to: app, cause: cause, base: phoneScheme + ":"}, func(seq uint64) { answer = seq })
	return &http.Response{StatusCode: screen.code(), Header: screen.header, Body: io.NopCloser(&screen.body)}, answer, nil
}

// phone is Planner's app, in the table of actors. Its addresses on one screen.
var phone = map[string]server{
	browser.MethodOpen + " /start":    (*Sandbox).phoneStart,
	browser.MethodOpen + " /callback": (*Sandbox).phoneCallback,
	browser.MethodOpen + " /work":     (*Sandbox).phoneWork,
}

// phoneStart starts a sign-in, in the browser of the phone: "OAuth 2.0 authorization requests from native apps should only be
// made through external user-agents" (RFC 8252, abstract).
func (s *Sandbox) phoneStart(w http.ResponseWriter, r *http.Request) {
	d, err := s.stateOf(r.Context())
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	address, err := s.publicRequest(r.Context(), phoneApp, d.Settings.Get(settingPhonePKCE))
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
}

// phoneCallback takes the answer that the phone hands over, gets a token and spends it: the app shows what Maya has posted.
func (s *Sandbox) phoneCallback(w http.ResponseWriter, r *http.Request) {
	token, err := s.publicAnswer(r.Context(), phoneApp, r.URL.Query())
	var refusal plannerRefusal
	switch {
	case errors.As(err, &refusal):
		showScreen(w, "refused", screen{plannerPage: plannerPage{Problem: refusal.text}})
		return
	case err != nil:
		s.plannerFault(w, err)
		return
	}
	req, err := s.apiRequest(http.MethodGet, "/posts", "Bearer "+token, "")
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	res, _, _, err := s.call(r.Context(), Phone, req)
	showScreen(w, "connected", screen{Posts: err == nil && res.StatusCode == http.StatusOK})
}

// phoneWork shows how the last challenge was made, step by step. Its verifier is spent, or the answer it waited for has been
// refused: nobody can use it any more.
func (s *Sandbox) phoneWork(w http.ResponseWriter, r *http.Request) {
	m, err := s.memoryOf(r.Context(), phoneApp)
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	page := screen{}
	if m.Spent != nil && m.Spent.CodeVerifier != "" {
		page.Verifier = m.Spent.CodeVerifier
		if m.Spent.PKCE == "S256" {
			hash := sha256.Sum256([]byte(page.Verifier))
			page.Hash, page.Challenge = hex.EncodeToString(hash[:]), s256(page.Verifier)
		}
	}
	showScreen(w, "work", page)
}

// screen is what a screen of the app shows.
type screen struct {
	plannerPage
	Posts                     bool   // the API has answered
	Verifier, Hash, Challenge string // the last two are empty where the challenge is the verifier itself
}

// screens are drawn as Planner's pages are.
var screens = template.Must(template.Must(plannerPages.Clone()).Parse(`
{{define "connected"}}{{template "top" .}}
<h1>The app is connected</h1>
<p id="connected">{{if .Posts}}It has read your posts at Chirper.{{else}}Chirper’s API did not answer as it should.{{end}}</p>
<p><a id="work" href="test.planner:/work">Show how it proved itself</a></p>
<p><a id="close" href="https://planner.test/app">Close the app</a></p>
{{template "end" .}}{{end}}
{{define "refused"}}{{template "top" .}}
<h1>The app is not connected</h1>
<p id="problem">{{.Problem}}</p>
<p><a id="close" href="https://planner.test/app">Close the app</a></p>
{{template "end" .}}{{end}}
{{define "work"}}{{template "top" .}}
<style>main > * { min-inline-size: 0; max-inline-size: 100%; } dl, dd { margin: 0; } dd { margin-block-end: .75rem; overflow-wrap: anywhere; }</style>
{{if .Verifier}}<h1>From verifier to challenge</h1>
<p>The sign-in is over, so its verifier is spent and may be shown.</p>
<dl>
<dt>1. The verifier: 32 random bytes, in 43 characters</dt><dd><code>{{.Verifier}}</code></dd>
{{if .Hash}}<dt>2. SHA-256 of those 43 characters: 32 bytes, two digits each</dt><dd><code class="hash">{{.Hash}}</code></dd>
<dt>3. The same 32 bytes in base64url, without = at the end: the challenge</dt><dd><code>{{.Challenge}}</code></dd>
{{else}}<dt>2. By the method <code>plain</code> nothing is done to it: the challenge</dt><dd><code>{{.Verifier}}</code></dd>
{{end}}</dl>
{{else}}<h1>Nothing to show</h1>
<p>The last sign-in of this app had no verifier.</p>
{{end}}<p><a id="close" href="https://planner.test/app">Close the app</a></p>
{{template "end" .}}{{end}}
`))

func showScreen(w http.ResponseWriter, name string, page screen) {
	var b bytes.Buffer
	if err := screens.ExecuteTemplate(&b, name, page); err != nil {
		http.Error(w, fmt.Sprintf("Something went wrong in the app: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}
