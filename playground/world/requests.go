package world

import (
	"net/http"
	"net/url"
	"strings"
)

// Requests that several parties send alike: Planner, its apps, and Mallory with what she has found.

// formRequest posts a form.
func formRequest(address string, form url.Values) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}

// tokenRequest is a form for Chirper's token endpoint, which says nothing in its header of who sends it.
func (s *Sandbox) tokenRequest(form url.Values) (*http.Request, error) {
	return formRequest(s.issuer.URL+"/token", form)
}

// apiRequest asks Chirper's API for something and shows what gives the right to it, a token or a session. A body is JSON; empty,
// there is none.
func (s *Sandbox) apiRequest(method, path, authorization, body string) (*http.Request, error) {
	api, _ := actorByID(API)
	req, err := http.NewRequest(method, s.origin(api)+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", authorization)
	return req, nil
}
