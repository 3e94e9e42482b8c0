// Package engine holds the engines that remember: behind the two state interfaces, mockidp.Store and trace.Log, one of each
// for every sandbox. The rest of the server keeps nothing that it could not read again from here.
//
// The engine in memory is the default: it forgets everything when the process ends. The other one is NATS JetStream, either in this
// process with files in a folder (NewEmbedded) or a cluster that many servers use (Connect). It keeps two streams: a message for
// each key of a store, of which the latest counts, and a message for each batch of events that were appended together. Every write
// names the revision it follows, so of two that follow the same one is refused; that is all the coordination there is, and no
// server owns a sandbox. A log that is open here is held in memory as well, which is where readers follow it; one consumer a server
// hears what others append.
//
// Guarantees: what Open has made is the same for every caller, on every server, until it is dropped; ids never get mixed up. A
// write that was acknowledged is in the stream, on as many servers as there are replicas, and is there once: an answer that got lost
// on its way is looked for before anything is written again. What can't be done now is ErrUnavailable, and may be done later.
// Files that are damaged while no server runs are found when one starts (repair): a sandbox that has lost something is gone and told by
// name, so that none is ever half of what it was.
// Not here: what is stored (the world's and mockidp's), how long a sandbox lives (the world's).
//
// A room of many learners needs nothing else: a vote is claimed by creating its key, so that it counts once, and then appended to a log
// with a Limit of its own, which every server's board reads.
//
// Package enginetest is the contract: Run for one engine, Shared for several on the same state.
package engine
