package world

import (
	"io"
	"net/http"

	"oauthplayground/playground/vnet/browser"
)

// mallory is Mallory's own server, in the table of actors, and her app on Maya's phone. It offers a visitor counter, and takes
// whatever else it is sent: what it received is in the record.
var mallory = map[string]server{
	"GET /counter.js": func(_ *Sandbox, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		io.WriteString(w, counterScript)
	},
	browser.MethodOpen + " /callback": (*Sandbox).torch,
	"GET /security":                   (*Sandbox).lookAlikeAnswer,
	"GET /collect/":                   func(_ *Sandbox, w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) },
	"/": func(_ *Sandbox, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Free coupons</title><h1>Thank you for your visit</h1><p>Practice server. Do not type a real password.</p></html>\n")
	},
}
