package world

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"oauthplayground/mockidp/check"
)

// link is a link of Planner's newsletter under judgement: /go counts the click and sends the browser on.
type link struct {
	to *url.URL
}

// linkChecks are Planner's rules for where such a link may lead.
var linkChecks = check.Table[*link]{
	{
		// "Clients MUST NOT expose open redirectors. […] clients should only redirect if the target URLs are allowed or if the
		// origin and integrity of a request can be authenticated": RFC 9700 §4.11.1
		ID: "client.redirector-own-pages", Title: "The link that Planner sends a browser on to leads to one of Planner’s own pages.",
		Spec: "RFC 9700 §4.11.1",
		Judge: func(_ context.Context, l *link) check.Finding {
			return check.Compare(plannerOrigin, l.to.Scheme+"://"+l.to.Host)
		},
		Refuse: plannerRefusal{http.StatusForbidden, "Planner does not send you there. If somebody gave you this link, be careful with it."},
	},
}

// plannerGo counts a click and sends the browser on to where the link leads. What else stands in its query goes along: campaigns
// put their marks there.
func (s *Sandbox) plannerGo(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	to, err := url.Parse(q.Get("to"))
	if err != nil || to.Scheme != "https" || to.Host == "" {
		writePlannerPage(w, http.StatusBadRequest, "refused", plannerPage{Heading: "This link leads nowhere", Problem: "It does not say to which address."})
		return
	}
	d, err := s.stateOf(r.Context())
	if err != nil {
		s.plannerFault(w, err)
		return
	}
	err = linkChecks.Run(r.Context(), d.Policy, &link{to: to})
	var refusal plannerRefusal
	switch {
	case errors.As(err, &refusal):
		writePlannerPage(w, refusal.status, "refused", plannerPage{Heading: "This link leads away from Planner", Problem: refusal.text})
		return
	case err != nil:
		s.plannerFault(w, err)
		return
	}
	q.Del("to")
	marks := to.Query()
	maps.Copy(marks, q)
	to.RawQuery = marks.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusFound)
}
