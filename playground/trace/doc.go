// Package trace is the record of a sandbox: what was sent, by whom, what the receiver checked, and which values travelled.
//
// A [Log] is append-only, with positions from 1 and no gaps. There is one order of events, the order of a sequence
// diagram: a request and its response are two events, so a call made inside a callback lies between them. A reader asks
// "since n" and gets everything after n, the past first and then the present; nothing is dropped for a slow reader, because
// a reader is a position and not a queue.
//
// A [Recorder] is the one writer of positions in a process. It folds the log into what it needs to number, link and tag the
// next event, appends at the position it knows, and when somebody else was faster reads on and tries again. So several
// servers can write one log.
//
// Values are found by their names in the specifications and tagged (code#1); the same value has the same tag wherever it
// turns up in its run. Every token is decoded where it first appears. It is called verified only if the [Verifier] ran and
// said so.
//
// [Redact] makes a copy of a record without its values, or without signatures; [Anonymous] one without chance, to compare runs.
//
// Not here: who may read a trace (package playground), what is right or wrong in one (checks, and the world's expectations).
package trace
