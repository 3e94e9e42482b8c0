package mockidp_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oauthplayground/mockidp"
)

// The fuzz targets send what nobody would: whatever comes, there is no panic and no 500, an error that may not redirect
// doesn't, and nothing is issued to a stranger. Their seeds are the requests of the scripts.

// seeds are the queries, forms and bodies of the requests to an endpoint in testdata/*.txt.
func seeds(f *testing.F, endpoint string) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no scripts")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var params []string
		inside := false
		for line := range strings.Lines(string(text) + "\nend\n") {
			line = strings.TrimSpace(line)
			word, rest, _ := strings.Cut(line, " ")
			switch {
			case word == "GET" || word == "POST":
				inside, params = rest == endpoint, nil
			case inside && word == "+":
				name, value, _ := strings.Cut(rest, "=")
				params = append(params, url.QueryEscape(name)+"="+url.QueryEscape(value))
			case inside && word == "!":
				params = append(params, rest)
			case inside && word != "@" && word != "hint":
				f.Add(strings.Join(params, "&"))
				inside = false
			}
		}
	}
}

func sane(t *testing.T, a *answer) {
	t.Helper()
	if a.status >= 500 || a.status < 200 {
		t.Errorf("answered %d %s", a.status, a.body)
	}
	for name, values := range a.header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				t.Errorf("header %s holds a control character: %q", name, v)
			}
		}
	}
}

func FuzzAuthorize(f *testing.F) {
	seeds(f, "/authorize")
	i := newIssuer(f, nil)
	f.Fuzz(func(t *testing.T, query string) {
		for _, a := range []*answer{raw(i, "GET", "/authorize", query, "", nil), raw(i, "POST", "/authorize", "", query, formType)} {
			sane(t, a)
			if to := a.header.Get("Location"); to != "" && !strings.HasPrefix(to, "https://app.test/cb?") && !strings.HasPrefix(to, "https://app.test/cb#") &&
				!strings.HasPrefix(to, "/login?txn=") && !strings.HasPrefix(to, "/consent?txn=") {
				t.Errorf("%q redirects to %q", query, to)
			}
			if a.status == http.StatusOK {
				t.Errorf("%q is answered with a page and 200", query)
			}
		}
	})
}

func FuzzLogin(f *testing.F) {
	seeds(f, "/login")
	seeds(f, "/consent")
	i := newIssuer(f, nil)
	f.Fuzz(func(t *testing.T, form string) {
		for _, path := range []string{"/login", "/consent"} {
			for _, a := range []*answer{raw(i, "GET", path, form, "", nil), raw(i, "POST", path, "", form, formType)} {
				sane(t, a)
				if a.status < 400 {
					t.Errorf("%q on %s, for no sign-in, is answered %d", form, path, a.status)
				}
			}
		}
	})
}

func FuzzToken(f *testing.F) {
	seeds(f, "/token")
	i := newIssuer(f, nil)
	f.Fuzz(func(t *testing.T, form string) {
		for _, header := range []http.Header{formType, {"Content-Type": formType["Content-Type"], "Authorization": {"Basic d2ViOnNlY3JldA=="}}, {"Content-Type": formType["Content-Type"], "Authorization": {form}}} {
			a := raw(i, "POST", "/token", form, form, header)
			sane(t, a)
			if a.status < 400 || strings.Contains(string(a.body), "access_token") {
				t.Errorf("%q is answered %d %s", form, a.status, a.body)
			}
		}
	})
}

func FuzzUserinfo(f *testing.F) {
	seeds(f, "/userinfo")
	f.Add("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LW1heWEifQ.")
	i := newIssuer(f, nil)
	f.Fuzz(func(t *testing.T, token string) {
		for _, a := range []*answer{raw(i, "GET", "/userinfo", "", "", http.Header{"Authorization": {token}}), raw(i, "POST", "/userinfo", "", token, formType)} {
			sane(t, a)
			if a.status < 400 {
				t.Errorf("%q is answered %d %s", token, a.status, a.body)
			}
		}
	})
}

func FuzzRegister(f *testing.F) {
	seeds(f, "/register")
	f.Fuzz(func(t *testing.T, body string) {
		i := &mockidp.Issuer{URL: "https://auth.chirper.test", Store: mockidp.NewMemoryStore()}
		a := raw(i, "POST", "/register", "", body, http.Header{"Content-Type": {"application/json"}})
		sane(t, a)
		if a.status != http.StatusCreated && !strings.Contains(string(a.body), `"error":"invalid_`) {
			t.Errorf("%q is answered %d %s", body, a.status, a.body)
		}
	})
}

// raw serves a request whose query is not looked at on its way.
func raw(i *mockidp.Issuer, method, path, query, body string, header http.Header) *answer {
	return send(i, method, &url.URL{Path: path, RawQuery: query}, body, header)
}
