// Package frontend is how the playground looks: templates, styles, scripts, and the built files that a browser gets.
//
// Pages are HTML from the server first: a lesson reads whole and its questions can be answered without script. Scripts (in
// src, TypeScript with Lit) upgrade the elements that are there; a page has one of its own (src/pages), and asks for the rest
// when somebody looks closer. So it is with styles: css/app.css is for all pages, what one page alone has stands in its own sheet. What belongs to a seat in a room (src/seat.ts, css/seat.css) comes to who has one. An embed is a poster first (templates/embed.html, css/embed.css), whose small script stands in it; what it starts has sheets and scripts of its own (embed-live, embed-…), and src/pages/embed.ts is the element for the pages of others. A copy without a server has one script for all its pages (src/pages/static.ts, src/static-….ts), which is no module. Every sentence of the interface, in templates and scripts, is in strings/en.json: a language is one
// file. Colours, sizes and times are in css/tokens.css alone. What a browser loads is built by go generate into dist, which is
// committed and reproducible, so that a fresh clone needs Go alone; a test builds it again and compares.
//
// Guarantees: nothing is loaded from another host; assets with their hash in the address may be kept for ever; the view
// models are plain types, so that this package needs no other of ours.
//
// Not here: what is shown (package playground fills the view models), what a page asks the server for (the API).
package frontend

//go:generate go run ./bundle
