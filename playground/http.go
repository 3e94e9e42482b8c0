package playground

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/playground/world"
)

// observe counts and logs each request by the template of its route: nothing that anybody sent gets into a log.
func (s *Server) observe(c *gin.Context) {
	begin := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	took := time.Since(begin)
	s.metrics.request(route, c.Writer.Status(), took)
	s.config.Log.Debug("request", "method", knownMethod(c.Request.Method), "route", route, "status", c.Writer.Status(), "bytes", c.Writer.Size(), "took", took)
}

func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
		return m
	}
	return "other"
}

// recovered turns a panic into a dull answer and a line in the log.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.config.Log.Error("a handler panicked", "route", c.FullPath(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.problem(c, errors.New("panic"))
		}
	}()
	c.Next()
}

// headers are on every answer; those who know better set their own.
func headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Next()
}

// pagePolicy is the Content-Security-Policy of our own pages: scripts by nonce and through Trusted Types only, nothing from
// anywhere else.
func pagePolicy(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "' 'strict-dynamic'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"font-src 'self'", "img-src 'self' data:", "connect-src 'self'", "frame-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'",
		"require-trusted-types-for 'script'", "trusted-types lit-html playground",
	}, "; ")
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// page renders one of our pages.
func (s *Server) page(c *gin.Context, status int, name string, build func(frontend.Layout) any, title string) {
	nonce := newNonce()
	var b bytes.Buffer
	if err := frontend.Render(&b, name, build(frontend.Layout{Title: title, Nonce: nonce})); err != nil {
		s.config.Log.Error("a page could not be rendered", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "Something went wrong on our side.")
		return
	}
	c.Header("Content-Security-Policy", pagePolicy(nonce))
	c.Header("Cache-Control", "no-store") // a nonce is for one answer
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// problem answers with application/problem+json (RFC 9457). What is not a world.Problem is our own fault.
func (s *Server) problem(c *gin.Context, err error) {
	var p world.Problem
	if !errors.As(err, &p) {
		s.config.Log.Error("a request failed", "route", c.FullPath(), "error", err)
		p = world.Problem{Status: http.StatusInternalServerError, Title: "Our fault", Detail: "Something went wrong on our side. What was recorded before is kept. Try again."}
	}
	s.metrics.refusal(c.FullPath(), p.Status)
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	body, _ := json.Marshal(map[string]any{"type": "about:blank", "title": p.Title, "status": p.Status, "detail": p.Detail})
	c.Header("Cache-Control", "no-store")
	c.Data(p.Status, "application/problem+json", body)
	c.Abort()
}

// lost answers for an address that is none: as a page to people, as a problem to programs.
func (s *Server) lost(c *gin.Context, status int, what string) {
	path := c.Request.URL.Path
	if strings.HasPrefix(path, "/api/") || !strings.Contains(c.GetHeader("Accept"), "text/html") {
		s.problem(c, world.Problem{Status: status, Title: http.StatusText(status), Detail: what + " GET /api/openapi.json lists what there is."})
		return
	}
	s.errorPage(c, status, what, "Go to the lessons and start from there.")
}

func (s *Server) errorPage(c *gin.Context, status int, what, do string) {
	s.page(c, status, "error", func(l frontend.Layout) any {
		return frontend.ErrorPage{Layout: l, Status: status, What: what, Do: do}
	}, http.StatusText(status))
}

// bearer is the key in the Authorization header.
func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// maxJSON bounds the bodies of the API.
const maxJSON = 128 << 10

// decode reads a JSON body into v, strictly: what is unknown is a mistake that the sender wants to hear of. An empty body is
// allowed if optional.
func decode(c *gin.Context, v any, optional bool) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return world.Problem{Status: http.StatusRequestEntityTooLarge, Title: "Too large", Detail: fmt.Sprintf("The body is longer than %d KiB.", maxJSON>>10)}
	}
	if err != nil {
		return bad("The body broke off.")
	}
	if optional && len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if t, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || t != "application/json" {
		return world.Problem{Status: http.StatusUnsupportedMediaType, Title: "Not JSON", Detail: "The body must be JSON: send it with Content-Type: application/json."}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return bad(jsonMistake(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return bad("There is something behind the JSON object: send one object.")
	}
	return nil
}

func jsonMistake(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Sprintf("%s can't be a %s.", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return fmt.Sprintf("The body must be a JSON object, not a %s.", kind.Value)
	case errors.As(err, &syntax):
		return fmt.Sprintf("The body is not JSON: it goes wrong at byte %d.", syntax.Offset)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return "There is no member " + strings.TrimPrefix(err.Error(), "json: unknown field ") + " here. GET /api/openapi.json tells what there is."
	}
	return "The body must be a JSON object."
}

func bad(detail string) error {
	return world.Problem{Status: http.StatusBadRequest, Title: "Bad request", Detail: detail}
}

// answer writes JSON as it is, without escaping for HTML.
func answer(c *gin.Context, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Data(status, "application/json", b.Bytes())
}
