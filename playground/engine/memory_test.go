package engine_test

import (
	"testing"

	"oauthplayground/playground/engine"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	keepsTheContract(t, func(*testing.T) engine.Engine { return engine.NewMemory() })
}
