package main

import (
	"os"
	"testing"
)

// TestGiveBack: less of the program's file is resident, and the program goes on as before.
func TestGiveBack(t *testing.T) {
	resident := func() (kB int) {
		f, err := os.Open("/proc/self/smaps")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, m := range programPages(f) {
			if m.anonymous == 0 {
				kB += m.resident
			}
		}
		return kB
	}
	before := resident()
	giveBack()
	if after := resident(); before == 0 || after >= before {
		t.Errorf("%d kB of the program were resident, and %d are", before, after)
	}
}
