package world

import (
	"maps"
	"slices"

	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
)

// Vocabulary is what a lesson may name: it is validated against the world it will be played in.
func Vocabulary() lessons.Vocabulary {
	v := lessons.Vocabulary{
		Checks:   map[string][]string{},
		Settings: func(id, value string) error { return check.Settings{id: value}.Validate(Settings()) },
		Attacks:  slices.Sorted(maps.Keys(bots)),
		Spec:     check.SpecURL,
		Values:   values,
	}
	for _, c := range Checks() {
		for _, m := range c.Modes {
			v.Checks[c.ID] = append(v.Checks[c.ID], string(m))
		}
	}
	for _, a := range actors {
		v.Actors = append(v.Actors, a.ID)
		if a.agent {
			v.Browsers = append(v.Browsers, a.ID)
		}
	}
	return v
}

// values are the kinds of values that the record follows.
var values = []string{"access_token", "client_secret", "code", "code_challenge", "code_verifier", "id_token", "nonce", "password", "refresh_token", "session", "state"}
