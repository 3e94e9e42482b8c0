package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/minio/highwayhash"
)

// The files of a NATS server, as far as they must be understood to find what is damaged in them.

// block is a file of messages.
type block struct {
	path   string
	stream string
	index  int
	good   []span
	bad    []span
	gone   bool // it was there when the server stopped
	short  bool // it was longer then
	torn   bool // its end is a write that was cut off
}

// span is a stretch of a file.
type span struct{ from, to int }

// record is what must be known of a message here.
type record struct {
	seq      uint64
	subject  string // empty of what says that the message of this seq has been taken away
	after    uint64 // the revision that it follows; 0 if it was written whatever was before
	headless bool   // of a log, it has events before it, which nobody takes away
}

// stoppedFile says what a server has left that was stopped. It is there only while no server runs: one that was killed leaves none.
const stoppedFile = "stopped.json"

// stopped is what is in it.
type stopped struct {
	Files map[string]int64  `json:"files"` // the sizes of the files of messages
	Logs  map[string]uint64 `json:"logs"`  // how many messages each log has, by subject
}

// leave writes down what a server leaves that has been stopped. Should it fail, it is as if the server had been killed.
func leave(dir string, logs map[string]uint64) {
	paths, err := filepath.Glob(filepath.Join(dir, blockGlob))
	if err != nil || logs == nil {
		return
	}
	s := stopped{Files: map[string]int64{}, Logs: logs}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return
		}
		name, err := filepath.Rel(dir, p)
		if err != nil {
			return
		}
		s.Files[filepath.ToSlash(name)] = info.Size()
	}
	if raw, err := json.Marshal(s); err == nil {
		writeSynced(filepath.Join(dir, stoppedFile), raw)
	}
}

// blockGlob finds the files of messages.
var blockGlob = filepath.Join("jetstream", "*", "streams", "PLAYGROUND_*", "msgs", "*.blk")

// blocksIn lists the files of messages of a folder, those of a stream together and in order, and how the server before has left it;
// nil if that was killed.
func blocksIn(dir string) (blocks []block, left *stopped, err error) {
	if raw, err := os.ReadFile(filepath.Join(dir, stoppedFile)); err == nil {
		left = new(stopped)
		if json.Unmarshal(raw, left) != nil {
			left = nil
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, blockGlob))
	if err != nil {
		return nil, nil, err
	}
	sizes := map[string]int64{}
	if left != nil {
		for name, size := range left.Files {
			p := filepath.Join(dir, filepath.FromSlash(name))
			if sizes[p] = size; !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	for _, p := range paths {
		index, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(p), ".blk"))
		if err != nil {
			continue
		}
		b := block{path: p, stream: filepath.Base(filepath.Dir(filepath.Dir(p))), index: index}
		info, err := os.Stat(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			b.gone = true
		case err != nil:
			return nil, nil, fmt.Errorf("the state in %s can’t be read: %w", dir, pathless(err))
		default:
			b.short = info.Size() < sizes[p]
		}
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b block) int {
		if c := strings.Compare(a.stream, b.stream); c != 0 {
			return c
		}
		return a.index - b.index
	})
	return blocks, left, nil
}

// A record of a block is, in little-endian order: its length in 4 bytes, whose highest bit says that it has a header; the sequence
// number in 8, whose highest bits say that it is a tombstone or has been erased; the time in 8; the length of the subject in 2; the
// subject; if it has a header its length in 4, and the header; the message; and the HighwayHash of all that but the lengths in 8. Its
// key is made of the names of the stream and the block.
const (
	recordHead = 22
	recordHash = 8
	mostRecord = 32 << 20
	bitHeader  = 1 << 31
	bitTomb    = 1 << 62
	bitErased  = 1 << 63
)

// scan parts a block into what can be read and what can't. Each is called for what can.
func (b *block) scan(raw []byte, each func(record)) {
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", b.stream, b.index))
	h, err := highwayhash.New64(key[:])
	if err != nil {
		panic(err) // the key has not the length that it always has
	}
	b.good, b.bad = nil, nil
	for at := 0; at < len(raw); {
		n, header := recordAt(raw[at:], h)
		if n == 0 {
			b.bad = extend(b.bad, at, at+1)
			at++
			continue
		}
		b.good = extend(b.good, at, at+n)
		if each != nil {
			each(parse(raw[at:], header))
		}
		at += n
	}
}

