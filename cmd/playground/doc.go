// Command playground starts the OAuth 2.0 and OpenID Connect teaching playground.
//
// It parses flags, builds the server of package playground, runs it until it is told to stop, and closes it. Everything else
// can be started inside a test.
package main
