package playground

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/lessons"
	"oauthplayground/playground/room"
	"oauthplayground/playground/world"
)

// The API of rooms: each handler decodes, calls one function of the room, and writes.

// inRoom is a route of a room, for anybody who knows its code.
func inRoom(h func(*Server, *gin.Context, *room.Room)) func(*Server) []gin.HandlerFunc {
	return plain(func(s *Server, c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		if r, ok := s.findRoom(c, c.Param("code")); ok {
			h(s, c, r)
		}
	})
}

// leading is a route for a room's instructors.
func leading(h func(*Server, *gin.Context, *room.Room)) func(*Server) []gin.HandlerFunc {
	return inRoom(func(s *Server, c *gin.Context, r *room.Room) {
		switch role, _, err := r.Bearer(c.Request.Context(), bearer(c.Request)); {
		case err != nil:
			s.problem(c, err)
		case role != room.Instructor:
			s.notYours(c, "This needs the instructor’s key, which was given when the room was made, as in Authorization: Bearer KEY.")
		default:
			h(s, c, r)
		}
	})
}

// seated is a route for a room's learners.
func seated(h func(s *Server, c *gin.Context, r *room.Room, learner string)) func(*Server) []gin.HandlerFunc {
	return inRoom(func(s *Server, c *gin.Context, r *room.Room) {
		switch role, learner, err := r.Bearer(c.Request.Context(), bearer(c.Request)); {
		case err != nil:
			s.problem(c, err)
		case role != room.Learner:
			s.notYours(c, "This needs a seat in the room: join it, and send the key you get as in Authorization: Bearer KEY.")
		default:
			h(s, c, r, learner)
		}
	})
}

func (s *Server) notYours(c *gin.Context, detail string) {
	c.Header("WWW-Authenticate", `Bearer realm="room"`)
	s.problem(c, world.Problem{Status: http.StatusUnauthorized, Title: "Not yours", Detail: detail})
}

// openRoom finds a room by its code. Whoever tries many codes that are none has to wait: a code is short.
func (s *Server) openRoom(c *gin.Context, code string) (*room.Room, error) {
	r, err := s.rooms.Open(c.Request.Context(), code)
	if why(err) == room.NotFound {
		if wait := s.guesses.wait(c.ClientIP(), time.Now()); wait > 0 {
			return nil, world.Problem{Status: http.StatusTooManyRequests, Title: "Too many", RetryAfter: wait, Detail: "This address has tried many codes that are none. Wait a little, and ask your instructor for the code."}
		}
		s.guesses.failed(c.ClientIP(), time.Now())
	}
	return r, err
}

// findRoom is openRoom, with its error answered.
func (s *Server) findRoom(c *gin.Context, code string) (*room.Room, bool) {
	r, err := s.openRoom(c, code)
	if err != nil {
		s.problem(c, err)
		return nil, false
	}
	return r, true
}

// madeRoom is what an instructor is told of a room.
type madeRoom struct {
	Code      string `json:"code"`
	Key       string `json:"key"`
	Title     string `json:"title"`
	Join      string `json:"join"`
	Projector string `json:"projector"`
}

func (s *Server) madeRoom(code, key, title string) madeRoom {
	return madeRoom{code, key, title, s.config.BaseURL + "/join/" + code, s.config.BaseURL + "/projector/" + code}
}

func (s *Server) createRoom(c *gin.Context) {
	if wait := s.roomsMade.wait(c.ClientIP(), time.Now()); wait > 0 {
		s.problem(c, world.Problem{Status: http.StatusTooManyRequests, Title: "Too many", RetryAfter: wait, Detail: "This address has as many rooms as it may, or has made many in a short time. Wait a little and try again."})
		return
	}
	var in struct {
		Title  string `json:"title"`
		Lesson string `json:"lesson"`
	}
	err := decode(c, &in, true)
	var made room.Created
	if err == nil {
		made, err = s.rooms.Create(c.Request.Context(), in.Title, in.Lesson)
	}
	if err != nil {
		s.roomsMade.failed(c.ClientIP(), time.Now())
		s.problem(c, err)
		return
	}
	s.roomsMade.made(c.ClientIP(), made.Code, time.Now())
	c.Header("Location", "/api/rooms/"+made.Code)
	answer(c, http.StatusCreated, s.madeRoom(made.Code, made.Key, made.Title))
}

