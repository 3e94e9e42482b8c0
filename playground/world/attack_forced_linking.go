package world

import (
	"context"
	"net/http"
	"net/url"
)

// forcedLinking is the attack that state is for (RFC 6749 §10.12, RFC 9700 §4.7). Mallory connects Planner in her own browser,
// with her own account at Chirper, and stops at the last redirect. She sends Maya its address. If Planner takes the answer from
// Maya's browser, Maya's planner is tied to Mallory's account.
func (s *Sandbox) forcedLinking(ctx context.Context) error {
	return stopped(s.forceLink(ctx))
}

func (s *Sandbox) forceLink(ctx context.Context) error {
	own, err := s.malloryStarts(ctx)
	if err != nil {
		return err
	}
	address, err := s.malloryStops(ctx, own)
	if err != nil || address == "" {
		return err
	}
	return s.mayaIsLinked(ctx, address)
}

// malloryStops sends the authorization request that Mallory has made of her own, signs in with her own account, and allows it.
// What it returns is the address that brings the answer to Planner: her browser has not opened it.
func (s *Sandbox) malloryStops(ctx context.Context, request *url.URL) (string, error) {
	for _, act := range []Act{
		{Do: "follow", Request: &EditedRequest{Method: http.MethodGet, URL: request.String()}},
		{Do: "submit", Target: "login", Fields: url.Values{"username": {malloryAccount.Username}, "password": {practicePassword}}},
		{Do: "submit", Target: "allow", Step: true},
	} {
		if _, err := s.act(ctx, AttackerBrowser, act); err != nil {
			return "", err
		}
	}
	k, err := s.kept(ctx, AttackerBrowser)
	if err != nil || k.State.Pending == nil {
		return "", err
	}
	return k.State.Pending.URL, nil
}

// mayaIsLinked lets Maya open an address that Mallory has sent her. Where it leads her to her planner as she knows it, she
// publishes what she had planned.
func (s *Sandbox) mayaIsLinked(ctx context.Context, address string) error {
	page, err := s.victimOpens(ctx, address)
	if err != nil || page != plannerOrigin+"/" {
		return err
	}
	_, err = s.act(ctx, Browser, Act{Do: "submit", Target: "publish"})
	return err
}
