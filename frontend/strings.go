package frontend

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed strings/en.json
var english []byte

// catalogue is what the interface says, by key: the one file that scripts and templates share, so that a language is one
// file.
var catalogue = sync.OnceValues(func() (map[string]string, error) {
	var c map[string]string
	if err := json.Unmarshal(english, &c); err != nil {
		return nil, fmt.Errorf("strings/en.json can't be read: %w", err)
	}
	return c, nil
})

// say is a sentence of the catalogue, its places {name} filled from pairs of names and values. With {n} it has the forms
// .one and .other. A key without a sentence is an error: a template's mistake.
func say(key string, pairs ...any) (string, error) {
	c, err := catalogue()
	if err != nil {
		return "", err
	}
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	text, ok := c[key]
	if form := key + ".other"; !ok {
		if values["n"] == "1" {
			form = key + ".one"
		}
		if text, ok = c[form]; !ok {
			return "", fmt.Errorf("strings/en.json has no %q", key)
		}
	}
	for name, value := range values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text, nil
}

// word is what people call an id: an actor, a phase, a track. An id that the catalogue doesn't know is its own word.
func word(of, id string) string {
	if id == "" {
		id = "none"
	}
	if w, err := say(of + "." + id); err == nil {
		return w
	}
	return id
}
