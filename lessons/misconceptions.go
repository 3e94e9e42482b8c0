package lessons

// Misconception is something that is widely believed and not so.
type Misconception struct {
	Belief string
	Spec   string // the section that puts it right; empty where no lesson meets it yet
}

// Misconceptions are what wrong choices stand for, by their ids. Results are counted by them rather than by question, since
// one belief shows in many places.
var Misconceptions = map[string]Misconception{
	"M01": {"OAuth is a way to sign in, and its tokens say who somebody is", "RFC 6749 §10.16"},
	"M02": {"Sharing a password is fine over HTTPS, or with an app one trusts", "RFC 6749 §1"},
	"M03": {"The client_id is a secret, or the secret travels along with it", "RFC 6749 §2.2"},
	"M04": {"The code is a detour: the token could come at once", "RFC 6749 §1.3.1"},
	"M05": {"There are two steps because the code is encrypted, or so that the user confirms twice", "RFC 6749 §1.3.1"},
	"M06": {"With HTTPS an address cannot leak", "RFC 9700 §4.2"},
	"M07": {"The same domain is close enough, for redirect URIs and issuers", "RFC 9700 §4.1"},
	"M08": {"state is an optional echo, good for return addresses", "RFC 6749 §10.12"},
	"M09": {"PKCE always replaces state, or never does", "RFC 9700 §2.1"},
	"M10": {"PKCE proves which app is asking, so it replaces the secret", "RFC 6749 §3.2.1"},
	"M11": {"PKCE is for public clients only", "RFC 9700 §2.1.1"},
	"M12": {"PKCE is pointless, because the attacker takes the verifier too", "RFC 7636 §7.1"},
	"M13": {"The plain method is good enough", "RFC 7636 §7.2"},
	"M14": {"nonce and state are the same thing", "OIDC Core §3.1.2.1"},
	"M15": {"A JWT is encrypted", "RFC 7519 §12"},
	"M16": {"A token that can be decoded is valid", "RFC 8725 §3.3"},
	"M17": {"The token itself may say which algorithm or key to trust", "RFC 8725 §3.1"},
	"M18": {"An ID token may be used to call an API", "OIDC Core §2"},
	"M19": {"The client should read the access token", "RFC 9068 §6"},
	"M20": {"An access token proves that the user signed in here", "RFC 6749 §10.16"},
	"M21": {"An e-mail address, or sub alone, tells users apart", "OIDC Core §5.7"},
	"M22": {"Scopes are the user’s roles or rights", "RFC 6749 §3.3"},
	"M23": {"Signature and expiry are all an API has to check", "RFC 9068 §4"},
	"M24": {"A refresh token is an access token that lasts longer", "RFC 6749 §1.5"},
	"M25": {"Rotation prevents theft, and an alarm always means an attack", "RFC 9700 §4.14"},
	"M26": {"Signing out ends everything everywhere", ""},
	"M27": {"Revocation stops a JWT at once", "RFC 7009 §3"},
	"M28": {"The implicit flow is the right one for single-page apps", "RFC 9700 §2.1.2"},
	"M29": {"The password grant is fine for an app of the same house", "RFC 9700 §2.4"},
	"M30": {"Short lifetimes make storage safe, and a back end stops injected scripts", ""},
	"M31": {"With client credentials a client acts for a user", "RFC 6749 §1.3.4"},
	"M32": {"The device flow is safe because the page and the second factor are genuine", "RFC 8628 §5.4"},
	"M33": {"A sender-constrained token cannot be misused", "RFC 9449 §11.4"},
	"M34": {"PKCE binds the access token", "RFC 9700 §2.2.1"},
	"M35": {"A pushed request replaces PKCE, or hides something from the server", ""},
	"M36": {"Passing a token on is delegation", "RFC 8693 §1.1"},
	"M38": {"Registration proves who a client is", "RFC 7591 §5"},
	"M39": {"The iss parameter adds nothing", "RFC 9207 §1"},
	"M40": {"A logout token carries a nonce", ""},
	"M41": {"Asking for consent is cosmetic", "RFC 6749 §10.2"},
	"M42": {"A secret that is hidden well enough makes a client confidential", "RFC 8252 §8.5"},
	"M43": {"A code may be tried again", "RFC 6749 §4.1.2"},
}
