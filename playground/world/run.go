package world

import (
	"bufio"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/trace"
)

// StepView is how far the learner has come with a step.
type StepView struct {
	ID     string `json:"id"`
	Passed bool   `json:"passed"`
	Expect []Line `json:"expect"`
}

// Played is what came of playing a step.
type Played struct {
	Step    string   `json:"step"`
	Passed  bool     `json:"passed"`
	Expect  []Line   `json:"expect"`
	Outcome *Outcome `json:"outcome,omitempty"` // when the step has an attack
	State   View     `json:"state"`
}

// Outcome is what came of an attack: won when all its goals hold.
type Outcome struct {
	Won   bool   `json:"won"`
	Goals []Line `json:"goals"`
}

// BeginStep says which step the learner is on: its expectations see what happens from here. What the step sets up before
// its first act is done once a run.
func (s *Sandbox) BeginStep(ctx context.Context, id string) error {
	s.touch()
	_, step, err := s.lessonStep(ctx, id)
	if err != nil {
		return err
	}
	return s.begin(ctx, step)
}

// begin moves the learner to a step. Its set-up and the move are one change of the state, so that of two who begin it at the
// same time one sets it up.
func (s *Sandbox) begin(ctx context.Context, step *lessons.Step) error {
	_, _, last, err := s.log.Info(ctx)
	if err != nil {
		return err
	}
	setup, _ := split(step)
	var changes []trace.Change
	err = s.update(ctx, func(st *state) error {
		changes = nil
		begun := slices.Contains(st.Begun, step.ID)
		if st.Step == step.ID && begun {
			return nil // still on it: what was done so far counts
		}
		st.Step, st.Since = step.ID, last
		if begun {
			return nil
		}
		st.Begun = append(st.Begun, step.ID)
		for _, b := range setup {
			more, err := s.arrange(st, b)
			if err != nil {
				return err
			}
			changes = append(changes, more...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.noteAll(ctx, changes)
}

// arrange does what a policy, a settings or a clock block says to the state.
func (s *Sandbox) arrange(st *state, b lessons.Block) ([]trace.Change, error) {
	switch b := b.(type) {
	case *lessons.Policy:
		return st.setPolicy(policyOf(b)), nil
	case *lessons.Settings:
		return st.setSettings(settingsOf(b)), nil
	case *lessons.Clock:
		c, err := st.advance(s.world.config.Clock(), b.Advance)
		return []trace.Change{c}, err
	}
	return nil, fmt.Errorf("a %T sets nothing up", b)
}

// restart brings the world to where a step begins: another run, in which all steps before it are played.
func (s *Sandbox) restart(ctx context.Context, l *lessons.Lesson, step *lessons.Step) error {
	if err := s.newRun(ctx, false); err != nil {
		return err
	}
	for _, before := range l.Steps {
		if before == step {
			break
		}
		if _, err := s.play(ctx, before, nil); err != nil {
			return err
		}
	}
	return s.ready(ctx)
}

// ready says that the run is where it was to be brought.
func (s *Sandbox) ready(ctx context.Context) error {
	return s.update(ctx, func(st *state) error {
		st.Unready = false
		return nil
	})
}

// stale tells whether a step's solution would meet a world other than the one it was written for: it is played again, or
// somebody has used a browser in it. A step without browsers finds all it needs.
func (s *Sandbox) stale(ctx context.Context, l *lessons.Lesson, step *lessons.Step) (bool, error) {
	d, err := s.state(ctx)
	if err != nil {
		return false, err
	}
	if d.Unready {
		return true, nil
	}
	again := d.passed(step.ID) || d.Step != step.ID
	if step == l.Steps[0] && again && len(d.Begun) > 0 {
		return true, nil // from the start: a new run, whatever the step does
	}
	if !slices.Contains(d.Begun, step.ID) {
		return false, nil
	}
	if !slices.ContainsFunc(step.Blocks, func(b lessons.Block) bool { _, ok := b.(*lessons.Browser); return ok }) {
		return false, nil
	}
	if again {
		return true, nil
	}
	events, err := s.events(ctx, d.Since)
	return slices.ContainsFunc(events, func(e trace.Event) bool { return e.Request != nil && slices.Contains(agents(), e.From) }), err
}

// newRun opens another pass through the lesson; ready says that nothing has to be played before the learner goes on. It begins as the
// first did, so that runs can be compared: the browsers, the apps on their device and Planner remember nothing, and Chirper's accounts
// are whole again.
func (s *Sandbox) newRun(ctx context.Context, ready bool) error {
	remembered := []string{phoneApp.key(), pageApp.key(), plannerJWKSKey, plannerAccountKey, postsKey}
	for _, id := range agents() {
		remembered = append(remembered, browserKey(id))
	}
	for _, u := range users() {
		remembered = append(remembered, accountKey+u.Sub)
	}
	if err := s.update(ctx, func(st *state) error { // whoever goes on from the middle of this must begin it again
		st.Unready = true
		return nil
	}); err != nil {
		return err
	}
	for _, key := range remembered {
		if err := s.store.Delete(ctx, key); err != nil {
			return err
		}
	}
	if err := s.restorePasswords(ctx); err != nil {
		return err
	}
	if err := s.note(ctx, trace.Change{What: "run"}); err != nil {
		return err
	}
	return s.update(ctx, func(st *state) error { // last: only a run that the record knows of is one to go on in
		st.Step, st.Begun, st.Passed, st.Unready = "", nil, nil, !ready
		return nil
	})
}

// split parts a step into what sets it up and what is done in it: policy, settings and clock before the first act are
// set-up; a step without acts is all doing.
func split(step *lessons.Step) (setup, acts []lessons.Block) {
	var live []lessons.Block
	first := -1
	for _, b := range step.Blocks {
		switch b.(type) {
		case *lessons.Browser, *lessons.HTTP, *lessons.Attack:
			if first < 0 {
				first = len(live)
			}
			live = append(live, b)
		case *lessons.Policy, *lessons.Settings, *lessons.Clock:
			live = append(live, b)
		}
	}
	if first < 0 {
		return nil, live
	}
	return live[:first], live[first:]
}

// Play runs a step's solution. Edits replace the text of its http blocks, counted from 0 in the order of the step. Where the
// solution would not fit any more, since the step was played before or the learner has done half of it, the run is started
// again and played up to it first. No act of the learner comes in between.
func (s *Sandbox) Play(ctx context.Context, id string, edits map[string]string) (Played, error) {
	s.touch()
	ctx = s.hold(ctx)
	l, step, err := s.lessonStep(ctx, id)
	if err != nil {
		return Played{}, err
	}
	if err := checkEdits(step, edits); err != nil {
		return Played{}, err
	}
	ctx, release, err := s.claim(ctx, agents()...)
	if err != nil {
		return Played{}, err
	}
	defer release()
	stale, err := s.stale(ctx, l, step)
	if err == nil && stale {
		err = s.restart(ctx, l, step)
	}
	if err != nil {
		return Played{}, err
	}
	played, err := s.play(ctx, step, edits)
	if err != nil {
		return Played{}, err
	}
	played.State, err = s.View(ctx)
	return played, err
}

// Send sends one of a step's requests, counted from 0, as the lesson wrote it or as edits change it, and nothing else of the
// step: how a learner does it by hand.
func (s *Sandbox) Send(ctx context.Context, id string, request int, edits map[string]string) (Played, error) {
	s.touch()
	ctx = s.hold(ctx)
	_, step, err := s.lessonStep(ctx, id)
	if err != nil {
		return Played{}, err
	}
	if err := checkEdits(step, edits); err != nil {
		return Played{}, err
	}
	blocks := requestsOf(step)
	if request < 0 || request >= len(blocks) {
		return Played{}, unprocessable("Step %q has no request %d: requests count from 0.", step.ID, request)
	}
	ctx, release, err := s.claim(ctx, agents()...)
	if err != nil {
		return Played{}, err
	}
	defer release()
	if err := s.begin(ctx, step); err != nil {
		return Played{}, err
	}
	var text *string
	if t, ok := edits[fmt.Sprint(request)]; ok {
		text = &t
	}
	if err := s.sendBlock(ctx, blocks[request], text); err != nil {
		return Played{}, err
	}
	played := Played{Step: step.ID}
	view, err := s.judgeStep(ctx)
	if err != nil {
		return Played{}, err
	}
	played.Passed, played.Expect = view.Passed, view.Expect
	played.State, err = s.View(ctx)
	return played, err
}

// requestsOf are a step's literal requests, in order.
func requestsOf(step *lessons.Step) []*lessons.HTTP {
	var blocks []*lessons.HTTP
	for _, b := range step.Blocks {
		if h, ok := b.(*lessons.HTTP); ok {
			blocks = append(blocks, h)
		}
	}
	return blocks
}

// PlayTo plays the solutions of a lesson's steps from the first up to and with the one named, in a run of its own: how a
// learner whose sandbox was lost goes on where they were. It returns what came of the last one.
func (s *Sandbox) PlayTo(ctx context.Context, id string) (Played, error) {
	s.touch()
	ctx = s.hold(ctx)
	l, step, err := s.lessonStep(ctx, id)
	if err != nil {
		return Played{}, err
	}
	ctx, release, err := s.claim(ctx, agents()...)
	if err != nil {
		return Played{}, err
	}
	defer release()
	d, err := s.state(ctx)
	if err != nil {
		return Played{}, err
	}
	if len(d.Begun) > 0 || d.Unready {
		if err := s.newRun(ctx, false); err != nil {
			return Played{}, err
		}
	}
	var played Played
	for _, next := range l.Steps {
		if played, err = s.play(ctx, next, nil); err != nil {
			return Played{}, err
		}
		if next == step {
			break
		}
	}
	if err := s.ready(ctx); err != nil {
		return Played{}, err
	}
	played.State, err = s.View(ctx)
	return played, err
}

// play begins a step and runs its solution in the world as it is. Its browsers are claimed by the caller.
func (s *Sandbox) play(ctx context.Context, step *lessons.Step, edits map[string]string) (Played, error) {
	if err := s.begin(ctx, step); err != nil {
		return Played{}, err
	}
	played := Played{Step: step.ID}
	_, acts := split(step)
	n := 0
	for _, b := range acts {
		var text *string
		if _, ok := b.(*lessons.HTTP); ok {
			if t, ok := edits[fmt.Sprint(n)]; ok {
				text = &t
			}
			n++
		}
		_, _, before, err := s.log.Info(ctx)
		if err != nil {
			return Played{}, err
		}
		if err := s.do(ctx, b, text); err != nil {
			return Played{}, err
		}
		if a, ok := b.(*lessons.Attack); ok {
			if played.Outcome, err = s.outcome(ctx, a, before); err != nil {
				return Played{}, err
			}
		}
	}
	view, err := s.judgeStep(ctx)
	if view != nil {
		played.Passed, played.Expect = view.Passed, view.Expect
	}
	return played, err
}

func checkEdits(step *lessons.Step, edits map[string]string) error {
	blocks := requestsOf(step)
	for key := range edits {
		i := slices.IndexFunc(blocks, func(h *lessons.HTTP) bool { return fmt.Sprint(slices.Index(blocks, h)) == key })
		if i < 0 {
			return unprocessable("Step %q has no request %q to edit: requests count from 0.", step.ID, key)
		}
		if !blocks[i].Edit {
			return unprocessable("Request %s of step %q can't be edited.", key, step.ID)
		}
	}
	return nil
}

// outcome judges an attack by what has happened after the position before.
func (s *Sandbox) outcome(ctx context.Context, a *lessons.Attack, before uint64) (*Outcome, error) {
	events, err := s.events(ctx, before)
	if err != nil {
		return nil, err
	}
	goals := Judge(events, a.Goals)
	return &Outcome{Won: allHeld(goals), Goals: goals}, nil
}

// do carries out one live block.
func (s *Sandbox) do(ctx context.Context, b lessons.Block, edit *string) error {
	switch b := b.(type) {
	case *lessons.Policy:
		return s.SetPolicy(ctx, policyOf(b))
	case *lessons.Settings:
		return s.SetSettings(ctx, settingsOf(b))
	case *lessons.Clock:
		return s.Advance(ctx, b.Advance)
	case *lessons.Browser:
		return s.playBrowser(ctx, b)
	case *lessons.HTTP:
		return at(b.Line, s.sendBlock(ctx, b, edit))
	case *lessons.Attack:
		return at(b.Line, bots[b.Name](s, ctx))
	}
	return nil
}

func policyOf(b *lessons.Policy) check.Policy {
	p := check.Policy{}
	for _, e := range b.Entries {
		if e.ID == lessons.Everything {
			for _, c := range Checks() {
				p[c.ID] = check.Mode(e.Value)
			}
			continue
		}
		p[e.ID] = check.Mode(e.Value)
	}
	return p
}

func settingsOf(b *lessons.Settings) check.Settings {
	m := check.Settings{}
	for _, e := range b.Entries {
		m[e.ID] = e.Value
	}
	return m
}

// playBrowser does what a browser block says, line by line.
func (s *Sandbox) playBrowser(ctx context.Context, b *lessons.Browser) error {
	fields := map[string][]string{}
	for _, line := range b.Acts {
		if err := s.playAct(ctx, b, line, &fields); err != nil {
			return at(line.Line, err)
		}
	}
	return nil
}

// playAct does one line of a browser block. What is filled in waits among the fields for the button.
func (s *Sandbox) playAct(ctx context.Context, b *lessons.Browser, line lessons.BrowserAct, fields *map[string][]string) error {
	target, err := s.expand(ctx, line.Target)
	if err != nil {
		return err
	}
	value, err := s.expand(ctx, line.Value)
	if err != nil {
		return err
	}
	a := Act{Do: line.Do, Target: target, Step: b.Step}
	switch line.Do {
	case "fill":
		(*fields)[target] = []string{value}
		return nil
	case "open":
		a.URL = target
	case "submit":
		a.Fields, *fields = *fields, map[string][]string{}
	case "follow":
		if a.Request, err = s.without(ctx, b.As, line.Without); err != nil {
			return err
		}
	}
	_, err = s.act(ctx, b.As, a)
	return err
}

// without is the waiting request of a browser with one parameter taken out of its query, as a learner would edit it; nil if
// none is to be taken out.
func (s *Sandbox) without(ctx context.Context, who, parameter string) (*EditedRequest, error) {
	if parameter == "" {
		return nil, nil
	}
	k, err := s.kept(ctx, who)
	if err != nil {
		return nil, err
	}
	r := s.browserView(who, k).Pending
	if r == nil {
		return nil, unprocessable("No request waits in this browser, so nothing can be taken out of it.")
	}
	u, err := url.Parse(r.URL)
	if err != nil || !u.Query().Has(parameter) {
		return nil, unprocessable("The request that waits has no parameter %q.", parameter)
	}
	rest := slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return name == parameter
	})
	u.RawQuery = strings.Join(rest, "&")
	r.URL = u.String()
	return r, nil
}

// sendBlock sends a literal request, as the lesson wrote it or as the learner has changed it.
func (s *Sandbox) sendBlock(ctx context.Context, b *lessons.HTTP, edit *string) error {
	source := b.Source
	if edit != nil {
		source = *edit
	}
	text, err := s.expand(ctx, source)
	if err != nil {
		return err
	}
	req, err := parseRequest(text)
	if err != nil {
		return unprocessable("%s.", err)
	}
	if a, ok := actorByHost(req.URL.Hostname()); !ok {
		return unprocessable("There is no host %q in this sandbox.", req.URL.Hostname())
	} else if a.ID == b.From {
		return unprocessable("%s can't send a request to itself.", a.Name)
	}
	_, _, _, err = s.call(ctx, b.From, req)
	if err != nil {
		return unprocessable("The request could not be sent: %s.", err)
	}
	return nil
}

// expand puts values of this run and the origins of actors in place of {{…}}.
func (s *Sandbox) expand(ctx context.Context, text string) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	var failed error
	out, err := lessons.Expand(text, func(name string) (string, bool) {
		if a, ok := actorByID(name); ok {
			return s.origin(a), a.URL != ""
		}
		value, ok, err := s.recorder.Value(ctx, name)
		if err != nil {
			failed = err
		}
		return value, ok
	})
	if failed != nil {
		return "", failed
	}
	if err != nil {
		return "", unprocessable("%s. It appears when the steps before this one have been run.", err)
	}
	return out, nil
}

// parseRequest reads a request as a person writes it: a line with method and URL, headers, an empty line, a body.
func parseRequest(text string) (*http.Request, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	head, body, _ := strings.Cut(text, "\n\n")
	first, rest, _ := strings.Cut(strings.TrimLeft(head, "\n"), "\n")
	method, address, ok := strings.Cut(strings.TrimSpace(first), " ")
	if !ok {
		return nil, errors.New("the first line must be a method and an address, as in POST https://auth.chirper.test/token")
	}
	body = strings.TrimSuffix(body, "\n")
	req, err := http.NewRequest(method, strings.TrimSpace(address), strings.NewReader(body))
	if err != nil || req.URL.Host == "" {
		return nil, fmt.Errorf("%q is not a method and an absolute address", strings.TrimSpace(first))
	}
	header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.TrimRight(rest, "\n") + "\n\n"))).ReadMIMEHeader()
	if err != nil && strings.TrimSpace(rest) != "" {
		return nil, errors.New("the headers can't be read: each is a name, a colon and a value")
	}
	req.Header = http.Header(header)
	if req.Header == nil {
		req.Header = http.Header{}
	}
	return req, nil
}

