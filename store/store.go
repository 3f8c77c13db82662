// Package store keeps everything in one SQLite file. gorm lives here and
// nowhere else. A file is a row type and its queries; an exported method that
// writes is one transaction.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// FileName is the database's name in the data folder.
const FileName = "astromesh.db"

// Store is an open database: one writer that commits in groups, readers apart.
type Store struct {
	now    func() time.Time
	writer *writer
	reader *gorm.DB
	seal   *sealer
	events *eventLog
	lock   *flock.Flock
	file   *os.File   // the database as bytes, see openFiles; nil beside another program
	log    string     // path of the write-ahead log
	backup sync.Mutex // held while the backups of the folder change
	look   bool       // opened by OpenReader: there is nothing to finish

	erasures int // what is known of the table of erased ids; only the writer's jobs touch it

	closeOnce sync.Once
	closeErr  error
}

// Options of Open.
type Options struct {
	Now func() time.Time // default time.Now
}

// Open opens or creates the store in a data folder, which is created 0700. It
// brings the schema up to date and refuses a newer one, a second program on the
// same folder, and a folder it cannot write to; each in one sentence.
func Open(dir string, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be created: %w", dir, cause(err))
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s, err := openLocked(dir, opts)
	if err != nil {
		unlockDir(lock)
		return nil, err
	}
	s.lock = lock
	return s, nil
}

// openLocked first finishes a restore, and takes a backup where the schema is
// about to change.
func openLocked(dir string, opts Options) (*Store, error) {
	if err := finishRestore(dir); err != nil {
		return nil, err
	}
	if err := backUpBeforeUpdate(dir, opts.Now); err != nil {
		return nil, err
	}
	return openFiles(dir, opts)
}

func openFiles(dir string, opts Options) (*Store, error) {
	path := filepath.Join(dir, FileName)
	seal, err := openSealer(filepath.Join(dir, keyFileName))
	if err != nil {
		return nil, err
	}
	if err := ownFile(path); err != nil {
		return nil, fmt.Errorf("the database %s cannot be opened: %w", path, cause(err))
	}
	s := &Store{now: opts.Now, seal: seal, log: path + "-wal"}
	// Whoever closes a file gives up all locks that the process holds on it, also
	// those of SQLite's connections (man 2 fcntl). Another program then takes the
	// log for left over and deletes it, with what is committed from then on. So the
	// bytes are read through this one file, which is closed after the connections.
	if s.file, err = os.Open(path); err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, cause(err))
	}
	if err := s.connect(path); err != nil {
		_ = s.file.Close() // it was only read
		return nil, err
	}
	s.events = newEventLog(s)
	return s, nil
}

// connect opens the writer, which brings the schema up to date, and the readers.
func (s *Store) connect(path string) error {
	wdb, err := openDB(path, writerPragmas, 1)
	if err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, translate(err))
	}
	if err := migrate(wdb); err != nil {
		closeDB(wdb)
		return fmt.Errorf("the database %s cannot be used: %w", path, translate(err))
	}
	if s.reader, err = openDB(path, readerPragmas, 4); err != nil {
		closeDB(wdb)
		return fmt.Errorf("the database %s cannot be read: %w", path, translate(err))
	}
	s.writer = newWriter(wdb)
	return nil
}

// busyTimeout is how long a connection waits for another one, in milliseconds.
const busyTimeout = "5000"

// ownFile makes the file its owner's alone, for it holds customers' messages,
// before the database is opened: SQLite gives the log beside it the same mode.
func ownFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// The writer's pragmas. WAL lets readers go on during a write; mattn's default
// for WAL is synchronous NORMAL, which may lose the last commits when the power
// goes, and Meta has heard "200" by then: FULL. secure_delete zeroes what is
// wiped. The cache is kept small: the machine is the owner's.
var writerPragmas = url.Values{
	"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_secure_delete": {"on"},
	"_foreign_keys": {"on"}, "_busy_timeout": {busyTimeout}, "_txlock": {"immediate"},
	"_cache_size": {"-2000"}, "_stmt_cache_size": {"64"},
}

// The readers' pragmas: they can never write, and wait out a checkpoint.
var readerPragmas = url.Values{
	"_query_only": {"on"}, "_busy_timeout": {busyTimeout}, "_cache_size": {"-1000"}, "_stmt_cache_size": {"16"},
}

func openDB(path string, pragmas url.Values, conns int) (*gorm.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
	db, err := gorm.Open(sqlite.Open(dsn), &gorm.Config{
		SkipDefaultTransaction: true, // the writer opens the transaction
		// No PrepareStmt: a statement that was first prepared inside a transaction is
		// prepared again in each later one, twice the cost of none (BenchmarkAccept).
		Logger: logger.Discard, // statements hold customers' texts
	})
	if err != nil {
		return nil, err
	}
	raw, err := db.DB()
	if err != nil {
		return nil, err
	}
	raw.SetMaxOpenConns(conns)
	raw.SetMaxIdleConns(min(conns, 2))
	return db, nil
}

func closeDB(db *gorm.DB) {
	if raw, err := db.DB(); err == nil {
		_ = raw.Close() // it is being given up: an earlier error is the one to tell
	}
}

// Close finishes what was handed in, empties the write-ahead log into the
// database and closes it. Calling it twice is fine.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		if s.look {
			closeDB(s.reader)
			return
		}
		s.events.close()
		closeDB(s.reader) // before the checkpoint: a reader's snapshot would keep the log from being cut
		s.closeErr = s.writer.close()
		_ = s.file.Close() // it was only read; beside another program there is none
		unlockDir(s.lock)
	})
	return s.closeErr
}

// Checkpoint moves the write-ahead log into the database and cuts it to
// nothing, so that wiped texts are gone from disk. The janitor calls it. Where
// somebody is reading just then, the log is cut another time.
func (s *Store) Checkpoint() error { return s.writer.checkpoint() }

// LogSize is how many bytes the write-ahead log holds, 0 once it was cut.
func (s *Store) LogSize() int64 {
	info, err := os.Stat(s.log)
	if err != nil {
		return 0 // no log, nothing to cut
	}
	return info.Size()
}

// Size is how many bytes the database and its log hold on the disk.
func (s *Store) Size() int64 {
	info, err := os.Stat(filepath.Join(s.dir(), FileName))
	if err != nil {
		return 0 // a disk that is gone is told elsewhere
	}
	return info.Size() + s.LogSize()
}

// Ping says whether the store can commit now.
func (s *Store) Ping() error {
	return s.writer.do(func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO setting (name, value, updated_at) VALUES ('ping', '', ?) ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at", s.millis()).Error
	})
}

func (s *Store) read(ctx context.Context) *gorm.DB { return s.reader.WithContext(ctx) }

func (s *Store) millis() Millis { return At(s.now()) }

// Millis is a moment as it stands in the tables: milliseconds since 1970 UTC, 0 = never.
type Millis int64

// At converts a time; the zero time becomes 0.
func At(t time.Time) Millis {
	if t.IsZero() {
		return 0
	}
	return Millis(t.UnixMilli())
}

// Time converts back; 0 becomes the zero time.
func (m Millis) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m))
}

// MarshalJSON writes RFC 3339, or null for never.
func (m Millis) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return m.Time().UTC().MarshalJSON()
}
