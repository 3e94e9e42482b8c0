package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/check"
	"oauthplayground/mockidp/jose"
)

// Chirper's API: a resource server that judges each request by the access token it carries. It and the authorization
// server are of one house, so it knows the signing keys without fetching them; whom a token is for, how long and what for
// it reads from the token alone.

const (
	postsKey   = "api/posts"
	accountKey = "api/account/" // + sub: what has become of an account
	maxPosts   = 50             // the oldest go
	maxPost    = 500            // characters
)

// post is a message on Chirper.
type post struct {
	ID     int       `json:"id"`
	Author string    `json:"author"` // sub
	App    string    `json:"app"`    // client_id it came through
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

type posts struct {
	Next  int    `json:"next"`
	Posts []post `json:"posts"`
}

func firstPosts() posts {
	return posts{Next: 2, Posts: []post{{ID: 1, Author: "u-maya-7f3c", App: "chirper-web", Text: "The espresso machine is repaired. We open at seven."}}}
}

// account is what the API remembers of an account that somebody has changed.
type account struct {
	Deleted         bool   `json:"deleted,omitempty"`
	Email           string `json:"email,omitempty"`
	PasswordChanges int    `json:"password_changes,omitempty"`
}

// resource is a route of the API: what it needs and what it does.
type resource struct {
	scope string // of the token; empty where no token is needed
	serve func(s *Sandbox, w http.ResponseWriter, r *http.Request, token *accessToken)
}

// resources are the routes of the API on one screen.
var resources = map[string]resource{
	"GET /posts":      {"posts:read", (*Sandbox).listPosts},
	"POST /posts":     {"posts:write", (*Sandbox).addPost},
	"GET /messages":   {"messages:read", (*Sandbox).listMessages},
	"PATCH /account":  {"account:admin", (*Sandbox).changeEmail},
	"POST /session":   {"", (*Sandbox).newSession},
	"POST /password":  {"", (*Sandbox).changeOwnPassword},
	"DELETE /account": {"account:admin", (*Sandbox).deleteAccount},
	"PUT /password":   {"account:admin", (*Sandbox).changePassword},
}

// api is the API, in the table of actors.
func (s *Sandbox) api(w http.ResponseWriter, r *http.Request) {
	route, ok := resources[r.Method+" "+r.URL.Path]
	if !ok {
		noResource(w, r)
		return
	}
	d, err := s.stateOf(r.Context())
	if err != nil {
		s.apiFault(w, err)
		return
	}
	if route.scope == "" {
		route.serve(s, w, r, nil)
		return
	}
	token := &accessToken{header: r.Header.Values("Authorization"), scope: route.scope, issuer: s.issuer.URL, audience: s.issuer.API, now: s.now(d)}
	if id := sessionIn(r); id != "" {
		if err := sessionChecks.Run(r.Context(), d.Policy, &heldSession{s: s, id: id, token: token}); err != nil {
			s.apiRefuse(w, err)
			return
		}
		route.serve(s, w, r, token)
		return
	}
	if d.Settings.Get(settingAPIAsks) == "always" {
		token.ask = s.askIssuer
	}
	token.keys, err = s.issuer.VerificationKeys(r.Context())
	if err != nil {
		s.apiFault(w, err)
		return
	}
	err = apiChecks.Run(r.Context(), d.Policy, token)
	var refusal bearerError
	switch {
	case errors.As(err, &refusal):
		refusal.write(w, route.scope)
	case err != nil:
		s.apiFault(w, err)
	default:
		route.serve(s, w, r, token)
	}
}

// noResource answers what is not in the table: 405 for a known path, else 404.
func noResource(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for pattern := range resources {
		if method, path, _ := strings.Cut(pattern, " "); path == r.URL.Path {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "not_found"})
		return
	}
	slices.Sort(allow)
	w.Header().Set("Allow", strings.Join(allow, ", "))
	writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "method_not_allowed"})
}

// accessToken is a request's access token under judgement.
type accessToken struct {
	header           []string // the Authorization headers
	scope            string   // what the route needs
	issuer, audience string   // what the token must say
	now              time.Time
	keys             []jose.PublicKey

	ask func(context.Context, string) (int, error) // asks the authorization server about it; nil: the token is believed alone

	raw    string
	typ    string
	claims struct {
		Issuer   string   `json:"iss"`
		Subject  string   `json:"sub"`
		Audience audience `json:"aud"`
		Expires  float64  `json:"exp"`
		ClientID string   `json:"client_id"`
		Scope    string   `json:"scope"`
	}
}

