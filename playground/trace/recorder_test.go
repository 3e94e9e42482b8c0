package trace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 23, 10, 0, 0, 120_000_000, time.UTC)

const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LW1heWEifQ.c2lnbmF0dXJl"

// get is a request of the browser to the authorization server.
func get(url string, headers ...Header) Begin {
	return Begin{From: "browser", To: "as", Request: Request{Method: "GET", URL: url, Headers: headers}}
}

func begin(t testing.TB, r *Recorder, b Begin) *Exchange {
	t.Helper()
	x, err := r.Begin(context.Background(), at, b)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func end(t testing.TB, x *Exchange, res Response) {
	t.Helper()
	if _, err := x.End(context.Background(), at, res, nil); err != nil {
		t.Fatal(err)
	}
}

func tags(e Event) []string {
	var list []string
	for _, f := range e.Finds {
		list = append(list, strings.TrimSpace(f.Tag+" in "+f.In+" "+f.Name))
	}
	return list
}

func all(t testing.TB, l Log) []Event {
	t.Helper()
	events, err := Past(context.Background(), l, 0)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func jsonResponse(body string) Response {
	return Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}}, Body: body}
}

func TestTokensAreDecodedAndCalledVerifiedOnlyByTheVerifier(t *testing.T) {
	opaque := func(tag string) Token { return Token{Tag: tag, Format: "opaque"} }
	for _, tt := range []struct {
		name, value string
		verify      Verifier
		want        Token
	}{
		{"verified", jwt, func(context.Context, string) Signature { return Signature{Alg: "ES256", Kid: "k", Verified: true} },
			Token{Tag: "access_token#1", Format: "jwt", Signature: &Signature{Alg: "ES256", Kid: "k", Verified: true}}},
		{"not verified, with the reason", jwt, func(context.Context, string) Signature { return Signature{Alg: "none", Problem: "not signed"} },
			Token{Tag: "access_token#1", Format: "jwt", Signature: &Signature{Alg: "none", Problem: "not signed"}}},
		{"nobody to verify: nothing is said", jwt, nil, Token{Tag: "access_token#1", Format: "jwt"}},
		{"opaque", "just-some-chance-text", nil, opaque("access_token#1")},
		{"dots do not make a JWT", "a.b.c", nil, opaque("access_token#1")},
		{"nor do two parts", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LW1heWEifQ", nil, opaque("access_token#1")},
		{"claims that are a list", "eyJhbGciOiJFUzI1NiJ9.WzFd.x", nil, opaque("access_token#1")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := NewMemoryLog(MemoryOptions{})
			r := NewRecorder(log, tt.verify)
			end(t, begin(t, r, get("https://auth.chirper.test/token")), jsonResponse(`{"access_token":"`+tt.value+`"}`))
			events := all(t, log)
			if len(events) != 3 || events[2].Kind != KindToken || events[2].Of != 2 || events[2].N != 1 {
				t.Fatalf("%d events, the last is %+v", len(events), events[len(events)-1])
			}
			got := *events[2].Token
			if got.Tag != tt.want.Tag || got.Format != tt.want.Format || (got.Signature == nil) != (tt.want.Signature == nil) || got.Signature != nil && *got.Signature != *tt.want.Signature {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if got.Format == "jwt" && (string(got.Header) != `{"alg":"ES256"}` || string(got.Claims) != `{"sub":"u-maya"}`) {
				t.Errorf("decoded as %s %s", got.Header, got.Claims)
			}
		})
	}
}

func TestATokenIsVerifiedOnceWhenItIsRead(t *testing.T) {
	var verified atomic.Int32
	log := NewMemoryLog(MemoryOptions{})
	r := NewRecorder(log, func(context.Context, string) Signature { verified.Add(1); return Signature{Verified: true} })
	x := begin(t, r, get("https://auth.chirper.test/userinfo", Header{"Authorization", "Bearer " + jwt}))
	end(t, x, jsonResponse(`{"access_token":"`+jwt+`"}`))
	if n := verified.Load(); n != 0 {
		t.Errorf("an exchange waited for %d verifications", n)
	}
	for range 3 {
		events := all(t, log)
		if len(events) != 3 || !events[1].Token.Signature.Verified || events[1].Of != x.Seq() {
			t.Fatalf("read as %+v", events)
		}
	}
	if n := verified.Load(); n != 1 {
		t.Errorf("it was verified %d times", n)
	}
}

func TestClaimsThatAreNotUTF8DoNotSpoilTheStream(t *testing.T) {
	log := NewMemoryLog(MemoryOptions{})
	end(t, begin(t, NewRecorder(log, nil), get("https://x/", Header{"Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJhIjoi_yJ9.x"})), Response{Status: 401})
	e := all(t, log)[1]
	line, err := e.Encode()
	if err != nil || !strings.Contains(string(line), "\uFFFD") || strings.ToValidUTF8(string(line), "") != string(line) {
		t.Errorf("%v %q", err, line)
	}
}

// rival is a log in which somebody else writes an event just before each of our first few.
type rival struct {
	Log
	other *Recorder
	times int
}

func (l *rival) Append(ctx context.Context, at uint64, events ...Event) error {
	if l.times > 0 {
		l.times--
		x, err := l.other.Begin(ctx, events[0].At, get("https://x/?nonce=the-others-nonce&state=the-others-state"+fmt.Sprint(l.times)))
		if err != nil {
			return err
		}
		if _, err := x.End(ctx, events[0].At, jsonResponse(`{"access_token":"`+jwt+`"}`), nil); err != nil {
			return err
		}
	}
	return l.Log.Append(ctx, at, events...)
}

func TestWhoeverIsSlowerNumbersAgain(t *testing.T) {
	log := NewMemoryLog(MemoryOptions{})
	r := NewRecorder(&rival{log, NewRecorder(log, nil), 3}, nil)
	end(t, begin(t, r, get("https://x/?state=our-own-state&nonce=the-others-nonce")), jsonResponse(`{"access_token":"`+jwt+`","refresh_token":"another-one"}`))
	events := all(t, log)
	last := events[len(events)-3:] // our request was the third attempt, our answer came at once
	if got := tags(last[0]); last[0].N != 4 || !slices.Equal(got, []string{"state#4 in query state", "nonce#1 in query nonce"}) {
		t.Errorf("our request is number %d with %v", last[0].N, got)
	}
	if got := tags(last[1]); last[1].N != 4 || !slices.Equal(got, []string{"access_token#1 in body access_token", "refresh_token#1 in body refresh_token"}) {
		t.Errorf("our answer is number %d with %v", last[1].N, got)
	}
	if last[2].Token == nil || last[2].Token.Tag != "refresh_token#1" {
		t.Errorf("a token that was seen before is no news: %+v", last[2])
	}
	if v, ok, err := r.Value(context.Background(), "state#2"); v != "the-others-state1" || !ok || err != nil {
		t.Errorf("state#2 is %q, %v, %v", v, ok, err)
	}
}

func TestAFullLogLosesNothingOfTheNumbering(t *testing.T) {
	log := NewMemoryLog(MemoryOptions{Limit: 8, Reserve: 4})
	r := NewRecorder(log, nil)
	var open []*Exchange
	for n := range 4 {
		open = append(open, begin(t, r, get(fmt.Sprintf("https://x/?state=state-number-%d", n))))
	}
	for range 3 {
		if _, err := r.Begin(context.Background(), at, get("https://x/?state=refused-state")); !errors.Is(err, ErrFull) {
			t.Fatalf("got %v, want ErrFull", err)
		}
	}
	if _, err := r.Change(context.Background(), at, Change{What: "run"}); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if _, ok, _ := r.Tag(context.Background(), "refused-state"); ok {
		t.Error("a value of a request that was refused has a tag")
	}
	if run, err := r.Run(context.Background()); run != 1 || err != nil {
		t.Errorf("a run that was refused is open: %d, %v", run, err)
	}
	for _, x := range open { // two tokens each: more than the reserve holds
		end(t, x, jsonResponse(`{"access_token":"`+fmt.Sprint(x.Seq())+`-access","refresh_token":"`+fmt.Sprint(x.Seq())+`-refresh"}`))
	}
	if events := all(t, log); len(events) != 4+4*3 || events[15].Token.Tag != "refresh_token#4" {
		t.Errorf("%d events; all that was open is answered", len(events))
	}
}

func TestAnExchangeBelongsToItsRunAndItsEpoch(t *testing.T) {
	ctx := context.Background()
	log := NewMemoryLog(MemoryOptions{})
	r := NewRecorder(log, nil)
	x := begin(t, r, get("https://x/?state=state-of-run-1"))
	if seq, err := r.Change(ctx, at, Change{What: "run"}); seq != 2 || err != nil {
		t.Fatal(seq, err)
	}
	end(t, begin(t, r, get("https://x/?state=state-of-run-2")), Response{Status: 200})
	end(t, x, Response{Status: 302, Headers: []Header{{"Location", "https://y/?code=code-of-run-1&state=state-of-run-1"}}})
	for i, want := range []struct {
		run, n uint64
		tags   []string
	}{
		{1, 1, []string{"state#1 in query state"}},
		{2, 0, nil},
		{2, 1, []string{"state#1 in query state"}},
		{2, 1, nil},
		{1, 1, []string{"code#1 in query code", "state#1 in query state"}},
	} {
		if e := all(t, log)[i]; e.Run != want.run || e.N != want.n || !slices.Equal(tags(e), want.tags) {
			t.Errorf("event %d: run %d, n %d, %v; want %+v", e.Seq, e.Run, e.N, tags(e), want)
		}
	}
	if _, ok, _ := r.Value(ctx, "code#1"); ok {
		t.Error("the present run knows a code of the one before it")
	}
	other := NewRecorder(log, nil)
	if v, ok, err := other.Value(ctx, "state#1"); v != "state-of-run-2" || !ok || err != nil {
		t.Errorf("another recorder knows state#1 as %q, %v, %v", v, ok, err)
	}

	x = begin(t, r, get("https://x/?state=state-of-the-old-epoch"))
	if err := log.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := x.End(ctx, at, Response{Status: 200}, nil); !errors.Is(err, ErrReset) {
		t.Errorf("an answer in another epoch than its request: %v, want ErrReset", err)
	}
	if x = begin(t, r, get("https://x/?state=new")); x.Seq() != 1 {
		t.Errorf("the new epoch begins at %d", x.Seq())
	}
	if v, _, _ := r.Value(ctx, "state#1"); v != "new" {
		t.Errorf("state#1 of the new epoch is %q", v)
	}
}

func TestAWindowForgetsAndItsReadersAgree(t *testing.T) {
	ctx := context.Background()
	log := NewMemoryLog(MemoryOptions{Limit: 40, Window: true})
	r := NewRecorder(log, nil)
	if _, err := r.Change(ctx, at, Change{What: "run"}); err != nil {
		t.Fatal(err)
	}
	secret := Header{"Authorization", "Basic YTp0aGUtY2xpZW50cy1zZWNyZXQ="}
	for n := range 5000 {
		end(t, begin(t, r, get(fmt.Sprintf("https://x/?state=state-%06d&nonce=nonce-%06d", n, n), secret)), Response{Status: 303, Headers: []Header{{"Location", fmt.Sprintf("/?code=c0de-%06d", n)}}})
	}
	if n := len(r.fold.values.byValue); n > 3*20+3 {
		t.Errorf("%d values are remembered of a window of 20 exchanges", n)
	}
	if n := cap(r.fold.values.order); n > 1000 {
		t.Errorf("the order of what is remembered has room for %d values", n)
	}
	if _, ok, _ := r.Value(ctx, "code#1"); ok {
		t.Error("a code is known that has left the window")
	}

	// Somebody who sees the window only goes on with the same run, the same numbers and the same tags.
	other := NewRecorder(log, nil)
	for _, tag := range []string{"client_secret#1", "state#5000", "code#4990"} {
		want, _, _ := r.Value(ctx, tag)
		if got, ok, err := other.Value(ctx, tag); got != want || !ok || err != nil {
			t.Errorf("%s is %q, %v, %v; want %q", tag, got, ok, err, want)
		}
	}
	x := begin(t, other, get("https://x/?state=one-more-state", secret))
	if e := x.request; e.Run != 2 || e.N != 5001 || !slices.Equal(tags(e), []string{"state#5001 in query state", "client_secret#1 in header Authorization"}) {
		t.Errorf("run %d, n %d, %v", e.Run, e.N, tags(e))
	}
}

func TestHistoryIsReadWithItsValues(t *testing.T) {
	ctx := context.Background()
	r := NewRecorder(NewMemoryLog(MemoryOptions{}), nil)
	end(t, begin(t, r, get("https://x/?state=s&code=the-code-of-it")), Response{Status: 200})
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"https://planner.test/callback?code=the-code-of-it&state=s", []string{"code#1 in history url", "state#1 in history url"}},
		{"https://planner.test/#state=s", []string{"state#1 in history url"}},
		{"https://planner.test/the-code-of-it", []string{"code#1 in history url"}},
		{"https://planner.test/?state=never-seen", nil},
		{"", nil},
	} {
		if got := tags(Event{Finds: r.FindIn(ctx, "history", "url", tt.text)}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.text, got, tt.want)
		}
	}
	if tag, ok, err := r.Tag(ctx, "the-code-of-it"); tag != "code#1" || !ok || err != nil {
		t.Errorf("the code is %q, %v, %v", tag, ok, err)
	}
	if _, ok, _ := r.Tag(ctx, "never-seen"); ok {
		t.Error("what was never seen has a tag")
	}
}

