package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// OpenBeside opens the store to write a row or two while another program may be
// running on it, for a command that must not make customers wait: it takes no
// lock, and SQLite lets one of both write at a time. It must not be used for
// what a running program keeps in memory: conversations, inbox and outbox.
// ErrNotFound if there is no database yet; another schema is refused in words.
func OpenBeside(dir string) (*Store, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the database %s: %w", path, ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, cause(err))
	}
	seal, err := lookSealer(filepath.Join(dir, keyFileName))
	if err != nil {
		return nil, err
	}
	rdb, err := openDB(path, readerPragmas, 1)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, translate(err))
	}
	s := &Store{now: time.Now, reader: rdb, seal: seal}
	if err := s.checkSchema(); err != nil {
		closeDB(rdb)
		return nil, fmt.Errorf("the database %s cannot be used: %w", path, translate(err))
	}
	wdb, err := openDB(path, writerPragmas, 1)
	if err != nil {
		closeDB(rdb)
		return nil, fmt.Errorf("the database %s cannot be opened: %w", path, translate(err))
	}
	s.writer = newWriter(wdb)
	s.events = newEventLog(s)
	return s, nil
}
