package check

import (
	"context"
	"slices"
	"sync"
)

// Sheet collects the verdicts on one exchange in the order they fell. It is safe for use by several goroutines. The
// nil Sheet takes verdicts and forgets them.
type Sheet struct {
	mu       sync.Mutex // guards verdicts
	verdicts []Verdict
}

type sheetKey struct{}

// WithSheet gives the handlers below ctx a sheet to note their verdicts on.
func WithSheet(ctx context.Context, s *Sheet) context.Context {
	return context.WithValue(ctx, sheetKey{}, s)
}

// EnsureSheet gives the handlers below ctx a sheet if nobody has given them one.
func EnsureSheet(ctx context.Context) context.Context {
	if sheetOf(ctx) != nil {
		return ctx
	}
	return WithSheet(ctx, new(Sheet))
}

// Refuser is the id of the check that refused the request, for a page or a log that tells it; empty if none did.
func Refuser(ctx context.Context) string {
	verdicts := sheetOf(ctx).Verdicts()
	if len(verdicts) == 0 {
		return ""
	}
	if last := verdicts[len(verdicts)-1]; last.Outcome == Failed && last.Mode == Enforce {
		return last.Check
	}
	return ""
}

func sheetOf(ctx context.Context) *Sheet {
	s, _ := ctx.Value(sheetKey{}).(*Sheet)
	return s
}

func (s *Sheet) add(v Verdict) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts = append(s.verdicts, v)
}

// Verdicts returns what has been noted so far.
func (s *Sheet) Verdicts() []Verdict {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.verdicts)
}
