package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What is damaged in the files of an embedded server is found before that server sees them. It would cut a file off at the first thing
// that it can't read, without a word, and with it what hundreds of others have behind that; or, after a clean stop, believe a number
// that is none and run out of memory. So its files are read here first, each record held to its own checksum: damaged ones are taken
// out, the file as it was is put aside, and those whose records they were are told.

// damage is what can't be read of a state.
type damage struct {
	places int             // stretches of files, or whole files
	of     map[string]bool // the sandboxes, and rooms, whose they were
	ended  []string        // what would be there again, since the word of its end is missing
	known  bool            // all of it is theirs, or nobody's any more
	kept   string          // the folder in which the files are as they were
	torn   bool            // the end of a stream is a write that was cut off, which nobody was told had been done
}

// repair finds what is damaged in a folder and takes it out of its files. What it finds nothing wrong with it doesn't write to.
func repair(dir string) (*damage, error) {
	blocks, left, err := blocksIn(dir)
	if err != nil {
		return nil, err
	}
	d := &damage{of: map[string]bool{}, known: true}
	for i := range blocks {
		b := &blocks[i]
		if b.gone {
			d.places++
			continue
		}
		raw, err := os.ReadFile(b.path)
		if err != nil {
			return nil, fmt.Errorf("the state in %s can’t be read: %w", dir, err)
		}
		b.scan(raw, nil)
		last := i+1 == len(blocks) || blocks[i+1].stream != b.stream
		if b.torn = left == nil && last && b.endsTorn(raw); b.torn {
			d.torn = true
			continue // the server cuts it off itself
		}
		if b.short {
			d.places++
		}
		d.places += len(b.bad)
	}
	if d.places == 0 {
		return d, nil
	}
	d.kept = filepath.Join(dir, "damaged", time.Now().UTC().Format("2006-01-02T15-04-05.000"))
	records := map[string][]record{} // of each stream
	bad := map[string][][]byte{}
	for i := range blocks {
		b := &blocks[i]
		d.known = d.known && (b.stream == logStream || !b.gone && !b.short)
		if b.gone {
			continue
		}
		raw, err := os.ReadFile(b.path)
		if err != nil {
			return nil, fmt.Errorf("the state in %s can’t be read: %w", dir, err)
		}
		b.scan(raw, func(r record) { records[b.stream] = append(records[b.stream], r) })
		if b.torn {
			b.bad = nil
		}
		for _, s := range b.bad {
			bad[b.stream] = append(bad[b.stream], raw[s.from:s.to])
		}
	}
	d.blame(records, bad, left)
	for i := range blocks {
		if err := blocks[i].cut(d.kept); err != nil {
			return nil, fmt.Errorf("the state in %s is damaged, and a copy of its damaged files can’t be made: %w", dir, err)
		}
	}
	return d, nil
}

// blame finds out whose the damaged records were. One that another has replaced, or that was taken away, is nobody's.
func (d *damage) blame(records map[string][]record, bad map[string][][]byte, left *stopped) {
	ids := map[string]bool{}
	for _, all := range records {
		for _, r := range all {
			if r.subject != "" {
				ids[r.owner()] = true
			}
		}
	}
	if left != nil {
		for subject := range left.Logs {
			ids[record{subject: subject}.owner()] = true
		}
	}
	for _, stream := range []string{storeStream, logStream} {
		all := records[stream]
		taken, latest, count := map[uint64]bool{}, map[string]uint64{}, map[string]uint64{}
		for _, r := range all {
			if r.subject == "" {
				taken[r.seq] = true
			}
		}
		for _, r := range all {
			if r.subject == "" || taken[r.seq] {
				continue
			}
			// A log's message names the one before it. Of a store those may be taken away in any order.
			before := latest[r.subject]
			if stream == logStream && (before == 0 && r.headless || before > 0 && r.after > 0 && before != r.after) {
				d.of[r.owner()] = true
			}
			latest[r.subject] = r.seq
			count[r.subject]++
		}
		if stream == logStream && left != nil {
			d.compare(count, left.Logs)
		}
		for _, raw := range bad[stream] {
			found := recordsIn(raw, func(id string) bool { return ids[id] })
			d.known = d.known && (len(found) > 0 || stream == logStream && left != nil)
			for _, r := range found {
				if replaced := stream == storeStream && latest[r.subject] > r.seq; !replaced && !taken[r.seq] {
					d.of[r.owner()] = true
				}
			}
		}
	}
}

// compare holds the logs to what the server before has left: one of which something is missing, and one that was not there.
func (d *damage) compare(now, before map[string]uint64) {
	for subject, n := range before {
		if now[subject] < n {
			d.of[record{subject: subject}.owner()] = true
		}
	}
	for subject := range now {
		if before[subject] == 0 {
			d.ended = append(d.ended, record{subject: subject}.owner())
		}
	}
}

// mostNamed is how many sandboxes are told by name.
const mostNamed = 20

// String tells a person what has happened and what can be done.
func (d *damage) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the state was damaged in %s", counted(d.places, "place"))
	ids := slices.Sorted(maps.Keys(d.of))
	if n := len(ids); n > mostNamed {
		ids = append(ids[:mostNamed], fmt.Sprint("and ", n-mostNamed, " more"))
	}
	if len(ids) == 0 {
		b.WriteString(": nothing that is still needed is known to be lost")
	} else {
		fmt.Fprintf(&b, ". Gone is what has lost something: %s. The page of a sandbox goes on in a new one; a room must be opened anew", strings.Join(ids, ", "))
	}
	if !d.known {
		b.WriteString(". Whose the rest was can’t be told")
	}
	fmt.Fprintf(&b, ". All else is there. The damaged files are kept in %s. To have everything back, stop the server and put a backup in the place of its folder", d.kept)
	return b.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}

// cut puts a damaged block aside, and leaves in its place what can be read of it.
func (b *block) cut(kept string) error {
	if len(b.bad) == 0 && !b.gone && !b.short {
		return nil
	}
	// What the server wrote down about all blocks is no longer so: it reads them instead.
	if err := os.Remove(filepath.Join(filepath.Dir(b.path), "index.db")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(b.bad) == 0 {
		return nil
	}
	raw, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(kept, 0o700); err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(kept, fmt.Sprintf("%s-%d.blk", b.stream, b.index)), raw); err != nil {
		return err
	}
	if len(b.good) == 0 {
		return os.Remove(b.path)
	}
	var left []byte
	for _, s := range b.good {
		left = append(left, raw[s.from:s.to]...)
	}
	next := b.path + ".tmp"
	if err := writeSynced(next, left); err != nil {
		return err
	}
	return os.Rename(next, b.path)
}

// writeSynced writes a file and has the disk keep it.
func writeSynced(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}
