package store_test

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// Whatever is wrong with a backup is one sentence, and the store stays as it was.
func TestBadBackups(t *testing.T) {
	_, good := backedUp(t, store.BackupOptions{})
	_, sealed := backedUp(t, store.BackupOptions{Passphrase: passphrase})
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(string(whole))
	flipped[len(flipped)/3] ^= 0x55
	picture := filepath.Join(t.TempDir(), "photos.zip")
	z, f := newZip(t, picture)
	if _, err := z.Create("holiday.jpg"); err != nil || z.Close() != nil || f.Close() != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"truncated":           {written(t, whole[:len(whole)/2]), store.ErrBackupBroken},
		"cut at the end":      {written(t, whole[:len(whole)-1]), store.ErrBackupBroken},
		"a byte is wrong":     {written(t, flipped), store.ErrBackupBroken},
		"empty":               {written(t, nil), store.ErrNotBackup},
		"text":                {written(t, []byte(strings.Repeat("dear diary ", 100))), store.ErrNotBackup},
		"another zip":         {picture, store.ErrNotBackup},
		"a folder":            {t.TempDir(), store.ErrNotBackup},
		"no passphrase":       {sealed, store.ErrNeedsPassphrase},
		"a newer format":      {changed(t, func(dir string) {}, `"format": 1`, `"format": 2`), store.ErrBackupNewer},
		"a newer schema":      {changed(t, func(dir string) {}, `"schema": `, `"schema": 9`), store.ErrBackupNewer},
		"another sum":         {changed(t, func(dir string) {}, `"sha256": "`, `"sha256": "00`), store.ErrBackupBroken},
		"a newer schema lied": {changed(t, func(dir string) { storetest.SetSchemaVersion(t, dir, 99) }, "", ""), store.ErrBackupNewer},
		"a trigger inside":    {changed(t, addTrigger(t), "", ""), store.ErrNotBackup},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := storetest.Open(t, dir, nil)
			talk(t, s, store.Identity{Phone: "34600999999", Name: "Luis"}, 7, "kept")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			_, err := store.Restore(dir, c.file, store.RestoreOptions{})
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %v", err, c.want)
			}
			again := storetest.Open(t, dir, nil)
			if list, err := again.Conversations(t.Context(), 0, 5); err != nil || len(list) != 1 || list[0].Contact.Name != "Luis" {
				t.Errorf("the store is not as it was: %+v, %v", list, err)
			}
			for _, left := range []string{"restore", store.ReplacedFolder, store.BackupFolder + "/making-*"} {
				if found, err := filepath.Glob(filepath.Join(dir, left)); err != nil || len(found) > 0 {
					t.Errorf("left behind: %q", found)
				}
			}
		})
	}
}

func newZip(t *testing.T, path string) (*zip.Writer, *os.File) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return zip.NewWriter(f), f
}

func written(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.backup")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func addTrigger(t *testing.T) func(dir string) {
	return func(dir string) {
		db, err := gorm.Open(sqlite.Open(filepath.Join(dir, store.FileName)), &gorm.Config{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := db.DB()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Exec("CREATE TRIGGER spy AFTER INSERT ON message BEGIN UPDATE setting SET value = new.text; END").Error, raw.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// changed is a whole backup, with right sums, of a store that was changed, and
// with other words in its manifest.
func changed(t *testing.T, change func(dir string), old, words string) string {
	t.Helper()
	dir, _ := backedUp(t, store.BackupOptions{})
	change(dir)
	path := filepath.Join(t.TempDir(), "changed.backup")
	if err := store.PackAnything(path, filepath.Join(dir, store.FileName), func(manifest string) string { return strings.Replace(manifest, old, words, 1) }); err != nil {
		t.Fatal(err)
	}
	return path
}

// In a running program's folder nothing is restored, and two programs do not
// share one.
func TestRestoreRefusesAFolderInUse(t *testing.T) {
	_, file := backedUp(t, store.BackupOptions{})
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	if _, err := store.Restore(dir, file, store.RestoreOptions{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("restore: %v", err)
	}
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second program: %v", err)
	}
	if err := s.Ping(); err != nil {
		t.Error(err)
	}
}

// A store that is staged while the program runs is in place at the next start,
// also if the machine went off halfway through.
func TestAStagedStoreIsPutInPlace(t *testing.T) {
	_, file := backedUp(t, store.BackupOptions{Passphrase: passphrase})
	for _, half := range []bool{false, true} {
		dir := t.TempDir()
		s := storetest.Open(t, dir, nil)
		if _, err := store.Stage(dir, file, store.RestoreOptions{Passphrase: passphrase}); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Conversations(t.Context(), 0, 5); err != nil || len(list) > 0 {
			t.Errorf("the running program sees it: %v, %v", list, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if half { // the database is out of the way and the new one not there yet
			if err := errors.Join(os.Mkdir(filepath.Join(dir, store.ReplacedFolder), 0o700),
				os.Rename(filepath.Join(dir, store.FileName), filepath.Join(dir, store.ReplacedFolder, store.FileName))); err != nil {
				t.Fatal(err)
			}
		}
		back := storetest.Open(t, dir, nil)
		list, err := back.Conversations(t.Context(), 0, 5)
		token, secret := back.Setting(t.Context(), "a.token")
		if err != nil || len(list) != 1 || secret != nil || token != "EAAsecret" {
			t.Errorf("half %v: %v, %v, %q, %v", half, list, err, token, secret)
		}
		if _, err := os.Stat(filepath.Join(dir, store.ReplacedFolder, store.FileName)); err != nil {
			t.Errorf("half %v: the old one is gone: %v", half, err)
		}
	}
}

// What waited in an old backup is not answered days later, and not twice.
func TestWhatWaitsInAnOldBackup(t *testing.T) {
	for age, waits := range map[time.Duration]int64{time.Hour: 1, 48 * time.Hour: 0} {
		dir, file, there := t.TempDir(), filepath.Join(t.TempDir(), "b.backup"), t.TempDir()
		s := storetest.Open(t, dir, nil)
		accept(t, s, "m1")
		answer(t, s, "t1", claim(t, s), "a reply that is due")
		accept(t, s, "m2")
		if _, err := s.Backup(t.Context(), file, store.BackupOptions{}); err != nil {
			t.Fatal(err)
		}
		r, err := store.Restore(there, file, store.RestoreOptions{Now: func() time.Time { return time.Now().Add(age) }})
		if err != nil {
			t.Fatal(err)
		}
		back := storetest.Open(t, there, nil)
		in, _, err := back.InboxWaiting(t.Context())
		out, err2 := back.OutboxWaiting(t.Context())
		if err != nil || err2 != nil || in != waits || out != waits || r.PutAside != 2-2*waits {
			t.Errorf("after %s: %d wait, %d to be sent, %d put aside (%v, %v)", age, in, out, r.PutAside, err, err2)
		}
		list, err := back.Conversations(t.Context(), 0, 5)
		if err != nil || len(list) != 1 || (list[0].NeedsPerson == "") != (waits == 1) {
			t.Errorf("after %s: %+v, %v", age, list, err)
		}
	}
}
