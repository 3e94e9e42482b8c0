package trace

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"oauthplayground/mockidp/check"
)

// secrets is a record that carries values in every way they travel.
func secrets() []Event {
	b64 := base64.RawURLEncoding.EncodeToString
	token := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"iss":"http://h/s/boxboxbox/as"}`)) + "." + b64([]byte("the signature"))
	assertion := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"aud":"http://h/s/boxboxbox/as"}`)) + "." + b64([]byte("the signature"))
	basic := base64.StdEncoding.EncodeToString([]byte("app:se%2Fcret%2Bpart"))
	find := func(tag, in, name string) Find {
		kind, _, _ := strings.Cut(tag, "#")
		return Find{Tag: tag, Kind: kind, In: in, Name: name}
	}
	return []Event{
		{Seq: 1, At: at, Kind: KindRequest, Run: 1, N: 1, From: "browser", To: "as", Finds: []Find{find("session#1", "cookie", "as_session"), find("password#1", "body", "password"), find("state#1", "body", "state")},
			Request: &Request{Method: "POST", URL: "http://h/s/boxboxbox/as/login?device_code=dev-code-1", Headers: []Header{{"Cookie", "pref=opaque1; as_session=sess-1234"}, {"Content-Type", "application/x-www-form-urlencoded"}}, Body: "password=my+own+pass%21&state=abc"}},
		{Seq: 2, At: at, Kind: KindRequest, Run: 1, N: 2, From: "outside", To: "as", Finds: []Find{find("client_secret#1", "header", "Authorization"), find("code#1", "body", "code")},
			Request: &Request{Method: "POST", URL: "http://h/s/boxboxbox/as/token", Headers: []Header{{"Authorization", "Basic " + basic}, {"Content-Type", "application/x-www-form-urlencoded"}}, Body: "code=code-123456&client_assertion=" + assertion}},
		{Seq: 3, At: at, Kind: KindResponse, Run: 1, N: 2, From: "as", To: "outside", Of: 2, Finds: []Find{find("access_token#1", "body", "access_token")},
			Response: &Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}, {"Set-Cookie", "pref=opaque2; Path=/"}}, Body: `{"access_token":"` + token + `","registration_access_token":"reg-token"}`}},
		{Seq: 4, At: at, Kind: KindToken, Run: 1, N: 2, Of: 3, From: "as", To: "outside", Token: &Token{Tag: "access_token#1", Format: "jwt", Header: json.RawMessage(`{"alg":"ES256"}`), Claims: json.RawMessage(`{"iss":"http://h/s/boxboxbox/as"}`)}},
		{Seq: 5, At: at, Kind: KindResponse, Run: 1, N: 1, From: "as", To: "browser", Of: 1, Response: &Response{Status: 200, Body: `<input type="hidden" name="state" value="abc"><p>code-123456, my own pass!</p>`}},
	}
}

func TestRedactedValuesAreNowhere(t *testing.T) {
	out, took := Redact(secrets(), Redaction{Values: true, Hidden: "boxboxbox"})
	text := written(t, WriteNDJSON, out)
	for _, gone := range []string{"dev-code-1", "opaque1", "opaque2", "sess-1234", "my+own", "my own", "cret%2B", "cret+part", "code-123456", "state=abc", `value="abc`, "reg-token", "boxboxbox", base64.StdEncoding.EncodeToString([]byte("app:"))[:4], base64.RawURLEncoding.EncodeToString([]byte("the signature"))} {
		if strings.Contains(text, gone) {
			t.Errorf("%q is still there: %s", gone, text)
		}
	}
	for _, there := range []string{"password={password#1}&state={state#1}", "device_code={device_code}", "Basic {client_secret#1}", "code={code#1}", `"registration_access_token\":\"{registration_access_token}`, "/s/{sandbox}/as/token", "as_session={", ".{signature}", "{access_token#1}"} {
		if !strings.Contains(text, there) {
			t.Errorf("%q is missing: %s", there, text)
		}
	}
	if !slices.Equal(took, []string{RedactedValues, RedactedSignatures, RedactedSandbox}) {
		t.Errorf("took %v", took)
	}
}

// TestWhatIsRedactedStaysAsItIs: a lesson's recorded run has tags for most values already.
func TestWhatIsRedactedStaysAsItIs(t *testing.T) {
	events := append(secrets(), Event{Seq: 6, At: at, Kind: KindRedirect, Run: 1, N: 2, From: "as", To: "browser", Of: 2, Finds: []Find{{Tag: "code#2", Kind: "code", In: "query", Name: "code"}},
		Response: &Response{Status: 302, Headers: []Header{{"Location", "http://h/cb?code=code-654321&state=abc"}}}})
	once, _ := Redact(events, Redaction{Values: true})
	twice, _ := Redact(once, Redaction{Values: true})
	if once, twice := written(t, WriteNDJSON, once), written(t, WriteNDJSON, twice); once != twice {
		t.Errorf("it was\n%s\nand is\n%s", once, twice)
	}
}