// apiChecks are what Chirper's API asks of a token, in the order of RFC 9068 §4 after RFC 6750.
var apiChecks = check.Table[*accessToken]{
	{
		ID: "api.token-present", Title: "The request carries one bearer token in its Authorization header.",
		Spec: "RFC 6750 §2.1", Required: true,
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			if len(t.header) == 0 {
				return check.Fail("Authorization: Bearer …", "no Authorization header")
			}
			if n := len(t.header); n > 1 { // "repeats the same parameter, uses more than one method": RFC 6750 §3.1
				f := check.Fail("one Authorization header", fmt.Sprint(n))
				f.Refuse = bearerError{http.StatusBadRequest, "invalid_request", "The request carries more than one access token."}
				return f
			}
			scheme, raw, _ := strings.Cut(t.header[0], " ")
			if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(raw) == "" {
				return check.Fail("Authorization: Bearer …", "the scheme "+scheme)
			}
			t.raw = strings.TrimSpace(raw)
			return check.Pass()
		},
		// "If the request lacks any authentication information […] the resource server SHOULD NOT include an error code": RFC 6750 §3.1
		Refuse: bearerError{status: http.StatusUnauthorized},
	},
	{
		ID: "api.token-readable", Title: "The token is a JWT whose claims can be read.",
		Spec: "RFC 9068 §2", Required: true,
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			var header struct {
				Type string `json:"typ"`
			}
			head, claims, err := jose.Decode(t.raw)
			if err != nil || json.Unmarshal(head, &header) != nil || json.Unmarshal(claims, &t.claims) != nil {
				return check.Fail("a JWT", "something else")
			}
			t.typ = header.Type
			return check.Pass()
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The access token is malformed."},
	},
	{
		// "The resource server MUST verify that the "typ" header value is "at+jwt" or "application/at+jwt" and reject tokens
		// carrying any other value": RFC 9068 §4. An ID token, which is not for an API, ends here.
		ID: "api.token-type", Title: "The token says that it is an access token.",
		Spec: "RFC 9068 §4",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			typ := strings.TrimPrefix(strings.ToLower(t.typ), "application/")
			return check.Finding{OK: typ == "at+jwt", Expected: "at+jwt", Actual: t.typ}
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "This is not an access token."},
	},
	{
		// "The resource server MUST validate the signature of all incoming JWT access tokens": RFC 9068 §4
		ID: "api.signature", Title: "Chirper’s authorization server has signed it.",
		Spec: "RFC 9068 §4",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			v := jose.Verify(t.raw, t.keys)
			if !v.Verified {
				return check.Fail("a signature that verifies", v.Problem)
			}
			return check.Finding{OK: true, Expected: v.Alg + ", key " + v.Kid, Actual: "verified"}
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The signature of the access token is not valid."},
	},
	{
		ID: "api.issuer", Title: "Its iss is Chirper’s authorization server.",
		Spec: "RFC 9068 §4",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			return check.Compare(t.issuer, t.claims.Issuer)
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The access token has another issuer."},
	},
	{
		ID: "api.audience", Title: "Its aud names this API: the token was made for it.",
		Spec: "RFC 9068 §4",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			return check.Finding{OK: slices.Contains(t.claims.Audience, t.audience), Expected: t.audience, Actual: strings.Join(t.claims.Audience, " ")}
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The access token is for another audience."},
	},
	{
		ID: "api.expiry", Title: "The present time is before its exp.",
		Spec: "RFC 9068 §4",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			return check.Finding{OK: float64(t.now.Unix()) < t.claims.Expires, Expected: "an exp after " + clock(t.now), Actual: clock(time.Unix(int64(t.claims.Expires), 0))}
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The access token has expired."},
	},
	{
		// A JWT can be judged without asking, and then it is good until its exp, whatever has been revoked meanwhile: RFC 7009 §3
		// tells of both ways. This API can be told to ask.
		ID: "api.token-live", Title: "The authorization server, asked now, still stands by it.",
		Spec:    "RFC 7009 §3",
		Applies: func(t *accessToken) bool { return t.ask != nil },
		Judge: func(ctx context.Context, t *accessToken) check.Finding {
			status, err := t.ask(ctx, t.raw)
			return check.Finding{OK: status != http.StatusUnauthorized, Expected: "anything but 401", Actual: fmt.Sprint(status), Err: err}
		},
		Refuse: bearerError{http.StatusUnauthorized, "invalid_token", "The access token has been revoked."},
	},
	{
		ID: "api.scope", Title: "Its scope covers what is asked for.",
		Spec: "RFC 6750 §3.1",
		Judge: func(_ context.Context, t *accessToken) check.Finding {
			return check.Finding{OK: slices.Contains(strings.Fields(t.claims.Scope), t.scope), Expected: t.scope, Actual: t.claims.Scope}
		},
		Refuse: bearerError{http.StatusForbidden, "insufficient_scope", "The access token does not cover this."},
	},
}

