package playground

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/playground/engine"
	"oauthplayground/playground/room"
	"oauthplayground/playground/trace"
	"oauthplayground/playground/world"
)

// observe counts and logs each request by the template of its route: nothing that anybody sent gets into a log. A sandbox is
// named by the beginning of its id's hash, so that its lines can be found by who knows the id and by nobody else.
func (s *Server) observe(c *gin.Context) {
	begin := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = noRoute
	}
	took := time.Since(begin)
	s.metrics.request(route, c.Writer.Status(), took)
	if !s.config.Log.Enabled(c.Request.Context(), slog.LevelDebug) {
		return
	}
	line := []any{"method", knownMethod(c.Request.Method), "route", route, "status", c.Writer.Status(), "bytes", max(c.Writer.Size(), 0), "took", took, "request", requestID(c)}
	if id := c.Param("id"); id != "" {
		line = append(line, "sandbox", shortHash(id))
	}
	s.config.Log.Debug("request", line...)
}

// requestIDKey is where a request keeps its id once somebody has asked for it.
const requestIDKey = "request"

// requestID names a request in the log and, when something goes wrong on our side, to who asked.
func requestID(c *gin.Context) string {
	if id := c.GetString(requestIDKey); id != "" {
		return id
	}
	var b [6]byte
	rand.Read(b[:])
	id := hex.EncodeToString(b[:])
	c.Set(requestIDKey, id)
	return id
}

func shortHash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:4])
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
			s.config.Log.Error("a handler panicked", "route", c.FullPath(), "request", requestID(c), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
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
// anywhere else; data may come from further origins that are named. Who may frame the page is said besides.
func pagePolicy(nonce string, sources ...string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "' 'strict-dynamic'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"font-src 'self'", "img-src 'self' data:", strings.Join(append([]string{"connect-src 'self'"}, sources...), " "), "frame-src 'self'",
		"form-action 'self'", "base-uri 'none'",
		"require-trusted-types-for 'script'", "trusted-types lit-html playground",
	}, "; ")
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// layout is what a page has in the dress of the course that is taught.
func (s *Server) layout(title, nonce string) frontend.Layout {
	return frontend.Layout{Title: title, Nonce: nonce, Course: coverView(s.cover())}
}

// page renders one of our pages.
func (s *Server) page(c *gin.Context, status int, name string, build func(frontend.Layout) any, title string) {
	nonce, cover := newNonce(), s.cover()
	var b bytes.Buffer
	if err := frontend.Render(&b, name, build(s.layout(title, nonce))); err != nil {
		s.config.Log.Error("a page could not be rendered", "page", name, "error", err)
		c.String(http.StatusInternalServerError, "Something went wrong on our side.")
		return
	}
	c.Header("Content-Security-Policy", pagePolicy(nonce)+"; frame-ancestors 'none'")
	c.Header("Cache-Control", "no-store") // a nonce is for one answer
	sendPage(c, status, renamed(cover.Names, b.Bytes()))
}

// sendPage sends a page, compressed for those who can read that.
func sendPage(c *gin.Context, status int, body []byte) {
	c.Header("Vary", "Accept-Encoding")
	if frontend.AcceptsGzip(c.GetHeader("Accept-Encoding")) {
		c.Header("Content-Encoding", "gzip")
		body = compressed(body)
	}
	c.Data(status, "text/html; charset=utf-8", body)
}

// compressed is a page for the way: a lesson with its recorded run shrinks to a sixth. There is no secret in a page whose
// length could tell anything.
func compressed(page []byte) []byte {
	var b bytes.Buffer
	w := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	w.Write(page)
	w.Close()
	return b.Bytes()
}

// compressors are used again: each holds 0.8 MB of tables.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// statusNobodyListens is what nginx made a custom of: who asked has hung up. It is for metrics, since nobody reads the answer.
const statusNobodyListens = 499

// retryAfter is how long to wait when the state can't be reached: a cluster finds a new leader in some seconds.
const retryAfter = 5 * time.Second

// explain is what to tell about an error. A world.Problem says it itself. What failed because its sandbox ended in the middle is
// answered as if it had ended before. Anything else is our own fault: a dull sentence, and a line in the log.
func (s *Server) explain(c *gin.Context, err error) world.Problem {
	var p world.Problem
	if errors.As(err, &p) {
		return p
	}
	var refused room.Error
	if errors.As(err, &refused) {
		return refusals[refused.Why].with(refused.Detail)
	}
	ctx := c.Request.Context()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return world.Problem{Status: statusNobodyListens, Title: "Nobody listens", Detail: "Who asked hung up before the answer."}
	}
	if errors.Is(err, engine.ErrUnavailable) {
		s.config.Log.Warn("the state can’t be reached or written", "route", c.FullPath(), "request", requestID(c), "error", err)
		return world.Problem{Status: http.StatusServiceUnavailable, Title: "Not now", RetryAfter: retryAfter, Detail: "What this server must remember can’t be written at the moment, so it does nothing. What was answered before is kept. Try again in some seconds."}
	}
	if errors.Is(err, trace.ErrGone) {
		return world.Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "This sandbox has ended: make a new one."}
	}
	if id := c.Param("id"); id != "" {
		if _, ended := s.world.Open(ctx, id); errors.As(ended, &p) {
			return p
		}
	}
	s.config.Log.Error("a request failed", "route", c.FullPath(), "request", requestID(c), "error", err)
	return world.Problem{Status: http.StatusInternalServerError, Title: "Our fault", Detail: "Something went wrong on our side. What was recorded before is kept. Try again; if it stays, tell who runs this server: request " + requestID(c) + "."}
}

// problem answers with application/problem+json (RFC 9457).
func (s *Server) problem(c *gin.Context, err error) {
	p := s.explain(c, err)
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

func bad(detail string) error {
	return world.Problem{Status: http.StatusBadRequest, Title: "Bad request", Detail: detail}
}
