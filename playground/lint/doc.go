// Package lint holds a folder of lessons to everything that a lesson promises, for its author: in the tests of this repository,
// in those of another module ([Test]), and on the command line (playground lint).
//
// A lesson is read strictly, its solution is played in a world of its own and each step held to what it expects, each attack is
// run again with every protection on enforce, its graph is held to the wire, and its pointers, questions and minutes are
// counted. What a lesson must do is in the table of rules; each problem names its rule, its file and line, and how to mend it.
//
// Lessons of a folder stand in for those of the same slug that come with the binary, as they do in a server that is started with
// -lessons: what they need may be there or here.
//
// Guarantees: every problem of every file is found in one go, but for those that hide behind a lesson that can't be read or
// a solution that can't be played; the same folder gives the same problems in the same order; nothing is written unless it is
// asked for; no port is opened and no address is asked.
//
// Not here: the format (lessons), playing (world), how problems are printed (cmd/playground).
package lint
