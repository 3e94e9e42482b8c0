package world

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/playground/vnet/browser"
)

// Planner's browser app: two pages with a script each, and no server behind them but the one that hands them out. What the
// scripts say in JavaScript is done here in Go, with requests of the actor spa.

const (
	// pageStartScript sends the browser to Chirper. The verifier stays in this tab's storage.
	pageStartScript = `
const url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => url(crypto.getRandomValues(new Uint8Array(32)));
(async () => {
  const [state, verifier] = [random(), random()];
  sessionStorage.setItem('planner', JSON.stringify({ state, verifier }));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  location.assign('https://auth.chirper.test/authorize?' + new URLSearchParams({ response_type: 'code', client_id: 'planner-spa',
    redirect_uri: 'https://planner.test/web/callback', scope: 'posts:read posts:write', state, code_challenge: url(hash), code_challenge_method: 'S256' }));
})();
`
	// pageCallbackScript swaps the code for a token, with a request of the page itself.
	pageCallbackScript = `
(async () => {
  const answer = new URLSearchParams(location.search);
  const { state, verifier } = JSON.parse(sessionStorage.getItem('planner') ?? '{}');
  sessionStorage.removeItem('planner');
  const says = (text) => { document.getElementById('says').textContent = text; };
  if (!state || answer.get('state') !== state || answer.get('iss') !== 'https://auth.chirper.test' || !answer.has('code')) return says('Planner does not use this answer. Nothing was connected.');
  const tokens = await fetch('https://auth.chirper.test/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code',
    code: answer.get('code'), redirect_uri: 'https://planner.test/web/callback', client_id: 'planner-spa', code_verifier: verifier }) });
  says(tokens.ok ? 'Chirper is connected. The token is in this page.' : 'Chirper refused to swap the code. Nothing was connected.');
})();
`
	pageWaits = "One moment…" // what the callback page says until its script has something to say
)

// pageApps are the pages of the browser app by path.
var pageApps = map[string]plannerPage{
	"/web":          {App: "home"},
	"/web/start":    {App: "start", Script: pageStartScript},
	"/web/callback": {App: "callback", Script: pageCallbackScript},
}

func (s *Sandbox) plannerWeb(w http.ResponseWriter, r *http.Request) {
	writePlannerPage(w, http.StatusOK, "web", pageApps[r.URL.Path])
}

// startPageApp is pageStartScript.
func startPageApp(ctx context.Context, s *Sandbox, _ string, b *browser.Browser, o browser.Options) error {
	address, err := s.publicRequest(ctx, pageApp, "S256")
	if err != nil {
		return err
	}
	return b.Navigate(ctx, http.MethodGet, address, nil, o)
}

// answerPageApp is pageCallbackScript.
func answerPageApp(ctx context.Context, s *Sandbox, _ string, b *browser.Browser, _ browser.Options) error {
	page := b.Page()
	u, err := url.Parse(page.URL)
	if err != nil {
		return err
	}
	says := "Chirper is connected. The token is in this page."
	_, err = s.publicAnswer(withCause(ctx, page.Answer), pageApp, u.Query())
	var refusal plannerRefusal
	if errors.As(err, &refusal) {
		says = refusal.text
	} else if err != nil {
		return err
	}
	page.Body = strings.Replace(page.Body, pageWaits, says, 1)
	return nil
}
