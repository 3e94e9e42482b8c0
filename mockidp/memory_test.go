package mockidp

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryStoreKeepsWhatIsNewWhenFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := newMemoryStore(100)
		put := func(key string, ttl time.Duration) {
			t.Helper()
			if _, err := s.Create(ctx, key, []byte("1"), ttl); err != nil {
				t.Fatal(err)
			}
		}
		gone := func(key string) bool {
			_, _, err := s.Get(ctx, key)
			return errors.Is(err, ErrNotFound)
		}
		put("keys/ES256", 0)
		for i := range 300 { // long-lived ones, far more than fit
			put("refresh/"+strconv.Itoa(i), 720*time.Hour)
		}
		put("code/new", time.Minute)
		if gone("code/new") {
			t.Error("a new code has made way for old refresh tokens")
		}
		if gone("keys/ES256") {
			t.Error("a value without a ttl has made way")
		}
		if !gone("refresh/0") || gone("refresh/299") {
			t.Error("the newest has gone before the oldest")
		}

		time.Sleep(2 * time.Minute) // virtual: the code is over
		put("refresh/300", 720*time.Hour)
		if gone("refresh/202") {
			t.Error("a living value has made way although an expired one was there")
		}
		if len(s.entries) != len(s.expiry)+1 || len(s.expiry) != s.written.Len() {
			t.Errorf("the store lost count: %d entries, %d with a ttl, %d in order", len(s.entries), len(s.expiry), s.written.Len())
		}
	})
}
