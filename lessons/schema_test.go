package lessons

import (
	"encoding/json"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// schema is the part of JSON Schema that ours use.
type schema struct {
	Schema               string `json:"$schema"`
	Title, Description   string
	Type                 any
	Required             []string
	AdditionalProperties any
	Properties           map[string]schema
	Items                *schema
	Pattern              string
	MinLength, MaxLength int
	MinItems             int
	UniqueItems          bool
	Minimum              *int
	Default              any
	Examples             []any
}

func schemaOf(t *testing.T, name string) schema {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(Schema(name))))
	d.DisallowUnknownFields() // what is not looked at here must not look as if it were
	var s schema
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// wrong says in what a value differs from the schema.
func (s schema) wrong(v any, where string) (list []string) {
	say := func(text string) { list = append(list, where+" "+text) }
	types := map[string]bool{}
	switch t := s.Type.(type) {
	case string:
		types[t] = true
	case []any:
		for _, one := range t {
			types[one.(string)] = true
		}
	}
	switch v := v.(type) {
	case nil:
		if !types["null"] {
			say("is nothing")
		}
	case string:
		if !types["string"] || len([]rune(v)) < s.MinLength || s.MaxLength > 0 && len([]rune(v)) > s.MaxLength || !regexp.MustCompile(s.Pattern).MatchString(v) {
			say("can't be " + v)
		}
	case int:
		if !types["integer"] || s.Minimum != nil && v < *s.Minimum {
			say("is no such number")
		}
	case []any:
		if !types["array"] || len(v) < s.MinItems {
			say("is no such list")
		}
		for i, item := range v {
			if s.UniqueItems && slices.Contains(v[:i], item) {
				say("has one twice")
			}
			if s.Items != nil {
				list = append(list, s.Items.wrong(item, where+"[]")...)
			}
		}
	case map[string]any:
		if !types["object"] {
			say("is no mapping")
		}
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				say("has no " + name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			property, known := s.Properties[name]
			more, open := s.AdditionalProperties.(map[string]any)
			switch {
			case known:
				list = append(list, property.wrong(v[name], where+"."+name)...)
			case open:
				raw, _ := json.Marshal(more)
				var rest schema
				json.Unmarshal(raw, &rest)
				list = append(list, rest.wrong(v[name], where+"."+name)...)
			default:
				say("has " + name)
			}
		}
	default:
		say("is of no kind that JSON has")
	}
	return list
}

// fields are those of a struct that YAML is read into, each with the type that JSON Schema has for it.
func fields(v any) map[string]string {
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Slice: "array", reflect.Map: "object"}
	all := map[string]string{}
	t := reflect.TypeOf(v)
	for i := range t.NumField() {
		kind := t.Field(i).Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		all[t.Field(i).Tag.Get("yaml")] = kinds[kind.Kind()]
	}
	return all
}

// TestTheSchemasSayWhatIsRead: the same keys, of the same types, and the same are asked for.
func TestTheSchemasSayWhatIsRead(t *testing.T) {
	for name, read := range map[string]any{"lesson.json": head{}, "course.json": courseFile{}} {
		s := schemaOf(t, name)
		said := map[string]string{}
		for key, property := range s.Properties {
			said[key] = property.Type.(string)
			if property.Description == "" {
				t.Errorf("%s: %s is not described", name, key)
			}
		}
		if !maps.Equal(said, fields(read)) || s.AdditionalProperties != false {
			t.Errorf("%s has %v, and %v is read", name, said, fields(read))
		}
	}
	required := schemaOf(t, "lesson.json").Required
	if slices.Sort(required); !slices.Equal(required, slices.Sorted(maps.Keys(frontMatter))) {
		t.Errorf("the schema requires %v", required)
	}
	names := slices.Sorted(maps.Keys(schemaOf(t, "course.json").Properties["names"].Properties))
	if !slices.Equal(names, slices.Sorted(maps.Keys(storyNames))) {
		t.Errorf("the schema knows the names %v", names)
	}
	if Schema("other.json") != nil {
		t.Error("there is another schema")
	}
}

// TestTheSchemasAndTheReaderAgree about what is right, in every lesson that there is, and about what is wrong.
func TestTheSchemasAndTheReaderAgree(t *testing.T) {
	value := func(text string) (v any) {
		t.Helper()
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	lesson, course := schemaOf(t, "lesson.json"), schemaOf(t, "course.json")
	names, _, err := Files(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(Embedded(), name)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := lesson.wrong(value(strings.Split(string(src), "---\n")[1]), name); wrong != nil {
			t.Error(wrong)
		}
	}
	for _, matter := range []string{"title: T", "title: T\nquestion: Q\nminutes: 0\nspec: [\"RFC 6749 §4.1\"]", "title: T\nquestion: Q\nminutes: 1\nspec: []", "title: T\nquestion: Q\nminutes: 1\nspec: [\"RFC 6749 §4.1\"]\nversion: 0", "title: T\nquestion: Q\nminutes: 1\nspec: [\"RFC 6749 §4.1\"]\nlevel: 3"} {
		if _, err := Parse("core/01-x.md", []byte("---\n"+matter+"\n---\n"+step), vocabulary); err == nil || lesson.wrong(value(matter), "") == nil {
			t.Errorf("%q: the reader says %v, the schema %v", matter, err, lesson.wrong(value(matter), ""))
		}
	}
	for src, right := range map[string]bool{
		"title: T\naccent: \"#0b6e4f\"\norder: [b, a]\nhide: [c]\nrename: {a: X}\ntracks: {mine: Y}\nnames: {maya: Z}": true,
		"": true, "colour: red": false, "accent: green": false, "title: ''": false, "order: a": false, "order: [a, a]": false, "names: {bob: B}": false, "logo: logo.gif": false, "logo: pictures/logo.svg": false, "rename: {a: ''}": false,
	} {
		e := look(t, NewShelf(nil, threeLessons(src), vocabulary))
		if wrong := course.wrong(value(src), ""); (len(e.Problems) == 0) != right || (wrong == nil) != right {
			t.Errorf("%q: the reader says %v, the schema %v", src, e.Problems, wrong)
		}
	}
}
