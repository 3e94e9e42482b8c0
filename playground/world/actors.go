package world

import (
	"context"
	"net/http"
	"slices"
)

// Actor is a party of the story.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"` // origin it serves, if it serves one
}

// The ids of the actors. They are the lanes of the diagram and the words of a lesson's expectations.
const (
	Browser         = "browser"          // Maya's browser
	Client          = "client"           // Content Planner's server
	AS              = "as"               // Chirper's authorization server
	API             = "api"              // Chirper's API
	Attacker        = "attacker"         // Mallory's server or script
	AttackerBrowser = "attacker-browser" // Mallory's own browser
	Phone           = "phone"            // an app on Maya's phone
	SPA             = "spa"              // a script in a page of Maya's browser
	Outside         = "outside"          // the app under test, over TCP
)

// actor is a row of the table of actors: what it is called, which host it serves, whether it is a browser.
type actor struct {
	Actor
	host  string // on the in-memory network; empty for those that serve nothing
	agent bool   // drives a browser of the world
}

// actors is everyone who can appear in a sandbox, in the order of their lanes.
var actors = []actor{
	{Actor: Actor{ID: Browser, Name: "Maya’s browser"}, agent: true},
	{Actor: Actor{ID: Client, Name: "Content Planner", URL: "https://planner.test"}, host: "planner.test"},
	{Actor: Actor{ID: AS, Name: "Authorization server", URL: "https://auth.chirper.test"}, host: "auth.chirper.test"},
	{Actor: Actor{ID: API, Name: "Chirper API", URL: "https://api.chirper.test"}, host: "api.chirper.test"},
	{Actor: Actor{ID: Attacker, Name: "Mallory", URL: "https://mallory.test"}, host: "mallory.test"},
	{Actor: Actor{ID: AttackerBrowser, Name: "Mallory’s browser"}, agent: true},
	{Actor: Actor{ID: Phone, Name: "Maya’s phone"}},
	{Actor: Actor{ID: SPA, Name: "Script in the page"}},
	{Actor: Actor{ID: Outside, Name: "Your app"}},
}

// Actors is everyone who can appear in a lesson, in the order of their lanes.
func Actors() []Actor {
	var list []Actor
	for _, a := range actors {
		if a.ID != Outside {
			list = append(list, a.Actor)
		}
	}
	return list
}

// server answers what is asked of an actor in a sandbox. Its routes are the same in every sandbox, so a world has them once.
type server func(*Sandbox, http.ResponseWriter, *http.Request)

// newServers are those of the actors who serve a host.
func newServers() map[string]server {
	return map[string]server{
		Client:   site(planner),
		AS:       func(s *Sandbox, w http.ResponseWriter, r *http.Request) { s.issuer.ServeHTTP(w, r) },
		API:      (*Sandbox).api,
		Attacker: site(mallory),
		Phone:    site(phone),
	}
}

type sandboxKey struct{}

// site makes a server of its routes, by the patterns of a ServeMux.
func site(routes map[string]server) server {
	mux := http.NewServeMux()
	for pattern, serve := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			serve(r.Context().Value(sandboxKey{}).(*Sandbox), w, r)
		})
	}
	return func(s *Sandbox, w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), sandboxKey{}, s)))
	}
}

func actorByID(id string) (actor, bool) {
	i := slices.IndexFunc(actors, func(a actor) bool { return a.ID == id })
	if i < 0 {
		return actor{}, false
	}
	return actors[i], true
}

func actorByHost(host string) (actor, bool) {
	i := slices.IndexFunc(actors, func(a actor) bool { return a.host != "" && a.host == host })
	if i < 0 {
		return actor{}, false
	}
	return actors[i], true
}

// origin is where an actor of this sandbox is reached: its host on the in-memory network, or the workbench's own
// addresses over TCP.
func (s *Sandbox) origin(a actor) string {
	if s.fixed.Kind == KindWorkbench {
		switch a.ID {
		case AS, API:
			return s.world.config.BaseURL + "/s/" + s.id + "/" + a.ID
		}
	}
	return a.URL
}
