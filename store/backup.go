package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"
)

// Kinds of a backup, as they stand in its manifest and its name.
const (
	BackupNightly = "nightly" // made by itself
	BackupManual  = "manual"  // somebody asked for it
	BackupUpdate  = "update"  // taken before the schema changes
)

// BackupOptions of Backup.
type BackupOptions struct {
	Kind    string // default BackupManual
	Program string // the version that makes it, for the manifest
	// Passphrase, if given, makes the backup one for moving house: the key of the
	// saved credentials travels inside, and all of it opens with the passphrase
	// alone. Without one the file holds the database as it lies on this disk, and
	// not the key: the credentials in it stay sealed.
	Passphrase string
	// Progress is told how far it is, in bytes, several times a second; may be nil.
	Progress func(done, total int64)
	Now      func() time.Time // default time.Now
}

// Backup writes one consistent file of the store in a data folder, also while a
// program runs on it and is writing; nobody waits for it. The file is its
// owner's alone, was read back and checked, and appears under its name only
// then. Logins are left out. ErrNotFound if there is no store; a file that is
// something else than a backup is not overwritten.
func Backup(ctx context.Context, dir, file string, o BackupOptions) (Manifest, error) {
	if o.Kind == "" {
		o.Kind = BackupManual
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := mayReplace(file); err != nil {
		return Manifest{}, err
	}
	m, err := backUp(ctx, dir, file, o)
	if err != nil {
		_ = os.Remove(file + partSuffix) // it is often not there
		return m, fmt.Errorf("the backup %s was not made: %w", file, err)
	}
	return m, nil
}

// partSuffix marks a backup that is being written.
const partSuffix = ".part"

func backUp(ctx context.Context, dir, file string, o BackupOptions) (m Manifest, err error) {
	seal, err := lookSealer(filepath.Join(dir, keyFileName))
	if err != nil {
		return m, err
	}
	// The plain copy lies on the disk that holds the store anyway, and not on the
	// stick or the network drive that the backup goes to.
	aside, err := makingFolder(dir)
	if err != nil {
		return m, err
	}
	defer func() { _ = os.RemoveAll(aside) }() // what a crash leaves is cleared later
	db := filepath.Join(aside, FileName)
	m = Manifest{Format: backupFormat, Program: o.Program, Kind: o.Kind, MadeAt: o.Now().UTC().Truncate(time.Second), KeyID: seal.id()}
	p := progressOf(filepath.Join(dir, FileName), o.Progress)
	stop := p.growing(db)
	m.Schema, err = copyStore(ctx, filepath.Join(dir, FileName), db, o)
	stop()
	if err != nil {
		return m, err
	}
	p = progressOf(db, o.Progress) // free pages were not copied
	if err := packBackup(ctx, file+partSuffix, db, seal, o.Passphrase, p, &m); err != nil {
		return m, cause(err)
	}
	p.at(2, 0)
	if err := verifyBackup(file+partSuffix, m); err != nil {
		return m, err
	}
	if err := ctx.Err(); err != nil { // given up while it was read back
		return m, err
	}
	if err := os.Rename(file+partSuffix, file); err != nil {
		return m, cause(err)
	}
	syncFolder(filepath.Dir(file))
	return m, nil
}

// mayReplace refuses to overwrite what is not a backup, and to write where nothing
// can be.
func mayReplace(file string) error {
	info, err := os.Stat(file)
	folder, missing := os.Stat(filepath.Dir(file))
	switch {
	case file == "":
		return errors.New("no file is named for the backup: name one, for example shop.backup")
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it, for example %s", file, filepath.Join(file, "shop"+backupSuffix))
	case errors.Is(missing, fs.ErrNotExist), missing == nil && !folder.IsDir():
		return fmt.Errorf("there is no folder %s for the backup: make it first, or name another one", filepath.Dir(file))
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0 && info.Mode().IsRegular():
		return nil
	case err != nil:
		return fmt.Errorf("the backup %s cannot be written: %w", file, cause(err))
	}
	b, err := OpenBackup(file)
	if err != nil {
		return fmt.Errorf("there is a file %s already, and it is not a backup: choose another name", file)
	}
	return b.Close()
}

// copyPragmas open the store for VACUUM INTO: read-only, but without query_only,
// which forbids the copy too. The copy needs no care for power cuts: it is
// thrown away.
var copyPragmas = url.Values{"mode": {"ro"}, "_busy_timeout": {busyTimeout}, "_cache_size": {"-2000"}}

// copyStore makes a copy as of one moment. VACUUM INTO holds a reader's snapshot:
// webhooks go on being accepted, and the log is cut after it. SQLite's backup API
// was the other way: it begins anew whenever another process commits. Free pages
// are not copied, and so no remains of what was erased.
func copyStore(ctx context.Context, from, to string, o BackupOptions) (schema int, err error) {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("the database %s: %w", from, ErrNotFound)
	}
	if err := ownFile(to); err != nil { // before SQLite makes it, for its mode
		return 0, cause(err)
	}
	src, err := openDB(from, copyPragmas, 1)
	if err != nil {
		return 0, translate(err)
	}
	err = src.WithContext(ctx).Exec("VACUUM INTO ?", to).Error
	closeDB(src)
	if err != nil {
		return 0, translate(err)
	}
	db, err := openDB(to, scratchPragmas, 1)
	if err != nil {
		return 0, translate(err)
	}
	defer closeDB(db)
	if schema, err = schemaOf(db); err != nil {
		return 0, err
	}
	return schema, translate(scrub(ctx, db, schema, o))
}

