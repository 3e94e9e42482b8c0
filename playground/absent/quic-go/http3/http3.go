// Package http3 takes the place of the HTTP/3 server that Gin links: this program has none.
package http3

import (
	"errors"
	"net/http"
)

// ListenAndServeQUIC is what Gin's RunQUIC calls.
func ListenAndServeQUIC(addr, certFile, keyFile string, handler http.Handler) error {
	return errors.New("http3: not in this program")
}
