package world

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/playground/vnet/browser"
)

// script is what a page of the story runs in the browser that shows it. A lesson's scripts are written in Go, because the
// browser has no JavaScript; they can do what a script of their page's origin could.
type script struct {
	page string // the address they run on, without query and fragment
	run  func(ctx context.Context, b *browser.Browser, o browser.Options) error
}

// scripts is every script of every page.
var scripts = []script{
	{page: plannerCallback, run: sendFragment},
}

// runScripts runs the scripts of the page that has just been loaded, until a page has none.
func (s *Sandbox) runScripts(ctx context.Context, b *browser.Browser, o browser.Options) error {
	for range 5 { // a page whose script loads itself again would go on for ever
		page := b.Page()
		if page == nil || b.Pending() != nil || page.Scripted {
			return nil
		}
		address, _, _ := strings.Cut(page.URL, "#")
		address, _, _ = strings.Cut(address, "?")
		ran := false
		for _, sc := range scripts {
			if sc.page == address && page.Status == http.StatusOK {
				page.Scripted, ran = true, true
				if err := sc.run(ctx, b, o); err != nil {
					return err
				}
			}
		}
		if !ran {
			return nil
		}
	}
	return nil
}

// sendFragment is the script of Planner's callback page in the one-step variant: servers never see a fragment, so it reads
// the fragment of its own address and posts it to Planner.
func sendFragment(ctx context.Context, b *browser.Browser, o browser.Options) error {
	_, fragment, found := strings.Cut(b.Page().URL, "#")
	if !found || fragment == "" {
		return nil
	}
	form, err := url.ParseQuery(fragment)
	if err != nil {
		return nil // nothing that this script understands
	}
	return b.Navigate(ctx, http.MethodPost, plannerCallback+"/fragment", form, o)
}
