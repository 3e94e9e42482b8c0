package frontend

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"
)

// EmbedPage is a part of a lesson for the pages of others: first a poster, on which nothing runs, then the part itself.
type EmbedPage struct {
	Layout
	Grain        string // lesson, step, quiz, attack, run, token, diagram
	Slug         string // of the lesson; empty for a run that is a file
	Number       int    // of the lesson
	From, To     int    // the steps it shows, counted from 1; 0: it isn't about steps
	Before       int    // how many steps are played for the reader before it begins
	Heading      string
	Text         string // what it is about
	Minutes      int
	NoTitle      bool
	Still        bool         // nothing can be started or answered
	Theme        string       // light, dark, or empty for what the reader's system has
	Accent       template.CSS // a style sheet with the colours of who embeds it
	Live         string       // where it runs, in the same frame; empty: it doesn't run
	Full         string       // the page of ours that has all of it
	FullURL      string       // the same, for another window's address bar
	Away         bool         // that page is no page of ours, but a file elsewhere
	Older, Newer int          // the lesson's version that was asked for, and the one that there is, if that is later
	Draw         bool         // the run is drawn; otherwise it is there as text, folded
	Run          RunView
	Picture      template.HTML
	Quiz         *BlockView
	Token        *TokenView
	Problem      string // what is wrong with the address that was asked for
}

// EmbedsPage is the page of worked examples for those who embed.
type EmbedsPage struct {
	Layout
	Slug, Lesson, Base string
	Lessons            []Link // those that can be chosen for the examples
	Examples           []ExampleView
	Options            []OptionView
	Forms              []CodeView // of a step, in every form
	Recipes            []RecipeView
	Policy, OEmbed     CodeView // what a Content-Security-Policy around needs, and where oEmbed answers
}

// ExampleView is a kind of embed as it looks, and what is pasted.
type ExampleView struct {
	Grain   string
	Element template.HTML
	Forms   []CodeView
	// Of what else there is of this kind, in words, and what is pasted for that.
	More      string
	MoreForms []CodeView
}

// CodeView is what is pasted, and its name or its file's.
type CodeView struct{ Name, Code string }

// OptionView is an option of an embed's address.
type OptionView struct {
	Name string
	In   []string // the kinds that have it; none: all
}

// RecipeView is how pages that a generator makes get an embed.
type RecipeView struct {
	ID, Name string
	Files    []CodeView
	Output   string // what stands in the page in the end
}

// ShareView is what a page says of itself to those who show links to it.
type ShareView struct {
	Title, Text, Link, Picture string
	OEmbed                     string // where a frame of it is offered
	Attack                     string // the step of the attack that the page is about; empty if it is about a lesson
}

// EmbedLive is a part of a lesson that was started in the page of others.
type EmbedLive struct {
	Layout
	Embed         EmbedPage
	Script        string
	Graph         bool // one of its steps has the attack graph
	Lesson        LessonPage
	Attack        AttackPage
	Intro         bool   // it begins with what the lesson says before its first step
	File          bool   // it is a run that is a file
	From          string // where that lies; empty: the address carries it
	Before, Start string // the step up to which is played at once, and the one that is shown first, or the one of a token
}

// TokenView is a token that is decoded.
type TokenView struct {
	Tag, Kind      string
	Header, Claims []ClaimView
}

// ClaimView is a member of a token's header or payload, its value as JSON.
type ClaimView struct{ Name, Value string }

// EmbedScript is the script of a poster: it stands in the page, so that a frame whose origin is nobody's can have it too.
var EmbedScript = sync.OnceValue(func() template.JS { return template.JS(assets()["embed-poster.js"].plain()) })

// Hash allows a script or style sheet that stands in a page (CSP Level 3 §2.3.1).
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Measures of a poster's picture, in its own units.
const (
	pictureWide = 340
	pictureRow  = 40
	pictureTop  = 48
)

// Picture draws exchanges of a recorded run, small: lanes from top to bottom, an arrow for each exchange in its order.
func Picture(rows []RowView) template.HTML {
	list := Lanes(func(actor string) bool {
		return slices.ContainsFunc(rows, func(r RowView) bool { return r.From == actor || r.To == actor })
	})
	if len(list) < 2 || slices.ContainsFunc(rows, func(r RowView) bool { return glyphs[r.From] == "" || glyphs[r.To] == "" }) {
		return ""
	}
	at := func(actor string) int { return 40 + slices.Index(list, actor)*(pictureWide-80)/(len(list)-1) }
	high := pictureTop + pictureRow*len(rows)
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="em-pic" viewBox="0 0 %d %d" aria-hidden="true">`, pictureWide, high)
	for _, actor := range list {
		fmt.Fprintf(&svg, `<g class="who %s"><path class="lane" d="M%d 22V%d"/><svg x="%d" y="3" width="18" height="18" viewBox="0 0 12 12">%s</svg></g>`, tone(actor), at(actor), high, at(actor)-9, glyphs[actor])
	}
	for i, r := range rows {
		y, from, to := pictureTop+pictureRow*i+8, at(r.From), at(r.To)
		side := 1
		if to < from {
			side = -1
		}
		end, kind := to-side*12, "way"
		if strings.HasPrefix(r.From, "attacker") {
			kind = "way evil"
		}
		if from == to { // a call to oneself has no way to draw
			continue
		}
		fmt.Fprintf(&svg, `<g class="who %s"><path class="%s" d="M%d %dH%d"/><svg x="%d" y="%d" width="14" height="14" viewBox="0 0 12 12">%s</svg>`, tone(r.From), kind, from, y, end, from-7, y-7, glyphs[r.From])
		if r.RefusedBy != "" {
			fmt.Fprintf(&svg, `<path class="bar" d="M%d %dv26"/></g>`, end-side*2, y-13)
		} else {
			fmt.Fprintf(&svg, `<path class="head" d="M%d %dl%d -6v12z"/></g>`, to, y, -side*12)
		}
	}
	svg.WriteString(`</svg>`)
	return template.HTML(svg.String())
}
