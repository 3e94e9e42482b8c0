package mockidp_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// newIssuer is an issuer with maya and the client web, who need no page.
func newIssuer(t testing.TB, change func(*mockidp.Issuer)) *mockidp.Issuer {
	t.Helper()
	i := &mockidp.Issuer{URL: "https://auth.chirper.test", Store: mockidp.NewMemoryStore(), Conditions: func(context.Context) (mockidp.Conditions, error) {
		return mockidp.Conditions{Settings: check.Settings{"as.login": "auto", "as.consent": "skip"}}, nil
	}}
	if change != nil {
		change(i)
	}
	users := []mockidp.User{{Username: "maya", Password: "practice-only", Sub: "u-maya"}}
	web := mockidp.Client{ClientID: "web", ClientSecret: "secret", RedirectURIs: []string{"https://app.test/cb"}, IDTokenSignedResponseAlg: jose.ES256}
	if err := i.Setup(context.Background(), users, []mockidp.Client{web}); err != nil {
		t.Fatal(err)
	}
	return i
}

var formType = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func TestLargeRequestsAreRefused(t *testing.T) {
	i := newIssuer(t, nil)
	large := strings.Repeat("x", 70<<10)
	for _, tt := range []struct {
		name, method, path, body string
		header                   http.Header
		status                   int
	}{
		{"token", "POST", "/token", "code=" + large, formType, http.StatusRequestEntityTooLarge},
		{"user info", "POST", "/userinfo", "access_token=" + large, formType, http.StatusRequestEntityTooLarge},
		{"authorize, posted", "POST", "/authorize", "state=" + large, formType, http.StatusRequestEntityTooLarge},
		{"authorize, in the address", "GET", "/authorize?state=" + large, "", nil, http.StatusRequestEntityTooLarge},
		{"login", "POST", "/login", "username=" + large, formType, http.StatusRequestEntityTooLarge},
		{"consent", "POST", "/consent", "scope=" + large, formType, http.StatusRequestEntityTooLarge},
		{"register", "POST", "/register", `{"client_name":"` + large + `"}`, http.Header{"Content-Type": {"application/json"}}, http.StatusRequestEntityTooLarge},
		{"one long parameter", "POST", "/token", "code=" + large[:10<<10], formType, http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := serve(i, tt.method, tt.path, tt.body, tt.header); a.status != tt.status {
				t.Errorf("answered %d %s, want %d", a.status, a.body, tt.status)
			}
		})
	}
}

