package world

import (
	"context"
	"net/http"
	"net/url"

	"oauthplayground/playground/trace"
)

// codeInjector is Mallory with a code of Maya's, as in RFC 9700 §4.5: her extension in Maya's browser has read it before it was
// used. She can't redeem it herself, so she lets Planner do it: in a session of her own, with a state of her own.
func (s *Sandbox) codeInjector(ctx context.Context) error {
	code, err := s.readWaiting(ctx)
	if err != nil || code == "" {
		return err
	}
	return stopped(s.inject(ctx, code))
}

// readWaiting reads the address that waits in Maya's browser, and returns its code; if none waits, the latest that the
// browser has visited.
func (s *Sandbox) readWaiting(ctx context.Context) (string, error) {
	k, err := s.kept(ctx, Browser)
	if err != nil {
		return "", err
	}
	if p := k.State.Pending; p != nil {
		if u, err := url.Parse(p.URL); err == nil && u.Query().Get("code") != "" {
			finds := s.recorder.FindIn(ctx, "query", "code", p.URL)
			return u.Query().Get("code"), s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "address bar of " + Browser, To: p.URL}, finds...)
		}
	}
	loot, err := s.readHistory(ctx)
	return loot.Get("code"), err
}

// inject starts a sign-in at Planner in a new window of Mallory's browser, and answers it with a code of somebody else's.
func (s *Sandbox) inject(ctx context.Context, code string) error {
	own, err := s.malloryStarts(ctx)
	if err != nil {
		return err
	}
	return s.malloryAnswers(ctx, own, code)
}

// malloryAnswers brings a code to Planner as the answer to the sign-in that Mallory has started. Then she publishes with the
// account that Planner has connected.
func (s *Sandbox) malloryAnswers(ctx context.Context, own *url.URL, code string) error {
	answer := url.Values{"code": {code}, "iss": {s.issuer.URL}}
	if state := own.Query().Get("state"); state != "" {
		answer.Set("state", state)
	}
	swapped := &EditedRequest{Method: http.MethodGet, URL: plannerCallback + "?" + answer.Encode()}
	k, err := s.act(ctx, AttackerBrowser, Act{Do: "follow", Request: swapped})
	if err != nil || pageOf(k.State).url != plannerOrigin+"/" {
		return err
	}
	_, err = s.act(ctx, AttackerBrowser, Act{Do: "submit", Target: "publish"})
	return err
}

// malloryStarts connects Chirper at Planner in a new window of Mallory's browser, and stops at the request that Planner sends
// her away with: its address.
func (s *Sandbox) malloryStarts(ctx context.Context) (*url.URL, error) {
	if err := s.store.Delete(ctx, browserKey(AttackerBrowser)); err != nil { // a new private window
		return nil, err
	}
	k, err := s.act(ctx, AttackerBrowser, Act{Do: "open", URL: plannerOrigin + "/connect", Step: true})
	if err != nil {
		return nil, err
	}
	if k.State.Pending == nil {
		return nil, unprocessable("Planner did not send Mallory’s browser to Chirper.")
	}
	return url.Parse(k.State.Pending.URL)
}
