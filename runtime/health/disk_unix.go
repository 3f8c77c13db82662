//go:build linux || darwin || freebsd

package health

import "syscall"

// freeSpace is what is left for this user on a folder's disk, in bytes.
func freeSpace(dir string) (free uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	// Signed on some systems: negative where only root's reserve is left.
	blocks := max(int64(s.Bavail), 0)
	return uint64(blocks) * uint64(s.Bsize), true
}
