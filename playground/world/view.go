package world

import (
	"context"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
)

// View is the present state of a sandbox, as its page needs it.
type View struct {
	Kind     string                    `json:"kind"`
	Lesson   string                    `json:"lesson,omitempty"`
	Issuer   string                    `json:"issuer"`
	Policy   check.Policy              `json:"policy"`   // the mode of every check
	Settings check.Settings            `json:"settings"` // the value of every setting
	Now      time.Time                 `json:"now"`      // sandbox time
	Run      uint64                    `json:"run"`
	Step     string                    `json:"step,omitempty"`
	Passed   []string                  `json:"passed"`
	Answers  map[string]lessons.Answer `json:"answers"`
	Checks   []check.Info              `json:"checks"`
	Browsers map[string]BrowserView    `json:"browsers"`
	Expires  time.Time                 `json:"expires_at"`
}

// View reads the present state.
func (s *Sandbox) View(ctx context.Context) (View, error) {
	s.touch()
	d, err := s.state(ctx)
	if err != nil {
		return View{}, err
	}
	v := View{
		Kind: s.fixed.Kind, Lesson: s.fixed.Lesson, Issuer: s.issuer.URL, Expires: s.fixed.Expires,
		Policy: check.Policy{}, Settings: check.Settings{}, Checks: s.checks(), Browsers: map[string]BrowserView{},
		Now: s.now(d).UTC().Truncate(time.Millisecond), Step: d.Step, Passed: append([]string{}, d.Passed...), Answers: d.Answers,
	}
	if v.Answers == nil {
		v.Answers = map[string]lessons.Answer{}
	}
	for _, c := range v.Checks {
		v.Policy[c.ID] = modeOf(c, d.Policy)
	}
	for _, set := range Settings() {
		v.Settings[set.ID] = d.Settings.Get(set)
	}
	if v.Run, err = s.recorder.Run(ctx); err != nil {
		return View{}, err
	}
	if s.fixed.Kind != KindLesson {
		return v, nil
	}
	for _, a := range actors {
		if !a.agent {
			continue
		}
		k, err := s.kept(ctx, a.ID)
		if err != nil {
			return View{}, err
		}
		v.Browsers[a.ID] = s.browserView(a.ID, k)
	}
	return v, nil
}

// Reset makes the sandbox as it was at its creation, with the same id and key: a new epoch of the record, a fresh store. It
// waits for no act: while one runs it is a Problem with status 409, or the act would end in the new world.
func (s *Sandbox) Reset(ctx context.Context) error {
	s.touch()
	ctx, release, err := s.claim(ctx, agents()...)
	if err != nil {
		return err
	}
	defer release()
	ctx = context.WithoutCancel(ctx) // to the end, even should the claim be lost: half a sandbox is of no use
	if err := s.world.renew(ctx, s); err != nil {
		return err
	}
	if s.fixed.Seat != "" {
		s.world.config.Seats.Moved(ctx, s.fixed.Seat, s.fixed.Lesson, "", nil) // what refused them is gone with their run
	}
	return nil
}
