// Package toml takes the place of the codec that Gin links for bodies in TOML: this program's requests and answers are none.
package toml

import (
	"errors"
	"io"
)

var errAbsent = errors.New("toml: not in this program")

// Marshal is what Gin's Context.TOML calls.
func Marshal(any) ([]byte, error) { return nil, errAbsent }

// Decoder is what Gin uses to bind a body that says it is TOML.
type Decoder struct{}

// NewDecoder makes one.
func NewDecoder(io.Reader) *Decoder { return &Decoder{} }

// Decode says that it can't.
func (*Decoder) Decode(any) error { return errAbsent }
