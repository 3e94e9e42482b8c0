package mockidp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// The scripts in testdata are tests as text. A line is one of these; blank lines and lines that begin with # are for people.
//
//	client ID {…}               registers a client: JSON with the names of RFC 7591
//	policy CHECK MODE           switches a check
//	setting NAME VALUE          changes what the server does
//	clock +61s                  winds the clock forward
//	another server              goes on with a new issuer on the same store
//	forget cookies              goes on as another browser
//	leave HOST                  the only host a browser is sent to without being asked
//	code NAME=VALUE …           a code without a page, for client web unless told; keeps {code}
//	tokens NAME=VALUE …         the same, redeemed; keeps {code}, {access_token}, {id_token}, {refresh_token}
//
//	GET PATH, POST PATH         a request; what follows is about it
//	@ NAME: VALUE                 a header; "@ basic ID SECRET" for Basic authentication
//	+ NAME=VALUE                  a parameter: of the query, or of the form of a POST
//	! TEXT                        the body, or the query, as it is
//
//	status CODE                 what its answer must be
//	header NAME OP VALUE          OP: is, contains, lacks, matches
//	no header NAME
//	location OP VALUE             where it redirects to, without parameters
//	query NAME OP VALUE           a parameter of that address; "fragment NAME …" behind the #
//	body OP VALUE
//	json PATH OP VALUE            a member, like keys.0.kid; text as it is, all else as JSON
//	claim TOKEN NAME OP VALUE     a claim of a kept token; "head TOKEN …" its header
//	verdict CHECK OUTCOME [MODE]  "no verdict CHECK" if it must not have been reached
//	keep NAME = WHAT            WHAT: query NAME, fragment NAME, json PATH, header NAME, location, match REGEXP (on the body)
//	hint TEXT                   what to look at when the next checks fail
//
// {name} is a kept value; {issuer}, {verifier} and {challenge} are always there.

const scriptIssuer = "https://auth.test"

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	keys := jose.NewPool()
	t.Cleanup(keys.Close)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			newScript(t, keys).run(string(text))
		})
	}
}

// script is one run of one file.
type script struct {
	t      *testing.T
	keys   *jose.Pool
	store  mockidp.Store
	issuer *mockidp.Issuer
	now    mockidp.Conditions
	leave  string
	jar    map[string]string
	values map[string]string
	line   int
	hint   string

	method, path string // of the request being written
	header       http.Header
	params       []string // encoded
	pending      bool

	res   *httptest.ResponseRecorder
	sheet *check.Sheet
}

func newScript(t *testing.T, keys *jose.Pool) *script {
	s := &script{t: t, keys: keys, store: mockidp.NewMemoryStore(), jar: map[string]string{}, values: map[string]string{"issuer": scriptIssuer, "verifier": verifier, "challenge": challenge}}
	s.now = mockidp.Conditions{Policy: check.Policy{}, Settings: check.Settings{}}
	s.restart()
	users := []mockidp.User{
		{Username: "maya", Password: "practice-only", Sub: "u-maya", Claims: map[string]any{
			"name": "Maya Rivera", "given_name": "Maya", "family_name": "Rivera", "preferred_username": "maya", "email": "maya@roastery.test", "email_verified": true,
			"phone_number": "+351 000 000 001", "phone_number_verified": false, "address": map[string]any{"locality": "Porto"}, "shoe_size": 38}},
		{Username: "sam", Password: "practice-only", Sub: "u-sam", Claims: map[string]any{"name": "Sam Okafor", "email": "sam@okafor.test"}},
	}
	web := mockidp.Client{ClientID: "web", ClientSecret: "web-secret", ClientName: "Web App", RedirectURIs: []string{"https://app.test/cb"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, IDTokenSignedResponseAlg: jose.ES256}
	if err := s.issuer.Setup(context.Background(), users, []mockidp.Client{web}); err != nil {
		t.Fatal(err)
	}
	return s
}

// start is when every script begins.
var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func (s *script) restart() {
	s.issuer = &mockidp.Issuer{
		URL: scriptIssuer, Name: "Chirper", Store: s.store, Keys: s.keys, API: "https://api.test",
		Clock:      func() time.Time { return start },
		Conditions: func(context.Context) (mockidp.Conditions, error) { return s.now, nil },
		Leave:      func(uri string) bool { return s.leave == "" || strings.HasPrefix(uri, "https://"+s.leave+"/") },
	}
}

func (s *script) fail(format string, args ...any) {
	s.t.Helper()
	message := fmt.Sprintf("line %d: ", s.line) + fmt.Sprintf(format, args...)
	if s.hint != "" {
		message += "\nhint: " + s.hint
	}
	if s.res != nil {
		message += fmt.Sprintf("\nanswer: %d %v\n%s", s.res.Code, s.res.Header(), cutText(s.res.Body.String(), 600))
		for _, v := range s.sheet.Verdicts() {
			if v.Outcome == check.Failed {
				message += fmt.Sprintf("\nverdict: %s failed (%s): expected %q, got %q", v.Check, v.Mode, v.Expected, v.Actual)
			}
		}
	}
	s.t.Fatal(message)
}

func cutText(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)

func (s *script) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		v, ok := s.values[name[1:len(name)-1]]
		if !ok {
			s.fail("nothing is kept as %s", name)
		}
		return v
	})
}

