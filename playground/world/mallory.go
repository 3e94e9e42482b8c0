package world

import (
	"io"
	"net/http"

	"oauthplayground/playground/vnet/browser"
)

// mallory is Mallory's own server, in the table of actors, and her app on Maya's phone. It offers a visitor counter, and takes
// whatever else it is sent.
// What it received is in the record.
func (s *Sandbox) mallory() http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /counter.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		io.WriteString(w, counterScript)
	})
	mux.HandleFunc(browser.MethodOpen+" /callback", s.torch)
	mux.HandleFunc("GET /security", s.lookAlikeAnswer)
	mux.HandleFunc("GET /collect/", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Free coupons</title><h1>Thank you for your visit</h1><p>Practice server. Do not type a real password.</p></html>\n")
	})
	return mux.ServeHTTP
}
