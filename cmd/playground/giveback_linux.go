package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBack unmaps those pages of the program's own file that were read so far: most were needed by its start alone, and the
// kernel maps the neighbours of each. What is needed again is mapped again from the kernel's cache, which may now let go of the
// rest. Only mappings without a page of their own are given back, so that nothing can be lost.
func giveBack() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return // nothing depends on it
	}
	defer f.Close()
	for _, m := range programPages(f) {
		if m.anonymous == 0 {
			unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
		}
	}
}

// mapping is a part of the program's file in memory.
type mapping struct {
	start, end          uintptr
	resident, anonymous int // kB; anonymous are pages that are no longer the file's
}

// programPages are the mappings of the program's file that can't be written to.
func programPages(smaps io.Reader) []mapping {
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	var list []mapping
	var m *mapping
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var start, end uintptr
		var flags, offset, device, inode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %s", &start, &end, &flags, &offset, &device, &inode); n == 6 {
			m = nil
			if strings.HasSuffix(line, " "+program) && !strings.Contains(flags, "w") && strings.HasSuffix(flags, "p") {
				list = append(list, mapping{start: start, end: end})
				m = &list[len(list)-1]
			}
		} else if m != nil {
			fmt.Sscanf(line, "Rss: %d kB", &m.resident)
			fmt.Sscanf(line, "Anonymous: %d kB", &m.anonymous)
		}
	}
	return list
}