// claimRoom turns a pass, which can be used once, into an instructor's key.
func (s *Server) claimRoom(c *gin.Context, r *room.Room) {
	var in struct {
		Pass string `json:"pass"`
	}
	if err := decode(c, &in, false); err != nil {
		s.problem(c, err)
		return
	}
	if !s.passes.use(r.Code(), in.Pass) {
		s.notYours(c, "This pass was used before, or is none. The key that it was changed for opens the room on the machine that has it.")
		return
	}
	key, err := r.Key(c.Request.Context())
	if err != nil {
		s.passes.give(r.Code(), in.Pass) // it has opened nothing
	}
	s.reply(c, s.madeRoom(r.Code(), key, r.Title()), err)
}

func (s *Server) getRoom(c *gin.Context, r *room.Room) {
	answer(c, http.StatusOK, map[string]any{"code": r.Code(), "title": r.Title(), "here": r.Here(), "name": r.Offer()})
}

func (s *Server) joinRoom(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	var in struct {
		Code string `json:"code"`
		Name string `json:"name"`
	}
	if err := decode(c, &in, false); err != nil {
		s.problem(c, err)
		return
	}
	r, ok := s.findRoom(c, in.Code)
	if !ok {
		return
	}
	seat, err := r.Join(c.Request.Context(), in.Name)
	if err != nil {
		s.problem(c, err)
		return
	}
	answer(c, http.StatusCreated, map[string]any{"code": r.Code(), "title": r.Title(), "learner": map[string]string{"id": seat.ID, "name": seat.Name}, "key": seat.Key})
}

// asRoom answers with what the room is asked now.
func (s *Server) asRoom(c *gin.Context, r *room.Room, err error) {
	if err != nil {
		s.problem(c, err)
		return
	}
	c.Data(http.StatusOK, "application/json", r.Now(room.Instructor).Data)
}

func (s *Server) leadRoom(c *gin.Context, r *room.Room) {
	var in room.Change
	err := decode(c, &in, false)
	if err == nil {
		err = r.Lead(c.Request.Context(), in)
	}
	s.asRoom(c, r, err)
}

func (s *Server) bringRoom(c *gin.Context, r *room.Room) {
	var in struct {
		Lesson string `json:"lesson"`
		Step   string `json:"step"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Bring(c.Request.Context(), in.Lesson, in.Step)
	}
	s.asRoom(c, r, err)
}

func (s *Server) askRoom(c *gin.Context, r *room.Room) {
	var in struct {
		Lesson   string `json:"lesson"`
		Question string `json:"question"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Ask(c.Request.Context(), in.Lesson, in.Question)
	}
	s.asRoom(c, r, err)
}

func (s *Server) phaseRoom(c *gin.Context, r *room.Room) {
	var in struct {
		Ask   string `json:"ask"`
		Phase string `json:"phase"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Phase(c.Request.Context(), in.Ask, in.Phase)
	}
	s.asRoom(c, r, err)
}

func (s *Server) peekVote(c *gin.Context, r *room.Room) {
	v, err := r.Peek()
	s.reply(c, v, err)
}

func (s *Server) getRows(c *gin.Context, r *room.Room) { answer(c, http.StatusOK, r.Rows()) }

func (s *Server) vote(c *gin.Context, r *room.Room, learner string) {
	var in struct {
		Ask    string         `json:"ask"`
		Round  int            `json:"round"`
		Answer lessons.Answer `json:"answer"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Vote(c.Request.Context(), learner, in.Ask, in.Round, in.Answer)
	}
	s.reply(c, map[string]bool{"counted": true}, err)
}

func (s *Server) raiseHand(c *gin.Context, r *room.Room, learner string) {
	var in struct {
		Up bool `json:"up"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Hand(c.Request.Context(), learner, in.Up)
	}
	s.reply(c, struct{}{}, err)
}

func (s *Server) seenHint(c *gin.Context, r *room.Room, learner string) {
	var in struct {
		Hint uint64 `json:"hint"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Read(c.Request.Context(), learner, in.Hint)
	}
	s.reply(c, struct{}{}, err)
}

// leaveRoom gives a seat up. What was done in it stays with the class.
func (s *Server) leaveRoom(c *gin.Context, r *room.Room, learner string) {
	sandboxes, err := r.Leave(c.Request.Context(), learner)
	s.endAll(c, sandboxes, err)
}

// seatSandbox makes a sandbox for a learner of the room. It counts towards the learner's share and not the address's: a class
// has one address.
func (s *Server) seatSandbox(c *gin.Context, r *room.Room, learner string) {
	var in struct {
		Lesson string `json:"lesson"`
	}
	if err := decode(c, &in, false); err != nil {
		s.problem(c, err)
		return
	}
	created, err := s.seat(c.Request.Context(), r, learner, in.Lesson)
	if err != nil {
		s.problem(c, err)
		return
	}
	c.Header("Location", "/api/sandboxes/"+created.ID)
	answer(c, http.StatusCreated, created)
}

