package frontend

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// SocialWide and SocialHigh are the measures of a picture for links, in pixels: what sites that show a link ask for.
const (
	SocialWide = 1200
	SocialHigh = 630
)

// Social is what a picture for a link shows: a title, and exchanges of a recorded run as arrows between their parties.
type Social struct {
	Course                     string // whose picture it is
	Caption, Title, Text, Foot string
	Rows                       []RowView
}

// inks are the colours of css/tokens.css on a light ground, as sRGB: a test holds them against each other.
var inks = map[string]color.RGBA{
	"paper": {0xfd, 0xfe, 0xfe, 255}, "desk": {0xf2, 0xf6, 0xf7, 255}, "rule": {0xd6, 0xdd, 0xe0, 255}, "ink": {0x16, 0x1f, 0x28, 255}, "ink-2": {0x40, 0x4a, 0x55, 255}, "ink-3": {0x5a, 0x65, 0x6e, 255}, "stop": {0xaa, 0x10, 0x04, 255},
	"browser": {0x08, 0x62, 0xb8, 255}, "client": {0x9a, 0x63, 0x00, 255}, "as": {0x00, 0x7c, 0x60, 255}, "api": {0x2f, 0x3a, 0x48, 255}, "attacker": {0x90, 0x00, 0x66, 255},
}

// ink is the colour of an actor, or of a token by its name.
func ink(name string) color.RGBA {
	if name == "outside" {
		name = "client"
	}
	c, ok := inks[tone(name)]
	if !ok {
		return inks["ink"]
	}
	return c
}

// typefaces are the Go fonts, which come with the module that draws them: the pages' own are packed for browsers.
var typefaces = sync.OnceValues(func() (f struct{ plain, bold *opentype.Font }, err error) {
	if f.plain, err = opentype.Parse(goregular.TTF); err == nil {
		f.bold, err = opentype.Parse(gobold.TTF)
	}
	return f, err
})

// WriteSocial draws a picture for a link as PNG, in the given width.
func WriteSocial(w io.Writer, v Social, width int) error {
	fonts, err := typefaces()
	if err != nil {
		return fmt.Errorf("the typeface can't be read: %w", err)
	}
	k := float64(width) / SocialWide
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, width, width*SocialHigh/SocialWide)), k: k}
	draw.Draw(c, c.Bounds(), image.NewUniform(ink("paper")), image.Point{}, draw.Src)
	c.box("desk", 0, 540, SocialWide, 90)
	c.box("rule", 0, 540, SocialWide, 2)

	y := c.text(fonts.plain, 26, "ink-3", 64, 100, 540, 1, v.Caption)
	y = c.text(fonts.bold, 58, "ink", 64, y+64, 560, 4, v.Title)
	if y < 430 {
		c.text(fonts.plain, 28, "ink-2", 64, y+50, 540, int(520-y)/40, v.Text)
	}
	c.mark(64, 567)
	c.text(fonts.bold, 28, "ink", 116, 594, 520, 1, v.Course)
	c.text(fonts.plain, 24, "ink-3", 680, 594, 470, 1, v.Foot)
	c.run(fonts.plain, v.Rows)
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, c)
}

// canvas is a picture whose measures are given as if it were 1200 wide.
type canvas struct {
	*image.RGBA
	k float64
}

type point struct{ x, y float64 }

// fill fills a polygon.
func (c *canvas) fill(name string, points ...point) {
	low, high := points[0], points[0]
	for _, p := range points {
		low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
	}
	x, y := int(low.x*c.k), int(low.y*c.k)
	z := vector.NewRasterizer(int(math.Ceil(high.x*c.k))-x+1, int(math.Ceil(high.y*c.k))-y+1)
	for i, p := range points {
		px, py := float32(p.x*c.k)-float32(x), float32(p.y*c.k)-float32(y)
		if i == 0 {
			z.MoveTo(px, py)
		} else {
			z.LineTo(px, py)
		}
	}
	z.ClosePath()
	z.Draw(c, z.Bounds().Add(image.Pt(x, y)), image.NewUniform(ink(name)), image.Point{})
}

func (c *canvas) box(name string, x, y, w, h float64) {
	c.fill(name, point{x, y}, point{x + w, y}, point{x + w, y + h}, point{x, y + h})
}

// shape draws the shape of an actor, so that colour is never alone.
func (c *canvas) shape(actor string, x, y, r float64) {
	var points []point
	switch tone(actor) {
	case "client", "outside":
		points = []point{{-.85, -.85}, {.85, -.85}, {.85, .85}, {-.85, .85}}
	case "as":
		points = []point{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}
	case "api":
		points = []point{{0, -1}, {1, .9}, {-1, .9}}
	case "attacker":
		points = []point{{-.57, -.93}, {0, -.37}, {.57, -.93}, {.93, -.57}, {.37, 0}, {.93, .57}, {.57, .93}, {0, .37}, {-.57, .93}, {-.93, .57}, {-.37, 0}, {-.93, -.57}}
	default:
		for i := range 40 {
			s, t := math.Sincos(float64(i) * math.Pi / 20)
			points = append(points, point{.92 * s, .92 * t})
		}
	}
	for i, p := range points {
		points[i] = point{x + p.x*r, y + p.y*r}
	}
	c.fill(actor, points...)
}

