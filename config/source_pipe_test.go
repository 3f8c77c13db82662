//go:build !windows

package config

import "syscall"

// makePipe makes a file that nothing ever comes out of.
func makePipe(path string) error { return syscall.Mkfifo(path, 0o600) }
