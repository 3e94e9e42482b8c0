package mockidp

import "oauthplayground/mockidp/check"

// What the server does, beside what it checks.
var (
	settingLogin       = check.Setting{ID: "as.login", Title: "How people sign in: with a form, or the first user without being asked.", Values: []string{"form", "auto"}, Default: "form"}
	settingConsent     = check.Setting{ID: "as.consent", Title: "Whether the user is asked before a client gets access.", Values: []string{"ask", "skip"}, Default: "ask"}
	settingCodeLife    = check.Setting{ID: "as.code-lifetime", Title: "How long a code may be redeemed.", Duration: true, Default: "60s"}
	settingAccessLife  = check.Setting{ID: "as.access-token-lifetime", Title: "How long an access token is good.", Duration: true, Default: "10m"}
	settingIDTokenLife = check.Setting{ID: "as.id-token-lifetime", Title: "How long an ID token is good.", Duration: true, Default: "10m"}
	settingMatcher     = check.Setting{ID: "as.redirect-matcher", Title: "What a redirect URI is compared by where as.redirect-uri-exact lets others through: its beginning, its host, or nothing.", Values: []string{"none", "prefix", "domain"}, Default: "none"}
	settingRefreshLife = check.Setting{ID: "as.refresh-token-lifetime", Title: "How long a refresh token is good.", Duration: true, Default: "720h"}
)

// Settings lists what the server can be told to do.
func Settings() []check.Setting {
	return []check.Setting{settingLogin, settingConsent, settingCodeLife, settingAccessLife, settingIDTokenLife, settingRefreshLife, settingMatcher}
}

// Checks lists every check of every endpoint, once each, in the order in which a flow meets them.
func Checks() []check.Info {
	var list []check.Info
	for _, table := range [][]check.Info{
		authorizeChecks.Infos(), loginChecks.Infos(), consentChecks.Infos(), accountChecks.Infos(), skipChecks.Infos(),
		clientChecks.Infos(), codeChecks.Infos(), refreshChecks.Infos(), userinfoChecks.Infos(), registrationChecks.Infos(),
	} {
		for _, c := range table {
			known := false
			for _, k := range list {
				known = known || k.ID == c.ID
			}
			if !known {
				list = append(list, c)
			}
		}
	}
	return list
}
