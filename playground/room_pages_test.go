package playground

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

// pageText is a page of ours that came.
func pageText(t *testing.T, address string) string {
	t.Helper()
	r := do(t, http.DefaultClient, mustRequest("GET", address, ""))
	if r.status != http.StatusOK {
		t.Fatalf("%s: %d", address, r.status)
	}
	return string(r.body)
}

func TestTheWallShowsAddressAndCode(t *testing.T) {
	base := startServer(t, Config{BaseURL: "https://school.example/oauth"})
	page := pageText(t, base+"/projector/k7p-4mx")
	for _, want := range []string{"school.example/oauth", "K7P-4MX", `aria-label="QR code for https://school.example/oauth/join/K7P4MX"`} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/projector/K7P4", "")); r.status != http.StatusNotFound {
		t.Errorf("a code of four letters: %d", r.status)
	}
}

// TestTheQRCodeIsWhole draws the path into modules again and holds them against the encoder's.
func TestTheQRCodeIsWhole(t *testing.T) {
	const text = "http://192.168.4.20:8080/join/K7P4MX"
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	view, err := qrView(text)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(view.Path, -1) {
		n := make([]int, 4)
		for i := range n {
			n[i], _ = strconv.Atoi(run[i+1])
		}
		if n[2] != n[3] {
			t.Errorf("a run goes %d there and %d back", n[2], n[3])
		}
		for x := range n[2] {
			dark[[2]int{n[0] + x, n[1]}] = true
		}
	}
	for y := range code.Size {
		for x := range code.Size {
			if dark[[2]int{x, y}] != code.Black(x, y) {
				t.Fatalf("module %d, %d differs", x, y)
			}
		}
	}
	if view.Size != code.Size || view.Frame() != code.Size+8 {
		t.Errorf("the code has %d modules, the picture %d in a frame of %d", code.Size, view.Size, view.Frame())
	}
}

func TestARoomsPagesSayWhatTheyNeed(t *testing.T) {
	base := startServer(t, Config{})
	for path, want := range map[string]string{
		"/teach":            "Leading a room needs JavaScript",
		"/teach/K7P-4MX":    "Leading a room needs JavaScript",
		"/projector/K7P4MX": "This screen needs JavaScript",
	} {
		page := pageText(t, base+path)
		if i := strings.Index(page, "<noscript>"); i < 0 || !strings.Contains(page[i:], want) {
			t.Errorf("%s does not say without script: %s", path, want)
		}
	}
	if page := pageText(t, base+"/teach/k7p-4mx"); !strings.Contains(page, `data-code="K7P4MX"`) {
		t.Error("the board does not know its room")
	}
}

// TestAHandoutKeepsItsAnswersBack: every graded question is asked, and nothing that is right is marked before the key.
func TestAHandoutKeepsItsAnswersBack(t *testing.T) {
	s, base := startOwn(t, Config{})
	course, err := s.course()
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range course.Tracks {
		for _, l := range track.Lessons {
			page := pageText(t, base+"/lessons/"+l.Slug+"/handout")
			asked, key, found := strings.Cut(page, `<section class="key"`)
			if !found {
				t.Errorf("%s has no key", l.Slug)
				continue
			}
			graded := 0
			for _, q := range l.Quizzes() {
				if q.SelfCheck {
					continue
				}
				graded++
				if !strings.Contains(asked, string(onPaper(l, q.Question))) {
					t.Errorf("%s does not ask %s", l.Slug, q.ID)
				}
				for _, c := range q.Choices {
					if c.Feedback != "" && strings.Contains(asked, string(onPaper(l, c.Feedback))) {
						t.Errorf("%s tells what is said to an answer of %s before the key", l.Slug, q.ID)
					}
					if c.Correct && !strings.Contains(key, string(onPaper(l, c.Feedback))) {
						t.Errorf("the key of %s does not say why, of %s", l.Slug, q.ID)
					}
				}
			}
			if strings.Contains(page, `href="#wire"`) {
				t.Errorf("%s points at a wire that is not on paper", l.Slug)
			}
			if n := strings.Count(key, "right-lines"); n != graded {
				t.Errorf("%s has %d questions and a key of %d", l.Slug, graded, n)
			}
			for _, spec := range l.Spec {
				if !strings.Contains(page, spec.Ref) {
					t.Errorf("%s does not name %s", l.Slug, spec.Ref)
				}
			}
			if len(s.goldenRun(l).view.Parts) > 0 && !strings.Contains(asked, "run-table") {
				t.Errorf("%s has a recorded run and does not show it", l.Slug)
			}
		}
	}
	if r := do(t, http.DefaultClient, mustRequest("GET", base+"/lessons/none/handout", "")); r.status != http.StatusNotFound {
		t.Errorf("a lesson that is not there: %d", r.status)
	}
}
