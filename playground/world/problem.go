package world

import (
	"fmt"
	"net/http"
	"time"
)

// Problem is an error that a person who uses the API can act on: what was wrong and what to do. Anything that is not a
// Problem is our own fault and becomes one dull sentence outside.
type Problem struct {
	Status     int           // HTTP status
	Title      string        // short, the same for every problem of its kind
	Detail     string        // what was wrong with this request, and what to do
	RetryAfter time.Duration // when trying again makes sense; 0 if it doesn't
}

func (p Problem) Error() string { return p.Title + ": " + p.Detail }

func badRequest(format string, a ...any) error {
	return Problem{Status: http.StatusBadRequest, Title: "Bad request", Detail: fmt.Sprintf(format, a...)}
}

func unprocessable(format string, a ...any) error {
	return Problem{Status: http.StatusUnprocessableEntity, Title: "Not possible", Detail: fmt.Sprintf(format, a...)}
}

func notFound(format string, a ...any) error {
	return Problem{Status: http.StatusNotFound, Title: "Not found", Detail: fmt.Sprintf(format, a...)}
}

func conflict(format string, a ...any) error {
	return Problem{Status: http.StatusConflict, Title: "Not now", Detail: fmt.Sprintf(format, a...), RetryAfter: time.Second}
}

// At is what went wrong at a line of a lesson's file, for its author: who learns reads the error alone.
type At struct {
	Line int
	Err  error
}

func (a At) Error() string { return a.Err.Error() }
func (a At) Unwrap() error { return a.Err }

// at says where in a lesson an error comes from, if there is one.
func at(line int, err error) error {
	if err == nil {
		return nil
	}
	return At{line, err}
}
