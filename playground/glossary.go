package playground

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"oauthplayground/frontend"
	"oauthplayground/lessons"
	"oauthplayground/mockidp/check"
)

// glossaryPage is every term of the lessons.
func (s *Server) glossaryPage(c *gin.Context) {
	terms, err := glossaryView()
	if err != nil {
		s.config.Log.Error("the glossary can't be read", "error", err)
		s.errorPage(c, http.StatusInternalServerError, "The glossary can't be read.", "Go on in your lesson: it does not need it.")
		return
	}
	s.page(c, http.StatusOK, "glossary", func(l frontend.Layout) any { return frontend.GlossaryPage{Layout: l, Terms: terms} }, "Glossary")
}

func glossaryView() ([]frontend.TermView, error) {
	terms, err := lessons.Glossary()
	if err != nil {
		return nil, err
	}
	var views []frontend.TermView
	for _, t := range terms {
		v := frontend.TermView{ID: t.ID, Name: t.Name, HTML: t.HTML}
		if t.Spec != "" {
			url, err := check.SpecURL(t.Spec)
			if err != nil {
				return nil, err
			}
			v.Spec = &frontend.Link{Text: t.Spec, URL: url}
		}
		views = append(views, v)
	}
	return views, nil
}
