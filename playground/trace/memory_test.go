package trace_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"oauthplayground/playground/trace"
	"oauthplayground/playground/trace/tracetest"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryLogKeepsTheContract(t *testing.T) {
	tracetest.Run(t, func(_ *testing.T, window bool) trace.Log {
		return trace.NewMemoryLog(trace.MemoryOptions{Window: window})
	})
}

func TestReadersOfAClosedLogAreTold(t *testing.T) {
	l := trace.NewMemoryLog(trace.MemoryOptions{})
	l.Close()
	for _, err := range l.Since(context.Background(), 0) {
		if err != trace.ErrGone {
			t.Errorf("got %v, want ErrGone", err)
		}
	}
	if err := l.Append(context.Background(), 0, trace.Event{Seq: 1}); err != trace.ErrGone {
		t.Errorf("got %v, want ErrGone", err)
	}
}

func FuzzReadNDJSON(f *testing.F) {
	f.Add([]byte(`{"seq":1,"at":"2026-11-23T10:00:00Z","kind":"request","run":1,"n":1,"from":"a","to":"b","request":{"method":"GET","url":"https://x/?code=1","headers":[["Host","x"]]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := trace.ReadNDJSON(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		for _, write := range []func() error{
			func() error { return trace.WriteNDJSON(&out, events) }, func() error { return trace.WriteHAR(&out, events) },
			func() error { return trace.WriteMermaid(&out, events) }, func() error { return trace.WriteCurl(&out, events) }, func() error { return trace.WriteMarkdown(&out, events) },
		} {
			if err := write(); err != nil {
				t.Error(err)
			}
		}
		trace.Anonymous(events)
	})
}

func FuzzRecord(f *testing.F) {
	f.Add("https://x/?code=abcdefgh&state=1", "application/json", `{"access_token":"a.b.c","code":1}`)
	f.Add("https://x/#access_token=%zz", "application/x-www-form-urlencoded", `code=abcdefgh&&=&state`)
	f.Fuzz(func(t *testing.T, url, contentType, body string) {
		r := trace.NewRecorder(trace.NewMemoryLog(trace.MemoryOptions{}), func(context.Context, string) trace.Signature { return trace.Signature{} })
		x, err := r.Begin(context.Background(), noon, trace.Begin{From: "a", To: "b", Request: trace.Request{Method: "POST", URL: url, Headers: []trace.Header{{"Authorization", body}, {"Content-Type", contentType}, {"Cookie", body}}, Body: body}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.End(context.Background(), noon, trace.Response{Status: 302, Headers: []trace.Header{{"Content-Type", contentType}, {"Location", url}}, Body: body}, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAWindowStaysBoundedOverManyFlowsAndServesManyReaders(t *testing.T) {
	ctx := context.Background()
	l := trace.NewMemoryLog(trace.MemoryOptions{Window: true, Limit: 100})
	for i := range uint64(20_000) {
		at := 2 * i
		if err := l.Append(ctx, at, trace.Event{Seq: at + 1, Kind: trace.KindRequest}, trace.Event{Seq: at + 2, Kind: trace.KindResponse}); err != nil {
			t.Fatal(err)
		}
	}
	if _, first, last, err := l.Info(ctx); last != 40_000 || first != last-99 || err != nil {
		t.Fatalf("holds %d to %d, %v", first, last, err)
	}
	var readers sync.WaitGroup
	for range 10_000 {
		readers.Go(func() {
			for e, err := range l.Since(ctx, 40_000) {
				if err != nil || e.Seq != 40_001 {
					t.Errorf("event %d, %v", e.Seq, err)
				}
				return
			}
		})
	}
	if err := l.Append(ctx, 40_000, trace.Event{Seq: 40_001, Kind: trace.KindRequest}); err != nil {
		t.Fatal(err)
	}
	readers.Wait()
}
