//go:build !linux && !windows

package reach

import "syscall"

const addressInUse = syscall.EADDRINUSE

// portHolder does not know on this system.
func portHolder(int) string { return "" }
