package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"oauthplayground/playground/engine"
	"oauthplayground/playground/trace"
)

// BenchmarkEngines prints what one write and one read cost on each engine: an append of an exchange's events, a new key, a change
// of one, a read.
func BenchmarkEngines(b *testing.B) {
	embedded := func(sync time.Duration) func(b *testing.B) engine.Engine {
		return func(b *testing.B) engine.Engine {
			e, err := engine.NewEmbedded(context.Background(), engine.EmbeddedOptions{Dir: b.TempDir(), Sync: sync})
			if err != nil {
				b.Fatal(err)
			}
			return e
		}
	}
	for _, tt := range []struct {
		name  string
		start func(b *testing.B) engine.Engine
	}{
		{"memory", func(*testing.B) engine.Engine { return engine.NewMemory() }},
		{"data", embedded(time.Second)},
		{"data,synced", embedded(0)},
		{"cluster", func(b *testing.B) engine.Engine { return startCluster(b).connect(b) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			e := tt.start(b)
			defer e.Close()
			ctx := context.Background()
			s, l, err := e.Open(ctx, "bench", engine.Options{Window: true})
			if err != nil {
				b.Fatal(err)
			}
			value := make([]byte, 500)
			request := trace.Event{Run: 1, Kind: trace.KindRequest, From: "browser", To: "as", Request: &trace.Request{Method: "GET", URL: "https://auth.chirper.test/authorize?" + string(make([]byte, 300))}}
			seq := uint64(0)
			b.Run("append", func(b *testing.B) {
				for range b.N {
					seq++
					request.Seq = seq
					if err := l.Append(ctx, seq-1, request); err != nil {
						b.Fatal(err)
					}
				}
			})
			n := 0
			b.Run("create", func(b *testing.B) {
				for range b.N {
					n++
					if _, err := s.Create(ctx, fmt.Sprint("k/", n), value, time.Hour); err != nil {
						b.Fatal(err)
					}
				}
			})
			rev, err := s.Create(ctx, "state", value, 0)
			if err != nil {
				b.Fatal(err)
			}
			b.Run("update", func(b *testing.B) {
				for range b.N {
					if rev, err = s.Update(ctx, "state", value, rev, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("get", func(b *testing.B) {
				for range b.N {
					if _, _, err := s.Get(ctx, "state"); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
