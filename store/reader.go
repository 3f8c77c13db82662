package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
)

// lookPragmas open the file without the right to write, so that a look changes
// nothing in it: no migration, no checkpoint at the end.
var lookPragmas = url.Values{
	"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"2000"}, "_cache_size": {"-1000"},
}

// OpenReader looks into the store of a data folder, also while another program
// runs on it: it takes no lock and changes nothing. Methods that write give
// ErrClosed. ErrNotFound if there is no database yet; a schema that is newer or
// older than this program's is refused in words.
func OpenReader(dir string) (*Store, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the database %s: %w", path, ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, err)
	}
	seal, err := lookSealer(filepath.Join(dir, keyFileName))
	if err != nil {
		return nil, err
	}
	db, err := openDB(path, lookPragmas, 2)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, translate(err))
	}
	s := &Store{now: time.Now, log: path + "-wal", reader: db, seal: seal, writer: &writer{closed: true}, events: &eventLog{}, look: true}
	if err := s.checkSchema(); err != nil {
		closeDB(db)
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, translate(err))
	}
	return s, nil
}

// lookSealer reads the key file and does not make one: without it, whatever was
// sealed cannot be opened, and a key made up here says so when it is asked.
func lookSealer(path string) (*sealer, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return openSealer(path)
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &sealer{identity: identity}, nil
}

func (s *Store) checkSchema() error {
	list, err := migrations()
	if err != nil {
		return err
	}
	var have int
	if err := s.reader.Raw("PRAGMA user_version").Scan(&have).Error; err != nil {
		return err
	}
	switch {
	case have > len(list):
		return newerSchema(have, len(list))
	case have < len(list):
		return errors.New("it was written by an older program: start this one once, and it is brought up to date")
	default:
		return nil
	}
}
