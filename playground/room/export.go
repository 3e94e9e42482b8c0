package room

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"oauthplayground/lessons"
)

// Export is what a room has recorded, by pseudonym, to keep, also of those who have left. Simulated learners are not in it.
type Export struct {
	Room     string           `json:"room"`
	Title    string           `json:"title"`
	At       time.Time        `json:"at"`
	Learners []ExportLearner  `json:"learners"`
	Votes    []ExportVote     `json:"votes"`
	Answers  []ExportAnswer   `json:"answers"`
	Progress []ExportProgress `json:"progress"`
}

type ExportLearner struct {
	Name   string    `json:"name"`
	Joined time.Time `json:"joined"`
	Lesson string    `json:"lesson"`
	Step   string    `json:"step"`
}

type ExportVote struct {
	Name          string         `json:"name"`
	Lesson        string         `json:"lesson"`
	Question      string         `json:"question"`
	Asked         time.Time      `json:"asked"`
	Round         int            `json:"round"`
	Answer        lessons.Answer `json:"answer"`
	Correct       bool           `json:"correct"`
	Misconception string         `json:"misconception"`
	At            time.Time      `json:"at"`
}

type ExportAnswer struct {
	Name          string         `json:"name"`
	Lesson        string         `json:"lesson"`
	Question      string         `json:"question"`
	Answer        lessons.Answer `json:"answer"`
	Correct       bool           `json:"correct"`
	Misconception string         `json:"misconception"`
	At            time.Time      `json:"at"`
}

type ExportProgress struct {
	Name   string    `json:"name"`
	Lesson string    `json:"lesson"`
	Step   string    `json:"step"`
	Passed time.Time `json:"passed"`
}

// Export gathers it.
func (r *Room) Export() Export {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state
	e := Export{Room: Spoken(r.code), Title: s.title, At: r.rooms.config.Clock().UTC().Truncate(time.Second), Learners: []ExportLearner{}, Votes: []ExportVote{}, Answers: []ExportAnswer{}, Progress: []ExportProgress{}}
	all := maps.Clone(s.learners)
	maps.Copy(all, s.left)
	for _, l := range inOrder(maps.Values(all)) {
		if l.simulated {
			continue
		}
		e.Learners = append(e.Learners, ExportLearner{l.name, l.joined, l.lesson, l.step})
		for _, a := range s.asks {
			for round, votes := range a.rounds {
				if v, ok := votes[l.id]; ok {
					e.Votes = append(e.Votes, ExportVote{l.name, a.lesson, a.question, a.began, round + 1, v.given, v.Correct, v.Misconception, v.at})
				}
			}
		}
		first := len(e.Answers)
		for _, a := range l.answers {
			e.Answers = append(e.Answers, ExportAnswer{l.name, a.lesson, a.question, a.given, a.Correct, a.Misconception, a.at})
		}
		slices.SortStableFunc(e.Answers[first:], func(a, b ExportAnswer) int { return a.At.Compare(b.At) })
		first = len(e.Progress)
		for lesson, passed := range l.passed {
			for _, p := range passed {
				e.Progress = append(e.Progress, ExportProgress{l.name, lesson, p.step, p.at})
			}
		}
		slices.SortStableFunc(e.Progress[first:], func(a, b ExportProgress) int { return a.Passed.Compare(b.Passed) })
	}
	return e
}

// Tables are what an Export has as CSV.
var Tables = []string{"votes", "answers", "progress"}

// WriteCSV writes one of the Tables.
func (e Export) WriteCSV(w io.Writer, table string) error {
	var rows [][]string
	switch table {
	case "votes":
		rows = append(rows, []string{"name", "lesson", "question", "asked", "round", "answer", "correct", "misconception", "at"})
		for _, v := range e.Votes {
			rows = append(rows, []string{v.Name, v.Lesson, v.Question, stamp(v.Asked), strconv.Itoa(v.Round), numbers(v.Answer), strconv.FormatBool(v.Correct), v.Misconception, stamp(v.At)})
		}
	case "answers":
		rows = append(rows, []string{"name", "lesson", "question", "answer", "correct", "misconception", "at"})
		for _, a := range e.Answers {
			rows = append(rows, []string{a.Name, a.Lesson, a.Question, numbers(a.Answer), strconv.FormatBool(a.Correct), a.Misconception, stamp(a.At)})
		}
	case "progress":
		rows = append(rows, []string{"name", "lesson", "step", "passed"})
		for _, p := range e.Progress {
			rows = append(rows, []string{p.Name, p.Lesson, p.Step, stamp(p.Passed)})
		}
	default:
		return refuse(Invalid, "what can’t be %q: it is votes, answers or progress.", clip(table))
	}
	for _, row := range rows[1:] {
		row[0] = inert(row[0])
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// WriteJSON writes all of it.
func (e Export) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(e)
}

// inert is a name that a spreadsheet takes for text: whoever joins chooses it, and a formula is none of their business.
func inert(name string) string {
	if strings.ContainsAny(name[:1], "=+-@\t\r") {
		return "'" + name
	}
	return name
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func numbers(a lessons.Answer) string {
	var list []string
	for _, n := range a {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, " ")
}