func TestRegistrationHasAnEnd(t *testing.T) {
	i := newIssuer(t, nil)
	register := func() *answer {
		return serve(i, "POST", "/register", `{"redirect_uris":["https://app.test/cb"]}`, http.Header{"Content-Type": {"application/json"}})
	}
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for range 120 {
		wg.Go(func() {
			a := register()
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	wg.Wait()
	if statuses[http.StatusCreated] != 100 || statuses[http.StatusTooManyRequests] != 20 {
		t.Errorf("120 registrations were answered %v, want 100 created and 20 refused", statuses)
	}
	if a := register(); !strings.Contains(string(a.body), "Reset it") {
		t.Errorf("the refusal says %s", a.body)
	}
}

// An issuer whose URL has a path stays below it, and says nothing it has from a Host header.
func TestIssuerWithAPath(t *testing.T) {
	i := newIssuer(t, func(i *mockidp.Issuer) {
		i.URL = "http://127.0.0.1:8080/s/x/as"
		i.Conditions = nil
	})
	a := serve(i, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb", "", nil)
	to := a.header.Get("Location")
	if !strings.HasPrefix(to, "/s/x/as/login?txn=") {
		t.Fatalf("authorize goes to %q", to)
	}
	txn := strings.TrimPrefix(to, "/s/x/as/login?txn=")
	if page := serve(i, "GET", "/login?txn="+txn, "", nil); !strings.Contains(string(page.body), `action="/s/x/as/login"`) {
		t.Errorf("the form goes elsewhere: %s", page.body)
	}
	a = serve(i, "POST", "/login", "txn="+txn+"&username=maya&password=practice-only", formType)
	if cookie := a.header.Get("Set-Cookie"); !strings.HasSuffix(cookie, "; Path=/s/x/as; HttpOnly; SameSite=Lax") {
		t.Errorf("cookie %q: want it below the issuer, and not Secure over http", cookie)
	}
	meta := serve(i, "GET", "/.well-known/openid-configuration", "", nil)
	if !strings.Contains(string(meta.body), `"token_endpoint":"http://127.0.0.1:8080/s/x/as/token"`) {
		t.Errorf("metadata %s", meta.body)
	}
	if all := string(meta.body) + to; strings.Contains(all, "other.example") {
		t.Error("the Host header found its way into an answer")
	}
}

// Two servers that need the first key at once agree on it.
func TestServersAgreeOnKeys(t *testing.T) {
	store := mockidp.NewMemoryStore()
	var mu sync.Mutex
	kids := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			i := &mockidp.Issuer{URL: "https://auth.chirper.test", Store: store}
			if a := serve(i, "GET", "/jwks", "", nil); a.status != http.StatusOK {
				t.Errorf("jwks: %d", a.status)
			}
			keys, err := i.VerificationKeys(context.Background())
			if err != nil || len(keys) != 2 {
				t.Errorf("keys: %v, %v", keys, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, k := range keys {
				kids[k.Alg+k.Kid] = true
			}
		})
	}
	wg.Wait()
	if len(kids) != 2 {
		t.Errorf("four servers know %d keys, want the same 2", len(kids))
	}
}

// TestKeysAsNeeded: the key set has no RSA key before something was signed with it, and then has it on every server; and keys that were
// forgotten are those of the store.
func TestKeysAsNeeded(t *testing.T) {
	store := mockidp.NewMemoryStore()
	i := &mockidp.Issuer{URL: "https://auth.chirper.test", Store: store, KeysAsNeeded: true, Conditions: func(context.Context) (mockidp.Conditions, error) {
		return mockidp.Conditions{Settings: check.Settings{"as.login": "auto", "as.consent": "skip"}}, nil
	}}
	if err := i.Setup(context.Background(), []mockidp.User{{Username: "maya", Password: "practice-only", Sub: "u-maya"}}, []mockidp.Client{{ClientID: "rsa", ClientSecret: "secret", RedirectURIs: []string{"https://app.test/cb"}, IDTokenSignedResponseAlg: jose.RS256}}); err != nil {
		t.Fatal(err)
	}
	other := &mockidp.Issuer{URL: i.URL, Store: store, KeysAsNeeded: true}
	published := func(i *mockidp.Issuer) int {
		return strings.Count(string(serve(i, "GET", "/jwks", "", nil).body), `"kid"`)
	}
	if a, b := published(i), published(other); a != 1 || b != 1 {
		t.Errorf("at first %d and %d keys are published, want that of ES256", a, b)
	}
	to := serve(i, "GET", "/authorize?response_type=code&client_id=rsa&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&scope=openid", "", nil).header.Get("Location")
	answer, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {"https://app.test/cb"}, "code": {answer.Query().Get("code")}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("rsa:secret"))
	if a := serve(i, "POST", "/token", form.Encode(), http.Header{"Content-Type": formType["Content-Type"], "Authorization": {basic}}); !strings.Contains(string(a.body), "id_token") {
		t.Fatalf("token: %d %s", a.status, a.body)
	}
	if a, b := published(i), published(other); a != 2 || b != 2 {
		t.Errorf("then %d and %d keys are published, want both", a, b)
	}
	before, _ := i.VerificationKeys(context.Background())
	i.ForgetKeys()
	after, err := i.VerificationKeys(context.Background())
	if err != nil || len(after) != 2 || before[0].Kid != after[0].Kid {
		t.Errorf("read again, the keys are %v, %v", after, err)
	}
	store.Clear()
	i.ForgetKeys()
	if anew, err := i.VerificationKeys(context.Background()); err != nil || anew[0].Kid == after[len(after)-1].Kid {
		t.Errorf("in an empty store the keys are %v, %v", anew, err)
	}
}

// brokenStore fails from a moment on.
type brokenStore struct {
	mockidp.Store
	broken bool
}

var errDisk = errors.New("disk /dev/sdb1 is full")

func (b *brokenStore) Create(ctx context.Context, key string, value []byte, ttl time.Duration) (mockidp.Rev, error) {
	if b.broken {
		return 0, errDisk
	}
	return b.Store.Create(ctx, key, value, ttl)
}

func (b *brokenStore) Get(ctx context.Context, key string) ([]byte, mockidp.Rev, error) {
	if b.broken {
		return nil, 0, errDisk
	}
	return b.Store.Get(ctx, key)
}

// What breaks inside is a 500 in one dull sentence: no redirect, no token, no word of what broke.
func TestFaultsSayNothing(t *testing.T) {
	store := &brokenStore{Store: mockidp.NewMemoryStore()}
	i := newIssuer(t, func(i *mockidp.Issuer) { i.Store = store })
	store.broken = true
	for _, tt := range []struct {
		method, path, body string
		header             http.Header
	}{
		{"GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb", "", nil},
		{"GET", "/login?txn=x", "", nil},
		{"POST", "/login", "txn=x", formType},
		{"POST", "/consent", "txn=x", formType},
		{"POST", "/token", "grant_type=authorization_code&client_id=web&code=x", formType},
		{"GET", "/userinfo", "", http.Header{"Authorization": {"Bearer x"}}},
		{"POST", "/register", `{"redirect_uris":["https://app.test/cb"]}`, http.Header{"Content-Type": {"application/json"}}},
		{"GET", "/jwks", "", nil},
	} {
		a := serve(i, tt.method, tt.path, tt.body, tt.header)
		if a.status != http.StatusInternalServerError || a.header.Get("Location") != "" || !strings.Contains(string(a.body), "went wrong on our side") || strings.Contains(string(a.body), "disk") {
			t.Errorf("%s %s: %d %v %s", tt.method, tt.path, a.status, a.header, a.body)
		}
	}
	i.Conditions = func(context.Context) (mockidp.Conditions, error) { return mockidp.Conditions{}, errDisk }
	if a := serve(i, "GET", "/about", "", nil); a.status != http.StatusInternalServerError {
		t.Errorf("without conditions: %d", a.status)
	}
}

// Verdicts are shown to whoever watches: they may hold what is on the wire anyway, never a secret or a password.
func TestVerdictsKeepSecrets(t *testing.T) {
	i := newIssuer(t, nil)
	sheet := new(check.Sheet)
	watched := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.ServeHTTP(w, r.WithContext(check.WithSheet(r.Context(), sheet)))
	})
	for _, secret := range []string{"secret", "wrong-hush-hush"} {
		serve(watched, "POST", "/token", "grant_type=authorization_code&code=x&client_id=web&client_secret="+secret, formType)
		r := &http.Request{Header: http.Header{"Content-Type": formType["Content-Type"]}}
		r.SetBasicAuth("web", secret)
		serve(watched, "POST", "/token", "grant_type=authorization_code&code=x", r.Header)
	}
	a := serve(watched, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb&prompt=login+consent", "", nil)
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	serve(watched, "POST", "/login", to.RawQuery+"&username=maya&password=my-hush-hush", formType)
	if len(sheet.Verdicts()) < 10 {
		t.Fatalf("only %d verdicts", len(sheet.Verdicts()))
	}
	for _, v := range sheet.Verdicts() {
		text := v.Expected + " " + v.Actual
		if strings.Contains(text, "hush") || strings.Contains(text, "practice-only") || strings.Contains(text, `"secret"`) || v.Expected == "secret" || v.Actual == "secret" {
			t.Errorf("a verdict tells a secret: %+v", v)
		}
	}
}

func TestFrontChannel(t *testing.T) {
	for path, want := range map[string]bool{"/authorize": true, "/login": true, "/consent": true, "/token": false, "/jwks": false, "/userinfo": false, "/": false} {
		if mockidp.FrontChannel(path) != want {
			t.Errorf("FrontChannel(%q) is %v", path, !want)
		}
	}
}

// What a caller does with the list of users doesn't reach the issuer.
func TestUsersAreTheCallersOwn(t *testing.T) {
	s := mockidp.NewServer(t)
	users, err := s.Users(context.Background())
	if err != nil || len(users) != 1 {
		t.Fatalf("%v, %v", users, err)
	}
	users[0].Claims["name"] = "Mallory"
	again, _ := s.Users(context.Background())
	if again[0].Claims["name"] != "Maya Rivera" {
		t.Error("a change of the list reached the issuer")
	}
	if _, err := s.Client(context.Background(), "nobody"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("an unknown client: %v", err)
	}
	app := s.AddApp(t, "https://app.test/cb", nil)
	if err := s.AddClient(context.Background(), app); !errors.Is(err, mockidp.ErrExists) {
		t.Errorf("the same client again: %v", err)
	}
	for _, id := range []string{"", "two words", "-invalid-", strings.Repeat("x", 257), "caf\u00e9"} {
		if err := s.AddClient(context.Background(), mockidp.Client{ClientID: id}); err == nil {
			t.Errorf("%q was taken for a client id", id)
		}
	}
}

// Every page shows the style that its policy allows, to the last byte, and runs nothing.
func TestPagePolicy(t *testing.T) {
	i := newIssuer(t, func(i *mockidp.Issuer) { i.Conditions = nil })
	to := serve(i, "GET", "/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.test%2Fcb", "", nil).header.Get("Location")
	if !strings.HasPrefix(to, "/login?") {
		t.Fatalf("authorize goes to %q", to)
	}
	for _, path := range []string{"/about", "/nowhere", "/authorize", to} {
		a := serve(i, "GET", path, "", nil)
		_, rest, _ := strings.Cut(string(a.body), "<style>")
		style, _, ok := strings.Cut(rest, "</style>")
		h := sha256.Sum256([]byte(style))
		want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
		if policy := a.header.Get("Content-Security-Policy"); !ok || !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q, want %q", path, policy, want)
		}
		if strings.Contains(string(a.body), "style=") || strings.Contains(string(a.body), "<script") {
			t.Errorf("%s has what its policy forbids", path)
		}
	}
}
