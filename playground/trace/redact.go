package trace

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Redaction says what a copy of a record is to be without. Practice values harm nobody, but a record may be of somebody's own app.
type Redaction struct {
	// Values puts, in the place of each value that has a tag, that tag in braces; what stands under the name of a secret and has no
	// tag becomes that name, cookies become {cookie}. Of what is left of tokens the signatures go as well.
	Values bool
	// Signatures puts {signature} where a JWT has its own, so that nobody can use it any more (RFC 7515 §7.1).
	Signatures bool
	// Hidden is a word that nobody is to read, such as the name of a sandbox; empty for none. {sandbox} stands for it, also inside
	// JWTs, which lose their signature by that: it would not fit any more.
	Hidden string
}

// What Redact has taken out, as files of runs name it.
const (
	RedactedValues     = "values"
	RedactedSignatures = "signatures"
	RedactedSandbox    = "sandbox"
)

// Redact is a copy of a record without what r says, and the names of what was taken out of it.
func Redact(events []Event, r Redaction) ([]Event, []string) {
	var names map[uint64]*tagged
	if r.Values {
		names = taggedIn(events)
	}
	took := map[string]bool{RedactedValues: r.Values, RedactedSignatures: r.Values || r.Signatures}
	out := make([]Event, len(events))
	for i, e := range events {
		out[i] = cleaner{Redaction: r, event: e, tagged: names[e.Run], took: took}.clean()
	}
	var done []string
	for _, name := range []string{RedactedValues, RedactedSignatures, RedactedSandbox} {
		if took[name] {
			done = append(done, name)
		}
	}
	return out, done
}

// cleaner redacts one event.
type cleaner struct {
	Redaction
	event  Event
	tagged *tagged
	took   map[string]bool
}

func (c cleaner) clean() Event {
	e := c.event.settled()
	if e.Request != nil {
		r := *e.Request
		r.URL, r.Headers, r.Body = c.text(r.URL), c.headers(r.Headers), c.text(r.Body)
		r.Body, r.Cut = shortened(r.Body, r.Cut)
		e.Request = &r
	}
	if e.Response != nil {
		r := *e.Response
		r.Headers, r.Body, r.Error = c.headers(r.Headers), c.text(r.Body), c.text(r.Error)
		r.Body, r.Cut = shortened(r.Body, r.Cut)
		e.Response = &r
	}
	if e.Token != nil {
		t := *e.Token
		t.Header, t.Claims = c.json(t.Header), c.json(t.Claims)
		if t.Signature != nil {
			s := *t.Signature
			s.Kid, s.Problem = c.text(s.Kid), c.text(s.Problem)
			t.Signature = &s
		}
		e.Token = &t
	}
	if e.Change != nil {
		ch := *e.Change
		ch.From, ch.To = c.text(ch.From), c.text(ch.To)
		e.Change = &ch
	}
	e.Verdicts = slices.Clone(e.Verdicts)
	for i, v := range e.Verdicts {
		e.Verdicts[i].Expected, e.Verdicts[i].Actual = c.value(v.Expected), c.value(v.Actual)
	}
	return e
}

// shortened is a body that tags have made longer than a body may be.
func shortened(body string, cut bool) (string, bool) { return text([]byte(body), cut) }

// compactJWT finds what looks like a JWT in compact form (RFC 7519 §3), or like an encrypted one: a word, perhaps behind an escape, that
// begins with a brace and what may follow one in JSON, in base64url.
var compactJWT = regexp.MustCompile(`(^|[^A-Za-z0-9_-]|%(?:25)*[0-9A-Fa-f]{2}|\\[bfnrt]|\\u[0-9A-Fa-f]{4})(e[wy][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){2,4}(?:\{signature\})?)`)

// isJWT tells whether a text that looks like a JWT has a header.
func isJWT(s string) bool {
	head, _, _ := strings.Cut(s, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	return err == nil && json.Valid(raw)
}

func (c cleaner) text(s string) string {
	if s == "" {
		return ""
	}
	if c.Values {
		s = c.tagged.replace(s)
		for _, n := range []*naming{pairs, nestedPairs, members, fields} {
			s = c.underNames(n, s)
		}
	}
	s = compactJWT.ReplaceAllStringFunc(s, func(m string) string {
		found := compactJWT.FindStringSubmatch(m)
		return found[1] + c.token(found[2])
	})
	return c.hide(s)
}

// value is a text that may be nothing but a value, and then one too short to be found in others.
func (c cleaner) value(s string) string {
	if c.Values {
		s = cmp.Or(c.tagged.names[s], c.tagged.all.names[s], s)
	}
	return c.text(s)
}

func (c cleaner) hide(s string) string {
	if c.Hidden == "" || !strings.Contains(s, c.Hidden) {
		return s
	}
	c.took[RedactedSandbox] = true
	return strings.ReplaceAll(s, c.Hidden, "{sandbox}")
}

// token is a JWT without its signature, if that is to go or if its parts hold what is to go.
func (c cleaner) token(s string) string {
	if !isJWT(s) { // it may begin behind its first dot
		if word, rest, _ := strings.Cut(s, "."); strings.Count(rest, ".") >= 2 {
			return word + "." + c.token(rest)
		}
		return s
	}
	parts := strings.Split(s, ".")
	last := len(parts) - 1
	changed := false
	for i, p := range parts[:last] {
		if raw, err := base64.RawURLEncoding.DecodeString(p); err == nil {
			if now := c.text(string(raw)); now != string(raw) {
				parts[i], changed = base64.RawURLEncoding.EncodeToString([]byte(now)), true
			}
		}
	}
	if changed || c.Values || c.Signatures {
		parts[last] = "{signature}"
		c.took[RedactedSignatures] = true
	}
	return strings.Join(parts, ".")
}

// json redacts the header or the claims of a token. What stands for a value has no sign that a string of JSON would escape.
func (c cleaner) json(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return nil
	}
	return json.RawMessage(c.text(string(raw)))
}

