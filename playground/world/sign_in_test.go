package world

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oauthplayground/playground/engine"
)

// TestSigningInWithAPassword is for people: a program is refused, and even a person needs the code from the phone, which is
// good once.
func TestSigningInWithAPassword(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "password"})
	ask := func(method, path, authorization, contentType, body string, person bool) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, "https://api.chirper.test"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		if person {
			req.Header.Set("User-Agent", "Mozilla/5.0")
			req.Header.Set("Sec-Fetch-Mode", "navigate")
		}
		res, answer, _, err := s.call(ctx, Browser, req)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(answer)
	}
	const form, object = "application/x-www-form-urlencoded", "application/json"
	signIn := func(person bool, more ...string) (int, string) {
		f := url.Values{"username": {"maya"}, "password": {practicePassword}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return ask("POST", "/session", "", form, f.Encode(), person)
	}
	for _, tt := range []struct {
		what   string
		person bool
		more   []string
		status int
		code   string
	}{
		{"a wrong password", true, []string{"password", "guess"}, 401, "wrong_password"},
		{"nobody", true, []string{"username", "nobody", "password", ""}, 401, "wrong_password"},
		{"a program", false, nil, 403, "not_a_person"},
		{"no code", true, nil, 401, "second_factor_required"},
		{"another code", true, []string{"otp", "000000x"}, 401, "second_factor_required"},
	} {
		if status, body := signIn(tt.person, tt.more...); status != tt.status || jsonString([]byte(body), "error") != tt.code {
			t.Errorf("%s: %d %s", tt.what, status, body)
		}
	}
	var otp string
	if err := s.read(ctx, otpKey+users()[0].Sub, &otp); err != nil || len(otp) != 6 {
		t.Fatalf("the code on the phone is %q, %v", otp, err)
	}
	status, body := signIn(true, "otp", otp)
	session := "Session " + jsonString([]byte(body), "session")
	if status != 200 {
		t.Fatalf("with the code: %d %s", status, body)
	}
	if status, _ := signIn(true, "otp", otp); status != 401 {
		t.Errorf("the same code again: %d", status)
	}

	if status, body := ask("GET", "/messages", session, object, "", true); status != 200 || !strings.Contains(body, "lease") {
		t.Errorf("messages: %d %s", status, body)
	}
	if status, _ := ask("GET", "/messages", "Session "+strings.Repeat("x", 32), object, "", true); status != 401 {
		t.Errorf("a session that nobody has begun: %d", status)
	}
	if status, body := ask("PATCH", "/account", session, object, `{"mail":"m@roastery.test"}`, true); status != 400 || !strings.Contains(body, "email") {
		t.Errorf("a wrong member: %d %s", status, body)
	}
	if status, _ := ask("PATCH", "/account", session, object, `{"email":"m@roastery.test"}`, true); status != 200 {
		t.Errorf("another address: %d", status)
	}
	for body, want := range map[string]int{
		"username=maya&password=wrong&new_password=x": 401,
		"username=maya&password=" + practicePassword:  400,
		"username=nobody&password=&new_password=x":    401,
	} {
		if status, answer := ask("POST", "/password", "", form, body, true); status != want {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	if status, _ := ask("POST", "/password", "", form, "username=maya&password="+practicePassword+"&new_password=x", true); status != 204 {
		t.Errorf("another password: %d", status)
	}
	if status, _ := signIn(true); status != 401 {
		t.Errorf("the old password: %d", status)
	}
	if err := s.newRun(ctx, true); err != nil {
		t.Fatal(err)
	}
	if _, body := signIn(false); jsonString([]byte(body), "error") != "not_a_person" {
		t.Errorf("in a new run the lesson's password is good again: %s", body)
	}
}

// What can't be read is a fault, and not an empty storage.
func TestAStorageThatCannotBeReadIsNotEmpty(t *testing.T) {
	ctx := context.Background()
	s := newSandbox(t, newWorld(t, engine.NewMemory()), Spec{Lesson: "password"})
	if err := s.rogueEmployee(ctx); err != nil {
		t.Fatalf("where nothing is kept: %v", err)
	}
	if err := s.write(ctx, plannerAccountKey, "not an account", 0); err != nil {
		t.Fatal(err)
	}
	if err := s.rogueEmployee(ctx); err == nil {
		t.Error("what can't be read was taken for nothing of use")
	}
}
