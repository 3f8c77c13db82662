package app

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// releaseStartup gives back what only the start needed: freed heap, and the
// program's own code, of which the kernel maps nearly all while it is first
// read. Code that runs is mapped again at once, from the page cache. Only pages
// that cannot have been changed (readable and executable, of our own file) are
// let go; on a failure nothing is lost but the saving.
func releaseStartup() error {
	debug.FreeOSMemory()
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("find the program file: %w", err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("read memory map: %w", err)
	}
	for line := range bytes.Lines(maps) {
		var from, to uintptr
		var perms, offset, device, inode, path string
		if n, _ := fmt.Sscanf(string(line), "%x-%x %s %s %s %s %s", &from, &to, &perms, &offset, &device, &inode, &path); n < 7 || perms != "r-xp" || path != own {
			continue
		}
		if _, _, failed := unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED); failed != 0 {
			return fmt.Errorf("release code pages: %w", failed)
		}
	}
	return nil
}
