package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// anyRevision is what a message follows that follows nothing.
const anyRevision = ^uint64(0)

// headerID names one write. JetStream's own header for it would have every server remember the ids of the last minutes.
const headerID = "Id"

// headerAfter is the revision that a message follows, where it was to follow one.
const headerAfter = "After"

// errFaster says that the subject has another message than the one that was to be followed.
var errFaster = errors.New("engine: somebody was faster")

// errInFlight says that a write was refused though nobody was faster: a cluster's leader refuses what follows a message that it has
// acknowledged and not yet put away.
var errInFlight = errors.New("engine: the message before is still being put away")

// errUnknown says that a write's answer was lost, and that so much was written behind that nobody can tell whether it was done.
var errUnknown = errors.New("engine: it can’t be known whether it was written")

// commit writes a message that follows the revision after of its subject (0: the subject has none), and returns its own. Its
// answer is certain: what was asked of a server that then went away is looked for before it is asked again, so nothing is
// written twice and nothing that was written is called lost. Where it is not to be found since a store keeps only the latest of its
// messages, it is ErrUnavailable; of a log, whoever gets errFaster looks for it among those that are left.
func (e *natsEngine) commit(ctx context.Context, s jetstream.Stream, m *nats.Msg, after uint64, ttl time.Duration) (uint64, error) {
	if e.full.Load() {
		return 0, ErrDiskFull
	}
	opts := []jetstream.PublishOpt{jetstream.WithRetryAttempts(0)}
	if after != anyRevision {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(after))
	}
	if ttl > 0 {
		opts = append(opts, jetstream.WithMsgTTL((ttl + time.Second - 1).Truncate(time.Second))) // in whole seconds, and not too few
	}
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	id := nuid.Next()
	m.Header.Set(headerID, id)
	if after != anyRevision {
		m.Header.Set(headerAfter, fmt.Sprint(after))
	}
	var seq uint64
	asked := false // before, without an answer
	err := retry(ctx, func(ctx context.Context) error {
		ack, err := e.js.PublishMsg(ctx, m, opts...)
		if err == nil {
			seq = ack.Sequence
			return nil
		}
		if !isConflict(err) {
			asked = true
			return err
		}
		// It may be an earlier try of this one that was faster.
		last, lastErr := e.last(ctx, s, m.Subject)
		switch {
		case errors.Is(lastErr, jetstream.ErrMsgNotFound):
			last = &jetstream.RawStreamMsg{}
		case lastErr != nil:
			return lastErr
		}
		switch {
		case last.Header.Get(headerID) == id:
			seq = last.Sequence
			return nil
		case last.Sequence == after:
			return errInFlight
		case asked && s == e.store && last.Header.Get(headerAfter) != m.Header.Get(headerAfter): // what is between may be this one
			return errUnknown
		}
		return errFaster
	})
	if errors.Is(err, errFaster) {
		return 0, errFaster
	}
	return seq, unavailable("the state can’t be written", err)
}

// last is a subject's latest message.
func (e *natsEngine) last(ctx context.Context, s jetstream.Stream, subject string) (m *jetstream.RawStreamMsg, err error) {
	err = retry(ctx, func(ctx context.Context) error {
		m, err = s.GetLastMsgForSubject(ctx, subject)
		return err
	})
	return m, err
}

// purge takes all messages of a subject away.
func (e *natsEngine) purge(ctx context.Context, s jetstream.Stream, subject string, opts ...jetstream.StreamPurgeOpt) error {
	opts = append(opts, jetstream.WithPurgeSubject(subject))
	return unavailable("the state can’t be written", retry(ctx, func(ctx context.Context) error { return s.Purge(ctx, opts...) }))
}

// isConflict tells whether a write was refused because its subject has moved on. JetStream says so with one code on a single
// server and with another on a cluster.
func isConflict(err error) bool {
	return isAPI(err, jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// isAPI tells whether JetStream has said one of these.
func isAPI(err error, codes ...jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode)
}

// tryTime is when a try is given up and made again: the server that was asked may be gone.
const tryTime = 3 * time.Second

// retry asks again while the answer is that nobody answers, for as long as there is patience: a cluster without its leader has a
// new one after some seconds.
func retry(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		tryCtx, cancel := context.WithTimeout(ctx, tryTime)
		err := ask(tryCtx)
		cancel()
		if err == nil || !isPassing(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// What JetStream says, where its client has no name for it.
const (
	errCodeNoPeers = 10005 // a cluster that has only begun to come together, or has fewer servers than copies are wanted
	errCodeNoRoom  = 10023 // no try soon after will find more
	errCodeAlone   = 10074 // a server without a cluster keeps one copy
)

// isPassing tells whether an error may be gone at the next try.
func isPassing(err error) bool {
	for _, passing := range []error{errInFlight, context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, jetstream.ErrNoStreamResponse,
		nats.ErrConnectionReconnecting, nats.ErrDisconnected, nats.ErrReconnectBufExceeded} {
		if errors.Is(err, passing) {
			return true
		}
	}
	if isAPI(err, errCodeNoPeers) {
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 503 && !isAPI(err, jetstream.JSErrCodeJetStreamNotEnabledForAccount, errCodeNoRoom)
}
