package engine_test

import (
	"testing"

	"oauthplayground/playground/engine"
	"oauthplayground/playground/engine/enginetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	enginetest.Run(t, func(*testing.T) engine.Engine { return engine.NewMemory() })
}
