package world

import (
	"html"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"oauthplayground/lessons"
)

// What a lesson of the core promises beside its run: its questions, and the time it takes.

// core are the lessons of the core.
func core(t *testing.T) (list []*lessons.Lesson) {
	for _, track := range course(t).Tracks {
		for _, l := range track.Lessons {
			if track.Slug == "core" {
				list = append(list, l)
			}
		}
	}
	return list
}

// chosen are the questions of a lesson that are answered by a choice: quizzes, predictions and twins.
func chosen(l *lessons.Lesson) (list []*lessons.Quiz) {
	for _, q := range l.Quizzes() {
		if q.Kind == lessons.OneOf && !q.SelfCheck {
			list = append(list, q)
		}
	}
	return list
}

var markup = regexp.MustCompile(`<[^>]*>`)

// visible is what a reader sees of HTML.
func visible(h template.HTML) string {
	return strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(string(h), "")))
}

// TestChoicesGiveNothingAway: who knows nothing does not do well by choosing the longest, or always the same place.
func TestChoicesGiveNothingAway(t *testing.T) {
	const names = 24 // up to so many characters, choices are names of things, which are as long as they are
	var places [4]int
	all := 0
	for _, l := range core(t) {
		var own [4]int
		questions := chosen(l)
		for _, q := range questions {
			var lengths []int
			for i, c := range q.Choices {
				lengths = append(lengths, utf8.RuneCountInString(visible(c.HTML)))
				if c.Correct {
					own[i]++
					places[i]++
				}
			}
			if longest := slices.Max(lengths); longest > names && longest > 2*slices.Min(lengths) {
				t.Errorf("%s:%d: the choices of %q have %v characters: the longest has more than twice as many as the shortest", l.File, q.Line, q.ID, lengths)
			}
		}
		all += len(questions)
		for i, n := range own {
			if n > (len(questions)+1)/2 || i < 3 && n == 0 && len(questions) > 3 {
				t.Errorf("%s: of %d right choices %d stand in place %d: spread them (all: %v)", l.File, len(questions), n, i+1, own)
			}
		}
	}
	for i, n := range places[:3] {
		if all > 9 && (n < all/5 || n > all/2) {
			t.Errorf("in the course, of %d right choices %d stand in place %d: %v", all, n, i+1, places)
		}
	}
}

// TestEveryLessonAsksInEveryWay: each quiz has a twin to come back with; something is put in order, matched or marked; something
// is asked of the learner's own values.
func TestEveryLessonAsksInEveryWay(t *testing.T) {
	graded := 0
	for _, l := range core(t) {
		rows, own := 0, 0
		for _, q := range l.Quizzes() {
			if q.SelfCheck {
				continue
			}
			if !q.Predict && !strings.HasSuffix(q.ID, "-twin") {
				graded++
				if q.Kind == lessons.OneOf && q.Twin == nil {
					t.Errorf("%s:%d: the question %q has no twin: write one behind it, > [!TWIN %s] …", l.File, q.Line, q.ID, q.ID)
				}
			}
			if q.Kind != lessons.OneOf {
				rows++
			}
			asked := string(q.Question)
			for _, c := range q.Choices {
				asked += string(c.HTML)
				if _, known := lessons.Misconceptions[c.Misconception]; !c.Correct && !known {
					t.Errorf("%s:%d: a wrong answer to %q stands for no misconception", l.File, q.Line, q.ID)
				}
			}
			for _, r := range q.Rows {
				asked += string(r.HTML)
			}
			if strings.Contains(asked, "data-value=") {
				own++
			}
		}
		if rows == 0 {
			t.Errorf("%s: nothing is put in order, matched or marked: write a > [!ORDER], [!MATCH] or [!MATRIX]", l.File)
		}
		if own == 0 {
			t.Errorf("%s: no question is built from the learner's own values: name one like {{code#1}}", l.File)
		}
	}
	if graded < 27 {
		t.Errorf("the core has %d graded questions, beside predictions and twins: it promises 27", graded)
	}
}

// TestALessonTakesTheTimeThatItSays, within two fifths: 200 words a minute, a quarter of a minute a question, a third an act. Twins,
// hints and what is said to an answer are there for who wants them.
func TestALessonTakesTheTimeThatItSays(t *testing.T) {
	for _, l := range core(t) {
		words, questions, acts := 0, 0, 0
		count := func(parts ...template.HTML) {
			for _, h := range parts {
				words += len(strings.Fields(visible(h)))
			}
		}
		read := func(blocks []lessons.Block) {
			for _, b := range blocks {
				switch b := b.(type) {
				case *lessons.Prose:
					count(b.HTML)
				case *lessons.Note:
					count(b.HTML)
				case *lessons.Takeaway:
					count(b.HTML)
				case *lessons.Experiment:
					count(b.HTML)
				case *lessons.Quiz:
					questions++
					count(b.Question, b.Answer)
					for _, c := range b.Choices {
						count(c.HTML)
					}
					for _, r := range b.Rows {
						count(r.HTML)
					}
				}
			}
		}
		read(l.Intro)
		for _, s := range l.Steps {
			read(s.Blocks)
			if len(expectations(s)) > 0 {
				acts++
			}
		}
		takes := float64(words)/200 + float64(questions)/4 + float64(acts)/3
		if says := float64(l.Minutes); takes < .6*says || takes > 1.4*says {
			t.Errorf("%s says that it takes %d minutes, and takes about %.0f: %d words, %d questions, %d acts", l.File, l.Minutes, takes, words, questions, acts)
		}
	}
}
