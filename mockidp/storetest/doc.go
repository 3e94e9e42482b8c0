// Package storetest is the contract of a mockidp.Store as a test suite. Every engine runs it:
//
//	func TestStore(t *testing.T) { storetest.Run(t, func(t *testing.T) mockidp.Store { return engine.New(t) }) }
//
// Guarantees: an engine that passes spends things once, loses no update, keeps what it was given whatever the caller does
// with its bytes afterwards, and takes every key that mockidp makes.
//
// Not here: what an engine promises beyond the interface, such as surviving a restart.
package storetest
