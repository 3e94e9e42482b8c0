package mockidp

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// Error is what a client is told when its request is refused: a code and a short, dull description. What exactly was
// wrong is in the verdicts. At the authorization endpoint it travels in the redirect (RFC 6749 §4.1.2.1).
type Error struct {
	Status      int // at the endpoints that clients call; 0 is 400
	Code        string
	Description string
}

func (e Error) Error() string { return e.Code + ": " + e.Description }

// pageError is an error that must not redirect, because it is the redirect URI, or who asks, that is wrong (RFC 6749
// §4.1.2.1): the person at the browser is told, and nobody else. The rule is in the type.
type pageError Error

func (e pageError) Error() string { return Error(e).Error() }

// errFault is a fault of ours, on a page: it tells no details.
var errFault = pageError{Status: http.StatusInternalServerError, Code: "server_error", Description: "Something went wrong on our side."}

// writeError answers a client with an error as in RFC 6749 §5.2. A fault of ours is server_error without details.
func (i *Issuer) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var e Error
	if !errors.As(err, &e) {
		e = Error{Status: http.StatusInternalServerError, Code: "server_error", Description: "Something went wrong on our side."}
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	h := w.Header()
	// "the authorization server MUST respond with an HTTP 401 (Unauthorized) status code and include the
	// "WWW-Authenticate" response header field matching the authentication scheme used by the client": RFC 6749 §5.2
	if e.Code == "invalid_client" && r.Header.Get("Authorization") != "" {
		challenge(h, `Basic realm="token"`)
	}
	noStore(h)
	writeJSON(w, e.Status, map[string]string{"error": e.Code, "error_description": e.Description})
}

func (i *Issuer) fault(w http.ResponseWriter, r *http.Request) {
	if !crossOrigin[r.URL.Path] { // a person is looking
		i.errorPage(w, r, errFault, nil)
		return
	}
	i.writeError(w, r, errors.New("fault"))
}

// challenge tells a client how to authenticate, also where a browser's rules would keep it from an app.
func challenge(h http.Header, how string) {
	h.Set("WWW-Authenticate", how)
	h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
}

func noStore(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// Errors of reading a form.
var (
	errTooLarge  = Error{Status: http.StatusRequestEntityTooLarge, Code: "invalid_request", Description: "The request is too large."}
	errMalformed = Error{Code: "invalid_request", Description: "The parameters can't be read."}
	errFormType  = Error{Code: "invalid_request", Description: "The body must be application/x-www-form-urlencoded."}
)

// postForm reads a form from a request's body, and only from there. Parameters are text of a sane length.
func postForm(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, errTooLarge
		}
		return nil, errMalformed
	}
	if !clean(r.PostForm).OK {
		return nil, errMalformed
	}
	return r.PostForm, nil
}
