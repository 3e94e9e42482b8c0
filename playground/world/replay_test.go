package world

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/vnet/browser"
)

// TestALostRunIsPlayedAgain: a learner whose sandbox has gone gets a new one, in which every step up to theirs has passed.
func TestALostRunIsPlayedAgain(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		ctx := context.Background()
		s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: l.Slug})
		for run, n := range []int{len(l.Steps), 2} {
			step := l.Steps[n-1]
			p, err := s.PlayTo(ctx, step.ID)
			if err != nil || !p.Passed || p.Step != step.ID {
				t.Fatalf("to %q: %+v %v", step.ID, p, err)
			}
			if len(p.State.Passed) != n || p.State.Step != step.ID || p.State.Run != uint64(run+1) {
				t.Errorf("to %q: passed %v, on %q, run %d", step.ID, p.State.Passed, p.State.Step, p.State.Run)
			}
		}
		if _, err := s.PlayTo(ctx, "nowhere"); problemStatus(err) != http.StatusNotFound {
			t.Errorf("to a step that isn't there: %v", err)
		}
	})
}

// TestAStepIsPlayedWhateverTheLearnerHasDone: its solution is played from where the step begins, also when half of it is
// done, or more than all of it, or when it was played before.
func TestAStepIsPlayedWhateverTheLearnerHasDone(t *testing.T) {
	eachLesson(t, func(t *testing.T, l *lessons.Lesson) {
		ctx := context.Background()
		s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: l.Slug})
		for i, step := range l.Steps {
			if err := s.BeginStep(ctx, step.ID); err != nil {
				t.Fatal(err)
			}
			if i%3 == 2 {
				if _, err := s.Act(ctx, Browser, Act{Do: "open", URL: "https://planner.test/connect"}); err != nil {
					t.Fatal(err)
				}
			}
			p, err := s.Play(ctx, step.ID, nil)
			if err != nil || !p.Passed {
				t.Fatalf("%q: %+v %v", step.ID, p.Expect, err)
			}
		}
		again := l.Steps[1].ID
		if p, err := s.Play(ctx, again, nil); err != nil || !p.Passed {
			t.Fatalf("%q again: %+v %v", again, p.Expect, err)
		}
	})
}

