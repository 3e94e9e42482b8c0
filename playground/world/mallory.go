package world

import (
	"io"
	"net/http"
)

// mallory is Mallory's own server, in the table of actors: it takes whatever it is sent and says thank you. What it
// received is in the record.
func (s *Sandbox) mallory() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Free coupons</title><h1>Thank you for your visit</h1><p>Practice server. Do not type a real password.</p></html>\n")
	}
}
