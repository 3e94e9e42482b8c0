package playground

import (
	"encoding/json"
	"strings"
	"testing"
)

func decodeInto(t testing.TB, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%v: %.300s", err, raw)
	}
}

func TestDoubledMembersAreFound(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"none", `{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`, ""},
		{"at the top", `{"a":1,"b":2,"a":3}`, "a"},
		{"below", `{"a":{"b":1,"b":2}}`, "b"},
		{"in a list", `{"a":[1,{"c":[],"c":{}}]}`, "c"},
		{"after a list and an object", `{"a":[1,"a"],"b":{"x":"b"},"b":0}`, "b"},
		{"a value like a name is none", `{"a":"a","b":"a"}`, ""},
		{"spelt with an escape", `{"a":1,"\u0061":2}`, "a"},
	} {
		name, found := doubled(json.NewDecoder(strings.NewReader(tt.text)))
		if name != tt.want || found != (tt.want != "") {
			t.Errorf("%s: %q, %v", tt.name, name, found)
		}
	}
}
