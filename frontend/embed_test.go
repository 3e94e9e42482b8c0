package frontend

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestPicturesHaveTheColoursOfThePages: a picture is drawn with numbers of its own, which are those of the style sheet.
func TestPicturesHaveTheColoursOfThePages(t *testing.T) {
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light := map[string]color.RGBA{}
	for _, m := range regexp.MustCompile(`--([\w-]+):\s+light-dark\(oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)`).FindAllStringSubmatch(string(css), -1) {
		var v [3]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[2+i], 64)
		}
		light[m[1]] = srgb(v[0], v[1], v[2])
	}
	for name, got := range inks {
		if light[name] != got {
			t.Errorf("%s is %v in pictures and %v on pages", name, got, light[name])
		}
	}
}

// srgb is an OKLCH colour (CSS Color Module Level 4 §9, §18) for a screen.
func srgb(l, c, h float64) color.RGBA {
	a, b := c*math.Cos(h*math.Pi/180), c*math.Sin(h*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	x, y, z := cube(l+0.3963377774*a+0.2158037573*b), cube(l-0.1055613458*a-0.0638541728*b), cube(l-0.0894841775*a-1.2914855480*b)
	byteOf := func(v float64) uint8 {
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		return uint8(math.Round(255 * max(0, min(1, v))))
	}
	return color.RGBA{byteOf(4.0767416621*x - 3.3077115913*y + 0.2309699292*z), byteOf(-1.2684380046*x + 2.6097574011*y - 0.3413193965*z), byteOf(-0.0041960863*x - 0.7034186147*y + 1.7076147010*z), 255}
}

// TestAPictureHoldsWhateverItIsGiven: its measures stay, whatever the title and whoever takes part.
func TestAPictureHoldsWhateverItIsGiven(t *testing.T) {
	for _, v := range []Social{
		{},
		{Caption: hostile, Title: strings.Repeat("a very long title ", 40), Text: strings.Repeat("x", 500), Rows: []RowView{{From: hostile, To: "as"}, {From: "browser", To: "as"}}},
		{Title: "one", Rows: []RowView{{From: "attacker", To: "browser", RefusedBy: "a"}, {From: "attacker-browser", To: "as"}}},
	} {
		for _, width := range []int{SocialWide, 300} {
			var b bytes.Buffer
			if err := WriteSocial(&b, v, width); err != nil {
				t.Fatal(err)
			}
			if p, err := png.DecodeConfig(&b); err != nil || p.Width != width || p.Height != width*SocialHigh/SocialWide {
				t.Errorf("%v, %+v", err, p)
			}
		}
	}
	if Picture([]RowView{{From: hostile, To: "as"}, {From: "browser", To: "as"}}) != "" {
		t.Error("a picture names somebody that nobody knows")
	}
}

// TestEmbedsHoldTheirPolicy: whatever text a poster or a part that runs gets, the scripts in it are ours, and nothing loads from elsewhere.
func TestEmbedsHoldTheirPolicy(t *testing.T) {
	pages := hostilePages()
	lesson := pages["lesson"].(LessonPage)
	quiz := &BlockView{Kind: "quiz", Quiz: lesson.Intro[0].Quiz}
	token := &TokenView{Tag: hostile, Kind: hostile, Header: []ClaimView{{hostile, hostile}}, Claims: []ClaimView{{hostile, hostile}}}
	poster := func(grain string) EmbedPage {
		return EmbedPage{Layout: Layout{Title: hostile, Nonce: "n0nce"}, Grain: grain, Slug: hostile, Heading: hostile, Text: hostile, From: 1, To: 2, Minutes: 2, Before: 2, Older: 1, Newer: 2, Theme: hostile, Live: "/embed?" + hostile, Full: "javascript:alert(1)", FullURL: hostile, Run: lesson.Run, Accent: ":root{}"}
	}
	drawn, asks, shows, wrong := poster("diagram"), poster("quiz"), poster("token"), poster("lesson")
	drawn.Draw, asks.Quiz, shows.Token, wrong.Problem = true, quiz, token, hostile
	for name, p := range map[string]EmbedPage{"lesson": poster("lesson"), "diagram": drawn, "quiz": asks, "token": shows, "problem": wrong} {
		page := rendered(t, "embed", p)
		if all := scripts.FindAllString(page, -1); len(all) != 1 || !strings.Contains(page, "<script>"+string(EmbedScript())+"</script>") {
			t.Errorf("%s has the scripts %q", name, all)
		}
		for _, bad := range []*regexp.Regexp{inline, checked, foreign, elements} {
			if found := bad.FindString(page); found != "" {
				t.Errorf("%s has %q", name, found)
			}
		}
	}
	for name, p := range map[string]EmbedPage{"embed-lesson": poster("lesson"), "embed-attack": poster("attack"), "embed-run": poster("run"), "embed-token": shows} {
		page := rendered(t, name, EmbedLive{Layout: p.Layout, Embed: p, Script: "embed-lesson.js", Lesson: lesson, Attack: pages["attack"].(AttackPage), Intro: true, Before: hostile, Start: hostile})
		for _, s := range scripts.FindAllString(page, -1) {
			if !strings.Contains(s, `nonce="n0nce"`) && s != `<script type="application/x-ndjson" id="golden">` {
				t.Errorf("%s has a script that is not ours: %s", name, s)
			}
		}
		for _, bad := range []*regexp.Regexp{inline, checked, foreign, elements} {
			if found := bad.FindString(page); found != "" {
				t.Errorf("%s has %q", name, found)
			}
		}
	}
}
