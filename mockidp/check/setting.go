package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Setting is something an actor does, beside what it checks: how long a code lives, whether Planner uses PKCE.
type Setting struct {
	ID      string   `json:"id"`    // stable, like "planner.pkce"
	Title   string   `json:"title"` // one plain sentence for a person
	Values  []string `json:"values,omitempty"`
	Default string   `json:"default"`
	// Duration says that any Go duration above zero ("90s") will do in place of Values.
	Duration bool `json:"duration,omitempty"`
}

// Settings maps setting ids to values. What it does not name keeps its default.
type Settings map[string]string

// Get is the value of s under these settings.
func (m Settings) Get(s Setting) string {
	if v, ok := m[s.ID]; ok {
		return v
	}
	return s.Default
}

// Validate tells, for people, the first entry that can't be.
func (m Settings) Validate(known []Setting) error {
	for _, id := range slices.Sorted(maps.Keys(m)) {
		i := slices.IndexFunc(known, func(s Setting) bool { return s.ID == id })
		if i < 0 {
			return fmt.Errorf("there is no setting %q", id)
		}
		if s := known[i]; !s.allows(m[id]) {
			return fmt.Errorf("setting %q can't be %q: it takes %s", id, m[id], s.takes())
		}
	}
	return nil
}

func (s Setting) takes() string {
	if s.Duration {
		return "a duration such as 90s or 10m"
	}
	return strings.Join(s.Values, ", ")
}

func (s Setting) allows(v string) bool {
	if s.Duration {
		d, err := time.ParseDuration(v)
		return err == nil && d > 0
	}
	return slices.Contains(s.Values, v)
}

// Duration is the value of s, which must be a duration setting.
func (m Settings) Duration(s Setting) time.Duration {
	d, err := time.ParseDuration(m.Get(s))
	if err != nil { // refused by Validate; a stored value from elsewhere falls back to the default
		d, _ = time.ParseDuration(s.Default)
	}
	return d
}