func (s *script) run(text string) {
	for n, line := range strings.Split(text, "\n") {
		s.line = n + 1
		line = strings.TrimRight(line, " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		rest = s.fill(rest)
		switch word {
		case "@", "+", "!":
			if !s.pending {
				s.fail("%q belongs to a request", line)
			}
			s.add(word, rest)
			continue
		case "hint":
			s.hint = rest
			continue
		}
		s.send()
		if command, ok := commands[word]; ok {
			command(s, rest)
		} else {
			s.fail("what is %q?", word)
		}
	}
	s.send()
}

// commands are the words a line can begin with, other than those that belong to a request.
var commands = map[string]func(*script, string){
	"GET":     func(s *script, path string) { s.begin(http.MethodGet, path) },
	"POST":    func(s *script, path string) { s.begin(http.MethodPost, path) },
	"OPTIONS": func(s *script, path string) { s.begin(http.MethodOptions, path) },
	"DELETE":  func(s *script, path string) { s.begin(http.MethodDelete, path) },
	"hint":    func(s *script, text string) { s.hint = text },
	"client":  (*script).client,
	"policy":  (*script).policy,
	"setting": (*script).setting,
	"clock":   (*script).clock,
	"another": func(s *script, _ string) { s.restart() },
	"forget":  func(s *script, _ string) { clear(s.jar) },
	"leave":   func(s *script, host string) { s.leave = host },
	"code":    (*script).code,
	"tokens":  (*script).tokens,
	"status":  (*script).status,
	"header": func(s *script, rest string) {
		name, is, want := three(rest)
		s.compare("header "+name, s.res.Header().Get(name), is, want)
	},
	"no":       (*script).no,
	"location": func(s *script, rest string) { is, want := two(rest); s.compare("location", s.where("bare"), is, want) },
	"query": func(s *script, rest string) {
		name, is, want := three(rest)
		s.compare("query "+name, s.parameter("query", name), is, want)
	},
	"fragment": func(s *script, rest string) {
		name, is, want := three(rest)
		s.compare("fragment "+name, s.parameter("fragment", name), is, want)
	},
	"body": func(s *script, rest string) { is, want := two(rest); s.compare("body", s.res.Body.String(), is, want) },
	"json": func(s *script, rest string) {
		path, is, want := three(rest)
		s.compare("json "+path, s.member(s.res.Body.Bytes(), path), is, want)
	},
	"claim":   func(s *script, rest string) { s.token(rest, false) },
	"head":    func(s *script, rest string) { s.token(rest, true) },
	"verdict": (*script).verdict,
	"keep":    (*script).keep,
}

func two(rest string) (a, b string) {
	a, b, _ = strings.Cut(rest, " ")
	return a, b
}

func three(rest string) (a, b, c string) {
	a, rest = two(rest)
	b, c = two(rest)
	return a, b, c
}

func (s *script) begin(method, path string) {
	s.method, s.path, s.header, s.params, s.pending = method, path, http.Header{}, nil, true
	s.hint = ""
}

func (s *script) add(word, rest string) {
	switch word {
	case "@":
		if credentials, ok := strings.CutPrefix(rest, "basic "); ok {
			id, secret := two(credentials)
			r := http.Request{Header: s.header}
			r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
			return
		}
		name, value, _ := strings.Cut(rest, ":")
		s.header.Add(name, strings.TrimSpace(value))
	case "+":
		name, value, _ := strings.Cut(rest, "=")
		s.params = append(s.params, url.QueryEscape(name)+"="+url.QueryEscape(value))
	case "!":
		s.params = append(s.params, rest)
	}
}

// send carries out the request that has been written, as a browser with a cookie jar.
func (s *script) send() {
	if !s.pending {
		return
	}
	s.pending = false
	target, body := s.path, ""
	if s.method == http.MethodPost {
		body = strings.Join(s.params, "&")
		if s.header.Get("Content-Type") == "" {
			s.header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	} else if len(s.params) > 0 {
		target += "?" + strings.Join(s.params, "&")
	}
	r := httptest.NewRequest(s.method, "/", strings.NewReader(body))
	u, err := url.Parse(target)
	if err != nil {
		s.fail("%q: %v", target, err)
	}
	r.URL, r.Header = u, s.header
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	s.sheet = new(check.Sheet)
	s.res = httptest.NewRecorder()
	s.issuer.ServeHTTP(s.res, r.WithContext(check.WithSheet(context.Background(), s.sheet)))
	for _, c := range s.res.Result().Cookies() {
		s.jar[c.Name] = c.Value
	}
	if s.res.Code >= 500 {
		s.fail("no input may be answered with %d", s.res.Code)
	}
}

func (s *script) client(rest string) {
	id, text := two(rest)
	c := mockidp.Client{ClientID: id}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		s.fail("%v", err)
	}
	if err := s.issuer.AddClient(context.Background(), c); err != nil {
		s.fail("%v", err)
	}
}

func (s *script) policy(rest string) {
	id, mode := two(rest)
	s.now.Policy[id] = check.Mode(mode)
	if err := s.now.Policy.Validate(mockidp.Checks()); err != nil {
		s.fail("%v", err)
	}
}

func (s *script) setting(rest string) {
	id, value := two(rest)
	s.now.Settings[id] = value
	if err := s.now.Settings.Validate(mockidp.Settings()); err != nil {
		s.fail("%v", err)
	}
}

func (s *script) clock(rest string) {
	d, err := time.ParseDuration(rest)
	if err != nil {
		s.fail("%v", err)
	}
	s.now.Advance += d
}

// code gets a code without a page, as another browser and under settings of its own.
func (s *script) code(rest string) {
	params := map[string]string{"client_id": "web", "redirect_uri": "https://app.test/cb", "response_type": "code", "scope": "openid profile email", "state": "s-1", "nonce": "n-1",
		"code_challenge": challenge, "code_challenge_method": "S256"}
	for _, p := range strings.Fields(rest) {
		name, value, _ := strings.Cut(p, "=")
		params[name] = strings.ReplaceAll(value, "_", " ")
		if name != "scope" {
			params[name] = value
		}
		if value == "" {
			delete(params, name)
		}
	}
	jar, settings := s.jar, s.now.Settings
	s.jar = map[string]string{}
	s.now.Settings = check.Settings{"as.login": "auto", "as.consent": "skip"}
	for id, v := range settings {
		if id != "as.login" && id != "as.consent" {
			s.now.Settings[id] = v
		}
	}
	s.begin(http.MethodGet, "/authorize")
	for name, value := range params {
		s.add("+", name+"="+value)
	}
	s.send()
	s.jar, s.now.Settings = jar, settings
	if s.values["code"] = s.parameter("query", "code"); s.values["code"] == "" {
		s.fail("no code")
	}
}

func (s *script) tokens(rest string) {
	s.code(rest)
	s.begin(http.MethodPost, "/token")
	s.add("@", "basic web web-secret")
	for _, p := range []string{"grant_type=authorization_code", "code=" + s.values["code"], "redirect_uri=https://app.test/cb", "code_verifier=" + verifier} {
		s.add("+", p)
	}
	s.send()
	for _, name := range []string{"access_token", "id_token", "refresh_token"} {
		s.values[name] = s.member(s.res.Body.Bytes(), name)
	}
	if s.values["access_token"] == "" {
		s.fail("no tokens")
	}
}

func (s *script) status(rest string) {
	if got := fmt.Sprint(s.res.Code); got != rest {
		s.fail("status %s, want %s", got, rest)
	}
}

func (s *script) no(rest string) {
	what, name := two(rest)
	switch what {
	case "header":
		if got := s.res.Header().Get(name); got != "" {
			s.fail("header %s is %q, want none", name, got)
		}
	case "verdict":
		if slices.ContainsFunc(s.sheet.Verdicts(), func(v check.Verdict) bool { return v.Check == name }) {
			s.fail("%s left a verdict", name)
		}
	default:
		s.fail("no what?")
	}
}

// where is a part of the address the answer redirects to: bare, query or fragment.
func (s *script) where(part string) string {
	address := s.res.Header().Get("Location")
	address, fragment, _ := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	return map[string]string{"bare": address, "query": query, "fragment": fragment}[part]
}

func (s *script) parameter(part, name string) string {
	values, err := url.ParseQuery(s.where(part))
	if err != nil {
		s.fail("%v", err)
	}
	return values.Get(name)
}

func (s *script) member(text []byte, path string) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		s.fail("not JSON: %v", err)
	}
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			var n int
			if _, err := fmt.Sscan(name, &n); err != nil || n >= len(at) {
				return ""
			}
			v = at[n]
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		s.fail("%v", err)
	}
	return string(out)
}

