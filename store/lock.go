package store

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockDir keeps a second program off the data folder: two dispatchers on one
// inbox would answer everybody twice. The system drops the lock when the
// process ends, however it ends.
func lockDir(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "astromesh.lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be used: %w", dir, cause(err))
	}
	if !held {
		return nil, fmt.Errorf("%w (%s): stop it first, or give this one a folder of its own with --data-dir", ErrInUse, dir)
	}
	return lock, nil
}

// unlockDir lets go of the folder; a store opened beside another holds nothing.
func unlockDir(lock *flock.Flock) {
	if lock != nil {
		_ = lock.Unlock() // nothing is left to be done with an error here
	}
}
