//go:build !unix

package engine

import "errors"

// free isn't known here: a full disk is noticed when it refuses.
func free(string) (uint64, error) { return 0, errors.ErrUnsupported }
