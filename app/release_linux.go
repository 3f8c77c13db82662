package app

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// releaseStartup gives back what only the start needed: freed heap, and the
// program's own code and constants, of which the kernel maps nearly all while
// they are first read. What is used is mapped again at once, from the page cache.
// On a failure nothing is lost but the saving.
func releaseStartup() error {
	debug.FreeOSMemory()
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("find the program file: %w", err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("read memory map: %w", err)
	}
	for _, m := range unchanged(smaps, own) {
		if _, _, failed := unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED); failed != 0 {
			return fmt.Errorf("release pages of the program: %w", failed)
		}
	}
	return nil
}

// mapping is a piece of the address space.
type mapping struct{ from, to uintptr }

// unchanged finds the mappings of a file that nobody can write to and in which no
// page differs from the file: the loader writes addresses into some before it
// makes them read-only, and those would come back without.
func unchanged(smaps []byte, file string) (list []mapping) {
	var m mapping
	ours := false
	for line := range bytes.Lines(smaps) {
		var from, to uintptr
		var perms, offset, device, inode, path string
		n, _ := fmt.Sscanf(string(line), "%x-%x %s %s %s %s %s", &from, &to, &perms, &offset, &device, &inode, &path)
		if n >= 6 { // the first line of a mapping; its figures follow
			m, ours = mapping{from, to}, path == file && (perms == "r-xp" || perms == "r--p")
			continue
		}
		var changed int
		if n, _ := fmt.Sscanf(string(line), "Anonymous: %d kB", &changed); n == 1 && ours && changed == 0 {
			list = append(list, m)
		}
	}
	return list
}
