// Package vnet is an in-memory network with host names: real HTTP/1.1 between the actors of many sandboxes, with no DNS, no
// ports and no TLS bytes.
//
// One http.Server serves every host of every sandbox, so an idle sandbox costs no goroutine. Each exchange has a connection
// of its own. Who sent it, in which sandbox, and which event caused it are set by the dialer and read by the server from
// the connection: no header says so, nothing is added to the wire a learner studies, and no peer can forge it.
//
// Guarantees: a request reaches the handler with its Host as the sender wrote it; what a connection carries belongs to one
// exchange; when Close returns no handler is at work. Not here: which hosts exist and what they do, redirects, cookies (package
// browser).
package vnet
