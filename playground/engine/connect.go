package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ConnectOptions say how a cluster is reached and used.
type ConnectOptions struct {
	URLs        string // one or more, with commas between them, as in nats://a:4222,nats://b:4222
	Credentials string // a file with a user's JWT and seed; empty: what the URLs have
	CA          string // a file with certificates that a TLS server's is signed by; empty: the system's
	Replicas    int    // copies of the state; 0: as many as there are, and of a new state three, or one on a server that is alone
	Log         *slog.Logger
}

// Connect makes an engine on a NATS cluster that other servers may use as well.
func Connect(ctx context.Context, o ConnectOptions) (Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	opts := []nats.Option{
		nats.Name("playground"), nats.MaxReconnects(-1), nats.ReconnectWait(tryTime / 4), nats.Timeout(patience / 2),
		nats.IgnoreAuthErrorAbort(), // a cluster that turns this server away, as while its users are changed, is asked again
		nats.ReconnectBufSize(-1),   // what can't be sent now is not sent later, when whoever asked for it has been told that it failed
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { o.Log.Warn("the cluster", "error", err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				o.Log.Warn("the cluster is out of reach", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { o.Log.Info("the cluster is there again", "server", nc.ConnectedServerName()) }),
	}
	if o.Credentials != "" {
		opts = append(opts, nats.UserCredentials(o.Credentials))
	}
	if o.CA != "" {
		opts = append(opts, nats.RootCAs(o.CA))
	}
	nc, err := nats.Connect(o.URLs, opts...)
	if err != nil {
		return nil, fmt.Errorf("the cluster at %s %s", withoutPasswords(o.URLs), inWords(err))
	}
	e, err := newNATS(ctx, nc, natsConfig{storage: jetstream.FileStorage, replicas: o.Replicas, log: o.Log})
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("the cluster at %s %s", withoutPasswords(o.URLs), inWords(err))
	}
	e.closers = append(e.closers, nc.Close)
	return e, nil
}

// inWords says what is wrong with a cluster, and what to do.
func inWords(err error) string {
	var api *jetstream.APIError
	var address *url.Error
	switch {
	case errors.As(err, &address): // which has the whole address in it, and with that a password
		return "has an address that can’t be: " + address.Err.Error() + "."
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout):
		return "does not answer. Is it running, and is the address right?"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return "does not let this server in. Check the credentials."
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return "has no JetStream, which keeps the state. Turn it on there (jetstream {}), and for this account."
	case errors.Is(err, context.DeadlineExceeded):
		return "has no leader that could write: more than half of its servers must be up."
	case isAPI(err, errCodeNoPeers):
		return "has too few servers up for the copies of the state. Start them, or have it keep one copy with -nats-replicas 1."
	case errors.As(err, &api):
		return "refuses to keep the state: " + api.Description + "."
	}
	return "can’t be used: " + err.Error()
}

// withoutPasswords is addresses as they may be shown.
func withoutPasswords(urls string) string {
	parts := strings.Split(urls, ",")
	for i, p := range parts {
		if at := strings.LastIndex(p, "@"); at >= 0 {
			scheme, _, is := strings.Cut(p, "://")
			if !is {
				scheme = "nats"
			}
			parts[i] = scheme + "://" + p[at+1:]
		}
	}
	return strings.Join(parts, ", ")
}