// scratchPragmas are for a database that is not in service: one file without a
// log, as it can be packed, and wiped texts zeroed.
var scratchPragmas = url.Values{
	"_journal_mode": {"MEMORY"}, "_synchronous": {"OFF"}, "_secure_delete": {"on"}, "_foreign_keys": {"on"}, "_cache_size": {"-2000"},
}

// scrub takes out what a copy must not hold: logins, and from a nightly copy,
// which lies about for days, the raw words of messages that wait for their turn.
func scrub(ctx context.Context, db *gorm.DB, schema int, o BackupOptions) error {
	return db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if schema >= 2 { // the first one that knows operators
			if err := tx.Exec("DELETE FROM session").Error; err != nil {
				return err
			}
		}
		if o.Kind != BackupNightly {
			return nil
		}
		_, err := putAside(tx, At(o.Now()))
		return err
	})
}

// schemaOf checks a database file from end to end and gives its schema's number.
// A newer one than this program's is refused.
func schemaOf(db *gorm.DB) (schema int, err error) {
	var found []string
	if err := db.Raw("PRAGMA integrity_check(1)").Scan(&found).Error; err != nil {
		return 0, translate(err)
	}
	if len(found) != 1 || found[0] != "ok" {
		return 0, ErrDamaged
	}
	list, err := migrations()
	if err != nil {
		return 0, err
	}
	if err := db.Raw("PRAGMA user_version").Scan(&schema).Error; err != nil {
		return 0, translate(err)
	}
	if schema > len(list) {
		return schema, newerSchema(schema, len(list))
	}
	return schema, nil
}

// waitingReason stands at conversations whose customer may wait for an answer.
const waitingReason = "Something was on its way when the backup that is in use now was made: see whether the customer was answered."

// putAside ends what a copy of the store must not do again: messages that wait
// for an answer and replies that wait to be sent. The program that the copy was
// taken from has done it since. A person is asked to look.
func putAside(tx *gorm.DB, now Millis) (waiting int64, err error) {
	err = tx.Exec("UPDATE conversation SET needs_person = ?, needs_person_at = ? WHERE needs_person = '' AND id IN (SELECT conversation_id FROM inbox WHERE "+
		openInbox+" UNION SELECT conversation_id FROM outbox WHERE "+openOutbox+")", waitingReason, now).Error
	if err != nil {
		return 0, err
	}
	out := tx.Exec("UPDATE outbox SET state = ?, error = ? WHERE "+openOutbox, OutboxWithdrawn, waitingReason)
	if out.Error != nil {
		return 0, out.Error
	}
	in := tx.Exec("DELETE FROM inbox WHERE " + openInbox)
	return out.RowsAffected + in.RowsAffected, in.Error
}
