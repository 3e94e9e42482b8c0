package trace

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// message is a request and its answer.
type message struct {
	begin Begin
	res   Response
}

// flowMessages are what a workbench records of one flow: authorize without a form, token, user info, with the sizes they
// have on the wire. Each flow has values of its own.
func flowMessages(n int) []message {
	code := fmt.Sprintf("c0de-%038d", n)
	accessToken := fmt.Sprintf("eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1LW1heWEifQ.%086d", n)
	idToken := fmt.Sprintf("eyJhbGciOiJFUzI1NiIsImtpZCI6ImtleSJ9.%s.%086d", strings.Repeat("eyJzdWIiOiJ1LW1heWEiLCAgICAgICAg", 8)+"ICJhIjoxfQ", n)
	agent := Header{"User-Agent", "Go-http-client/1.1"}
	host := Header{"Host", "127.0.0.1:8080"}
	return []message{
		{Begin{From: "browser", To: "as", Request: Request{Method: "GET", Headers: []Header{host, {"Accept-Encoding", "gzip"}, agent},
			URL: fmt.Sprintf("http://127.0.0.1:8080/s/abcdefghijkl/as/authorize?client_id=client&code_challenge=ch-%040d&code_challenge_method=S256&nonce=n-%020d&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%3A9999%%2Fcb&response_type=code&scope=openid+profile+email&state=s-%020d", n, n, n)}},
			Response{Status: http.StatusSeeOther, Headers: []Header{{"Cache-Control", "no-store"}, {"Location", fmt.Sprintf("http://127.0.0.1:9999/cb?code=%s&iss=http%%3A%%2F%%2F127.0.0.1%%3A8080%%2Fs%%2Fabcdefghijkl%%2Fas&state=s-%020d", code, n)}, {"Referrer-Policy", "no-referrer"}}}},
		{Begin{From: "outside", To: "as", Request: Request{Method: "POST", URL: "http://127.0.0.1:8080/s/abcdefghijkl/as/token", Body: "code=" + code + fmt.Sprintf("&code_verifier=v-%045d", n) + "&grant_type=authorization_code&redirect_uri=http%3A%2F%2F127.0.0.1%3A9999%2Fcb",
			Headers: []Header{host, {"Accept-Encoding", "gzip"}, {"Authorization", "Basic Y2xpZW50OnNlY3JldC1vZi10aGUtY2xpZW50"}, {"Content-Length", "190"}, {"Content-Type", "application/x-www-form-urlencoded"}, agent}}},
			Response{Status: http.StatusOK, Headers: []Header{{"Cache-Control", "no-store"}, {"Content-Type", "application/json"}, {"Pragma", "no-cache"}},
				Body: `{"access_token":"` + accessToken + `","token_type":"Bearer","expires_in":600,"scope":"openid profile email","id_token":"` + idToken + `"}`}},
		{Begin{From: "outside", To: "as", Request: Request{Method: "GET", URL: "http://127.0.0.1:8080/s/abcdefghijkl/as/userinfo", Headers: []Header{host, {"Accept-Encoding", "gzip"}, {"Authorization", "Bearer " + accessToken}, agent}}},
			Response{Status: http.StatusOK, Headers: []Header{{"Cache-Control", "no-store"}, {"Content-Type", "application/json"}}, Body: `{"email":"maya@chirper.test","email_verified":true,"name":"Maya Rivera","sub":"u-maya"}`}},
	}
}

func record(tb testing.TB, r *Recorder, messages []message) {
	ctx := context.Background()
	for _, m := range messages {
		x, err := r.Begin(ctx, at, m.begin)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := x.End(ctx, at, m.res, nil); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkRecord is what the record adds to a flow, without the verification of its two signatures: three exchanges, six
// messages and two tokens found, tagged and appended.
func BenchmarkRecord(b *testing.B) {
	flows := make([][]message, 1000) // a value is forgotten by the window long before it comes again
	for n := range flows {
		flows[n] = flowMessages(n)
	}
	r := NewRecorder(NewMemoryLog(MemoryOptions{Window: true}), nil)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		record(b, r, flows[n%len(flows)])
	}
}
