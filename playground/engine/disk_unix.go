//go:build unix

package engine

import "golang.org/x/sys/unix"

// free is how many bytes the disk of a folder still takes.
func free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
