//go:build linux || darwin || freebsd

package system

import (
	"fmt"
	"syscall"
)

// roomAt returns how much of the disk that holds a folder is free for andon,
// and how much there is.
func roomAt(folder string) (free, all int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0, fmt.Errorf("look at the disk of %s: %w", folder, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil
}
