// Package load is a class of simulated learners, and what it costs: each has a sandbox of its own and a socket on its record, and
// signs Maya in again and again, through Planner, Chirper and back, as a learner would by hand. It measures and counts; it judges only
// what must agree, which is the events that were recorded and those that came by socket.
//
// The figures. "Append to frame" is from the moment an event says it happened to when its frame is read by the learner's socket:
// events tell whole milliseconds, so it may be up to one too long, and it holds the writing of the event, the disk or the cluster, and
// the client's own turn, since both share a machine. "CPU" and "memory" are those of the server's process alone when it is a process
// of its own; a NATS cluster runs beside the client and isn't in them. "Per learner" is what was added by the learners.
//
// RunRoom has the class sit in a room: it works as before, and is asked questions on which it votes, talks and votes again, while an
// instructor’s board and a wall look on. What must agree there besides is the votes: those that were acknowledged, the results, what
// every server exports, and the wall. "Vote to board" ends with the row that shows the vote, and the board is told ten times a second
// at the most; "instructor to learner" begins with the request and ends when the whole message is read at the learner's socket, and a
// learner who is not told at all is a disagreement.
//
// Command load (cmd/load) is its command line. Everything stays on loopback.
package load
