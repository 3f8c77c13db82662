package store

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"syscall"

	"gorm.io/gorm"
)

// What callers may tell apart. Everything else is a fault of the store.
var (
	ErrNotFound    = errors.New("not found")
	ErrConflict    = errors.New("it was changed by somebody else")
	ErrClosed      = errors.New("the store is closed")
	ErrNewerSchema = errors.New("it was written by a newer program")
	ErrInUse       = errors.New("another Astromesh is running on this data folder")
	ErrFull        = errors.New("the disk is full: free some space")
	ErrReadOnly    = errors.New("the data folder cannot be written to: check its permissions")
	ErrDamaged     = errors.New("the database file is damaged: restore a backup")
	ErrNoCompiler  = errors.New("the program was built without a C compiler and so without its database: install gcc and build it again")
)

// translate turns a driver's error into one of ours.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	// mattn's stub for CGO_ENABLED=0 has no error value of its own.
	if strings.Contains(err.Error(), "requires cgo to work") {
		return ErrNoCompiler
	}
	return translateDriver(err)
}

// windowsDiskFull is ERROR_DISK_FULL, which Go does not take for ENOSPC.
const windowsDiskFull = syscall.Errno(112)

// cause names a file error in words, without the path that the caller has said.
func cause(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	case errors.Is(err, syscall.ENOSPC), runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull):
		return ErrFull
	default:
		return err
	}
}

// pathless is cause for an error of a file whose path the caller says.
func pathless(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return cause(at.Err)
	}
	return cause(err)
}
