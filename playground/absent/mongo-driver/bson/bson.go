// Package bson takes the place of the codec that Gin links for bodies in BSON: this program reads and writes none.
package bson

import "errors"

var errAbsent = errors.New("bson: not in this program")

// Marshal is what Gin's Context.BSON calls.
func Marshal(any) ([]byte, error) { return nil, errAbsent }

// Unmarshal is what Gin calls to bind a body that says it is BSON.
func Unmarshal([]byte, any) error { return errAbsent }
