package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"time"

	"oauthplayground/playground/engine"
)

// state is where a server keeps what it must remember.
type state struct {
	data               string
	sync               time.Duration
	nats, creds, ca    string
	replicas           int
	syncText, replText string
}

func (s *state) flags(f *flag.FlagSet, or func(name, otherwise string) string) {
	f.StringVar(&s.data, "data", or("PLAYGROUND_DATA", ""), "")
	f.StringVar(&s.syncText, "sync", or("PLAYGROUND_SYNC", ""), "")
	f.StringVar(&s.nats, "nats", or("PLAYGROUND_NATS", ""), "")
	f.StringVar(&s.creds, "nats-creds", or("PLAYGROUND_NATS_CREDS", ""), "")
	f.StringVar(&s.ca, "nats-ca", or("PLAYGROUND_NATS_CA", ""), "")
	f.StringVar(&s.replText, "nats-replicas", or("PLAYGROUND_NATS_REPLICAS", ""), "")
}

// check reads what was said, and refuses what can't be meant together.
func (s *state) check() error {
	var err error
	if s.data != "" && s.nats != "" {
		return errors.New("-data and -nats are two places for the same state: choose one")
	}
	if s.syncText != "" {
		if s.data == "" {
			return errors.New("-sync is for -data: without that nothing is on a disk of this machine")
		}
		if s.sync, err = time.ParseDuration(s.syncText); err != nil || s.sync < 0 {
			return fmt.Errorf("-sync %q is not a time: it is 0, or written as in 500ms or 2s", s.syncText)
		}
	}
	if s.nats == "" && (s.creds != "" || s.ca != "" || s.replText != "") {
		return errors.New("-nats-creds, -nats-ca and -nats-replicas are for -nats, which says where the cluster is")
	}
	if s.replText != "" {
		if s.replicas, err = strconv.Atoi(s.replText); err != nil || !slices.Contains([]int{1, 3, 5}, s.replicas) {
			return fmt.Errorf("-nats-replicas %q is none of 1, 3 and 5", s.replText)
		}
	}
	for name, file := range map[string]string{"-nats-creds": s.creds, "-nats-ca": s.ca} {
		if file == "" {
			continue
		}
		if _, err := os.ReadFile(file); err != nil {
			return fmt.Errorf("the file of %s can’t be read: %w", name, err)
		}
	}
	return nil
}

// open is the engine.
func (s *state) open(ctx context.Context, log *slog.Logger) (engine.Engine, error) {
	switch {
	case s.data != "":
		return engine.NewEmbedded(ctx, engine.EmbeddedOptions{Dir: s.data, Sync: s.sync, Log: log})
	case s.nats != "":
		return engine.Connect(ctx, engine.ConnectOptions{URLs: s.nats, Credentials: s.creds, CA: s.ca, Replicas: s.replicas, Log: log})
	}
	return engine.NewMemory(), nil
}
