//go:build !linux

package app

import "runtime/debug"

// releaseStartup gives back the heap that only the start needed.
func releaseStartup() error {
	debug.FreeOSMemory()
	return nil
}
