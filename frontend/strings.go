package frontend

import (
	"bytes"
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
var catalogue = sync.OnceValues(func() (sentences, error) {
	s := sentences{text: map[string]string{}}
	dec := json.NewDecoder(bytes.NewReader(english))
	if _, err := dec.Token(); err != nil {
		return s, fmt.Errorf("strings/en.json can't be read: %w", err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return s, fmt.Errorf("strings/en.json can't be read: %w", err)
		}
		var text string
		if err := dec.Decode(&text); err != nil {
			return s, fmt.Errorf("strings/en.json: %v is no sentence: %w", key, err)
		}
		s.order = append(s.order, key.(string))
		s.text[key.(string)] = text
	}
	return s, nil
})

// sentences are those of a catalogue, by key and in their order.
type sentences struct {
	text  map[string]string
	order []string
}

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
	text, ok := c.text[key]
	if form := key + ".other"; !ok {
		if values["n"] == "1" {
			form = key + ".one"
		}
		if text, ok = c.text[form]; !ok {
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

// entry is a key of the catalogue, without the prefix it was asked for by, and its text.
type entry struct{ Key, Text string }

// under is the part of the catalogue below a prefix, in the order of the file.
func under(prefix string) ([]entry, error) {
	c, err := catalogue()
	if err != nil {
		return nil, err
	}
	var list []entry
	for _, key := range c.order {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			list = append(list, entry{rest, c.text[key]})
		}
	}
	return list, nil
}

// choice is one of several values in words: those that a text has with spaces between.
func choice(values string) (string, error) {
	or, err := say("graph.or")
	return strings.ReplaceAll(values, " ", " "+or+" "), err
}