func TestWhatHasHappenedIsRecordedThoughItsSenderHasGone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	log := NewMemoryLog(MemoryOptions{})
	x, err := NewRecorder(log, nil).Begin(ctx, at, get("https://x/"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if seq, err := x.End(ctx, at, Response{Status: 0, Error: "the connection was cut"}, nil); seq != 2 || err != nil {
		t.Errorf("the answer is at %d, %v", seq, err)
	}
}

func TestARedirectIsA3xxThatSaysWhereTo(t *testing.T) {
	for _, tt := range []struct {
		res  Response
		want Kind
	}{
		{Response{Status: http.StatusFound, Headers: []Header{{"Location", "/"}}}, KindRedirect},
		{Response{Status: http.StatusSeeOther, Headers: []Header{{"Location", "/"}}}, KindRedirect},
		{Response{Status: http.StatusNotModified}, KindResponse},
		{Response{Status: http.StatusCreated, Headers: []Header{{"Location", "/posts/1"}}}, KindResponse},
		{Response{Error: "cut"}, KindResponse},
	} {
		log := NewMemoryLog(MemoryOptions{})
		end(t, begin(t, NewRecorder(log, nil), get("https://x/")), tt.res)
		if got := all(t, log)[1].Kind; got != tt.want {
			t.Errorf("%+v is a %s, want %s", tt.res, got, tt.want)
		}
	}
}

// TestWhatIsPutByIsFollowedFromThere: a value that no message has carried yet has its tag already, for everyone who reads the log.
func TestWhatIsPutByIsFollowedFromThere(t *testing.T) {
	ctx, log := context.Background(), NewMemoryLog(MemoryOptions{})
	r := NewRecorder(log, nil)
	if _, err := r.Change(ctx, time.Unix(0, 0), Change{What: WhatKept, Actor: "phone", From: "storage of phone", To: "state=abcdefghij&code_verifier=klmnopqrst"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Change(ctx, time.Unix(0, 0), Change{What: "page", To: "code_verifier=not-kept"}); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []*Recorder{r, NewRecorder(log, nil)} {
		if v, ok, err := reader.Value(ctx, "code_verifier#1"); !ok || v != "klmnopqrst" || err != nil {
			t.Errorf("code_verifier#1 is %q %v", v, err)
		}
		if _, ok, _ := reader.Value(ctx, "code_verifier#2"); ok {
			t.Error("a change that keeps nothing has brought a value")
		}
	}
}
