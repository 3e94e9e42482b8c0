package mockidp

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"time"

	"oauthplayground/mockidp/check"
)

// A client's secret is a password, so whoever can reach the token endpoint can try to guess it. Wrong ones are counted for each
// client and each sender: a stranger who guesses must not keep the client itself out.

const (
	maxGuesses  = 5           // wrong secrets of one sender for one client
	guessWindow = time.Minute // counted from the first
)

// guesses is how often a sender has shown a wrong secret for a client.
type guesses struct {
	Wrong int   `json:"wrong"`
	Since int64 `json:"since"` // of the first, in milliseconds
}

func (t *tokenRequest) guessesKey() string {
	sender, _, err := net.SplitHostPort(t.http.RemoteAddr)
	if err != nil {
		sender = t.http.RemoteAddr
	}
	return "guesses/" + keySafe(t.client.ClientID) + "/" + keySafe(sender)
}

// readGuesses reads the count, if the request shows a secret; one whose time is over counts no more.
func (t *tokenRequest) readGuesses(ctx context.Context) error {
	if t.secret() == "" {
		return nil
	}
	rev, err := t.issuer.get(ctx, t.guessesKey(), &t.guesses)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	t.guessesRev = rev
	if t.m.now.Sub(time.UnixMilli(t.guesses.Since)) >= guessWindow {
		t.guesses = guesses{}
	}
	return err
}

// guessed counts a wrong secret. Of several at the same moment one may not be counted: the next one is.
func (t *tokenRequest) guessed(ctx context.Context) error {
	if t.secret() == "" || t.urlSecret == "" && t.method() != t.client.TokenEndpointAuthMethod {
		return nil // nothing was guessed, or nothing was compared
	}
	g := t.guesses
	if g.Wrong++; g.Wrong == 1 {
		g.Since = t.m.now.UnixMilli()
	}
	raw, err := json.Marshal(g)
	if err != nil {
		return err
	}
	if t.guessesRev == 0 {
		_, err = t.issuer.Store.Create(ctx, t.guessesKey(), raw, guessWindow+slack)
	} else {
		_, err = t.issuer.Store.Update(ctx, t.guessesKey(), raw, t.guessesRev, guessWindow+slack)
	}
	if errors.Is(err, ErrExists) || errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// fewGuesses passes while a sender has not shown too many wrong secrets.
func fewGuesses(_ context.Context, t *tokenRequest) check.Finding {
	return check.Finding{OK: t.guesses.Wrong < maxGuesses,
		Expected: "fewer than " + strconv.Itoa(maxGuesses) + " wrong secrets in " + guessWindow.String(), Actual: strconv.Itoa(t.guesses.Wrong)}
}
