package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"
)

// rotate keeps the newest of those that are made daily, and of those from before
// an update; what is left over of a crash, and of a restore a week ago, goes too.
func rotate(dir string, keep int, now time.Time) error {
	list, err := backupsIn(dir)
	if err != nil {
		return err
	}
	var errs []error
	var daily, updates int
	for _, b := range list { // newest first
		count := &daily
		if b.Kind == BackupUpdate {
			count = &updates
		}
		if *count++; *count > keep || b.Kind == BackupUpdate && now.Sub(b.At) > updatesFor {
			errs = append(errs, os.Remove(filepath.Join(dir, BackupFolder, b.Name)))
		}
	}
	errs = append(errs, sweep(filepath.Join(dir, BackupFolder), now.Add(-abandoned), func(name string) bool {
		return strings.HasPrefix(name, makingPrefix) || strings.HasSuffix(name, partSuffix)
	}), sweep(dir, now.Add(-replacedFor), func(name string) bool { return name == ReplacedFolder }))
	return errors.Join(errs...)
}

// sweep removes from a folder what is older and has one of the names.
func sweep(folder string, before time.Time, named func(string) bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if info, err := e.Info(); err == nil && named(e.Name()) && info.ModTime().Before(before) {
			errs = append(errs, os.RemoveAll(filepath.Join(folder, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// ForgetBackups removes every copy of what the store held until now: the folder's
// backups, and the store from before a restore. It is called when a customer was
// erased. A new backup is made first, so that there is one: without the
// customer. Those that were there go even if the new one fails; left counts what
// could not be removed.
func (s *Store) ForgetBackups(ctx context.Context, program string) (gone, left int, err error) {
	s.backup.Lock()
	defer s.backup.Unlock()
	list, err := s.Backups()
	if err != nil {
		return 0, 0, err
	}
	errs := []error{os.RemoveAll(filepath.Join(s.dir(), ReplacedFolder))}
	if errs[0] != nil {
		left++
	}
	var fresh BackupInfo
	if len(list) > 0 {
		fresh, err = makeBackup(ctx, s.dir(), BackupOptions{Kind: BackupNightly, Program: program, Now: s.now})
		errs = append(errs, err)
	}
	for _, b := range list {
		if b.Name == fresh.Name && err == nil {
			gone++ // made in the same second: the new one is in its place
			continue
		}
		if err := os.Remove(filepath.Join(s.dir(), BackupFolder, b.Name)); err != nil {
			errs, left = append(errs, pathless(err)), left+1
			continue
		}
		gone++
	}
	return gone, left, errors.Join(errs...)
}

// backUpBeforeUpdate takes a backup of a store whose schema this program is about
// to change. Where it cannot, nothing is changed.
func backUpBeforeUpdate(dir string, now func() time.Time) error {
	path := filepath.Join(dir, FileName)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil //nolint:nilerr // a new one, or one that openFiles complains of
	}
	db, err := openDB(path, lookPragmas, 1)
	if err != nil {
		return nil //nolint:nilerr // openFiles meets the same and says it
	}
	have, known, err := versions(db)
	closeDB(db)
	if err != nil || have == 0 || have >= known {
		return nil //nolint:nilerr // as above
	}
	if _, err := makeBackup(context.Background(), dir, BackupOptions{Kind: BackupUpdate, Now: now}); err != nil {
		return fmt.Errorf("the database is left as it was, because an update begins with a backup: %w", err)
	}
	return nil
}

func versions(db *gorm.DB) (have, known int, err error) {
	list, err := migrations()
	if err != nil {
		return 0, 0, err
	}
	return have, len(list), db.Raw("PRAGMA user_version").Scan(&have).Error
}
