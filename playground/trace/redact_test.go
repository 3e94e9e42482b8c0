package trace

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
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
