package storetest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oauthplayground/mockidp"
)

// long is a ttl that is not over while a test runs.
const long = time.Hour

// racers is how many try the same at once.
const racers = 100

// Run holds a store against the contract. open makes an empty store for one test and may clean it up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) mockidp.Store) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, mockidp.Store)
	}{
		{"what is created can be read", reads},
		{"what isn't there is ErrNotFound", misses},
		{"a key is created once", createsOnce},
		{"of many creators one wins", oneCreator},
		{"a deleted key can be created again", deletes},
		{"an update needs the latest revision", updates},
		{"of many updaters of one revision one wins", oneUpdater},
		{"no update is lost", counts},
		{"revisions are never reused", revisions},
		{"values are copied", copies},
		{"values may be anything", values},
		{"every key mockidp makes is taken", keys},
		{"no ttl is no end", keepsWithoutTTL},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

// Time holds a store against what the contract says of a ttl. It is for engines whose clock a test can move: wind lets the
// given time pass. It runs no subtests, so that it can be run in a bubble of testing/synctest with time.Sleep as wind.
func Time(t *testing.T, open func(t *testing.T) mockidp.Store, wind func(time.Duration)) {
	for name, test := range map[string]func(*testing.T, mockidp.Store, func(time.Duration)){
		"a value stays until its ttl is over":              staysUntil,
		"an update begins the ttl anew":                    beginsAnew,
		"an update can take the ttl off, or put one on":    changesTTL,
		"what has expired can't be updated, but made anew": expiredIsGone,
	} {
		t.Log(name)
		test(t, open(t), wind)
	}
}

func staysUntil(t *testing.T, s mockidp.Store, wind func(time.Duration)) {
	create(t, s, "code/a", "1", time.Minute)
	wind(59 * time.Second)
	read(t, s, "code/a", "1")
	wind(2 * time.Second)
	gone(t, s, "code/a")
}

func beginsAnew(t *testing.T, s mockidp.Store, wind func(time.Duration)) {
	rev := create(t, s, "session/a", "1", time.Minute)
	wind(50 * time.Second)
	update(t, s, "session/a", "2", rev, time.Minute)
	wind(50 * time.Second)
	read(t, s, "session/a", "2")
}

func changesTTL(t *testing.T, s mockidp.Store, wind func(time.Duration)) {
	a, b := create(t, s, "a", "1", time.Minute), create(t, s, "b", "1", 0)
	update(t, s, "a", "2", a, 0)
	update(t, s, "b", "2", b, time.Minute)
	wind(2 * time.Minute)
	read(t, s, "a", "2")
	gone(t, s, "b")
}

func expiredIsGone(t *testing.T, s mockidp.Store, wind func(time.Duration)) {
	rev := create(t, s, "a", "1", time.Minute)
	wind(2 * time.Minute)
	if _, err := s.Update(context.Background(), "a", []byte("2"), rev, time.Minute); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Update after the ttl: %v, want ErrNotFound", err)
	}
	create(t, s, "a", "3", time.Minute)
	read(t, s, "a", "3")
}

func update(t *testing.T, s mockidp.Store, key, value string, at mockidp.Rev, ttl time.Duration) {
	t.Helper()
	if _, err := s.Update(context.Background(), key, []byte(value), at, ttl); err != nil {
		t.Fatalf("Update(%q): %v", key, err)
	}
}

func gone(t *testing.T, s mockidp.Store, key string) {
	t.Helper()
	if _, _, err := s.Get(context.Background(), key); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Get(%q): %v, want ErrNotFound", key, err)
	}
}

func create(t *testing.T, s mockidp.Store, key, value string, ttl time.Duration) mockidp.Rev {
	t.Helper()
	rev, err := s.Create(context.Background(), key, []byte(value), ttl)
	if err != nil {
		t.Fatalf("Create(%q): %v", key, err)
	}
	return rev
}

func read(t *testing.T, s mockidp.Store, key, want string) mockidp.Rev {
	t.Helper()
	got, rev, err := s.Get(context.Background(), key)
	if err != nil || string(got) != want {
		t.Fatalf("Get(%q) = %q, %v, want %q", key, got, err, want)
	}
	return rev
}

func reads(t *testing.T, s mockidp.Store) {
	rev := create(t, s, "code/a", "one", long)
	create(t, s, "code/b", "two", 0)
	if got := read(t, s, "code/a", "one"); got != rev {
		t.Errorf("Get says revision %d, Create said %d", got, rev)
	}
	read(t, s, "code/b", "two")
}

func misses(t *testing.T, s mockidp.Store) {
	ctx := context.Background()
	if _, _, err := s.Get(ctx, "code/a"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Update(ctx, "code/a", []byte("1"), 1, long); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Update: %v", err)
	}
	if err := s.Delete(ctx, "code/a"); err != nil {
		t.Errorf("Delete: %v, want no error", err)
	}
}

func createsOnce(t *testing.T, s mockidp.Store) {
	create(t, s, "spent/a", "first", long)
	if _, err := s.Create(context.Background(), "spent/a", []byte("second"), long); !errors.Is(err, mockidp.ErrExists) {
		t.Errorf("the second Create: %v, want ErrExists", err)
	}
	read(t, s, "spent/a", "first")
}

func oneCreator(t *testing.T, s mockidp.Store) {
	won := race(func(int) error {
		_, err := s.Create(context.Background(), "spent/a", []byte("1"), long)
		if err != nil && !errors.Is(err, mockidp.ErrExists) {
			t.Errorf("Create: %v", err)
		}
		return err
	})
	if won != 1 {
		t.Errorf("%d of %d creators won, want 1", won, racers)
	}
}

