package lint

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"oauthplayground/lessons"
)

// theirs is a module of somebody else, with a clone of this one beside it: an app whose tests sign in at a mock authorization server,
// and a folder of lessons that is held to the rules.
var theirs = map[string]string{
	"app_test.go": `package theirs

import (
	"net/http"
	"net/url"
	"testing"

	"oauthplayground/mockidp"
)

func TestSignIn(t *testing.T) {
	idp := mockidp.NewServer(t)
	app := idp.AddApp(t, "http://127.0.0.1:1/callback", nil)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	question := url.Values{"client_id": {app.ClientID}, "response_type": {"code"}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "state": {"mine"}, "scope": {"openid"}}
	res, err := client.Get(idp.URL + "/authorize?" + question.Encode())
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil || to.Query().Get("code") == "" || to.Query().Get("state") != "mine" {
		t.Fatalf("it leads to %v, %v", to, err)
	}
}
`,
	"course_test.go": `package theirs

import (
	"testing"

	"oauthplayground/playground/lint"
)

func TestCourse(t *testing.T) { lint.Test(t, "course") }
`,
}

// TestTheTestsOfAnotherModule run with a clone in place of a release, and with no network: they fail for what is wrong in a lesson,
// and else do not.
func TestTheTestsOfAnotherModule(t *testing.T) {
	gocmd, err := exec.LookPath("go")
	if err != nil {
		t.Fatal("the test needs the go command: ", err)
	}
	clone, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range theirs {
		write(name, text)
	}
	// Their go.mod names all that ours does, as go mod tidy would have it after asking the network: so nothing is needed that building
	// this module has not fetched.
	ours := func(name string) string {
		b, err := os.ReadFile(filepath.Join(clone, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	mod := strings.Replace(ours("go.mod"), "module oauthplayground\n", "module example.test/theirs\n", 1)
	write("go.mod", strings.ReplaceAll(mod, "=> ./", "=> "+clone+"/")+"\nrequire oauthplayground v0.0.0\n\nreplace oauthplayground => "+clone+"\n")
	write("go.sum", ours("go.sum"))
	test := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), gocmd, "test", "-count=1", "-v", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}

	write("course/mine/01-first.md", lessons.Template)
	if out, err := test(); err != nil || !strings.Contains(out, "--- PASS: TestSignIn") || !strings.Contains(out, "--- PASS: TestCourse") {
		t.Fatalf("%v\n%s", err, out)
	}
	write("course/mine/01-first.md", strings.Replace(lessons.Template, "needs: [code-flow]", "needs: [nothing]", 1))
	if out, err := test(); err == nil || !strings.Contains(out, "--- PASS: TestSignIn") || !strings.Contains(out, "--- FAIL: TestCourse") || !strings.Contains(out, `mine/01-first.md:5: it needs "nothing", and there is no such lesson`) {
		t.Errorf("with a mistake: %v\n%s", err, out)
	}
}