// mark draws our own: two lanes and an arrow.
func (c *canvas) mark(x, y float64) {
	c.box("ink-3", x, y, 4, 36)
	c.box("ink-3", x+30, y, 4, 36)
	c.fill("ink", point{x - 4, y + 12}, point{x + 2, y + 6}, point{x + 8, y + 12}, point{x + 2, y + 18})
	c.box("ink", x, y+10, 22, 4)
	c.fill("ink", point{x + 20, y + 4}, point{x + 30, y + 12}, point{x + 20, y + 20})
}

// text writes words into lines of a width, as many as there may be, and returns the base line of the last. What has no room ends
// in "…".
func (c *canvas) text(f *opentype.Font, size float64, name string, x, y, width float64, most int, words string) float64 {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size * c.k, DPI: 72, Hinting: font.HintingNone})
	if err != nil || words == "" || most < 1 {
		return y
	}
	defer face.Close()
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink(name)), Face: face}
	fits := func(s string) bool { return float64(d.MeasureString(s))/64 <= width*c.k }
	var lines []string
	line := ""
	for _, word := range strings.Fields(words) {
		switch longer := strings.TrimSpace(line + " " + word); {
		case line == "" || fits(longer):
			line = longer
		default:
			lines = append(lines, line)
			line = word
		}
	}
	lines = append(lines, line)
	if len(lines) > most {
		lines = lines[:most]
		last := lines[most-1]
		for last != "" && !fits(last+"…") {
			last = last[:strings.LastIndex(" "+last, " ")]
			last = strings.TrimSpace(last)
		}
		lines[most-1] = last + "…"
	}
	for i, l := range lines {
		if i > 0 {
			y += size * 1.22
		}
		d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * c.k * 64), Y: fixed.Int26_6(y * c.k * 64)}
		d.DrawString(l)
	}
	return y
}

// label writes a word in the middle above a place.
func (c *canvas) label(f *opentype.Font, size float64, name string, x, y float64, word string) {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size * c.k, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return
	}
	defer face.Close()
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink(name)), Face: face}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x*c.k*64) - d.MeasureString(word)/2, Y: fixed.Int26_6(y * c.k * 64)}
	d.DrawString(word)
}

// run draws exchanges as the pages do: lanes with names, an arrow for each in its order, a bar where one was refused.
func (c *canvas) run(f *opentype.Font, rows []RowView) {
	list := Lanes(func(actor string) bool {
		return slices.ContainsFunc(rows, func(r RowView) bool { return r.From == actor || r.To == actor })
	})
	if len(list) < 2 {
		return
	}
	const left, right, top, bottom = 720.0, 1130.0, 150.0, 500.0
	at := func(actor string) float64 {
		return left + float64(slices.Index(list, actor))*(right-left)/float64(len(list)-1)
	}
	for _, actor := range list {
		for y := top - 20; y < bottom; y += 12 {
			c.box(actor, at(actor)-1, y, 2, 7)
		}
		c.shape(actor, at(actor), top-40, 15)
		c.label(f, 19, actor, at(actor), top-70, word("lens", tone(actor)))
	}
	pitch := min(70, (bottom-top-20)/float64(len(rows)))
	for i, r := range rows {
		y, from, to := top+26+pitch*float64(i), at(r.From), at(r.To)
		side := 1.0
		if to < from {
			side = -1
		}
		end, thick := to-side*14, 4.0
		if tone(r.From) == "attacker" {
			thick = 9
			for x := 0.0; x < (end-from)*side; x += 20 { // hatched, as everything of Mallory's is
				c.box(r.From, min(from+side*x, from+side*(x+12)), y-thick/2, 12, thick)
			}
		} else {
			c.box(r.From, min(from, end), y-thick/2, math.Abs(end-from), thick)
		}
		c.shape(r.From, from, y, 10)
		if r.RefusedBy != "" {
			c.box("stop", end-4, y-20, 8, 40)
		} else {
			c.fill(r.From, point{to, y}, point{to - side*18, y - 10}, point{to - side*18, y + 10})
		}
	}
}

// Say is a sentence of the catalogue, for what isn't a page; a key without one is its own sentence.
func Say(key string, pairs ...any) string {
	s, err := say(key, pairs...)
	if err != nil {
		return key
	}
	return s
}
