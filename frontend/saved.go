package frontend

import _ "embed"

// RunSchema describes the file of a run to people and to programs (JSON Schema, draft 2020-12). The page's reader goes by it, and so
// must every other.
//
//go:embed src/saved.schema.json
var RunSchema []byte
