//go:build cgo

package store

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// translateDriver is the only place that knows the driver's errors.
func translateDriver(err error) error {
	var lite sqlite3.Error
	if !errors.As(err, &lite) {
		return err
	}
	// A full disk also comes as a file that cannot be opened or made longer.
	if lite.SystemErrno == syscall.ENOSPC || lite.SystemErrno == syscall.EDQUOT {
		return fmt.Errorf("%w (%s)", ErrFull, lite.Error())
	}
	switch lite.Code {
	case sqlite3.ErrFull:
		return fmt.Errorf("%w (%s)", ErrFull, lite.Error())
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return fmt.Errorf("%w (%s)", ErrReadOnly, lite.Error())
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return fmt.Errorf("%w (%s)", ErrDamaged, lite.Error())
	default:
		return err
	}
}