func TestOnlySignaturesAreTaken(t *testing.T) {
	out, took := Redact(secrets(), Redaction{Signatures: true})
	text := written(t, WriteNDJSON, out)
	if strings.Contains(text, base64.RawURLEncoding.EncodeToString([]byte("the signature"))) || strings.Count(text, ".{signature}") != 2 {
		t.Errorf("signatures are left: %s", text)
	}
	if !strings.Contains(text, "code=code-123456") || !slices.Equal(took, []string{RedactedSignatures}) {
		t.Errorf("more than signatures went: %v %s", took, text)
	}
}

// TestATokenThatNamesTheSandboxLosesItsSignature: what would give the name away is inside the token, and out of it the rest does not fit.
func TestATokenThatNamesTheSandboxLosesItsSignature(t *testing.T) {
	out, took := Redact(secrets(), Redaction{Hidden: "boxboxbox"})
	text := written(t, WriteNDJSON, out)
	b64 := base64.RawURLEncoding.EncodeToString
	own := strings.Count(text, "."+b64([]byte(`{"iss":"http://h/s/{sandbox}/as"}`))+".{signature}")
	if strings.Contains(text, "boxboxbox") || own != 1 || strings.Count(text, "."+b64([]byte(`{"aud":"http://h/s/{sandbox}/as"}`))+".{signature}") != 1 || !slices.Equal(took, []string{RedactedSignatures, RedactedSandbox}) {
		t.Errorf("took %v: %s", took, text)
	}
	if _, took := Redact(secrets(), Redaction{Hidden: "elsewhere"}); len(took) != 0 {
		t.Errorf("nothing had to go, and %v did", took)
	}
}

func TestRedactingLeavesTheRecordAsItWas(t *testing.T) {
	events := secrets()
	before := written(t, WriteNDJSON, events)
	Redact(events, Redaction{Values: true, Signatures: true, Hidden: "boxboxbox"})
	if after := written(t, WriteNDJSON, events); after != before {
		t.Errorf("the record itself has changed: %s", after)
	}
}

