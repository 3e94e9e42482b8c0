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
	page, err := glossaryView()
	if err != nil {
		s.config.Log.Error("the glossary can't be read", "error", err)
		s.errorPage(c, http.StatusInternalServerError, "The glossary can't be read.", "Go on in your lesson: it does not need it.")
		return
	}
	s.page(c, http.StatusOK, "glossary", func(l frontend.Layout) any {
		page.Layout = l
		return page
	}, "Glossary")
}

func glossaryView() (p frontend.GlossaryPage, err error) {
	terms, err := lessons.Glossary()
	if err != nil {
		return p, err
	}
	for _, t := range terms {
		v := frontend.TermView{ID: t.ID, Name: t.Name, HTML: t.HTML}
		if t.Spec != "" {
			url, err := check.SpecURL(t.Spec)
			if err != nil {
				return p, err
			}
			v.Spec = &frontend.Link{Text: t.Spec, URL: url}
			p.Editions = withEdition(p.Editions, t.Spec)
		}
		p.Terms = append(p.Terms, v)
	}
	return p, nil
}
