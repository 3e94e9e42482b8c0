package world

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"oauthplayground/playground/trace"
)

// appInterceptor is an app of Mallory's on Maya's phone, a torch that also claims the address of Planner's app. The bot plays
// Maya: she connects Planner's app, as she would any day. What Mallory's app gets of it depends on the phone (phone.claims).
func (s *Sandbox) appInterceptor(ctx context.Context) error {
	if _, err := s.act(ctx, Browser, Act{Do: "open", URL: plannerOrigin + "/app"}); err != nil {
		return err
	}
	k, err := s.act(ctx, Browser, Act{Do: "click", Target: "open-app"})
	if err != nil {
		return err
	}
	_, err = s.victimAnswers(ctx, k)
	return err
}

// torch is Mallory's app as the phone opens it with an address of Planner's: it shows its light, and tries what it was handed
// at once.
func (s *Sandbox) torch(w http.ResponseWriter, r *http.Request) {
	if code := r.URL.Query().Get("code"); code != "" {
		if err := s.redeemIntercepted(r.Context(), code); err != nil {
			s.world.config.Log.Error("Mallory’s app failed", "error", err)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Torch</title><h1>Torch</h1><p>The light is on. This is not Planner’s app: the phone has opened another.</p><p><a id=\"close\" href=\"https://planner.test/app\">Close the app</a></p></html>\n")
}

// redeemIntercepted tries a code with all that the app knows. The client_id and the redirect URI are the same in every copy of
// Planner's app. For a verifier it sends what it has seen of the request: the challenge, if there was one.
func (s *Sandbox) redeemIntercepted(ctx context.Context, code string) error {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {phoneApp.id}, "redirect_uri": {phoneApp.redirectURI}}
	seen, err := s.readRequest(ctx)
	if err != nil {
		return err
	}
	if seen != "" {
		form.Set("code_verifier", seen)
	}
	return s.redeemWith(ctx, Attacker, form)
}

// readRequest reads the addresses that the phone's browser has asked for, as apps could on some phones (RFC 7636 §1), and
// returns the challenge of the latest sign-in of Planner's app; empty if it had none.
func (s *Sandbox) readRequest(ctx context.Context) (string, error) {
	k, err := s.kept(ctx, Browser)
	if err != nil {
		return "", err
	}
	for i := len(k.State.Visited) - 1; i >= 0; i-- {
		address := k.State.Visited[i]
		u, err := url.Parse(address)
		if err != nil || !strings.HasPrefix(address, s.issuer.URL+"/authorize?") || u.Query().Get("client_id") != phoneApp.id {
			continue
		}
		finds := s.recorder.FindIn(ctx, "history", "url", address)
		return u.Query().Get("code_challenge"), s.note(ctx, trace.Change{What: "read", Actor: Attacker, From: "history of " + Browser, To: address}, finds...)
	}
	return "", nil
}