// judgeStep looks whether the step the learner is on holds by now, and remembers when it does. Without a step it is nil.
func (s *Sandbox) judgeStep(ctx context.Context) (*StepView, error) {
	d, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	step, err := s.stepAt(ctx, d.Step)
	if err != nil || step == nil {
		return nil, err
	}
	view := &StepView{ID: step.ID, Expect: []Line{}}
	events, err := s.events(ctx, d.Since)
	if err != nil {
		return nil, err
	}
	view.Expect = Judge(events, step.Expectations())
	view.Passed = d.passed(step.ID)
	if view.Passed || !allHeld(view.Expect) {
		return view, nil
	}
	view.Passed = true
	first := false
	err = s.update(ctx, func(st *state) error {
		if first = !st.passed(step.ID); first {
			st.Passed = append(st.Passed, step.ID)
		}
		return nil
	})
	if err != nil || !first {
		return view, err
	}
	return view, s.note(ctx, trace.Change{What: "step", Step: step.ID})
}

// stepsThrough tells whether the step the learner is on goes through redirects one hop at a time.
func (s *Sandbox) stepsThrough(ctx context.Context) (bool, error) {
	d, err := s.state(ctx)
	if err != nil {
		return false, err
	}
	step, err := s.stepAt(ctx, d.Step)
	if err != nil || step == nil {
		return false, err
	}
	return slices.ContainsFunc(step.Blocks, func(b lessons.Block) bool {
		br, ok := b.(*lessons.Browser)
		return ok && br.Step
	}), nil
}

// events is what the log holds after seq, up to now.
func (s *Sandbox) events(ctx context.Context, seq uint64) ([]trace.Event, error) {
	return trace.Past(ctx, s.log, seq)
}

func constantTimeEqual(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
