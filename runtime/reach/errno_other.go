//go:build !windows

package reach

import "syscall"

// What a call of the network fails with.
const (
	addressInUse    = syscall.EADDRINUSE
	addressNotHere  = syscall.EADDRNOTAVAIL
	addressDenied   = syscall.EACCES
	connRefused     = syscall.ECONNREFUSED
	connReset       = syscall.ECONNRESET
	connTimedOut    = syscall.ETIMEDOUT
	netUnreachable  = syscall.ENETUNREACH
	hostUnreachable = syscall.EHOSTUNREACH
)
