package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// EmbeddedOptions say where an engine of one process keeps its files, and how surely.
type EmbeddedOptions struct {
	Dir string // made if it isn't there; one process at a time
	// Sync is how long what was written may wait before the disk is told to keep it. 0 waits for the disk with every write: then
	// nothing that was acknowledged is lost even when the power goes; otherwise only a process may die.
	Sync time.Duration
	Log  *slog.Logger // nil: nothing is logged

	free func(dir string) (uint64, error) // nil: what the disk says
}

// NewEmbedded makes an engine on a NATS server in this process, which opens no port and keeps its state in a folder.
func NewEmbedded(ctx context.Context, o EmbeddedOptions) (Engine, error) {
	unlock, err := claim(o.Dir)
	if err != nil {
		return nil, err
	}
	e, err := startEmbedded(ctx, o, jetstream.FileStorage)
	if err != nil {
		unlock()
		return nil, err
	}
	e.closers = append(e.closers, unlock)
	return e, nil
}

// startEmbedded starts the server and an engine that has it for itself.
func startEmbedded(ctx context.Context, o EmbeddedOptions, storage jetstream.StorageType) (*natsEngine, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	found, err := repair(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(o.Dir, stoppedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s can’t be written: %w", o.Dir, pathless(err))
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "playground", DontListen: true, JetStream: true, StoreDir: o.Dir,
		MaxPayload:        8 << 20, // an event with a long body, escaped
		JetStreamMaxStore: 1 << 50, // what the disk takes is watched: it may take more later
		SyncAlways:        o.Sync == 0, SyncInterval: max(o.Sync, time.Second),
		NoSigs: true,
	})
	if err != nil {
		return nil, fmt.Errorf("the state can’t be kept in %s: %w", o.Dir, err)
	}
	says := &serverLog{log: log}
	s.SetLoggerV2(says, false, false, false)
	s.Start()
	stop := func() {
		s.Shutdown()
		s.WaitForShutdown()
	}
	if !s.ReadyForConnections(patience) || !s.JetStreamEnabled() {
		stop()
		return nil, fmt.Errorf("the state can’t be kept in %s: %s", o.Dir, says.last())
	}
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.Name("playground"), nats.MaxReconnects(-1))
	if err != nil {
		stop()
		return nil, fmt.Errorf("the state can’t be reached: %w", err)
	}
	err = whole(ctx, nc, o.Dir)
	var e *natsEngine
	if err == nil {
		e, err = newNATS(ctx, nc, natsConfig{storage: storage, replicas: 1, alone: true, log: log})
	}
	if err != nil {
		nc.Close()
		stop()
		return nil, err
	}
	e.mourn(ctx, found)
	var logs map[string]uint64
	e.closers = append(e.closers, func() { logs = e.lengths() }, nc.Close, stop, func() { leave(o.Dir, logs) })
	if o.free == nil {
		o.free = free
	}
	e.swept.Go(func() { e.watchDisk(o, log) })
	return e, nil
}

// mourn tells what was damaged, and ends the sandboxes that have lost something: what is left of them would mislead.
func (e *natsEngine) mourn(ctx context.Context, d *damage) {
	if d.torn {
		e.say.Warn("what was being written when the server died is incomplete and left out; nobody had been told that it was kept")
	}
	if d.places > 0 {
		e.say.Error(d.String())
	}
	for _, id := range append(d.ended, slices.Collect(maps.Keys(d.of))...) {
		if err := e.Drop(ctx, id); err != nil {
			e.say.Error("a sandbox that has lost something could not be ended", "sandbox", id, "error", err)
		}
	}
}

// lengths is how many messages each log has, by subject; nil if that can't be known.
func (e *natsEngine) lengths() map[string]uint64 {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	info, err := e.log.Info(ctx, jetstream.WithSubjectFilter(logSubject+"*"))
	if err != nil {
		return nil
	}
	return info.State.Subjects
}

// whole tells whether the server has found every stream that the folder has. One whose description is damaged it would leave out, and
// make anew over what is left.
func whole(ctx context.Context, nc *nats.Conn, dir string) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	folders, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "PLAYGROUND_*"))
	if err != nil {
		return err
	}
	for _, f := range folders {
		if _, err := js.Stream(ctx, filepath.Base(f)); err != nil {
			return fmt.Errorf("the state in %s is damaged: %s can’t be read. Put a copy in its place, or move the folder away to begin with an empty one", dir, filepath.Base(f))
		}
	}
	return nil
}

// reserve is how much of a disk is never filled: a server that has no room at all would have to stop, and what it was writing could
// be half written.
const reserve = 32 << 20

// watchDisk refuses writes while the disk has no more than its reserve, and takes them again when it has.
func (e *natsEngine) watchDisk(o EmbeddedOptions, log *slog.Logger) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		left, err := o.free(o.Dir)
		if full := err == nil && left < reserve; full != e.full.Swap(full) {
			log.Warn("the disk of the state", "folder", o.Dir, "full", full, "left", left)
		}
		select {
		case <-e.done:
			return
		case <-tick.C:
		}
	}
}

// claim makes the folder and takes it for this process: two servers on the same files would spoil them.
func claim(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s can’t be made: %w", dir, pathless(err))
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the folder %s can’t be written: %w", dir, pathless(err))
	}
	if !got {
		return nil, fmt.Errorf("the folder %s is in use by another server: stop that one, or choose another folder", dir)
	}
	return func() { lock.Unlock() }, nil
}

// pathless is what an error of a file says, without the path that the sentence around it has.
func pathless(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
