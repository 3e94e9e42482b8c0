package trace

import (
	"encoding/json"
	"time"

	"oauthplayground/mockidp/check"
)

// Kind says what an event is.
type Kind string

const (
	KindRequest  Kind = "request"
	KindResponse Kind = "response"
	KindRedirect Kind = "redirect" // a response with a 3xx status and a Location
	KindToken    Kind = "token"    // a token found in a message, decoded
	KindChange   Kind = "change"   // something in the world changed without a message
)

// Event is one arrow of the sequence diagram, or one change of the world. Its JSON, with the fields in this order, is
// the contract with the page, with embeds and with anyone who reads a trace.
type Event struct {
	Seq   uint64    `json:"seq"`             // position in the log, from 1, no gaps
	At    time.Time `json:"at"`              // sandbox time
	Kind  Kind      `json:"kind"`            //
	Run   uint64    `json:"run"`             // which pass through the lesson; 1 at creation
	N     uint64    `json:"n,omitempty"`     // number of the exchange in its run, in the order of its request
	From  string    `json:"from,omitempty"`  // actor id
	To    string    `json:"to,omitempty"`    // actor id
	Of    uint64    `json:"of,omitempty"`    // response, redirect: the request's seq; token: the message it was found in
	Cause uint64    `json:"cause,omitempty"` // request: the redirect or message that led to it

	Request  *Request        `json:"request,omitempty"`
	Response *Response       `json:"response,omitempty"`
	Token    *Token          `json:"token,omitempty"`
	Change   *Change         `json:"change,omitempty"`
	Verdicts []check.Verdict `json:"verdicts,omitempty"`
	Finds    []Find          `json:"finds,omitempty"`
}

// Header is a name and a value. Headers are kept as pairs, Host first and then by name: net/http keeps no wire order.
type Header [2]string

// Request is a request as its receiver got it.
type Request struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"` // absolute
	Headers []Header `json:"headers"`
	Body    string   `json:"body,omitempty"`
	Cut     bool     `json:"cut,omitempty"` // the body was longer than is kept
}

// Response is a response as its sender sent it. Status 0 with an Error is a connection that was cut.
type Response struct {
	Status  int      `json:"status"`
	Headers []Header `json:"headers,omitempty"`
	Body    string   `json:"body,omitempty"`
	Cut     bool     `json:"cut,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// Token is a token where it first appeared. A JWT is decoded and its signature verified with the keys the sandbox
// knows; anything else is named opaque.
type Token struct {
	Tag       string          `json:"tag"`
	Format    string          `json:"format"` // "jwt" or "opaque"
	Header    json.RawMessage `json:"header,omitempty"`
	Claims    json.RawMessage `json:"claims,omitempty"`
	Signature *Signature      `json:"signature,omitempty"`

	verification *verification // what fills Signature when the event is read
}

// Signature is what came of verifying a token's signature. Verified is only ever the result of a verification that ran.
type Signature struct {
	Alg      string `json:"alg"`
	Kid      string `json:"kid,omitempty"`
	Verified bool   `json:"verified"`
	Problem  string `json:"problem,omitempty"` // why it is not verified
}

// Change is something that happened without a message: a new run, a policy or setting or clock change, a step passed, a
// browser's new page, something read from history or storage.
type Change struct {
	What  string `json:"what"` // run, policy, setting, clock, step, page, read, kept
	Step  string `json:"step,omitempty"`
	Actor string `json:"actor,omitempty"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// WhatKept is a change by which an actor puts values by that it will need later: To are its names and values as a form has
// them, From says where.
const WhatKept = "kept"

// Find is a value of interest found in a message. The same value has the same tag wherever it appears: that is how
// code#1 is followed through the diagram.
type Find struct {
	Tag  string `json:"tag"`  // "code#1"
	Kind string `json:"kind"` // the specification's name: code, state, access_token …
	In   string `json:"in"`   // query, fragment, header, cookie, body, path, history or storage
	Name string `json:"name"` // the parameter, header, member or cookie it was found in
}
