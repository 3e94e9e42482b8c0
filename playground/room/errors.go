package room

import "fmt"

// Why says what kind of refusal an Error is.
type Why int

const (
	NotFound     Why = iota + 1 // there is no such room, learner, question …
	Unauthorized                // the key does not fit
	Conflict                    // not now: the round is over, answers are locked
	Invalid                     // it can't be
	Full                        // there is no more room
)

// Error is a refusal, with a sentence for who asked. Any other error of this package is our own fault, or the engine's.
type Error struct {
	Why    Why
	Detail string
}

func (e Error) Error() string { return e.Detail }

func refuse(why Why, format string, args ...any) error {
	return Error{Why: why, Detail: fmt.Sprintf(format, args...)}
}

// ErrEnded is what ends a Watch of a room that is no more.
var ErrEnded = refuse(NotFound, "This room has ended.")

var errNoRoom = refuse(NotFound, "There is no room with this code. It may have ended: ask your instructor for the code.")
