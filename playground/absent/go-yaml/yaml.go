// Package yaml takes the place of the codec that Gin links for bodies in YAML: this program's requests and answers are none.
package yaml

import (
	"errors"
	"io"
)

var errAbsent = errors.New("yaml: not in this program")

// Marshal is what Gin's Context.YAML calls.
func Marshal(any) ([]byte, error) { return nil, errAbsent }

// Decoder is what Gin uses to bind a body that says it is YAML.
type Decoder struct{}

// NewDecoder makes one.
func NewDecoder(io.Reader) *Decoder { return &Decoder{} }

// Decode says that it can't.
func (*Decoder) Decode(any) error { return errAbsent }