// seat makes a learner's sandbox, and tells the room of it. Those that are too many for one learner end.
func (s *Server) seat(ctx context.Context, r *room.Room, learner, lesson string) (world.Created, error) {
	created, err := s.world.Create(ctx, world.Spec{Lesson: lesson, Kind: world.KindLesson, Seat: seatName(r.Code(), learner)})
	if err != nil {
		return world.Created{}, err
	}
	over, err := r.Seated(ctx, learner, lesson, created.ID)
	if err != nil {
		over = []string{created.ID} // nobody will ever know its key
	}
	s.endSandboxes(ctx, over)
	return created, err
}

// learnerSandbox is the sandbox that a learner works in, for an instructor to look at.
func learnerSandbox(h func(*Server, *gin.Context, *world.Sandbox)) func(*Server) []gin.HandlerFunc {
	return leading(func(s *Server, c *gin.Context, r *room.Room) {
		id, err := r.Sandbox(c.Request.Context(), c.Param("learner"))
		var sandbox *world.Sandbox
		if err == nil {
			sandbox, err = s.world.Open(c.Request.Context(), id)
		}
		if err != nil {
			s.problem(c, err)
			return
		}
		h(s, c, sandbox)
	})
}

func (s *Server) resetLearner(c *gin.Context, sandbox *world.Sandbox) {
	err := decode(c, &struct{}{}, true)
	if err == nil {
		err = sandbox.Reset(c.Request.Context())
	}
	s.reply(c, struct{}{}, err)
}

func (s *Server) hintLearner(c *gin.Context, r *room.Room) {
	var in struct {
		Text string `json:"text"`
	}
	err := decode(c, &in, false)
	if err == nil {
		err = r.Hint(c.Request.Context(), c.Param("learner"), in.Text)
	}
	s.reply(c, struct{}{}, err)
}

func (s *Server) removeLearner(c *gin.Context, r *room.Room) {
	sandboxes, err := r.Remove(c.Request.Context(), c.Param("learner"))
	s.endAll(c, sandboxes, err)
}

func (s *Server) endAll(c *gin.Context, sandboxes []string, err error) {
	if err != nil {
		s.problem(c, err)
		return
	}
	s.endSandboxes(c.Request.Context(), sandboxes)
	c.Status(http.StatusNoContent)
}

func (s *Server) deleteRoom(c *gin.Context, r *room.Room) {
	if err := s.rooms.Delete(c.Request.Context(), r.Code()); err != nil {
		s.problem(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

func (s *Server) exportJSON(c *gin.Context, r *room.Room) {
	c.Header("Content-Disposition", `attachment; filename="room-`+r.Code()+`.json"`)
	c.Header("Content-Type", "application/json")
	c.Status(http.StatusOK)
	if err := r.Export().WriteJSON(c.Writer); err != nil {
		s.config.Log.Debug("a reader has gone", "error", err)
	}
}

func (s *Server) exportCSV(c *gin.Context, r *room.Room) {
	table, err := parameter(c, "what", room.Tables[0])
	var b strings.Builder
	if err == nil {
		err = r.Export().WriteCSV(&b, table)
	}
	if err != nil {
		s.problem(c, err)
		return
	}
	c.Header("Content-Disposition", `attachment; filename="room-`+r.Code()+`-`+table+`.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
}

// refusal is how a room's refusal is told over HTTP.
type refusal struct {
	status int
	title  string
}

func (r refusal) with(detail string) world.Problem {
	return world.Problem{Status: r.status, Title: r.title, Detail: detail}
}

var refusals = map[room.Why]refusal{
	room.NotFound:     {http.StatusNotFound, "Not found"},
	room.Unauthorized: {http.StatusUnauthorized, "Not yours"},
	room.Conflict:     {http.StatusConflict, "Not now"},
	room.Invalid:      {http.StatusUnprocessableEntity, "It can’t be"},
	room.Full:         {http.StatusServiceUnavailable, "Full"},
}

// why is which refusal an error is; 0 where it is none.
func why(err error) room.Why {
	var refused room.Error
	errors.As(err, &refused)
	return refused.Why
}

// endSandboxes ends what a learner or a room leaves behind.
func (s *Server) endSandboxes(ctx context.Context, ids []string) {
	for _, id := range ids {
		var gone world.Problem
		if err := s.world.Delete(context.WithoutCancel(ctx), id); err != nil && !errors.As(err, &gone) {
			s.config.Log.Warn("a learner’s sandbox could not be ended; it ends by time", "error", err)
		}
	}
}
