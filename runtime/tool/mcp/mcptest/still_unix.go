//go:build unix

package mcptest

import "syscall"

// standStill stops the whole program. Its other threads may run on for a moment,
// so that nothing may come after it.
func standStill() error {
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGSTOP); err != nil {
		return err
	}
	select {}
}
