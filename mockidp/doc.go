// Package mockidp is a mock OpenID Provider and OAuth 2.0 authorization server: an http.Handler per issuer that behaves
// like a certified server, with every protection a switch.
package mockidp