// TestASetUpIsDoneOnce: of many who begin a step at the same time, one winds its clock.
func TestASetUpIsDoneOnce(t *testing.T) {
	const src = "---\ntitle: T\nquestion: Q?\nminutes: 5\nspec: [\"RFC 6749 §4.1\"]\n---\n\n## Later {#later}\n\n```clock +1h\n```\n\n```browser\nopen https://planner.test/\n```\n\n```expect\nbrowser -> client GET / 200\n```\n"
	ctx := context.Background()
	w, err := New(Config{Engine: engine.NewMemory(), Clock: func() time.Time { return noon }, Course: func() (*lessons.Course, error) {
		return lessons.Load(fstest.MapFS{"core/01-x.md": {Data: []byte(src)}}, Vocabulary())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	s := newSandbox(t, w, Spec{Lesson: "x"})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.BeginStep(ctx, "later"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	view, err := s.View(ctx)
	if err != nil || view.Now.Sub(noon) != time.Hour {
		t.Errorf("the clock says %v, %v", view.Now, err)
	}
}

// TestNothingComesBetweenTheActsOfAStep: while a step is played, other acts, plays and resets are refused and leave no trace.
func TestNothingComesBetweenTheActsOfAStep(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "two-steps"})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Play(ctx, "one-step", nil); err != nil && problemStatus(err) != http.StatusConflict {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := s.Act(ctx, Browser, Act{Do: "open", URL: "https://mallory.test/"}); err != nil && problemStatus(err) != http.StatusConflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	events, err := s.events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The acts of one play stand next to each other: between a visit to Planner and the token nothing goes to Mallory.
	inside := false
	for _, e := range events {
		switch {
		case e.Request == nil:
		case strings.HasSuffix(e.Request.URL, "/connect"):
			inside = true
		case e.Request.URL == "https://mallory.test/" && inside:
			t.Fatalf("an act came between those of a step, at %d", e.Seq)
		case strings.HasSuffix(e.Request.URL, "/callback/fragment"):
			inside = false
		}
	}

	_, release, err := s.claim(ctx, Browser)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reset(ctx); problemStatus(err) != http.StatusConflict {
		t.Errorf("a reset during an act: %v", err)
	}
	release()
	if err := s.Reset(ctx); err != nil {
		t.Errorf("a reset after it: %v", err)
	}
}

// TestAPageCanBeMadeAgain: what a page shows after a reload can all be asked for.
func TestAPageCanBeMadeAgain(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, engine.NewMemory())
	s := newSandbox(t, w, Spec{Lesson: "two-steps"})
	first, err := s.Answer(ctx, "why-code", lessons.Answer{2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Answer(ctx, "why-code", lessons.Answer{4}); err != nil {
		t.Fatal(err)
	}
	given, err := s.Answers(ctx)
	if err != nil || len(given) != 1 || !reflect.DeepEqual(given["why-code"], Given{Answer: lessons.Answer{2}, Graded: first}) || first.Misconception != "M05" {
		t.Errorf("the answers are %+v, %v", given, err)
	}

	if _, err := s.Play(ctx, "one-step", nil); err != nil {
		t.Fatal(err)
	}
	in, err := s.Inside(ctx, Browser)
	if err != nil || in.URL != "https://planner.test/" || len(in.History) == 0 || len(in.Cookies) == 0 {
		t.Fatalf("inside Maya's browser: %+v, %v", in, err)
	}
	if !slices.ContainsFunc(in.Visited, func(u string) bool { return strings.Contains(u, "#access_token=") }) {
		t.Errorf("visited: %v", in.Visited)
	}
	if i := slices.IndexFunc(in.Cookies, func(c browser.Cookie) bool { return c.Name == plannerCookie }); i < 0 || !in.Cookies[i].HTTPOnly || !in.Cookies[i].Secure || in.Cookies[i].SameSite != "Lax" {
		t.Errorf("cookies: %+v", in.Cookies)
	}
	if in, err := s.Inside(ctx, AttackerBrowser); err != nil || len(in.Visited)+len(in.Cookies) != 0 || in.Visited == nil {
		t.Errorf("inside Mallory's browser: %+v, %v", in, err)
	}

	c, err := w.Create(ctx, Spec{Kind: KindWorkbench})
	if err != nil {
		t.Fatal(err)
	}
	bench, err := w.Open(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := bench.Clients(ctx)
	if err != nil || len(clients) != 1 || clients[0].ClientSecret != c.Clients[0].ClientSecret || clients[0].ClientSecret == "" {
		t.Errorf("the clients are %+v, %v", clients, err)
	}
	if _, err := bench.Inside(ctx, Browser); problemStatus(err) != http.StatusNotFound {
		t.Errorf("a workbench has a browser: %v", err)
	}
	if given, err := bench.Answers(ctx); err != nil || len(given) != 0 {
		t.Errorf("a workbench has answers: %v %v", given, err)
	}
}

// TestASandboxInTheMomentOfItsReset is neither a fault of ours nor a sandbox that isn't there.
func TestASandboxInTheMomentOfItsReset(t *testing.T) {
	ctx := context.Background()
	e := engine.NewMemory()
	s := newSandbox(t, newWorld(t, e), Spec{Lesson: "code-flow"})
	if err := e.Clear(ctx, s.id); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"view":   func() error { _, err := s.View(ctx); return err }(),
		"begin":  s.BeginStep(ctx, "planner"),
		"play":   func() error { _, err := s.Play(ctx, "planner", nil); return err }(),
		"answer": func() error { _, err := s.Answer(ctx, "who-asks", lessons.Answer{1}); return err }(),
	} {
		var p Problem
		if !errors.As(err, &p) || p.Status != http.StatusConflict || p.RetryAfter == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEachPartOfTheQuestionIsMissedBySomebody takes each parameter out of the authorization request, and looks who refuses.
func TestEachPartOfTheQuestionIsMissedBySomebody(t *testing.T) {
	for parameter, want := range map[string]struct{ by, check string }{
		"client_id":             {AS, "as.client-known"},
		"redirect_uri":          {AS, "as.redirect-uri-present"},
		"response_type":         {AS, "as.response-type-present"},
		"state":                 {Client, "client.state"},
		"nonce":                 {Client, "client.nonce"},
		"scope":                 {Client, "client.id-token-present"},
		"code_challenge":        {AS, "as.pkce-method"},
		"code_challenge_method": {AS, "as.pkce-s256"},
	} {
		t.Run(parameter, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
			if _, err := s.PlayTo(ctx, "spend"); err != nil {
				t.Fatal(err)
			}
			_, _, before, _ := s.log.Info(ctx)
			if err := s.do(ctx, &lessons.Browser{As: Browser, Step: true, Acts: []lessons.BrowserAct{{Do: "open", Target: "https://planner.test/connect"}}}, nil); err != nil {
				t.Fatal(err)
			}
			if err := s.do(ctx, &lessons.Browser{As: Browser, Acts: []lessons.BrowserAct{{Do: "follow", Without: parameter}}}, nil); err != nil {
				t.Fatal(err)
			}
			s.Act(ctx, Browser, Act{Do: "submit", Target: "allow"}) // where Chirper lets it pass, Maya allows it
			events, err := s.events(ctx, before)
			if err != nil {
				t.Fatal(err)
			}
			refused := slices.ContainsFunc(events, func(e trace.Event) bool { return e.From == want.by && refuses(e, want.check) })
			if !refused {
				t.Errorf("%s did not refuse by %s", want.by, want.check)
			}
		})
	}
}

// TestAWorldIsClosedInTheMiddleOfAnAct: the act ends, one way or the other, and another world on the same engine goes on
// with a browser that is free.
func TestAWorldIsClosedInTheMiddleOfAnAct(t *testing.T) {
	for range 10 {
		ctx := context.Background()
		e := engine.NewMemory()
		w := openWorld(t, e)
		s := newSandbox(t, w, Spec{Lesson: "two-steps"})
		var wg sync.WaitGroup
		wg.Go(func() { s.Play(ctx, "one-step", nil) })
		wg.Go(func() {
			for { // until the play is under way
				if _, _, last, err := s.log.Info(ctx); err != nil || last > 8 {
					break
				}
				runtime.Gosched()
			}
			w.Close()
		})
		wg.Wait()
		again, err := newWorld(t, e).Open(ctx, s.ID())
		if err != nil {
			t.Fatal(err)
		}
		if p, err := again.Play(ctx, "one-step", nil); err != nil || !p.Passed {
			t.Fatalf("in another world: %+v %v", p.Expect, err)
		}
	}
}

// TestAResetMeetsAnActHalfWay: whichever comes first, the world after it is a whole one.
func TestAResetMeetsAnActHalfWay(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, engine.NewMemory())
	id := newSandbox(t, w, Spec{Lesson: "code-flow"}).ID()
	for range 20 {
		s, err := w.Open(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.PlayTo(ctx, "leave"); err != nil && problemStatus(err) != http.StatusConflict {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := s.Reset(ctx); err != nil && problemStatus(err) != http.StatusConflict {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := s.View(ctx); err != nil && problemStatus(err) != http.StatusConflict {
				t.Error(err)
			}
		})
		wg.Wait()
		if s, err = w.Open(ctx, id); err != nil {
			t.Fatal(err)
		}
		if p, err := s.PlayTo(ctx, "planner"); err != nil || !p.Passed {
			t.Fatalf("afterwards: %+v %v", p.Expect, err)
		}
		if err := s.Reset(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARequestThatWaitsIsToldOf: when a form in the frame leads to a redirect that waits, the page stays as it is, and the
// record says that there is something new to see in this browser.
func TestARequestThatWaitsIsToldOf(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "code-flow"})
	if _, err := s.PlayTo(ctx, "spend"); err != nil {
		t.Fatal(err)
	}
	if err := s.BeginStep(ctx, "leave-out"); err != nil {
		t.Fatal(err)
	}
	k, err := s.kept(ctx, Browser)
	if err != nil {
		t.Fatal(err)
	}
	_, _, before, _ := s.log.Info(ctx)
	ticket, err := s.FrameSubmit(ctx, k.Ticket, url.Values{"pg-form": {"1"}}) // the second form: Disconnect Chirper
	if err != nil || ticket != k.Ticket {
		t.Fatalf("the page has changed: %v", err)
	}
	view, err := s.View(ctx)
	if err != nil || view.Browsers[Browser].Pending == nil || view.Browsers[Browser].Pending.URL != "https://planner.test/" {
		t.Fatalf("what waits is %+v, %v", view.Browsers[Browser].Pending, err)
	}
	events, err := s.events(ctx, before)
	if err != nil || !slices.ContainsFunc(events, func(e trace.Event) bool {
		return e.Change != nil && e.Change.What == "page" && e.Change.Actor == Browser
	}) {
		t.Errorf("the record does not say so: %v", err)
	}
}

// TestAFormActsOnItsOwnPageOnly: of many who send the form of one page, one is heard, and nobody's form meets another page.
func TestAFormActsOnItsOwnPageOnly(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "two-steps"})
	if _, err := s.Act(ctx, Browser, Act{Do: "open", URL: "https://planner.test/"}); err != nil {
		t.Fatal(err)
	}
	k, err := s.kept(ctx, Browser)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := s.FrameSubmit(ctx, k.Ticket, url.Values{"pg-link": {"0"}})
			if status := problemStatus(err); err != nil && status != http.StatusConflict && status != http.StatusGone {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	events, err := s.events(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, e := range events {
		if e.Request != nil && e.Request.URL == "https://planner.test/connect" {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("the link was followed %d times", sent)
	}
}
