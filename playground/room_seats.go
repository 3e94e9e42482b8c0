package playground

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"oauthplayground/lessons"
	"oauthplayground/playground/room"
	"oauthplayground/playground/world"
)

// seats tells rooms what happens in the sandboxes of those who sit in them. A sandbox goes on without its room: what can't be told
// is a line in the log, and is told with the next that happens.
type seats struct{ server *Server }

// seatName is how the world knows a learner of a room.
func seatName(code, learner string) string { return code + "/" + learner }

// at finds the room of a seat, within what an act can wait.
func (s seats) at(ctx context.Context, seat string, do func(context.Context, *room.Room, string) error) {
	code, learner, _ := strings.Cut(seat, "/")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	r, err := s.server.rooms.Open(ctx, code)
	if err == nil {
		err = do(ctx, r, learner)
	}
	var refused room.Error
	if err != nil && !errors.As(err, &refused) { // a room that has ended has nobody who wants to know
		s.server.config.Log.Warn("a room could not be told what a learner did", "error", err)
	}
}

func (s seats) Moved(ctx context.Context, seat, lesson, step string, passed []string) {
	s.at(ctx, seat, func(ctx context.Context, r *room.Room, learner string) error {
		return r.Moved(ctx, learner, lesson, step, passed)
	})
}

func (s seats) MayAnswer(ctx context.Context, seat string) (err error) {
	s.at(ctx, seat, func(ctx context.Context, r *room.Room, _ string) error {
		locked, unsure := r.Locked(ctx)
		if locked {
			err = world.Problem{Status: http.StatusLocked, Title: "Locked", Detail: "Your instructor has locked answers. What you chose stays: send it when they are open again."}
		}
		return unsure
	})
	return err
}

func (s seats) Answered(ctx context.Context, seat, lesson, question string, answer lessons.Answer, result lessons.Result) {
	s.at(ctx, seat, func(ctx context.Context, r *room.Room, learner string) error {
		return r.Answered(ctx, learner, lesson, question, answer, result)
	})
}

func (s seats) Exchanged(seat, lesson string, e world.Exchange) {
	s.at(context.Background(), seat, func(_ context.Context, r *room.Room, learner string) error {
		var last *room.Refusal
		if e.Refused && e.From != world.Attacker && e.From != world.AttackerBrowser { // that Mallory is refused is no trouble of the learner's
			last = &room.Refusal{N: e.N, Method: e.Method, Path: e.Path, From: e.From, To: e.To, Status: e.Status, Error: e.Error, Verdicts: e.Verdicts}
		}
		var arrows []room.Arrow
		if e.Status != http.StatusNotFound { // an address that isn't there is what somebody has typed, and no text for the wall
			arrows = append(arrows, room.Arrow{From: e.From, To: e.To, Method: e.Method, Path: e.Path, Refused: e.Refused})
		}
		r.Note(learner, lesson, arrows, last)
		return nil
	})
}
