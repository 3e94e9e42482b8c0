package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TestAFullDisk: what is there can be read, nothing new is taken, and all is well again once there is room.
func TestAFullDisk(t *testing.T) {
	var left atomic.Uint64
	left.Store(reserve + 1)
	e, err := startEmbedded(t.Context(), EmbeddedOptions{Dir: t.TempDir(), free: func(string) (uint64, error) { return left.Load(), nil }}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s, _, err := e.Open(t.Context(), "one", Options{})
	if err != nil {
		t.Fatal(err)
	}
	rev, err := s.Create(t.Context(), "k", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	until := func(want error) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !errors.Is(e.Check(t.Context()), want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("after 20 s it is not %v", want)
			}
		}
	}
	left.Store(reserve - 1)
	until(ErrDiskFull)
	if _, err := s.Update(t.Context(), "k", []byte("2"), rev, 0); !errors.Is(err, ErrDiskFull) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("a write says %v", err)
	}
	if v, _, err := s.Get(t.Context(), "k"); string(v) != "1" || err != nil {
		t.Errorf("what is there is %q, %v", v, err)
	}
	if err := e.Drop(t.Context(), "one"); err != nil {
		t.Errorf("what nobody needs can’t be let go: %v", err)
	}
	left.Store(reserve + 1)
	until(nil)
	if _, _, err := e.Open(t.Context(), "two", Options{}); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestADamagedFolder: what can't be read is told, and not written over.
func TestADamagedFolder(t *testing.T) {
	dir := t.TempDir()
	start := func() (Engine, error) { return NewEmbedded(t.Context(), EmbeddedOptions{Dir: dir}) }
	e, err := start()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Open(t.Context(), "one", Options{}); err != nil {
		t.Fatal(err)
	}
	e.Close()
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", logStream, "meta.inf"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	was, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := start(); err == nil || !strings.Contains(err.Error(), "is damaged: "+logStream+" can’t be read") {
		t.Errorf("a damaged folder: %v", err)
	}
	if err := os.WriteFile(files[0], was, 0o600); err != nil { // the copy is put back
		t.Fatal(err)
	}
	if e, err = start(); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if known, err := e.Has(t.Context(), "one"); !known || err != nil {
		t.Errorf("and with the copy: %v, %v", known, err)
	}
}
