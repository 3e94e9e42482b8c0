package world

import (
	"bufio"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
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

// lessonStep finds a step of this sandbox's lesson; the error is a Problem.
func (s *Sandbox) lessonStep(id string) (*lessons.Lesson, *lessons.Step, error) {
	if s.fixed.Kind != KindLesson {
		return nil, nil, notFound("A workbench has no steps.")
	}
	l, err := s.world.lesson(s.fixed.Lesson)
	if err != nil {
		return nil, nil, err
	}
	for _, step := range l.Steps {
		if step.ID == id {
			return l, step, nil
		}
	}
	return nil, nil, notFound("Lesson %q has no step %q.", l.Slug, id)
}

// BeginStep says which step the learner is on: its expectations see what happens from here. What the step sets up before
// its first act is done once a run.
func (s *Sandbox) BeginStep(ctx context.Context, id string) error {
	s.touch()
	l, step, err := s.lessonStep(id)
	if err != nil {
		return err
	}
	return s.begin(ctx, l, step, false)
}

// begin moves the learner to a step. Playing a lesson's first step again opens a new run: the same world with browsers
// that know nothing of it.
func (s *Sandbox) begin(ctx context.Context, l *lessons.Lesson, step *lessons.Step, play bool) error {
	d, err := s.state(ctx)
	if err != nil {
		return err
	}
	if play && step == l.Steps[0] && len(d.Begun) > 0 && (d.passed(step.ID) || d.Step != step.ID) {
		if err := s.newRun(ctx); err != nil {
			return err
		}
		if d, err = s.state(ctx); err != nil {
			return err
		}
	}
	if d.Step == step.ID && slices.Contains(d.Begun, step.ID) {
		return nil // still on it: what was done so far counts
	}
	if !slices.Contains(d.Begun, step.ID) {
		setup, _ := split(step)
		for _, b := range setup {
			if err := s.do(ctx, b, nil); err != nil {
				return err
			}
		}
	}
	_, _, last, err := s.log.Info(ctx)
	if err != nil {
		return err
	}
	return s.update(ctx, func(st *state) error {
		st.Step, st.Since = step.ID, last
		if !slices.Contains(st.Begun, step.ID) {
			st.Begun = append(st.Begun, step.ID)
		}
		return nil
	})
}

// newRun opens another pass through the lesson.
func (s *Sandbox) newRun(ctx context.Context) error {
	for _, a := range actors {
		if a.agent {
			if err := s.store.Delete(ctx, browserKey(a.ID)); err != nil {
				return err
			}
		}
	}
	if err := s.update(ctx, func(st *state) error {
		st.Step, st.Begun, st.Passed = "", nil, nil
		return nil
	}); err != nil {
		return err
	}
	return s.note(ctx, trace.Change{What: "run"})
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

// Play runs a step's solution. Edits replace the text of its http blocks, counted from 0 in the order of the step.
func (s *Sandbox) Play(ctx context.Context, id string, edits map[string]string) (Played, error) {
	s.touch()
	ctx = context.WithoutCancel(ctx)
	l, step, err := s.lessonStep(id)
	if err != nil {
		return Played{}, err
	}
	if err := checkEdits(step, edits); err != nil {
		return Played{}, err
	}
	if err := s.begin(ctx, l, step, true); err != nil {
		return Played{}, err
	}
	played := Played{Step: id}
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
	if err != nil {
		return Played{}, err
	}
	if view != nil {
		played.Passed, played.Expect = view.Passed, view.Expect
	}
	played.State, err = s.View(ctx)
	return played, err
}

func checkEdits(step *lessons.Step, edits map[string]string) error {
	var blocks []*lessons.HTTP
	for _, b := range step.Blocks {
		if h, ok := b.(*lessons.HTTP); ok {
			blocks = append(blocks, h)
		}
	}
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
	goals := judge(events, a.Goals)
	return &Outcome{Won: allHeld(goals), Goals: goals}, nil
}

// do carries out one live block.
func (s *Sandbox) do(ctx context.Context, b lessons.Block, edit *string) error {
	switch b := b.(type) {
	case *lessons.Policy:
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
		return s.SetPolicy(ctx, p)
	case *lessons.Settings:
		m := check.Settings{}
		for _, e := range b.Entries {
			m[e.ID] = e.Value
		}
		return s.SetSettings(ctx, m)
	case *lessons.Clock:
		return s.Advance(ctx, b.Advance)
	case *lessons.Browser:
		return s.playBrowser(ctx, b)
	case *lessons.HTTP:
		return s.sendBlock(ctx, b, edit)
	case *lessons.Attack:
		return bots[b.Name](s, ctx)
	}
	return nil
}

// playBrowser does what a browser block says, line by line.
func (s *Sandbox) playBrowser(ctx context.Context, b *lessons.Browser) error {
	fields := map[string][]string{}
	for _, line := range b.Acts {
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
			fields[target] = []string{value}
			continue
		case "open":
			a.URL = target
		case "submit":
			a.Fields, fields = fields, map[string][]string{}
		}
		if _, err := s.act(ctx, b.As, a); err != nil {
			return err
		}
	}
	return nil
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
	if err != nil || d.Step == "" {
		return nil, err
	}
	_, step, err := s.lessonStep(d.Step)
	if err != nil {
		return nil, err
	}
	view := &StepView{ID: step.ID, Expect: []Line{}}
	events, err := s.events(ctx, d.Since)
	if err != nil {
		return nil, err
	}
	view.Expect = judge(events, expectations(step))
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

// expectations of a step, in order.
func expectations(step *lessons.Step) []lessons.Expectation {
	var lines []lessons.Expectation
	for _, b := range step.Blocks {
		if e, ok := b.(*lessons.Expect); ok {
			lines = append(lines, e.Lines...)
		}
	}
	return lines
}

// stepsThrough tells whether the step the learner is on goes through redirects one hop at a time.
func (s *Sandbox) stepsThrough(ctx context.Context) (bool, error) {
	d, err := s.state(ctx)
	if err != nil || d.Step == "" {
		return false, err
	}
	_, step, err := s.lessonStep(d.Step)
	if err != nil {
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
