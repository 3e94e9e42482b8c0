package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
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
	names := taggedIn(events)
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
		r.Headers, r.Body = c.headers(r.Headers), c.text(r.Body)
		r.Body, r.Cut = shortened(r.Body, r.Cut)
		e.Response = &r
	}
	if e.Token != nil {
		t := *e.Token
		t.Header, t.Claims = c.json(t.Header), c.json(t.Claims)
		e.Token = &t
	}
	if e.Change != nil {
		ch := *e.Change
		ch.From, ch.To = c.text(ch.From), c.text(ch.To)
		e.Change = &ch
	}
	e.Verdicts = slices.Clone(e.Verdicts)
	for i, v := range e.Verdicts {
		e.Verdicts[i].Expected, e.Verdicts[i].Actual = c.text(v.Expected), c.text(v.Actual)
	}
	return e
}

// shortened is a body that tags have made longer than a body may be.
func shortened(body string, cut bool) (string, bool) { return text([]byte(body), cut) }

// compactJWT finds what looks like a JWT in compact form (RFC 7519 §3), or like an encrypted one.
var compactJWT = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){2,4}`)

func (c cleaner) text(s string) string {
	if s == "" {
		return ""
	}
	if c.Values {
		s = c.tagged.Replace(s)
		s = namedPair.ReplaceAllStringFunc(s, func(m string) string { return c.underName(namedPair, m) })
		s = namedMember.ReplaceAllStringFunc(s, func(m string) string { return c.underName(namedMember, m) })
		s = namedField.ReplaceAllStringFunc(s, func(m string) string { return c.underName(namedField, m) })
	}
	s = compactJWT.ReplaceAllStringFunc(s, c.token)
	return c.hide(s)
}

func (c cleaner) hide(s string) string {
	if c.Hidden == "" || !strings.Contains(s, c.Hidden) {
		return s
	}
	c.took[RedactedSandbox] = true
	return strings.ReplaceAll(s, c.Hidden, "{sandbox}")
}

// token is a JWT without its signature, if that is to go or if its parts name what is to be hidden.
func (c cleaner) token(s string) string {
	parts := strings.Split(s, ".")
	last := len(parts) - 1
	hidden := false
	for i, p := range parts[:last] {
		if raw, err := base64.RawURLEncoding.DecodeString(p); err == nil && c.Hidden != "" && bytes.Contains(raw, []byte(c.Hidden)) {
			parts[i] = base64.RawURLEncoding.EncodeToString([]byte(c.hide(string(raw))))
			hidden = true
		}
	}
	if hidden || c.Values || c.Signatures {
		parts[last] = "{signature}"
	}
	if hidden {
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
				v = cookies.ReplaceAllString(v, "$1={cookie}")
			case "Set-Cookie":
				pair, rest, more := strings.Cut(v, ";")
				if v = cookies.ReplaceAllString(pair, "$1={cookie}"); more {
					v += ";" + rest
				}
			}
		}
		out[i] = Header{h[0], v}
	}
	return out
}

// cookies finds the cookies whose value is not a tag already.
var cookies = regexp.MustCompile(`([^=;\s]+)=([^{;\s][^;]*)`)

// authorization keeps the scheme of what a client or a caller presents, and no credentials in any encoding.
func (c cleaner) authorization(sent, now string) string {
	scheme, credentials, _ := strings.Cut(now, " ")
	if strings.HasPrefix(credentials, "{") {
		return now
	}
	if found := findAuthorization(nil, sent); len(found) == 1 {
		return scheme + " " + c.tagged.tagOf(found[0].value, found[0].kind)
	}
	return scheme + " {credentials}"
}

// secretNames are names under which secrets travel that have no tag of their own.
var secretNames = []string{"actor_token", "assertion", "auth_req_id", "client_assertion", "device_code", "logout_token", "registration_access_token", "request", "subject_token", "token", "user_code", "one_time_code"}

// underNames are those, and the names of what has tags.
var underNames = strings.Join(append(slices.Sorted(maps.Keys(kindOf)), secretNames...), "|")

// What stands under a name: in a query, a form or an address; in a JSON object; in a hidden field of a page. It ends where it must.
var (
	namedPair   = regexp.MustCompile(`(^|[?&#;\s"'])(` + underNames + `)(=)([^&#;\s"'<>{][^&#;\s"'<>]*)`)
	namedMember = regexp.MustCompile(`()"(` + underNames + `)("\s*:\s*")((?:[^"\\{]|\\.)(?:[^"\\]|\\.)*)`)
	namedField  = regexp.MustCompile(`()name="(` + underNames + `)("(?: type="[a-z]+")? value=")([^"{][^"]*)`)
)

// underName puts the tag, or the name, in the place of what stands under the name.
func (c cleaner) underName(form *regexp.Regexp, match string) string {
	m := form.FindStringSubmatch(match)
	name, value := m[2], m[4]
	plain := value
	switch form {
	case namedPair:
		plain = unescaped(value)
	case namedMember:
		var s string
		if json.Unmarshal([]byte(`"`+value+`"`), &s) == nil {
			plain = s
		}
	case namedField:
		plain = html.UnescapeString(value)
	}
	if compactJWT.MatchString(plain) && kindOf[name] == "" {
		return match // its claims may be read; its signature goes
	}
	return strings.TrimSuffix(match, value) + c.tagged.tagOf(plain, name)
}

// tagged are the values of one run that have tags.
type tagged struct {
	tags              map[string]string // by value
	*strings.Replacer                   // of those that are long enough to be found without their names
}

// taggedIn collects the values of each run.
func taggedIn(events []Event) map[uint64]*tagged {
	all := map[uint64]*tagged{}
	for run, v := range learned(events) {
		t := &tagged{tags: map[string]string{}}
		known := slices.Clone(v.order)
		slices.SortStableFunc(known, func(a, b *seen) int { return len(b.value) - len(a.value) }) // the longer first: one may begin like another
		var pairs []string
		for _, s := range known {
			t.tags[s.value] = s.tag
			if len(s.value) < scanned {
				continue
			}
			for _, form := range escapes(s.value) {
				pairs = append(pairs, form, "{"+s.tag+"}")
			}
		}
		t.Replacer = strings.NewReplacer(pairs...)
		all[run] = t
	}
	return all
}

// tagOf is what stands for a value: its tag, or the name it came under.
func (n *tagged) tagOf(value, name string) string {
	if tag := n.tags[value]; tag != "" {
		return "{" + tag + "}"
	}
	return "{" + name + "}"
}

// escapes are the forms in which a value travels, the plain one first.
func escapes(v string) []string {
	list := []string{v}
	for _, form := range []func(string) string{url.QueryEscape, url.PathEscape, html.EscapeString, func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }, jsonEscaped} {
		if e := form(v); !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

func jsonEscaped(s string) string {
	b, _ := json.Marshal(s) // of a string: it can't fail
	return string(b[1 : len(b)-1])
}
