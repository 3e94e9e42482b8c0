// Package trace is the record of a sandbox: what was sent, by whom, what the receiver checked, and which values travelled.
package trace
