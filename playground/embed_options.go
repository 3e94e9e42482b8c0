package playground

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// embedOption is what the query of an embed may say.
type embedOption struct {
	name string
	in   []string // the grains of a lesson that have it; nil: all
	file bool     // whether a run that is a file has it
	read func(e *embed, value string) error
}

// embedOptions are all of them.
var embedOptions = []embedOption{
	{"theme", nil, true, (*embed).readTheme},
	{"accent", nil, true, (*embed).readAccent},
	{"lang", nil, true, (*embed).readLang},
	{"title", nil, true, func(e *embed, v string) error { return flag("title", v, &e.noTitle) }},
	{"interactive", nil, false, func(e *embed, v string) error { return flag("interactive", v, &e.still) }},
	{"version", nil, false, (*embed).readVersion},
	{"step", []string{"lesson", "run", "diagram"}, false, (*embed).readPart},
	{"from", []string{}, true, (*embed).readFrom},
	{"live", nil, true, func(e *embed, v string) error { e.live = v == "1"; return nil }},
}

// readOptions reads the query. What it doesn't know is a mistake of who wrote it: nobody else would notice.
func (e *embed) readOptions(query url.Values) error {
	known := func(o embedOption) bool {
		if e.lesson == nil {
			return o.file
		}
		return o.in == nil || slices.Contains(o.in, e.grain)
	}
	for name, values := range query {
		if !slices.ContainsFunc(embedOptions, func(o embedOption) bool { return o.name == name && known(o) }) {
			return wrong("An embed of the kind “%s” has no option “%s”. It has %s.", e.grain, name, names(slices.DeleteFunc(slices.Clone(embedOptions), func(o embedOption) bool { return !known(o) || o.name == "live" }), func(o embedOption) string { return o.name }))
		}
		if len(values) > 1 {
			return wrong("The option “%s” is there twice. Say it once.", name)
		}
	}
	for _, o := range embedOptions {
		if value, ok := query[o.name]; ok {
			if err := o.read(e, value[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// flag reads an option that is there unless it is switched off.
func flag(name, value string, off *bool) error {
	if value != "0" && value != "1" {
		return wrong("%s is 1 or 0, and not “%s”.", name, value)
	}
	*off = value == "0"
	return nil
}

func (e *embed) readTheme(value string) error {
	switch value {
	case "auto":
	case "light", "dark":
		e.theme = value
	default:
		return wrong("There is no theme “%s”. There are auto, light and dark.", value)
	}
	return nil
}

// readLang takes any English for English. A tag is held against languages as RFC 4647 §3.3.1 does it.
func (e *embed) readLang(value string) error {
	if tag := strings.ToLower(value); tag != "en" && !strings.HasPrefix(tag, "en-") {
		return wrong("There are no lessons in “%s”. There are lessons in en.", value)
	}
	return nil
}

func (e *embed) readVersion(value string) error {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil || n < 1:
		return wrong("version is a number from 1, and not “%s”.", value)
	case n > e.lesson.Version:
		return wrong("This server has version %d of the lesson “%s”, and not yet version %d.", e.lesson.Version, e.lesson.Slug, n)
	}
	e.version = n
	return nil
}

// readPart reads where a lesson begins, or which steps of a recorded run are shown.
func (e *embed) readPart(value string) error {
	if e.grain != "lesson" {
		return e.readSteps(value)
	}
	var err error
	e.start, err = e.step(value)
	return err
}

// accent is the colour of who embeds: one for each theme, checked so that a control in it can be seen. It is checked on both whatever
// the option theme says: the page around may change the theme later, and its author, who alone would mend it, sees one of them.
type accent struct{ light, dark colour }

// colour is an sRGB colour; nil: none was given.
type colour []byte

// The grounds on which controls stand: --paper of css/tokens.css, as sRGB.
var (
	paperLight = colour{0xfd, 0xfe, 0xfe}
	paperDark  = colour{0x12, 0x18, 0x1d}
)

// seen is the contrast that a control needs against its ground (WCAG 2.2 §1.4.11).
const seen = 3.0

func (e *embed) readAccent(value string) error {
	first, second, both := strings.Cut(value, ",")
	light, err := readColour(first)
	if err != nil {
		return err
	}
	dark := light
	if both {
		if dark, err = readColour(second); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		theme         string
		colour, paper colour
	}{{"light", light, paperLight}, {"dark", dark, paperDark}} {
		if c := contrast(t.colour, t.paper); c < seen {
			advice := "Choose another"
			if !both {
				advice = "Choose another, or give one for light and one for dark as in accent=0b5fff,7aa7ff"
			}
			return wrong("The accent %s can hardly be seen on the %s theme: its contrast is %.1f to 1, and a button needs %.0f to 1. %s.", t.colour, t.theme, c, seen, advice)
		}
	}
	e.accent = accent{light, dark}
	return nil
}

// readColour reads six hexadecimal digits, or three, with or without #.
func readColour(text string) (colour, error) {
	digits := strings.TrimPrefix(strings.TrimSpace(text), "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 24)
	if err != nil || len(digits) != 6 {
		return nil, wrong("“%s” is no colour: it is written as in accent=0b5fff.", text)
	}
	return colour{byte(n >> 16), byte(n >> 8), byte(n)}, nil
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is the relative luminance of a colour (WCAG 2.2, definition).
func (c colour) luminance() float64 {
	linear := func(v byte) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, definition).
func contrast(a, b colour) float64 {
	high, low := a.luminance(), b.luminance()
	if high < low {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

// on is what is read on a colour: black or white, of which one has 4.5 to 1 on any colour.
func (c colour) on() string {
	if white := (colour{255, 255, 255}); contrast(c, white) >= 4.5 {
		return "#fff"
	}
	return "#000"
}

// sheet is the style sheet that brings the colours onto the page; empty without any.
func (a accent) sheet() template.CSS {
	if a.light == nil {
		return ""
	}
	return template.CSS(fmt.Sprintf(":root{--accent:light-dark(%s,%s);--on-accent:light-dark(%s,%s)}", a.light, a.dark, a.light.on(), a.dark.on()))
}
