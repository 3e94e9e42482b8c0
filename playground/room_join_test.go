package playground

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhoJoinsFindsTheCodeInItsField, in the form in which it stands on the screen, however the address has it.
func TestWhoJoinsFindsTheCodeInItsField(t *testing.T) {
	base := startServer(t, Config{})
	for path, want := range map[string]string{
		"/join": `value=""`, "/join/K7P4MX": `value="K7P-4MX"`, "/join/k7p-4mx": `value="K7P-4MX"`, "/join/k7p%204mx": `value="K7P-4MX"`, "/join/k7": `value="K7"`, "/join/%22%3E%3Cscript%3E": `value="SCR-IPT"`,
	} {
		r := do(t, http.DefaultClient, mustRequest("GET", base+path, ""))
		field := `<input class="mono code" name="code" ` + want
		if r.status != http.StatusOK || !strings.Contains(string(r.body), field) {
			t.Errorf("%s: %d, and no %s", path, r.status, field)
		}
	}
}

// TestWithoutScriptARoomLeadsToTheLessons: the form says why it can't follow a room, and what can be read.
func TestWithoutScriptARoomLeadsToTheLessons(t *testing.T) {
	base := startServer(t, Config{})
	post := func(body string) result {
		req := mustRequest("POST", base+"/join", body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(t, http.DefaultClient, req)
	}
	r := post("code=k7p4mx&name=Heron")
	text := string(r.body)
	if r.status != http.StatusOK || !strings.Contains(text, `value="K7P-4MX"`) || !strings.Contains(text, `value="Heron"`) {
		t.Errorf("%d, and what was typed is not there", r.status)
	}
	if !strings.Contains(text, "needs JavaScript") || strings.Contains(text, `aria-labelledby="join-lessons" hidden`) || !strings.Contains(text, `href="/lessons/code-flow"`) {
		t.Error("it does not say why nothing came of it, or does not list the lessons")
	}
	if r := post("code=%zz"); r.status != http.StatusBadRequest {
		t.Errorf("a form that can't be read: %d", r.status)
	}
	if r := post("name=" + strings.Repeat("x", 5000)); r.status != http.StatusBadRequest {
		t.Errorf("a form that is far too long: %d", r.status)
	}
}
