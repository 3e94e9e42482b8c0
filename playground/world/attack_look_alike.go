package world

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// The look-alike is a client of Mallory's with a name that sounds like Chirper's own: anybody may register one, and choose its
// name.
const (
	lookAlikeID       = "chirper-security"
	lookAlikeSecret   = "practice-mallorys-other"
	lookAlikeScope    = "account:admin"
	lookAlikeCallback = "https://mallory.test/security"
)

// lookAlike is Mallory with a link in a message: "Your account is at risk, click here". It begins a sign-in of her own client.
// Maya is careful: she clicks, and says no where she is asked something that she has not started.
func (s *Sandbox) lookAlike(ctx context.Context) error {
	q := url.Values{"response_type": {"code"}, "client_id": {lookAlikeID}, "redirect_uri": {lookAlikeCallback}, "scope": {lookAlikeScope}, "state": {randomValue()}}
	return s.victimDeclines(ctx, s.issuer.URL+"/authorize?"+q.Encode())
}

// lookAlikeAnswer takes what comes back to Mallory's server. With a code in it she gets a token at once, and deletes the account.
func (s *Sandbox) lookAlikeAnswer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if code := r.URL.Query().Get("code"); code != "" {
		if err := s.useLookAlike(r.Context(), code); err != nil {
			http.Error(w, "Something went wrong.", http.StatusInternalServerError)
			return
		}
	}
	io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Chirper Security</title><h1>Thank you</h1><p>Your account has been checked.</p><p>Practice server. Do not type a real password.</p></html>\n")
}

func (s *Sandbox) useLookAlike(ctx context.Context, code string) error {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {lookAlikeCallback}}
	req, err := s.tokenRequest(form)
	if err != nil {
		return err
	}
	req.SetBasicAuth(lookAlikeID, lookAlikeSecret)
	token, _, err := s.fetchToken(ctx, Attacker, req)
	if err != nil || token == "" {
		return err
	}
	req, err = s.apiRequest(http.MethodDelete, "/account", "Bearer "+token, "")
	if err != nil {
		return err
	}
	_, _, _, err = s.call(ctx, Attacker, req)
	return err
}