func deletes(t *testing.T, s mockidp.Store) {
	old := create(t, s, "busy/browser", "1", long)
	if err := s.Delete(context.Background(), "busy/browser"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(context.Background(), "busy/browser"); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Get after Delete: %v", err)
	}
	if _, err := s.Update(context.Background(), "busy/browser", []byte("2"), old, long); !errors.Is(err, mockidp.ErrNotFound) {
		t.Errorf("Update after Delete: %v", err)
	}
	create(t, s, "busy/browser", "3", long)
	read(t, s, "busy/browser", "3")
}

func updates(t *testing.T, s mockidp.Store) {
	ctx := context.Background()
	first := create(t, s, "state", "1", 0)
	second, err := s.Update(ctx, "state", []byte("2"), first, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(ctx, "state", []byte("3"), first, 0); !errors.Is(err, mockidp.ErrConflict) {
		t.Errorf("an update of an old revision: %v, want ErrConflict", err)
	}
	if got := read(t, s, "state", "2"); got != second {
		t.Errorf("Get says revision %d, Update said %d", got, second)
	}
}

func oneUpdater(t *testing.T, s mockidp.Store) {
	rev := create(t, s, "state", "1", 0)
	won := race(func(int) error {
		_, err := s.Update(context.Background(), "state", []byte("2"), rev, 0)
		if err != nil && !errors.Is(err, mockidp.ErrConflict) {
			t.Errorf("Update: %v", err)
		}
		return err
	})
	if won != 1 {
		t.Errorf("%d of %d updaters won, want 1", won, racers)
	}
}

func counts(t *testing.T, s mockidp.Store) {
	ctx := context.Background()
	create(t, s, "count", "", 0)
	race(func(int) error {
		for {
			value, rev, err := s.Get(ctx, "count")
			if err != nil {
				t.Errorf("Get: %v", err)
				return err
			}
			if _, err = s.Update(ctx, "count", append(value, 'x'), rev, 0); !errors.Is(err, mockidp.ErrConflict) {
				return err
			}
		}
	})
	read(t, s, "count", strings.Repeat("x", racers))
}

func revisions(t *testing.T, s mockidp.Store) {
	ctx := context.Background()
	seen := map[mockidp.Rev]bool{}
	note := func(rev mockidp.Rev, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if seen[rev] {
			t.Errorf("revision %d came twice", rev)
		}
		seen[rev] = true
	}
	var last mockidp.Rev
	for range 3 {
		rev, err := s.Create(ctx, "a", []byte("1"), 0)
		note(rev, err)
		if rev <= last {
			t.Errorf("revision %d came after %d", rev, last)
		}
		rev, err = s.Update(ctx, "a", []byte("2"), rev, 0)
		note(rev, err)
		last = rev
		if err := s.Delete(ctx, "a"); err != nil {
			t.Fatal(err)
		}
	}
}

func copies(t *testing.T, s mockidp.Store) {
	ctx := context.Background()
	mine := []byte("one")
	rev, err := s.Create(ctx, "a", mine, 0)
	if err != nil {
		t.Fatal(err)
	}
	mine[0] = 'X'
	read(t, s, "a", "one")
	got, _, _ := s.Get(ctx, "a")
	got[0] = 'X'
	read(t, s, "a", "one")
	mine = []byte("two")
	if _, err := s.Update(ctx, "a", mine, rev, 0); err != nil {
		t.Fatal(err)
	}
	mine[0] = 'X'
	read(t, s, "a", "two")
}

func values(t *testing.T, s mockidp.Store) {
	for name, value := range map[string][]byte{
		"empty": {}, "zeros": {0, 0, 0}, "bytes": {0xff, 0xfe, '\n'}, "large": bytes.Repeat([]byte("a large value "), 10_000),
	} {
		if _, err := s.Create(context.Background(), name, value, long); err != nil {
			t.Fatalf("Create of %s: %v", name, err)
		}
		got, _, err := s.Get(context.Background(), name)
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("%s came back as %d bytes, %v; want %d", name, len(got), err, len(value))
		}
	}
}

// keys tries the whole alphabet: printable ASCII without the space.
func keys(t *testing.T, s mockidp.Store) {
	all := []string{"a", "A", "code/a", "code/a/b", "spent/code/a", "at/_-", ".", "..", "a.b", "*", ">", "$a", "https://app.test:8080/x?y=z#w", strings.Repeat("k", 300)}
	for c := byte('!'); c <= '~'; c++ {
		all = append(all, "key"+string(c), string(c)+"key", "key"+string(c)+"key")
	}
	for _, key := range all {
		create(t, s, key, "value of "+key, long)
	}
	for _, key := range all {
		read(t, s, key, "value of "+key) // each its own: none is mistaken for another
	}
}

func keepsWithoutTTL(t *testing.T, s mockidp.Store) {
	create(t, s, "keys/ES256", "1", 0)
	for i := range 100 {
		create(t, s, "code/"+strings.Repeat("x", i+1), "1", time.Nanosecond) // over at once, or soon
	}
	read(t, s, "keys/ES256", "1")
}

// race lets many try at once and counts those who succeed.
func race(try func(n int) error) int {
	var won atomic.Int32
	var start, done sync.WaitGroup
	start.Add(1)
	for n := range racers {
		done.Go(func() {
			start.Wait()
			if try(n) == nil {
				won.Add(1)
			}
		})
	}
	start.Done()
	done.Wait()
	return int(won.Load())
}
