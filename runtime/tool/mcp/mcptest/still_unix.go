//go:build unix

package mcptest

import "syscall"

func standStill() error { return syscall.Kill(syscall.Getpid(), syscall.SIGSTOP) }
