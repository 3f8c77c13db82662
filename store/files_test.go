package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Every file holds customers' messages or opens what is sealed: its owner alone
// may read it, from the first moment and also in a folder that others may enter.
func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Ping(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("files: %q, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

// Somebody who reads for long, a backup or a look from outside, does not hold up
// the webhooks: the log is cut another time.
func TestALongReadDoesNotHoldUpTheWriter(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	long := s.reader.Begin()
	var n int
	if err := long.Raw("SELECT count(*) FROM inbox").Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := s.Checkpoint(); err != nil {
		t.Errorf("checkpoint: %v", err)
	}
	wait, err := time.ParseDuration(busyTimeout + "ms") // what it would wait for the reader
	if took := time.Since(began); err != nil || took >= wait {
		t.Errorf("the writer stood still for %s, %v", took, err)
	}
	if err := long.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(logOf(t, s)); err != nil || info.Size() != 0 || s.LogSize() != 0 {
		t.Errorf("the log was not cut once the reader was gone: %v, %v", info, err)
	}
	if err := s.Ping(); err != nil || s.LogSize() == 0 {
		t.Errorf("the log is said to be empty after a commit (%v)", err)
	}
}

// logOf is the path of the write-ahead log.
func logOf(t *testing.T, s *Store) string {
	t.Helper()
	var row struct{ File string }
	if err := s.reader.Raw("PRAGMA database_list").Scan(&row).Error; err != nil {
		t.Fatal(err)
	}
	return row.File + "-wal"
}
