package playground

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
	"oauthplayground/playground/world"
)

// attackPage is where an attack of a lesson is run with protections and without, and both runs stand side by side: the lesson's
// first attack that succeeds, or the one of ?step=.
func (s *Server) attackPage(c *gin.Context) {
	l, err := s.findLesson(c.Param("slug"))
	if err != nil {
		s.errorPage(c, http.StatusNotFound, "There is no such lesson.", "Choose one from the list of lessons.")
		return
	}
	attacks := l.Attacks()
	if len(attacks) == 0 {
		s.errorPage(c, http.StatusNotFound, "This lesson has no attack.", "Choose one from the list of lessons: it says which have.")
		return
	}
	wanted, err := parameter(c, "step", attacks[0].ID)
	i := slices.IndexFunc(attacks, func(step *lessons.Step) bool { return step.ID == wanted })
	if err != nil || i < 0 {
		s.errorPage(c, http.StatusNotFound, "There is no such attack in this lesson.", "Leave out what is behind the question mark.")
		return
	}
	s.page(c, http.StatusOK, "attack", func(layout frontend.Layout) any {
		layout.Share = s.shareView(l, "attack", attacks[i].ID)
		p := attackView(layout, l, attacks[i])
		p.Track = s.trackName(l)
		return p
	}, cmp.Or(l.Attack, attacks[i].Title))
}

// labData is what the page's script needs of an attack, before there is a sandbox.
type labData struct {
	Slug     string          `json:"slug"`
	Step     string          `json:"step"`
	Checks   []check.Info    `json:"checks"`
	Options  []check.Setting `json:"options"`
	Policy   check.Policy    `json:"policy"`         // as the lesson has them
	Settings check.Settings  `json:"settings"`       // as the lesson has them
	Enforced check.Policy    `json:"enforced"`       // everything that can be switched, on enforce
	Goal     string          `json:"goal,omitempty"` // of the graph
	Quiz     string          `json:"quiz,omitempty"` // the step with the first question after the attack
}

func attackView(layout frontend.Layout, l *lessons.Lesson, step *lessons.Step) frontend.AttackPage {
	lab := world.LabOf(l, step)
	p := frontend.AttackPage{Layout: layout, Slug: l.Slug, Track: l.Track, Title: l.Title, Question: l.Question, Residual: l.Residual, Number: l.Number, Name: cmp.Or(l.Attack, step.Title), Step: step.ID, StepTitle: step.Title, Graph: graphView(l, lab)}
	for _, other := range l.Attacks() {
		p.Attacks = append(p.Attacks, frontend.Link{Text: other.Title, URL: other.ID})
	}
	p.What = told(step)
	for _, goal := range step.Attack().Goals {
		p.Goals = append(p.Goals, world.Words(goal))
	}
	for _, info := range lab.Checks {
		url, err := check.SpecURL(info.Spec)
		if err != nil {
			url = ""
		}
		p.Checks = append(p.Checks, frontend.ProtectionView{ID: info.ID, Title: info.Title, Spec: frontend.Link{Text: info.Spec, URL: url}, Mode: string(lab.Policy[info.ID])})
	}
	for _, set := range lab.Options {
		p.Options = append(p.Options, frontend.EntryView{ID: set.ID, Value: lab.Settings[set.ID], Title: set.Title})
	}
	for _, s := range l.Steps {
		for _, b := range s.Blocks {
			if t, ok := b.(*lessons.Takeaway); ok {
				p.Takeaway = t.HTML
			}
		}
	}
	data := labData{Slug: l.Slug, Step: step.ID, Checks: lab.Checks, Options: lab.Options, Policy: lab.Policy, Settings: lab.Settings, Enforced: check.Policy{}}
	for _, info := range world.Checks() {
		if len(info.Modes) > 1 {
			data.Enforced[info.ID] = check.Enforce
		}
	}
	if g := l.Graph(); g != nil {
		data.Goal = g.Nodes[g.Goal()]
	}
	after := false
	for _, s := range l.Steps {
		for _, b := range s.Blocks {
			if q, ok := b.(*lessons.Quiz); ok && after && !q.Predict && !q.SelfCheck && data.Quiz == "" {
				data.Quiz = s.ID
			}
		}
		after = after || s == step
	}
	if text, err := json.Marshal(data); err == nil {
		p.Lab = string(text)
	}
	return p
}

// told is what the text of a step says directly before its attack.
func told(step *lessons.Step) []frontend.BlockView {
	var said []frontend.BlockView
	for _, b := range step.Blocks {
		switch b := b.(type) {
		case *lessons.Prose:
			said = []frontend.BlockView{{Kind: "prose", HTML: b.HTML}}
		case *lessons.Attack:
			return said
		}
	}
	return nil
}
