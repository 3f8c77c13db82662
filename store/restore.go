package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"
)

const (
	// readyFolder holds a restored store that was checked and waits to take its
	// place. It gets its name by a rename: it is there whole or not at all.
	readyFolder = "restore"
	// ReplacedFolder holds the store that was in place before the last restore,
	// until it is RemoveReplaced.
	ReplacedFolder = "before-restore"
	// staleAfter is the age at which what waits in a backup is not done any more:
	// it was done long ago by the program that the backup was taken from, or the
	// customer no longer waits. It is WhatsApp's window for answers, too.
	staleAfter = 24 * time.Hour
)

// RestoreOptions of Restore and Stage.
type RestoreOptions struct {
	Passphrase string
	Now        func() time.Time // default time.Now
}

// Restored says what came of a backup.
type Restored struct {
	Manifest Manifest
	// KeyLost: the backup has no key inside and the folder not the right one, so
	// the saved credentials were taken out and must be entered again.
	KeyLost bool
	// PutAside is how much waited to be answered or sent in a backup of more than
	// a day ago; the conversations are marked for a person.
	PutAside int64
	Replaced bool // there was a store before; it lies in ReplacedFolder
}

// Restore puts the store of a backup in the place of that of a data folder, which
// is created if need be. It refuses, in one sentence and with nothing changed, a
// folder in use, a file that is not a whole backup, a newer one, and a wrong
// passphrase. The store that was there is kept aside.
func Restore(dir, file string, o RestoreOptions) (Restored, error) {
	if _, err := os.Stat(file); err != nil { // before a folder is made for it
		return Restored{}, fmt.Errorf("the backup %s cannot be read: %w", file, pathless(err))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Restored{}, fmt.Errorf("the data folder %s cannot be created: %w", dir, pathless(err))
	}
	lock, err := lockDir(dir)
	if err != nil {
		return Restored{}, err
	}
	defer unlockDir(lock)
	r, err := Stage(dir, file, o)
	if err != nil {
		return r, err
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
		r.Replaced = true
	}
	return r, finishRestore(dir)
}

// Stage unpacks and checks a backup beside the store of a data folder, which may
// be in use: the next Open puts it in place.
func Stage(dir, file string, o RestoreOptions) (r Restored, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	b, err := OpenBackup(file)
	if err != nil {
		return r, err
	}
	defer func() { _ = b.Close() }() // it was only read
	aside, err := makingFolder(dir)
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(aside) }() // after the rename it is not there
	if r, err = unpack(b, dir, aside, o); err != nil {
		return r, err
	}
	ready := filepath.Join(dir, readyFolder)
	if err := errors.Join(os.RemoveAll(ready), os.RemoveAll(filepath.Join(dir, ReplacedFolder))); err != nil {
		return r, fmt.Errorf("the data folder %s cannot be cleared: %w", dir, cause(err))
	}
	if err := os.Rename(aside, ready); err != nil {
		return r, fmt.Errorf("the restored store cannot be put in place: %w", cause(err))
	}
	syncFolder(dir)
	return r, nil
}

func unpack(b *BackupFile, dir, aside string, o RestoreOptions) (Restored, error) {
	r := Restored{Manifest: b.Manifest}
	key, err := b.key(o.Passphrase)
	if err != nil {
		return r, err
	}
	path := filepath.Join(aside, FileName)
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return r, cause(err)
	}
	if err := errors.Join(b.database(out, key), out.Close()); err != nil {
		return r, err
	}
	switch {
	case key != nil:
		if err := writeThrough(filepath.Join(aside, keyFileName), key.String()+"\n"); err != nil {
			return r, cause(err)
		}
	case !hasKey(dir, b.Manifest.KeyID):
		r.KeyLost = true
	}
	err = prepare(path, func(tx *gorm.DB) error {
		if r.KeyLost {
			if err := tx.Exec("DELETE FROM setting WHERE sealed").Error; err != nil {
				return err
			}
		}
		if o.Now().Sub(b.Manifest.MadeAt) > staleAfter {
			r.PutAside, err = putAside(tx, At(o.Now()))
			return err
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	return r, syncFile(path)
}

// hasKey says whether the key of a folder is the one that is asked for.
func hasKey(dir, id string) bool {
	path := filepath.Join(dir, keyFileName)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	seal, err := openSealer(path)
	return err == nil && seal.id() == id
}

// prepare brings an unpacked database up to date and changes it. One that has
// anything else in it than this program makes, a trigger say, is refused: it
// would run inside every write.
func prepare(path string, change func(tx *gorm.DB) error) error {
	db, err := openDB(path, scratchPragmas, 1)
	if err != nil {
		return translate(err)
	}
	defer closeDB(db)
	schema, err := schemaOf(db)
	switch {
	case errors.Is(err, ErrNewerSchema):
		return ErrBackupNewer
	case err != nil:
		return err
	case schema < 1:
		return ErrNotBackup
	}
	if err := migrate(db); err != nil {
		return ErrNotBackup // it has not the tables that its number says
	}
	if err := sameSchema(db); err != nil {
		return err
	}
	return translate(db.Transaction(change))
}

// sameSchema compares the definitions of a database with those of a new one.
func sameSchema(db *gorm.DB) error {
	const definitions = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1"
	empty, err := openDB(":memory:", nil, 1)
	if err != nil {
		return translate(err)
	}
	defer closeDB(empty)
	if err := migrate(empty); err != nil {
		return translate(err)
	}
	var have, want []string
	if err := db.Raw(definitions).Scan(&have).Error; err != nil {
		return translate(err)
	}
	if err := empty.Raw(definitions).Scan(&want).Error; err != nil {
		return translate(err)
	}
	if fmt.Sprint(have) != fmt.Sprint(want) {
		return ErrNotBackup
	}
	return nil
}

// finishRestore moves a store that Stage made ready into its place, file by file;
// the folder is locked. A crash between two of them does no harm: what is still
// in the ready folder is moved by the next call.
func finishRestore(dir string) error {
	ready, replaced := filepath.Join(dir, readyFolder), filepath.Join(dir, ReplacedFolder)
	if _, err := os.Stat(ready); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(replaced, 0o700); err != nil {
		return fmt.Errorf("the store from before the restore cannot be kept aside: %w", cause(err))
	}
	// The log goes with the database that it belongs to, and before it.
	err := swap(dir, ready, replaced, FileName, FileName+"-wal", FileName+"-shm")
	if err == nil {
		err = swap(dir, ready, replaced, keyFileName)
	}
	if err == nil {
		syncFolder(dir)
		err = os.RemoveAll(ready)
	}
	if err != nil {
		return fmt.Errorf("the restored store cannot be put in place, the one from before lies in %s: %w", replaced, cause(err))
	}
	_ = os.Remove(replaced) // it stays where there is something in it
	return nil
}

// swap moves a ready file into its place, and before that what is there, with
// the files beside it, out of the way. One that is not ready was moved before.
func swap(dir, ready, replaced, name string, beside ...string) error {
	if _, err := os.Stat(filepath.Join(ready, name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, old := range append(beside, name) {
		err := os.Rename(filepath.Join(dir, old), filepath.Join(replaced, old))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(filepath.Join(ready, name), filepath.Join(dir, name))
}
