// Package world is one learner's world: the actors of the story on a network of their own, the browsers that the server
// keeps for them, the run of a lesson and its grading.
//
// A [World] makes and opens sandboxes; a [Sandbox] is everything one learner can touch, and it can reach no other.
// Content Planner is a real server-side client, Chirper's authorization server is mockidp, Chirper's API verifies what it
// is shown, Mallory's bots use what they can really get at. Planner's app on Maya's phone and its script in a page are public
// clients with requests of their own. They talk real HTTP over vnet (but for what the phone hands from app to app), and each exchange is recorded
// once, where it is received: the request before its handler runs, the answer before it is sent.
//
// Guarantees: a sandbox keeps nothing in this process that it could not read again, so any world on the same engine can go
// on with it in the middle of a flow. An act of a browser claims it, and playing a step or a reset claims them all, so two at
// once are refused and never mixed. Acts run to their end even if whoever asked has gone. No lock is held across a hop.
//
// A step's solution is played in the world that it was written for: where a learner has done half of it, or plays it again,
// the run is started anew and played up to it. That is also how a lost run is made again (PlayTo).
//
// An attack is also run apart from the learner's steps, from the start and under conditions of its own (RunAttack), so that the
// same attack stands with a protection beside itself without it; and after it Maya does honestly what she wanted (RunHonest).
//
// Not here: HTTP for learners and pages (package playground), the rules of the protocol (mockidp), the text of lessons
// (lessons), the record's own logic (trace).
package world
