package playground

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oauthplayground/playground/trace"
)

// secretNames are the names under which a message carries what lets somebody in, or proves that two messages belong together.
// They are written down here once more: what looks for leaks must not go by the list of what it checks.
var secretNames = []string{
	"access_token", "actor_token", "assertion", "auth_req_id", "client_assertion", "client_secret", "code", "code_challenge", "code_verifier", "device_code",
	"id_token", "id_token_hint", "logout_token", "new_password", "nonce", "one_time_code", "password", "refresh_token", "registration_access_token", "request", "request_uri", "session", "state",
	"subject_token", "token", "txn", "user_code",
}

// secretsOf are the secrets that a run carries, with where each was found, read from its messages.
func secretsOf(events []trace.Event) map[string]string {
	secrets := map[string]string{}
	add := func(where, value string) {
		if value != "" && secrets[value] == "" {
			secrets[value] = where
		}
	}
	named := func(where, name, value string) {
		if slices.Contains(secretNames, name) {
			add(where+" "+name, value)
		}
	}
	pairs := func(where, text string) {
		values, _ := url.ParseQuery(text)
		for name, list := range values {
			for _, v := range list {
				named(where, name, v)
			}
		}
	}
	address := func(where, text string) {
		text, fragment, _ := strings.Cut(text, "#")
		_, query, _ := strings.Cut(text, "?")
		pairs(where+" query", query)
		pairs(where+" fragment", fragment)
	}
	cookie := func(where, pair string) {
		if _, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			add(where, value)
		}
	}
	message := func(where string, headers []trace.Header, body string) {
		for _, h := range headers {
			switch h[0] {
			case "Authorization":
				scheme, credentials, _ := strings.Cut(h[1], " ")
				add(where+" Authorization", credentials)
				if raw, err := base64.StdEncoding.DecodeString(credentials); err == nil && scheme == "Basic" {
					_, secret, _ := strings.Cut(string(raw), ":")
					plain, _ := url.QueryUnescape(secret)
					add(where+" Basic", secret)
					add(where+" Basic", plain)
				}
			case "Cookie":
				for pair := range strings.SplitSeq(h[1], ";") {
					cookie(where+" Cookie", pair)
				}
			case "Set-Cookie":
				pair, _, _ := strings.Cut(h[1], ";")
				cookie(where+" Set-Cookie", pair)
			case "Location", "Referer":
				address(where+" "+h[0], h[1])
			}
		}
		pairs(where+" body", body)
		var object map[string]any
		if json.Unmarshal([]byte(body), &object) == nil {
			for name, v := range object {
				named(where+" body", name, fmt.Sprint(v))
			}
		}
		for _, m := range regexp.MustCompile(`<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			named(where+" field", m[1], html.UnescapeString(m[2]))
		}
	}
	for _, e := range events {
		where := fmt.Sprintf("event %d", e.Seq)
		switch {
		case e.Request != nil:
			address(where, e.Request.URL)
			message(where, e.Request.Headers, e.Request.Body)
		case e.Response != nil:
			message(where, e.Response.Headers, e.Response.Body)
		case e.Change != nil:
			pairs(where, e.Change.To)
			address(where, e.Change.From)
			address(where, e.Change.To)
		}
	}
	return secrets
}

var base64Word = regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`)

// readings are all that can be read in the file of a run: its texts as they stand, with each encoding undone that values travel in.
func readings(file []byte) []string {
	var v any
	if json.Unmarshal(file, &v) != nil {
		return nil
	}
	set := map[string]bool{}
	var read func(s string, depth int)
	read = func(s string, depth int) {
		if s == "" || set[s] {
			return
		}
		set[s] = true
		if depth == 0 {
			return
		}
		if plain, err := url.QueryUnescape(s); err == nil {
			read(plain, depth-1)
		}
		if plain, err := url.PathUnescape(s); err == nil {
			read(plain, depth-1)
		}
		read(html.UnescapeString(s), depth-1)
		var inner any
		if json.Unmarshal([]byte(s), &inner) == nil {
			walkTexts(inner, func(s string) { read(s, depth-1) })
		}
		for _, word := range base64Word.FindAllString(s, -1) {
			for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				if raw, err := e.DecodeString(word); err == nil {
					read(string(raw), depth-1)
				}
			}
		}
	}
	walkTexts(v, func(s string) { read(s, 4) })
	return slices.Collect(maps.Keys(set))
}

func walkTexts(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, inner := range v {
			walkTexts(inner, visit)
		}
	case map[string]any:
		for name, inner := range v {
			visit(name)
			walkTexts(inner, visit)
		}
	}
}

// leaks are the secrets that can be read in the file of a run. A short one counts where it stands as a word of its own.
func leaks(file []byte, secrets map[string]string) (list []string) {
	texts := readings(file)
	for secret, where := range secrets {
		word := regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(secret) + `($|[^\w-])`)
		for _, text := range texts {
			if i := strings.Index(text, secret); i >= 0 && (len(secret) >= 12 || word.MatchString(text)) {
				list = append(list, fmt.Sprintf("%s (%s) in …%s…", secret, where, text[max(0, i-40):min(len(text), i+len(secret)+20)]))
				break
			}
		}
	}
	slices.Sort(list)
	return list
}

// signatures are the third parts of JWTs.
func signatures(events []trace.Event) map[string]string {
	list := map[string]string{}
	jwt := regexp.MustCompile(`e[wy][\w-]+\.e[wy][\w-]+\.([\w-]{20,})`)
	for _, e := range events {
		line, _ := e.Encode()
		for _, m := range jwt.FindAllSubmatch(line, -1) {
			list[string(m[1])] = fmt.Sprintf("event %d", e.Seq)
		}
	}
	return list
}

// TestNoSecretIsLeftInARun: the secrets are taken from what each lesson really sent, and looked for in what is saved of it.
func TestNoSecretIsLeftInARun(t *testing.T) {
	s, base := startOwn(t, Config{})
	course, err := s.course()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range everyLesson(course) {
		t.Run(l.Slug, func(t *testing.T) {
			b := newBox(t, base, `{"lesson":"`+l.Slug+`"}`)
			if r := b.call(t, "POST", "/steps/"+l.Steps[len(l.Steps)-1].ID+"/replay", b.Key, ""); r.status != http.StatusOK {
				t.Fatalf("%d %s", r.status, r.body)
			}
			events, err := trace.ReadNDJSON(bytes.NewReader(b.call(t, "GET", "/trace?format=ndjson", b.Key, "").body))
			if err != nil {
				t.Fatal(err)
			}
			hidden := map[string]string{b.ID: "the sandbox", b.Key: "its key"}
			for redact, gone := range map[string]map[string]string{"none": {}, "signatures": signatures(events), "values": secretsOf(events)} {
				maps.Copy(gone, hidden)
				if redact == "values" {
					maps.Copy(gone, signatures(events))
				}
				file := b.call(t, "GET", "/run?redact="+redact, b.Key, "").body
				if _, err := readSavedRun(bytes.NewReader(file)); err != nil {
					t.Errorf("%s: %v", redact, err)
				}
				for _, leak := range leaks(file, gone) {
					t.Errorf("%s: %s", redact, leak)
				}
				t.Logf("%s: %d secrets looked for", redact, len(gone))
			}
		})
	}
}
