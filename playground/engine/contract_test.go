package engine_test

import (
	"testing"
	"time"

	"oauthplayground/playground/engine"
	"oauthplayground/playground/engine/enginetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	enginetest.Run(t, func(*testing.T) engine.Engine { return engine.NewMemory() })
}

// kept is an engine that another holder closes.
type kept struct{ engine.Engine }

func (kept) Close() error { return nil }

func TestTwoServersShareMemory(t *testing.T) {
	enginetest.Shared(t, func(t *testing.T) (a, b engine.Engine) {
		m := engine.NewMemory()
		t.Cleanup(func() { m.Close() })
		return kept{m}, kept{m}
	})
}

func TestEmbeddedKeepsTheContract(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) engine.Engine {
		e, err := engine.NewEmbedded(t.Context(), engine.EmbeddedOptions{Dir: t.TempDir(), Sync: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return e
	})
}
