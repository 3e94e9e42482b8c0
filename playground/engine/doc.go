// Package engine holds the engines that remember: behind the two state interfaces, mockidp.Store and trace.Log, one of each
// for every sandbox. The rest of the server keeps nothing that it could not read again from here.
//
// The engine in memory is the default: it forgets everything when the process ends.
//
// Guarantees: what Open has made is the same for every caller until it is dropped; ids never get mixed up. Not here: what is
// stored (the world's and mockidp's), how long a sandbox lives (the world's).
package engine
