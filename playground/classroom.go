package playground

import (
	"context"

	"oauthplayground/playground/room"
)

// Classroom is a room that stands when the server does, and how it is reached.
type Classroom struct {
	Code  string // as people read it: K7P-4MX
	Join  string // where learners join: it may be shown to everybody, as a QR code too
	Teach string // where its instructor begins: the pass in it can be used once, and is never sent in a request's address
	Wall  string // what is projected
}

// Classroom makes the server's own room, or finds the one that an earlier start has made, and a pass for its instructor.
func (s *Server) Classroom(ctx context.Context) (Classroom, error) {
	code, err := s.rooms.Standing(ctx, "Workshop")
	if err != nil {
		return Classroom{}, err
	}
	pass := newPass()
	s.passes.give(code, pass)
	return Classroom{
		Code:  room.Spoken(code),
		Join:  s.config.BaseURL + "/join/" + code,
		Teach: s.config.BaseURL + "/teach/" + code + "#pass=" + pass,
		Wall:  s.config.BaseURL + "/projector/" + code,
	}, nil
}