func (c cleaner) headers(list []Header) []Header {
	if list == nil {
		return nil
	}
	out := make([]Header, len(list))
	for i, h := range list {
		v := c.text(h[1])
		if c.Values {
			switch h[0] {
			case "Authorization":
				v = c.authorization(h[1], v)
			case "Cookie":
				list := strings.Split(v, ";")
				for i, pair := range list {
					list[i] = cookie(pair)
				}
				v = strings.Join(list, ";")
			case "Set-Cookie":
				pair, rest, more := strings.Cut(v, ";")
				if v = cookie(pair); more {
					v += ";" + rest
				}
			}
		}
		out[i] = Header{h[0], v}
	}
	return out
}

// cookie is a cookie without its value, unless that is a tag already. One without a sign between them is all value.
func cookie(pair string) string {
	name, value, named := strings.Cut(pair, "=")
	switch {
	case !named && strings.TrimSpace(pair) == "" || named && replaced(value):
		return pair
	case !named:
		return pair[:len(pair)-len(strings.TrimLeft(pair, " "))] + "{cookie}"
	}
	return name + "={cookie}"
}

// tagPattern is what stands for a value.
var tagPattern = regexp.MustCompile(`\{[a-z_]+(?:#\d+)?\}`)

// replaced tells whether of a value only what stands for one is left, and signs around it.
func replaced(value string) bool {
	return !strings.ContainsFunc(tagPattern.ReplaceAllString(value, ""), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// authorization keeps the scheme of what a client or a caller presents, and no credentials in any encoding.
func (c cleaner) authorization(sent, now string) string {
	scheme, credentials, _ := strings.Cut(now, " ")
	if credentials != "" && replaced(credentials) {
		return now
	}
	if found := findAuthorization(nil, sent); len(found) == 1 {
		return scheme + " " + c.tagged.nameOf(found[0].value, found[0].kind)
	}
	if credentials == "" { // no scheme: all of it may be a secret
		return "{credentials}"
	}
	return scheme + " {credentials}"
}

// secretNames are names under which secrets travel that have no tag of their own.
var secretNames = []string{
	"actor_token", "assertion", "auth_req_id", "client_assertion", "device_code", "logout_token", "new_password", "one_time_code", "registration_access_token", "request",
	"request_uri", "sid", "subject_token", "token", "txn", "user_code",
}

// keyNames are the members of a JWK that only its owner may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
var keyNames = []string{"d", "dp", "dq", "k", "p", "q", "qi"}

// naming is a way in which a value stands under its name: what comes before it, the name, what comes between them, and the value.
type naming struct {
	*regexp.Regexp
	plain func(string) string // the value without its escapes
}

func newNaming(before, between, value string, plain func(string) string, more ...string) *naming {
	names := slices.Concat(slices.Sorted(maps.Keys(kindOf)), secretNames, more)
	return &naming{regexp.MustCompile("(" + before + ")(" + strings.Join(names, "|") + ")(" + between + ")(" + value + ")"), plain}
}

var (
	// In a query, a form or an address.
	pairs = newNaming(`^|[?&#;\s"']`, `=`, `(?:\{[a-z_]+(?:#\d+)?\}|[^&#;\s"'<>])+`, unescaped)
	// In one that travels inside another.
	nestedPairs = newNaming(`%(?:25)*(?:26|3[Ff]|23)`, `%(?:25)*3[Dd]`, `(?:\{[a-z_]+(?:#\d+)?\}|[^%&#;\s"'<>]|%25[0-9A-Fa-f]{2})+`, func(s string) string { return unescaped(unescaped(s)) })
	// In a JSON object; its end may be cut off.
	members = newNaming(`"`, `"\s*:\s*"`, `(?:[^"\\]|\\.)+`, func(s string) string {
		if !strings.Contains(s, `\`) {
			return s
		}
		var plain string
		if json.Unmarshal([]byte(`"`+s+`"`), &plain) != nil {
			return s
		}
		return plain
	}, keyNames...)
	// In a hidden field of a page.
	fields = newNaming(`name="`, `"(?: type="[a-z]+")? value="`, `[^"]+`, html.UnescapeString)
)

// underNames puts the tag, or the name, in the place of each value that stands under its name.
func (c cleaner) underNames(n *naming, s string) string {
	var b strings.Builder
	end := 0
	for _, m := range n.FindAllStringSubmatchIndex(s, -1) {
		name, value := s[m[4]:m[5]], n.plain(s[m[8]:m[9]])
		if replaced(value) || isJWT(value) && kindOf[name] == "" { // the claims of such a JWT may be read; its signature goes
			continue
		}
		b.WriteString(s[end:m[8]])
		b.WriteString(c.tagged.nameOf(value, name))
		end = m[9]
	}
	if end == 0 {
		return s
	}
	return b.String() + s[end:]
}

// tagged are the values of a record, as one of its runs has them.
type tagged struct {
	names map[string]string // what stands for a value: its tag in this run, in braces
	own   *strings.Replacer // of those that are long enough to be found without their names
	all   *tagged           // the values of all runs, of which this one may have no tag: what stands for them is their name
}

// taggedIn collects the values of each run.
func taggedIn(events []Event) map[uint64]*tagged {
	names := map[string]string{}
	for _, e := range events {
		for _, f := range append(named(e), untagged(e)...) {
			names[f.value] = "{" + f.kind + "}"
		}
	}
	all := newTagged(names, nil)
	runs := map[uint64]*tagged{}
	for run, v := range learned(events) {
		names := map[string]string{}
		for _, s := range v.order {
			names[s.value] = "{" + s.tag + "}"
		}
		runs[run] = newTagged(names, all)
	}
	return runs
}

// standsIn finds what stands for a value already, also where an address is cut at the sign in it.
var standsIn = regexp.MustCompile(`^\{[a-z_]+(?:#\d+\})?\}?$`)

func newTagged(names map[string]string, all *tagged) *tagged {
	maps.DeleteFunc(names, func(value, _ string) bool { return standsIn.MatchString(value) || replaced(value) })
	longer := func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) } // one may begin like another
	var list []string
	for _, value := range slices.SortedFunc(maps.Keys(names), longer) {
		if len(value) < scanned {
			break
		}
		for _, form := range escapes(value) {
			list = append(list, form, names[value])
		}
	}
	return &tagged{names, strings.NewReplacer(list...), all}
}

// untagged finds what a message holds under the names of secrets that have no tag: where a message has names, not in prose.
func untagged(e Event) (list []found) {
	find := func(n *naming, text string) {
		for _, m := range n.FindAllStringSubmatch(text, -1) {
			if name, value := m[2], n.plain(m[4]); kindOf[name] == "" && !isJWT(value) {
				list = append(list, found{kind: name, value: value})
			}
		}
	}
	message := func(headers []Header, body string) {
		find(pairs, header(headers, "Location"))
		find(pairs, header(headers, "Referer"))
		switch kind := header(headers, "Content-Type"); {
		case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
			find(pairs, body)
		case strings.Contains(kind, "json"):
			find(members, body)
		case strings.HasPrefix(kind, "text/html"):
			find(fields, body)
		}
	}
	switch {
	case e.Request != nil:
		find(pairs, e.Request.URL)
		message(e.Request.Headers, e.Request.Body)
	case e.Response != nil:
		message(e.Response.Headers, e.Response.Body)
	}
	return list
}

// replace puts what stands for them in the place of values, wherever they are.
func (t *tagged) replace(s string) string { return t.all.own.Replace(t.own.Replace(s)) }

// nameOf is what stands for a value: its tag, or the name it came under.
func (t *tagged) nameOf(value, name string) string {
	return cmp.Or(t.names[value], t.all.names[value], "{"+name+"}")
}

// escaping are the forms in which a value travels, each by itself.
var escaping = []func(string) string{
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	func(s string) string { return percents.ReplaceAllStringFunc(url.QueryEscape(s), strings.ToLower) },
	html.EscapeString,
	func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "+", "&#43;") }, // as html/template writes it
	func(s string) string { return jsonEscaped(s, true) },
	func(s string) string { return jsonEscaped(s, false) },
}

var percents = regexp.MustCompile(`%[0-9A-F]{2}`)

// escapes are the forms in which a value travels, the plain one first.
func escapes(v string) []string {
	list := []string{v}
	for _, form := range escaping {
		if e := form(v); !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

func jsonEscaped(s string, forHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(forHTML)
	enc.Encode(s) // of a string into memory: it can't fail
	return b.String()[1 : b.Len()-2]
}
