package world

import (
	"context"
	"net/url"
	"strings"
)

// victimOpens is Maya when the learner plays Mallory: she opens an address that she was sent, in her own browser, with the
// cookies it has. Chirper's own pages she answers as she always does: she signs in where asked, and allows what is asked,
// since a page of Chirper's is what she trusts. It returns the address at which she ends.
func (s *Sandbox) victimOpens(ctx context.Context, address string) (string, error) {
	k, err := s.act(ctx, Browser, Act{Do: "open", URL: address})
	if err != nil {
		return "", err
	}
	return s.victimAnswers(ctx, k)
}

// victimDeclines is Maya when she is careful: she opens the address, and cancels where a page asks her to allow something that
// she has not started.
func (s *Sandbox) victimDeclines(ctx context.Context, address string) error {
	k, err := s.act(ctx, Browser, Act{Do: "open", URL: address})
	if err != nil {
		return err
	}
	if strings.HasPrefix(pageOf(k.State).url, s.issuer.URL+"/consent?") {
		_, err = s.act(ctx, Browser, Act{Do: "submit", Target: "deny"})
	}
	return err
}

// victimAnswers goes on from where Maya's browser is, as victimOpens says.
func (s *Sandbox) victimAnswers(ctx context.Context, k *kept) (string, error) {
	var err error
	for range 2 { // to sign in, and to allow
		if err != nil {
			return "", err
		}
		page := pageOf(k.State).url
		path, chirpers := strings.CutPrefix(page, s.issuer.URL)
		path, _, _ = strings.Cut(path, "?")
		switch {
		case chirpers && path == "/login":
			k, err = s.act(ctx, Browser, Act{Do: "submit", Target: "login", Fields: url.Values{"username": {"maya"}, "password": {practicePassword}}})
		case chirpers && path == "/consent":
			k, err = s.act(ctx, Browser, Act{Do: "submit", Target: "allow"})
		default:
			return page, nil
		}
	}
	if err != nil {
		return "", err
	}
	return pageOf(k.State).url, nil
}
