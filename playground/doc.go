// Package playground is the server: pages, API, live streams, frames, embeds and the issuers of workbenches, on Gin. It is the only
// room of the house with doors to all the others.
//
// Handlers decode, call one function of the world, and write. Everything a learner can do is in the table of routes, which the
// router is built from and the OpenAPI document is held against.
//
// Guarantees: a sandbox is reached with its own key or not at all; no cookie is set and no request's Host is believed; what is
// logged is the template of a route, never its path, query, headers or body; a stream drops nothing, because it is a position
// in a log; a graceful stop closes sockets with a code that tells pages to come back; embeds and the frames in them are all that
// other pages may frame, an embed opens no socket before it is started, and it depends on no cookie and no storage.
//
// What is taught may change while the server runs: with a folder of an author it is looked at each second, and who is being served
// goes on with what there was.
//
// A run is one file (saved.go, saved_read.go), which names no sandbox; what isn't in its description is refused. A copy without a server
// (export.go) is the pages of the server as files: what is marked data-server in a template is not in it, and data-copy has other words.
//
// Not here: the protocol (mockidp), what happens in a sandbox (world), what is in a lesson (lessons), how pages look (frontend).
package playground
