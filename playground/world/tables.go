package world

import (
	"slices"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
)

// Checks lists every check of every party of the story, once each, in the order in which a flow meets them.
func Checks() []check.Info {
	var list []check.Info
	for _, table := range [][]check.Info{mockidp.Checks(), responseChecks.Infos(), idTokenChecks.Infos(), apiChecks.Infos(), linkChecks.Infos(), signInChecks.Infos(), sessionChecks.Infos()} {
		for _, c := range table {
			if !slices.ContainsFunc(list, func(k check.Info) bool { return k.ID == c.ID }) {
				list = append(list, c)
			}
		}
	}
	return list
}

// What Planner does, beside what it checks.
var (
	settingResponseType = check.Setting{ID: "planner.response-type", Title: "What Planner asks Chirper’s authorization endpoint for.", Values: []string{"code", "token"}, Default: "code"}
	settingPKCE         = check.Setting{ID: "planner.pkce", Title: "How Planner proves that it redeems the code of its own request.", Values: []string{"S256", "plain", "none"}, Default: "S256"}
	settingState        = check.Setting{ID: "planner.state", Title: "The state that Planner sends: one for each attempt, the same for everyone, or none.", Values: []string{"bound", "constant", "none"}, Default: "bound"}
	settingNonce        = check.Setting{ID: "planner.nonce", Title: "The nonce that Planner sends: one for each attempt, or none.", Values: []string{"bound", "none"}, Default: "bound"}
	settingScope        = check.Setting{ID: "planner.scope", Title: "What Planner asks to do: to read and write posts, or to manage the account as well.", Values: []string{"posts", "account"}, Default: "posts"}
	settingConnect      = check.Setting{ID: "planner.connect", Title: "How Planner gets at a Chirper account: by OAuth, or with its password.", Values: []string{"oauth", "password"}, Default: "oauth"}
	settingAPIAsks      = check.Setting{ID: "api.asks", Title: "Whether the API asks the authorization server about each token, or believes the token alone.", Values: []string{"never", "always"}, Default: "never"}
	settingCounter      = check.Setting{ID: "planner.counter", Title: "Whether Planner’s pages load a visitor counter of another company.", Values: []string{"off", "on"}, Default: "off"}
)

// Settings lists what the actors of the story can be told to do.
func Settings() []check.Setting {
	return append(mockidp.Settings(), settingResponseType, settingPKCE, settingState, settingNonce, settingCounter, settingScope, settingConnect, settingAPIAsks, settingPhonePKCE, settingPhoneClaims, settingClientAuth, settingSecret, settingStatusPage)
}
