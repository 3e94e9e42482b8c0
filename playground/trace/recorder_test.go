package trace

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 23, 10, 0, 0, 120_000_000, time.UTC)

// exchange records one request and its answer.
func exchange(t *testing.T, r *Recorder, b Begin, res Response) (request, response uint64) {
	t.Helper()
	x, err := r.Begin(context.Background(), at, b)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := x.End(context.Background(), at, res, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x.Seq(), seq
}

func tags(e Event) []string {
	var list []string
	for _, f := range e.Finds {
		list = append(list, f.Tag+" in "+f.In)
	}
	return list
}

func past(t *testing.T, l Log) []Event {
	t.Helper()
	events, err := Past(context.Background(), l, 0)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestAValueKeepsItsTagWhereverItTurnsUp(t *testing.T) {
	log := NewMemoryLog(MemoryOptions{})
	r := NewRecorder(log, func(context.Context, string) Signature { return Signature{Alg: "ES256", Verified: true} })
	const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LW1heWEifQ.c2lnbmF0dXJl"

	exchange(t, r, Begin{From: "browser", To: "as", Request: Request{Method: "GET", URL: "https://auth.chirper.test/authorize?state=s&nonce=n0nce-long"}},
		Response{Status: http.StatusFound, Headers: []Header{{"Location", "https://planner.test/callback?code=c0de-12345&state=s"}}})
	callback, err := r.Begin(context.Background(), at, Begin{From: "browser", To: "client", Cause: 2, Request: Request{Method: "GET", URL: "https://planner.test/callback?code=c0de-12345&state=s", Headers: []Header{{"Referer", "https://auth.chirper.test/x?y=n0nce-long"}}}})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, r, Begin{From: "client", To: "as", Cause: callback.Seq(), Request: Request{Method: "POST", URL: "https://auth.chirper.test/token", Headers: []Header{{"Authorization", "Basic YTpzZWNyZXQtMQ=="}, {"Content-Type", "application/x-www-form-urlencoded"}}, Body: "code=c0de-12345&code_verifier=v"}},
		Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}}, Body: `{"access_token":"` + jwt + `","token_type":"Bearer","refresh_token":"opaque-refresh"}`})
	if _, err := callback.End(context.Background(), at, Response{Status: 200, Headers: []Header{{"Content-Type", "text/html"}}, Body: "<p>your code was c0de-12345.</p>"}, nil); err != nil {
		t.Fatal(err)
	}

	events := past(t, log)
	for i, want := range []struct {
		kind Kind
		n    uint64
		of   uint64
		tags []string
	}{
		{KindRequest, 1, 0, []string{"state#1 in query", "nonce#1 in query"}},
		{KindRedirect, 1, 1, []string{"code#1 in query", "state#1 in query"}},
		{KindRequest, 2, 0, []string{"code#1 in query", "state#1 in query", "nonce#1 in header"}},
		{KindRequest, 3, 0, []string{"client_secret#1 in header", "code#1 in body", "code_verifier#1 in body"}},
		{KindResponse, 3, 4, []string{"access_token#1 in body", "refresh_token#1 in body"}},
		{KindToken, 3, 5, nil},
		{KindToken, 3, 5, nil},
		{KindResponse, 2, 3, []string{"code#1 in body"}},
	} {
		e := events[i]
		if e.Seq != uint64(i+1) || e.Kind != want.kind || e.N != want.n || e.Of != want.of || !slices.Equal(tags(e), want.tags) {
			t.Errorf("event %d: seq %d %s n=%d of=%d %v; want %+v", i+1, e.Seq, e.Kind, e.N, e.Of, tags(e), want)
		}
	}
	if a, b := events[5].Token, events[6].Token; a.Format != "jwt" || !a.Signature.Verified || b.Format != "opaque" || b.Signature != nil {
		t.Errorf("tokens: %+v, %+v: only what was verified may be called so", a, b)
	}

	// Another server's recorder goes on where this one is.
	other := NewRecorder(log, nil)
	if v, ok, err := other.Value(context.Background(), "code#1"); v != "c0de-12345" || !ok || err != nil {
		t.Errorf("another recorder knows code#1 as %q, %v, %v", v, ok, err)
	}
	if _, err := other.Change(context.Background(), at, Change{What: "run"}); err != nil {
		t.Fatal(err)
	}
	exchange(t, r, Begin{From: "browser", To: "as", Request: Request{Method: "GET", URL: "https://auth.chirper.test/authorize?state=other"}}, Response{Status: 200})
	if e := past(t, log)[9]; e.Run != 2 || e.N != 1 || !slices.Equal(tags(e), []string{"state#1 in query"}) {
		t.Errorf("a new run counts afresh: run %d n %d %v", e.Run, e.N, tags(e))
	}
}

func TestEventsReadAsTheContractSays(t *testing.T) {
	for _, tt := range []struct {
		e    Event
		want string
	}{
		{Event{Seq: 7, At: moment(at), Kind: KindRequest, Run: 1, N: 4, From: "client", To: "as", Cause: 5, Request: &Request{Method: "POST", URL: "https://auth.chirper.test/token?a=1&b=2", Headers: []Header{{"Host", "auth.chirper.test"}}, Body: "x=<y>"}, Finds: []Find{{"code#1", "code", "body", "code"}}},
			`{"seq":7,"at":"2026-11-23T10:00:00.12Z","kind":"request","run":1,"n":4,"from":"client","to":"as","cause":5,"request":{"method":"POST","url":"https://auth.chirper.test/token?a=1&b=2","headers":[["Host","auth.chirper.test"]],"body":"x=<y>"},"finds":[{"tag":"code#1","kind":"code","in":"body","name":"code"}]}`},
		{Event{Seq: 9, At: moment(at), Kind: KindToken, Run: 1, N: 4, Of: 8, Token: &Token{Tag: "id_token#1", Format: "jwt", Header: []byte(`{"alg":"ES256"}`), Claims: []byte(`{"sub":"u"}`), Signature: &Signature{Alg: "ES256", Kid: "k", Verified: true}}},
			`{"seq":9,"at":"2026-11-23T10:00:00.12Z","kind":"token","run":1,"n":4,"of":8,"token":{"tag":"id_token#1","format":"jwt","header":{"alg":"ES256"},"claims":{"sub":"u"},"signature":{"alg":"ES256","kid":"k","verified":true}}}`},
		{Event{Seq: 10, At: moment(at), Kind: KindChange, Run: 2, Change: &Change{What: "run"}},
			`{"seq":10,"at":"2026-11-23T10:00:00.12Z","kind":"change","run":2,"change":{"what":"run"}}`},
	} {
		got, err := tt.e.Encode()
		if err != nil || string(got) != tt.want {
			t.Errorf("got  %s\nwant %s (%v)", got, tt.want, err)
		}
	}
}