// askIssuer shows a token to the authorization server's user info and returns its status: 401 for one that it does not stand
// by any more.
func (s *Sandbox) askIssuer(ctx context.Context, token string) (int, error) {
	req, err := http.NewRequest(http.MethodGet, s.issuer.URL+"/userinfo", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, _, _, err := s.call(ctx, API, req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, nil
}

// bearerError is a refusal in the words of RFC 6750 §3: a status and a WWW-Authenticate header.
type bearerError struct {
	status            int
	code, description string
}

func (e bearerError) Error() string { return e.code }

func (e bearerError) write(w http.ResponseWriter, scope string) {
	challenge := `Bearer realm="chirper"`
	body := map[string]string{"error": "unauthorized"}
	if e.code != "" {
		challenge += fmt.Sprintf(`, error="%s", error_description="%s"`, e.code, e.description)
		body = map[string]string{"error": e.code, "error_description": e.description}
	}
	if e.code == "insufficient_scope" {
		challenge += fmt.Sprintf(`, scope="%s"`, scope)
	}
	w.Header().Set("WWW-Authenticate", challenge)
	writeJSON(w, e.status, body)
}

// posts are all there are: the first ones until there is another.
func (s *Sandbox) posts(ctx context.Context) (posts, error) {
	var all posts
	err := s.read(ctx, postsKey, &all)
	if errors.Is(err, mockidp.ErrNotFound) {
		return firstPosts(), nil
	}
	return all, err
}

func (s *Sandbox) listPosts(w http.ResponseWriter, r *http.Request, token *accessToken) {
	all, err := s.posts(r.Context())
	if err != nil {
		s.apiFault(w, err)
		return
	}
	mine := []post{}
	for _, p := range all.Posts {
		if p.Author == token.claims.Subject {
			mine = append(mine, p)
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"posts": mine})
}

func (s *Sandbox) addPost(w http.ResponseWriter, r *http.Request, token *accessToken) {
	var in struct {
		Text string `json:"text"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || strings.TrimSpace(in.Text) == "" {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": `The body must be JSON with a text, as in {"text":"hello"}.`})
		return
	}
	if len([]rune(in.Text)) > maxPost {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": fmt.Sprintf("A post has at most %d characters.", maxPost)})
		return
	}
	added := post{Author: token.claims.Subject, App: token.claims.ClientID, Text: in.Text, At: token.now.UTC().Truncate(time.Second)}
	err := modifyFrom(r.Context(), s, postsKey, firstPosts(), func(all *posts) error {
		added.ID = all.Next
		all.Next++
		all.Posts = append(all.Posts, added)
		if n := len(all.Posts) - maxPosts; n > 0 {
			all.Posts = all.Posts[n:]
		}
		return nil
	})
	if err != nil {
		s.apiFault(w, err)
		return
	}
	w.Header().Set("Location", fmt.Sprintf("/posts/%d", added.ID))
	writeJSON(w, http.StatusCreated, added)
}

func (s *Sandbox) deleteAccount(w http.ResponseWriter, r *http.Request, token *accessToken) {
	s.touchAccount(w, r, token, func(a *account) { a.Deleted = true })
}

func (s *Sandbox) changePassword(w http.ResponseWriter, r *http.Request, token *accessToken) {
	s.touchAccount(w, r, token, func(a *account) { a.PasswordChanges++ })
}

func (s *Sandbox) touchAccount(w http.ResponseWriter, r *http.Request, token *accessToken, change func(*account)) {
	err := modifyFrom(r.Context(), s, accountKey+token.claims.Subject, account{}, func(a *account) error { change(a); return nil })
	if err != nil {
		s.apiFault(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) apiFault(w http.ResponseWriter, err error) {
	s.world.config.Log.Error("the API failed", "error", err)
	writeJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status = http.StatusInternalServerError
		b.Reset()
		b.WriteString(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}
