package world

import (
	"context"
	"net/http"
	"net/url"

	"oauthplayground/playground/trace"
)

// bots is every attack that a lesson can run. A bot has what its attacker really has: it reads what it can read, sends
// what it can send, and uses whatever comes back.
var bots = map[string]func(*Sandbox, context.Context) error{
	"rogue-employee":     (*Sandbox).rogueEmployee,
	"look-alike":         (*Sandbox).lookAlike,
	"url-reader":         (*Sandbox).urlReader,
	"app-interceptor":    (*Sandbox).appInterceptor,
	"code-injector":      (*Sandbox).codeInjector,
	"challenge-stripper": (*Sandbox).challengeStripper,
	"open-redirector":    (*Sandbox).openRedirector,
	"forced-linking":     (*Sandbox).forcedLinking,
	"log-thief":          (*Sandbox).logThief,
	"secret-guesser":     (*Sandbox).secretGuesser,
}

// urlReader is a browser extension of Mallory's in Maya's browser. It may read the addresses of pages, as many extensions
// may, and sends what it finds to Mallory, who tries it at once.
func (s *Sandbox) urlReader(ctx context.Context) error {
	loot, err := s.readHistory(ctx)
	if err != nil {
		return err
	}
	if token := loot.Get("access_token"); token != "" {
		return s.postAs(ctx, Attacker, token)
	}
	if code := loot.Get("code"); code != "" {
		return s.redeemAs(ctx, Attacker, code)
	}
	return nil
}

// readHistory reads the addresses that Maya's browser has visited, latest first, and returns the parameters of the first
// one with something worth taking. Reading leaves a change event with what was seen.
func (s *Sandbox) readHistory(ctx context.Context) (url.Values, error) {
	k, err := s.kept(ctx, Browser)
	if err != nil {
		return nil, err
	}
	for i := len(k.State.Visited) - 1; i >= 0; i-- {
		address := k.State.Visited[i]
		u, err := url.Parse(address)
		if err != nil {
			continue
		}
		params := u.Query()
		if fragment, err := url.ParseQuery(u.Fragment); err == nil {
			for name, values := range fragment {
				params[name] = append(params[name], values...)
			}
		}
		if params.Get("access_token") == "" && params.Get("code") == "" {
			continue
		}
		finds := s.recorder.FindIn(ctx, "history", "url", address)
		return params, s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "history of " + Browser, To: address}, finds...)
	}
	return url.Values{}, s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "history of " + Browser, To: "nothing of use"})
}

// postAs posts at the API with a token, as its holder could.
func (s *Sandbox) postAs(ctx context.Context, who, token string) error {
	req, err := s.apiRequest(http.MethodPost, "/posts", "Bearer "+token, `{"text":"Free coffee for everyone, today only: mallory.test"}`)
	if err != nil {
		return err
	}
	_, _, _, err = s.call(ctx, who, req)
	return err
}

// redeemAs tries to swap a code for tokens with all that its finder knows: Planner's client_id and redirect URI, which
// stand in every authorization request, and no secret.
func (s *Sandbox) redeemAs(ctx context.Context, who, code string) error {
	return s.redeemWith(ctx, who, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {plannerClientID}, "redirect_uri": {plannerCallback}})
}

// redeemWith sends a form to the token endpoint, and posts with the token that comes of it.
func (s *Sandbox) redeemWith(ctx context.Context, who string, form url.Values) error {
	req, err := s.tokenRequest(form)
	if err != nil {
		return err
	}
	_, err = s.redeem(ctx, who, req)
	return err
}

// redeem sends a token request, and posts with the token that comes of it.
func (s *Sandbox) redeem(ctx context.Context, who string, req *http.Request) (status int, err error) {
	token, status, err := s.fetchToken(ctx, who, req)
	if err == nil && token != "" {
		err = s.postAs(ctx, who, token)
	}
	return status, err
}

// fetchToken sends a token request; the token is empty if there is none in the answer.
func (s *Sandbox) fetchToken(ctx context.Context, who string, req *http.Request) (token string, status int, err error) {
	res, body, _, err := s.call(ctx, who, req)
	if err != nil {
		return "", 0, err
	}
	if res.StatusCode == http.StatusOK {
		token = jsonString(body, "access_token")
	}
	return token, res.StatusCode, nil
}
