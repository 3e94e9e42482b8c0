package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"oauthplayground/playground/trace"
)

// said keeps what is logged as warnings and errors, also by the NATS server.
type said struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (s *said) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (s *said) WithAttrs([]slog.Attr) slog.Handler           { return s }
func (s *said) WithGroup(string) slog.Handler                { return s }
func (s *said) Handle(_ context.Context, r slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, r.Message)
	return nil
}

const (
	boxes  = 24
	living = boxes - 5 // the others have ended
	events = 6
)

// few and many are how long a value and an event are, for a state of one block and for one of some.
const (
	few  = 8_000
	many = 90_000
)

func boxID(i int) string { return fmt.Sprintf("box%02d", i) }

// aState is a folder with sandboxes, in some blocks, as a server leaves it that was stopped, and as one leaves it that was killed.
func aState(t *testing.T, size int) (stopped, dead string) {
	t.Helper()
	long := strings.Repeat("x", size)
	dir := t.TempDir()
	e, err := startEmbedded(t.Context(), EmbeddedOptions{Dir: dir, Sync: time.Minute}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= events; seq++ {
		for i := range boxes {
			s, l, err := e.Open(t.Context(), boxID(i), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"a", "b"} {
				if seq == 1 {
					_, err = s.Create(t.Context(), key, []byte(key), 0)
				} else if _, rev, getErr := s.Get(t.Context(), key); getErr != nil {
					err = getErr
				} else if seq <= events/2 || i%2 == 0 { // so that the last value of some is in each block
					_, err = s.Update(t.Context(), key, []byte(key+long), rev, 0)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			e := step(seq)
			e.Change.From = long
			if err := l.Append(t.Context(), seq-1, e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := living; i < boxes; i++ { // their records are in the files all the same
		if err := e.Drop(t.Context(), boxID(i)); err != nil {
			t.Fatal(err)
		}
	}
	dead = killed(t, dir)
	e.Close()
	return dir, dead
}

// files are the blocks of a stream.
func files(t *testing.T, dir, stream string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", stream, "msgs", "*.blk"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return len(read(t, p)) < 1<<19 }) // what has room for more than one write
	slices.SortFunc(paths, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
	return paths
}

// check starts a server on a folder, wants each sandbox gone or whole, with that many events, and adds one; it tells which are gone
// and what was said. Cut says that the last of what was written may be missing, since nobody can know whether it was written to its end.
func check(t *testing.T, dir string, events int, cut bool) (gone map[string]bool, lines []string) {
	t.Helper()
	log := &said{}
	e, err := startEmbedded(t.Context(), EmbeddedOptions{Dir: dir, Sync: time.Minute, Log: slog.New(log)}, jetstream.FileStorage)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	gone = map[string]bool{}
	for i := range boxes {
		id := boxID(i)
		known, err := e.Has(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if known != (i < living) {
			if gone[id] = true; known {
				t.Errorf("%s had ended, and is there again", id)
			}
		}
		if !known {
			continue
		}
		s, l, err := e.Open(t.Context(), id, Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := trace.Past(t.Context(), l, 0)
		if n := len(all); err != nil || n != events && !(cut && n == events-1) {
			t.Errorf("%s has %d events, %v", id, n, err)
		}
		for _, key := range []string{"a", "b"} {
			if v, _, err := s.Get(t.Context(), key); (err != nil || len(v) <= few) && !cut {
				t.Errorf("%s has %d bytes under %s, %v", id, len(v), key, err)
			}
		}
		if err := l.Append(t.Context(), uint64(len(all)), step(uint64(len(all)+1))); err != nil {
			t.Errorf("%s can’t go on: %v", id, err)
		}
	}
	return gone, log.lines
}

// told wants each sandbox that is gone to be named, and nothing told if nothing is.
func told(t *testing.T, gone map[string]bool, lines []string) {
	t.Helper()
	if len(lines) != 1 || !strings.Contains(lines[0], "the state was damaged in") || !strings.Contains(lines[0], "backup") {
		t.Fatalf("it says %q", lines)
	}
	for id := range gone {
		if !strings.Contains(lines[0], id) {
			t.Errorf("%s is gone, and it says %q", id, lines)
		}
	}
}

// starts are where the records of a block begin.
func starts(t *testing.T, path string, raw []byte) (at []int) {
	t.Helper()
	blocks, _, err := blocksIn(filepath.Join(filepath.Dir(path), "..", "..", "..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(blocks, func(b block) bool {
		return filepath.Base(b.path) == filepath.Base(path) && filepath.Dir(b.path) == filepath.Dir(path)
	})
	next := 0
	blocks[i].scan(raw, func(record) { at = append(at, next); next += int(binary.LittleEndian.Uint32(raw[next:]) &^ bitHeader) })
	if next != len(raw) {
		t.Fatalf("of %d bytes %d are understood", len(raw), next)
	}
	return at
}

// TestDamagedFiles damages the files of a state in many places, while no server has them. What is read afterwards is whole; what is
// not is gone, and told by name; and the files are kept as they were.
func TestDamagedFiles(t *testing.T) {
	stopped, dead := aState(t, few)
	for name, dir := range map[string]string{"stopped": stopped, "killed": dead} {
		if gone, lines := check(t, killed(t, dir), events, false); len(gone) != 0 || len(lines) != 0 {
			t.Fatalf("%s, and nothing is damaged: %v are gone, and it says %q", name, gone, lines)
		}
	}
	flip := func(at func(raw []byte, records []int) int) func([]byte, []int) []byte {
		return func(raw []byte, records []int) []byte { raw[at(raw, records)] ^= 0x55; return raw }
	}
	place := func(part float64, offset int) func([]byte, []int) []byte { // of a record that is a message
		return flip(func(raw []byte, records []int) int {
			i := int(part * float64(len(records)-1))
			for ; i > 0 && binary.LittleEndian.Uint32(raw[records[i]:])&^bitHeader < few; i-- {
			}
			return records[i] + offset
		})
	}
	for i, tt := range []struct {
		name   string
		damage func(raw []byte, records []int) []byte
		most   int  // sandboxes that may be gone
		mute   bool // whose it was can't be known, should it have been somebody's last word
	}{
		{"the first byte", flip(func([]byte, []int) int { return 0 }), 1, false},
		{"the length of a record", place(0.3, 1), 1, false},
		{"the highest byte of a length", place(0.3, 3), 1, false},
		{"its number", place(0.4, 6), 1, false},
		{"its time", place(0.4, 14), 1, false},
		{"the length of its subject", place(0.5, 20), 1, false},
		{"its stream", place(0.5, 22), 1, true},
		{"its sandbox", place(0.5, 22+len(logSubject)+4), 1, true},
		{"its header", place(0.6, 60), 1, false},
		{"its value", place(0.7, 2000), 1, false},
		{"the last record but one", place(0.99, 300), 1, false},
		{"a sector of zeros", func(raw []byte, records []int) []byte {
			at := records[len(records)/2] &^ 511
			clear(raw[at : at+512])
			return raw
		}, 8, true},
		{"pages of zeros", func(raw []byte, records []int) []byte {
			at := len(raw) / 3
			clear(raw[at : at+30_000])
			return raw
		}, 8, true},
		{"garbage", func(raw []byte, _ []int) []byte {
			r := rand.New(rand.NewPCG(1, 2))
			for i := range 4096 {
				raw[len(raw)/2+i] = byte(r.Uint32())
			}
			return raw
		}, 4, true},
	} {
		stream, how, from := storeStream, "stopped", stopped
		if i%2 == 1 {
			stream = logStream
		}
		if i/2%2 == 1 {
			how, from = "killed", dead
		}
		t.Run(tt.name+"/"+stream+"/"+how, func(t *testing.T) {
			dir := killed(t, from)
			paths := files(t, dir, stream)
			path := paths[i%len(paths)]
			raw := read(t, path)
			raw = tt.damage(raw, starts(t, path, raw))
			write(t, path, raw)
			gone, lines := check(t, dir, events, tt.mute)
			if len(gone) > tt.most {
				t.Errorf("%d are gone: %v", len(gone), gone)
			}
			told(t, gone, lines)
			kept, _ := filepath.Glob(filepath.Join(dir, "damaged", "*", "*.blk"))
			if len(kept) != 1 || !bytes.Equal(read(t, kept[0]), raw) {
				t.Errorf("the damaged file is not kept as it was: %v", kept)
			}
			if again, lines := check(t, dir, events+1, tt.mute); !maps.Equal(again, gone) || len(lines) != 0 {
				t.Errorf("started again, %v are gone, and it says %q", again, lines)
			}
		})
	}
}

// TestFilesThatAreCutOff: what ends too early after a server was stopped is damage; after it was killed it may be the write that it died
// over, and is told as such.
func TestFilesThatAreCutOff(t *testing.T) {
	stopped, dead := aState(t, few)
	lastRecord := func(t *testing.T, path string, raw []byte) int {
		at := starts(t, path, raw)
		return at[len(at)-1]
	}
	for _, tt := range []struct {
		name, from, stream string
		damage             func(t *testing.T, path string)
		cut                bool
		says               string
	}{
		{"in the middle of a record, killed", dead, logStream, func(t *testing.T, path string) { chop(t, path, len(read(t, path))-20) }, true, "nobody had been told"},
		{"in the middle of a record, stopped", stopped, logStream, func(t *testing.T, path string) { chop(t, path, len(read(t, path))-20) }, false, "damaged in"},
		{"between two records, stopped", stopped, logStream, func(t *testing.T, path string) { chop(t, path, lastRecord(t, path, read(t, path))) }, false, "damaged in one place"},
		{"in the middle of the file, stopped", stopped, logStream, func(t *testing.T, path string) { chop(t, path, len(read(t, path))/2) }, false, "Gone is what has lost something: box"},
		{"the last record is damaged, killed", dead, logStream, func(t *testing.T, path string) {
			raw := read(t, path)
			raw[len(raw)-10] ^= 1
			write(t, path, raw)
		}, true, "nobody had been told"},
		{"the last record is damaged, stopped", stopped, logStream, func(t *testing.T, path string) {
			raw := read(t, path)
			raw[len(raw)-10] ^= 1
			write(t, path, raw)
		}, false, "damaged in one place"},
		{"a file is gone, stopped", stopped, logStream, func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, false, "Gone is what has lost something: box"},
		{"a file is empty, stopped", stopped, logStream, func(t *testing.T, path string) { chop(t, path, 0) }, false, "Gone is what has lost something: box"},
		{"a file of values is gone, stopped", stopped, storeStream, func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, true, "can’t be told"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := killed(t, tt.from)
			paths := files(t, dir, tt.stream)
			tt.damage(t, paths[len(paths)-1])
			_, lines := check(t, dir, events, tt.cut)
			if len(lines) != 1 || !strings.Contains(lines[0], tt.says) {
				t.Errorf("it says %q, want %q", lines, tt.says)
			}
			if _, lines := check(t, dir, events+1, tt.cut); len(lines) != 0 {
				t.Errorf("started again it says %q", lines)
			}
		})
	}
}

// TestAFileIsGone: with one of some files of a stream only what was in it is lost.
func TestAFileIsGone(t *testing.T) {
	stopped, _ := aState(t, many)
	paths := files(t, stopped, logStream)
	if len(paths) < 2 {
		t.Fatalf("the log has %d blocks: this test proves little", len(paths))
	}
	if err := os.Remove(paths[len(paths)-1]); err != nil {
		t.Fatal(err)
	}
	gone, lines := check(t, stopped, events, false)
	if len(gone) == 0 {
		t.Error("nothing is gone")
	}
	told(t, gone, lines)
}

func chop(t *testing.T, path string, to int) {
	t.Helper()
	if err := os.Truncate(path, int64(to)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
