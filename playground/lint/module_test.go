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
	"go.mod": "module example.test/theirs\n\ngo 1.26.0\n\nrequire oauthplayground v0.0.0\n\nreplace oauthplayground => CLONE\n",
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
		write(name, strings.ReplaceAll(text, "CLONE", clone))
	}
	sums, err := os.ReadFile(filepath.Join(clone, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.sum", string(sums))
	test := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), gocmd, "test", "-count=1", "-v", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
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
