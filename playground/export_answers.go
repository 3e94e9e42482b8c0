package playground

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"oauthplayground/lessons"
	"oauthplayground/playground/world"
)

// answerKey is what a page needs to grade a question itself. Where a page grades, its reader can read; see answerKeys.
type answerKey struct {
	Kind    lessons.Kind   `json:"kind"`
	Choices []world.Graded `json:"choices,omitempty"` // what is said to each choice
	Rows    []answerRow    `json:"rows,omitempty"`    // or which columns belong to each row
	Columns []string       `json:"columns,omitempty"`
	Right   *world.Graded  `json:"right,omitempty"` // what is said to all rows right
	Wrong   *world.Graded  `json:"wrong,omitempty"` // and to anything else
}

type answerRow struct {
	Text  string `json:"text"`
	Right []int  `json:"right"`
}

// answerKeys are the keys of questions, and of their twins, as data for a page's script. They are in base64, which hides them from
// nobody who wants to know, and spares those who only look at a page's source.
func answerKeys(l *lessons.Lesson, list ...*lessons.Quiz) (string, error) {
	keys := map[string]answerKey{}
	for _, q := range list {
		for ; q != nil; q = q.Twin {
			if q.SelfCheck {
				continue
			}
			key, err := keyOf(l, q)
			if err != nil {
				return "", fmt.Errorf("%s, %s: %w", l.Slug, q.ID, err)
			}
			keys[q.ID] = key
		}
	}
	if len(keys) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(keys)
	return `<script type="text/plain" id="answers">` + base64.StdEncoding.EncodeToString(raw) + `</script>`, err
}

// keyOf asks the grading itself what it says to a right answer and to a wrong one.
func keyOf(l *lessons.Lesson, q *lessons.Quiz) (answerKey, error) {
	key := answerKey{Kind: q.Kind}
	if q.Kind == lessons.OneOf {
		for i := range q.Choices {
			g, err := world.Grade(l, q.ID, lessons.Answer{i + 1})
			if err != nil {
				return key, err
			}
			key.Choices = append(key.Choices, g)
		}
		return key, nil
	}
	var right lessons.Answer
	for i, row := range q.Rows {
		key.Rows = append(key.Rows, answerRow{lessons.PlainText(row.HTML), append([]int{}, row.Right...)})
		for _, n := range row.Right {
			if q.Kind == lessons.Matrix {
				n += i * len(q.Columns)
			}
			right = append(right, n)
		}
	}
	for _, c := range q.Columns {
		key.Columns = append(key.Columns, lessons.PlainText(c))
	}
	said, err := world.Grade(l, q.ID, right)
	if err != nil {
		return key, err
	}
	other, err := world.Grade(l, q.ID, otherThan(q, right))
	key.Right, key.Wrong = &said, &other
	return key, err
}

// otherThan is an answer that can be graded and is wrong.
func otherThan(q *lessons.Quiz, right lessons.Answer) lessons.Answer {
	wrong := slices.Clone(right)
	switch {
	case q.Kind == lessons.Matrix && len(right) > 1:
		return wrong[1:]
	case q.Kind == lessons.Matrix:
		return append(wrong, right[0]%(len(q.Rows)*len(q.Columns))+1)
	case q.Kind == lessons.Order:
		wrong[0], wrong[1] = wrong[1], wrong[0]
	default:
		wrong[0] = wrong[0]%len(q.Columns) + 1
	}
	return wrong
}
