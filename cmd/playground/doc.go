// Command playground starts the OAuth 2.0 and OpenID Connect teaching playground, and serves authors of lessons: new writes a lesson
// to begin with, lint says what is to mend in a folder of them, names lists what they may name.
//
// It parses flags, builds the server of package playground, runs it until it is told to stop, and closes it. Everything else
// can be started inside a test.
package main