// token compares a claim, or a member of the header, of a kept token that must verify.
func (s *script) token(rest string, head bool) {
	name, rest := two(rest)
	path, is, want := three(rest)
	keys, err := s.issuer.VerificationKeys(context.Background())
	if err != nil {
		s.fail("%v", err)
	}
	if v := jose.Verify(s.values[name], keys); !v.Verified {
		s.fail("%s: %s", name, v.Problem)
	}
	header, claims, err := jose.Decode(s.values[name])
	if err != nil {
		s.fail("%s: %v", name, err)
	}
	if head {
		claims = header
	}
	s.compare(name+" "+path, s.member(claims, path), is, want)
}

func (s *script) verdict(rest string) {
	id, outcome, mode := three(rest)
	verdicts := s.sheet.Verdicts()
	at := slices.IndexFunc(verdicts, func(v check.Verdict) bool { return v.Check == id })
	switch {
	case at < 0:
		s.fail("%s left no verdict", id)
	case string(verdicts[at].Outcome) != outcome, mode != "" && string(verdicts[at].Mode) != mode:
		s.fail("verdict %+v", verdicts[at])
	}
}

func (s *script) keep(rest string) {
	name, what, _ := strings.Cut(rest, " = ")
	kind, arg := two(what)
	value := ""
	switch kind {
	case "query", "fragment":
		value = s.parameter(kind, arg)
	case "json":
		value = s.member(s.res.Body.Bytes(), arg)
	case "header":
		value = s.res.Header().Get(arg)
	case "location":
		value = s.res.Header().Get("Location")
	case "match":
		if m := regexp.MustCompile(arg).FindStringSubmatch(s.res.Body.String()); m != nil {
			value = m[1]
		}
	default:
		s.fail("keep what?")
	}
	if value == "" {
		s.fail("there is no %s", what)
	}
	s.values[name] = value
}

func (s *script) compare(what, got, is, want string) {
	ok := false
	switch is {
	case "is":
		ok = got == want
	case "isn't":
		ok = got != want
	case "contains":
		ok = strings.Contains(got, want)
	case "lacks":
		ok = !strings.Contains(got, want)
	case "matches":
		ok = regexp.MustCompile(want).MatchString(got)
	default:
		s.fail("compare with %q?", is)
	}
	if !ok {
		s.fail("%s is %q, want: %s %q", what, cutText(got, 600), is, want)
	}
}
