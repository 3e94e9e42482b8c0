package mockidp_test

import (
	"testing"
	"testing/synctest"
	"time"

	"oauthplayground/mockidp"
	"oauthplayground/mockidp/storetest"
)

func openMemory(*testing.T) mockidp.Store { return mockidp.NewMemoryStore() }

func TestMemoryStore(t *testing.T) { storetest.Run(t, openMemory) }

func TestMemoryStoreTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { storetest.Time(t, openMemory, time.Sleep) })
}
