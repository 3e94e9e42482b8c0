// Package room is an instructor's room: who is in it, where each learner is, what the instructor asks of them, votes, and what
// they show that the class believes.
//
// A room is a log of records (joined, moved, answered, asked, voted …) on an engine, and the state that they add up to. Every
// server that has the room open reads the same log and so holds the same state: none owns it. What a record does is decided at its
// position in the log and nowhere else: a vote counts if the round is open where it stands. So an acknowledged record is one that
// was written and counted; one that is sent twice counts once; and a server that dies loses none.
//
// Beside it runs a second, shorter log of what nobody needs to keep: who is here, and the last requests and refusals on each
// learner's wire, as their sandboxes tell them.
//
// Watch is what a page sees: whole states, never more often than a page can use, and each page only what its reader may know. The
// results of a vote leave the server for the class when they are revealed and not before.
//
// Not here: sandboxes (package world tells this package what happens in them), sockets and pages (package playground).
package room
