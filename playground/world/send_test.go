package world

import (
	"context"
	"net/http"
	"testing"

	"oauthplayground/playground/engine"
)

// TestARequestIsSentAlone: by hand a step's requests go one by one, and the step is done when all it waits for has happened.
func TestARequestIsSentAlone(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "password"})
	if p, err := s.PlayTo(ctx, "defend"); err != nil || !p.Passed {
		t.Fatal(p.Expect, err)
	}
	sent := func() int {
		d, err := s.state(ctx)
		if err != nil {
			t.Fatal(err)
		}
		events, err := s.events(ctx, d.Since)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Request != nil {
				n++
			}
		}
		return n
	}
	const other = "POST {{api}}/password\nContent-Type: application/x-www-form-urlencoded\n\nusername=maya&password=practice-only&new_password=mine"
	for i, edits := range []map[string]string{nil, {"1": other}, nil} {
		p, err := s.Send(ctx, "take-back", i, edits)
		if err != nil || p.Passed != (i == 2) || sent() != i+1 {
			t.Fatalf("request %d: passed %v after %d exchanges, %+v, %v", i, p.Passed, sent(), p.Expect, err)
		}
	}
	if u, _, err := s.person(ctx, "maya"); err != nil || u.Password != "mine" {
		t.Errorf("the password is %q, %v", u.Password, err)
	}
	for request, edits := range map[int]map[string]string{3: nil, -1: nil, 0: {"0": other}} {
		if _, err := s.Send(ctx, "take-back", request, edits); problemStatus(err) != http.StatusUnprocessableEntity {
			t.Errorf("request %d: %v", request, err)
		}
	}
}