// TestSecretsGoHoweverTheyTravel: a message with a secret in an odd place. What begins with secret… must be gone, the rest stay.
func TestSecretsGoHoweverTheyTravel(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	page := func(body string) *Response {
		return &Response{Status: 200, Headers: []Header{{"Content-Type", "text/html; charset=utf-8"}}, Body: body}
	}
	asJSON := func(body string) *Response {
		return &Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}}, Body: body}
	}
	get := func(headers ...Header) *Request {
		return &Request{Method: "GET", URL: "http://h/as/authorize?scope=openid", Headers: headers}
	}
	form := func(body string) *Request {
		return &Request{Method: "POST", URL: "http://h/as/token", Headers: []Header{{"Content-Type", "application/x-www-form-urlencoded"}}, Body: body}
	}
	for _, tt := range []struct {
		name   string
		events []Event // of each only what matters
		stays  string
	}{
		{"a cookie that begins with a brace", []Event{{Request: get(Header{"Cookie", `prefs={"id":"secret-1"}; theme=x`})}}, "prefs={cookie}; theme={cookie}"},
		{"a cookie that begins with a space", []Event{{Request: get(Header{"Cookie", `a= secret-1`})}}, "a={cookie}"},
		{"a cookie without a name", []Event{{Response: &Response{Status: 200, Headers: []Header{{"Set-Cookie", "secret-1; Path=/"}}}}}, "{cookie}; Path=/"},
		{"credentials that begin with a brace", []Event{{Request: get(Header{"Authorization", "Custom {secret-1}"})}}, "Custom {credentials}"},
		{"credentials without a scheme", []Event{{Request: get(Header{"Authorization", "secret-1"})}}, "{credentials}"},
		{"a value that begins with a brace", []Event{{Request: form("client_secret={secret-1&grant_type=x")}}, "grant_type=x"},
		{"a value of which a part is another value", []Event{{Request: form("code=12345678")}, {Run: 1, Request: form("token=12345678-secret")}}, "token={token}"},
		{"an address in an address", []Event{{Request: &Request{Method: "GET", URL: "http://h/as/login?return=%2Fauthorize%3Fscope%3Dopenid%26state%3Dsecret%26nonce%3Dx"}}}, "scope%3Dopenid"},
		{"a short value that a check compares", []Event{{Request: form("state=secret")}, {Response: page(""), Verdicts: []check.Verdict{{Check: "client.state-bound", Expected: "secret", Actual: "another"}}}}, `"actual":"another"`},
		{"a value of another run", []Event{{Request: form("code=secret-1234")}, {Run: 2, Response: page("<p>secret-1234</p>")}}, "<p>{code}</p>"},
		{"a value as html/template writes it", []Event{{Request: form("password=secret%2B1%3D2")}, {Response: page("<p>secret&#43;1=2</p>")}}, "<p>{password"},
		{"a value with small escapes", []Event{{Request: form("password=pass%2fsecret%3d")}, {Response: page(`<a href="/x?y=pass%2fsecret%3d">`)}}, `?y={password`},
		{"a value as a server writes it that escapes nothing for HTML", []Event{{Request: form("password=%3Csecret%26%22%3E")}, {Response: asJSON(`{"echo":"<secret&\">"}`)}}, `echo`},
		{"a code for a device, in a page", []Event{{Response: asJSON(`{"device_code":"secret-1","user_code":"SECRET-WDJB"}`)}, {Response: page("<p>SECRET-WDJB</p>")}}, "<p>{user_code}</p>"},
		{"a transaction that could be gone on with", []Event{{Request: &Request{Method: "GET", URL: "http://h/as/login?txn=secret-1"}}}, "txn={txn}"},
		{"a private key by mistake", []Event{{Request: &Request{Method: "POST", URL: "http://h/as/register", Headers: []Header{{"Content-Type", "application/json"}}, Body: `{"jwks":{"keys":[{"kty":"EC","x":"public-x","d":"secret-1"}]}}`}}}, "public-x"},
		{"a body that was cut off", []Event{{Response: &Response{Status: 200, Headers: []Header{{"Content-Type", "application/json"}}, Body: `{"scope":"openid","refresh_token":"secret-1`, Cut: true}}}, `openid`},
		{"a request in a JWT", []Event{{Request: form("request=" + b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"state":"secret"}`)) + "." + b64([]byte("the secret signature")))}}, "request=" + b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"state":"{state}"}`)) + ".{signature}"},
		{"a JWT with a space in its header", []Event{{Request: form("client_assertion=" + b64([]byte(`{ "alg":"ES256"}`)) + "." + b64([]byte(`{"a":1}`)) + "." + b64([]byte("secret signature")))}}, b64([]byte(`{"a":1}`)) + ".{signature}"},
		{"a JWT behind an escape", []Event{{Response: &Response{Status: 302, Headers: []Header{{"Location", "http://h/?next=%2523x%253D" + b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"a":1}`)) + "." + b64([]byte("secret signature")) + "%2526y"}}}}}, ".{signature}%2526y"},
		{"a JWT behind a word with dots", []Event{{Request: get(Header{"X-App", "eyes." + b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(`{"a":1}`)) + "." + b64([]byte("secret signature"))})}}, ".{signature}"},
		{"what a connection was cut at", []Event{{Request: form("code=secret-1234")}, {Response: &Response{Error: "GET http://h/cb?code=secret-1234: reset"}}}, "reset"},
		{"what a signature lacks", []Event{{Token: &Token{Tag: "id_token#1", Format: "jwt", Signature: &Signature{Alg: "ES256", Problem: "no key at http://h/jwks?token=secret-1"}}}}, "no key at"},
		{"words with dots", []Event{{Request: get(Header{"X-App", "eyes.are.green.com"})}}, "eyes.are.green.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.events {
				e := &tt.events[i]
				e.Seq, e.At, e.Run, e.From, e.To = uint64(i+1), at, max(e.Run, 1), "browser", "as"
				switch {
				case e.Request != nil:
					e.Kind = KindRequest
				case e.Response != nil:
					e.Kind = KindResponse
				default:
					e.Kind = KindToken
				}
			}
			out, _ := Redact(tt.events, Redaction{Values: true})
			text := written(t, WriteNDJSON, out)
			for _, gone := range []string{"secret-1", "secret&", "secret%", `"secret`, "=secret", "Dsecret", "SECRET-", "-secret", b64([]byte(`{"state":"secret"}`)), b64([]byte("the secret signature")), b64([]byte("secret signature"))} {
				if strings.Contains(text, gone) {
					t.Errorf("%q is still there: %s", gone, text)
				}
			}
			if quoted, _ := json.Marshal(tt.stays); !strings.Contains(text, tt.stays) && !strings.Contains(text, strings.Trim(string(quoted), `"`)) {
				t.Errorf("%q is missing: %s", tt.stays, text)
			}
		})
	}
}
