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

func TestWhatJSONLetsPassIsFound(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", `{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`, ""},
		{"twice at the top", `{"a":1,"b":2,"a":3}`, `"a" is there twice`},
		{"twice below", `{"a":{"b":1,"b":2}}`, `"b" is there twice`},
		{"twice in a list", `{"a":[1,{"c":[],"c":{}}]}`, `"c" is there twice`},
		{"twice after a list and an object", `{"a":[1,"a"],"b":{"x":"b"},"b":0}`, `"b" is there twice`},
		{"a value like a name is none", `{"a":"a","b":"a"}`, ""},
		{"twice, spelt with an escape", `{"a":1,"\u0061":2}`, `"a" is there twice`},
		{"another case is another member", `{"lesson":"x","Lesson":"y"}`, `no member "Lesson"`},
		{"but not in what the sender names", `{"fields":{"User":"x","user":"y"}}`, ""},
	} {
		got := lenient(json.NewDecoder(strings.NewReader(tt.text)))
		if !strings.Contains(got, tt.want) || got != "" && tt.want == "" {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
