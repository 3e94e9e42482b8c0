package check

import (
	"fmt"
	"maps"
	"slices"
)

// Policy maps check ids to modes. What it does not name keeps its default. A nil Policy is everything at its default.
type Policy map[string]Mode

// Validate tells, for people, the first entry that can't be: an unknown check, an unknown mode, or a mode that the
// check doesn't allow because it is required.
func (p Policy) Validate(known []Info) error {
	for _, id := range slices.Sorted(maps.Keys(p)) {
		i := slices.IndexFunc(known, func(k Info) bool { return k.ID == id })
		switch m := p[id]; {
		case i < 0:
			return fmt.Errorf("there is no check %q", id)
		case m != Enforce && m != Observe && m != Off:
			return fmt.Errorf("check %q can't be %q: the modes are enforce, observe and off", id, m)
		case !known[i].May(m):
			return fmt.Errorf("check %q is required and can't be %q: without it the next check has no meaning", id, m)
		}
	}
	return nil
}
