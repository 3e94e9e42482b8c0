package world

import "context"

// challengeStripper is the PKCE downgrade attack of RFC 9700 §4.8.1. Maya has started to connect Planner. Mallory starts as
// well, takes the challenge out of her own request, signs in with her own account, and gets a code that is tied to nothing.
// She gives Maya its address. Planner, which relies on PKCE, swaps it in Maya's session.
func (s *Sandbox) challengeStripper(ctx context.Context) error {
	return stopped(s.stripChallenge(ctx))
}

func (s *Sandbox) stripChallenge(ctx context.Context) error {
	if _, err := s.act(ctx, Browser, Act{Do: "open", URL: plannerOrigin + "/connect"}); err != nil {
		return err
	}
	own, err := s.malloryStarts(ctx)
	if err != nil {
		return err
	}
	q := own.Query()
	q.Del("code_challenge")
	q.Del("code_challenge_method")
	own.RawQuery = q.Encode()
	address, err := s.malloryStops(ctx, own)
	if err != nil || address == "" {
		return err
	}
	return s.mayaIsLinked(ctx, address) // Maya follows a link of Mallory's
}