// extend adds a stretch to others, and to the last of them if it begins where that ends.
func extend(spans []span, from, to int) []span {
	if n := len(spans); n > 0 && spans[n-1].to == from {
		spans[n-1].to = to
		return spans
	}
	return append(spans, span{from, to})
}

// recordAt is the length of the record that a slice begins with, and its header; 0 if there is none, or a damaged one.
func recordAt(raw []byte, h hash.Hash64) (length int, header []byte) {
	if len(raw) < recordHead+recordHash {
		return 0, nil
	}
	n := binary.LittleEndian.Uint32(raw)
	length = int(n &^ bitHeader)
	begin := recordHead + int(binary.LittleEndian.Uint16(raw[20:]))
	if length > mostRecord || length > len(raw) || begin+recordHash > length {
		return 0, nil
	}
	rest := raw[begin : length-recordHash]
	if n&bitHeader != 0 {
		if len(rest) < 4 {
			return 0, nil
		}
		size := binary.LittleEndian.Uint32(rest) // which no checksum covers
		rest = rest[4:]
		if uint64(size) > uint64(len(rest)) {
			return 0, nil
		}
		header = rest[:size]
		if !bytes.HasPrefix(header, []byte("NATS/1.0\r\n")) || !bytes.HasSuffix(header, []byte("\r\n\r\n")) {
			return 0, nil
		}
	}
	h.Reset()
	h.Write(raw[4:20])
	h.Write(raw[recordHead:begin])
	h.Write(rest)
	if h.Sum64() != binary.LittleEndian.Uint64(raw[length-recordHash:]) {
		return 0, nil
	}
	return length, header
}

// parse takes out of a record what must be known of it.
func parse(raw, header []byte) record {
	seq := binary.LittleEndian.Uint64(raw[4:])
	r := record{seq: seq &^ (bitTomb | bitErased)}
	if seq&(bitTomb|bitErased) == 0 {
		r.subject = string(raw[recordHead : recordHead+int(binary.LittleEndian.Uint16(raw[20:]))])
		r.after = number(header, headerAfter)
		r.headless = number(header, headerFirst) > 1 && field(header, headerWindow) == ""
	}
	return r
}

// field is what a header has under a name.
func field(header []byte, name string) string {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		if v, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			return string(bytes.TrimSpace(v))
		}
	}
	return ""
}

func number(header []byte, name string) uint64 {
	n, _ := strconv.ParseUint(field(header, name), 10, 64)
	return n
}

// owner is the sandbox that a record is of.
func (r record) owner() string {
	name, ok := strings.CutPrefix(r.subject, logSubject)
	if !ok {
		name, _, _ = strings.Cut(strings.TrimPrefix(r.subject, storeSubject), ".")
	}
	return unescape(name)
}

// recordsIn finds records in what can't be read, as far as they name a sandbox that is known. Nothing else of them is certain.
func recordsIn(raw []byte, known func(id string) bool) (found []record) {
	for at := 0; ; at++ {
		next := bytes.Index(raw[at:], []byte(subjectPrefix))
		if next < 0 {
			return found
		}
		at += next
		name, ok := bytes.CutPrefix(raw[at:], []byte(logSubject))
		if !ok {
			name, ok = bytes.CutPrefix(raw[at:], []byte(storeSubject))
		}
		if !ok || at < recordHead {
			continue
		}
		head := raw[at-recordHead : at]
		r := record{seq: binary.LittleEndian.Uint64(head[4:])}
		if n := int(binary.LittleEndian.Uint16(head[20:])); n > 0 && n <= len(raw)-at {
			r.subject = string(raw[at : at+n])
		}
		if !known(r.owner()) { // then its length is damaged, perhaps, and what comes behind it may look like more of it
			n := bytes.IndexFunc(name, func(c rune) bool { return c > unicode.MaxASCII || c != '=' && escape(string(c)) != string(c) })
			for r.subject = ""; n > 0 && !known(unescape(string(name[:n]))); n-- {
			}
			if n > 0 {
				r.subject = string(raw[at : len(raw)-len(name)+n])
			}
		}
		if known(r.owner()) {
			found = append(found, r)
		}
	}
}

// subjectPrefix is what the subjects of both streams begin with.
const subjectPrefix = "playground."

// endsTorn tells whether all that is wrong with the last block of a stream is that one write at its end was cut off.
func (b *block) endsTorn(raw []byte) bool {
	return len(b.bad) == 1 && b.bad[0].to == len(raw) && bytes.Count(raw[b.bad[0].from:], []byte(subjectPrefix)) <= 1
}
