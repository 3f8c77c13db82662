package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func names(t *testing.T, s *store.Store) []string {
	t.Helper()
	list, err := s.Backups()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range list {
		names = append(names, b.Name)
	}
	return names
}

func TestTheFolderOfBackups(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC)
	s := storetest.Open(t, dir, func() time.Time { return now })
	if err := s.SetKeepBackups(3); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if b, err := s.MakeBackup(t.Context(), store.BackupNightly, "1"); err != nil || b.Bytes == 0 {
			t.Fatalf("%+v, %v", b, err)
		}
		now = now.Add(24 * time.Hour)
	}
	want := "astromesh-20261127-033000-nightly.backup astromesh-20261126-033000-nightly.backup astromesh-20261125-033000-nightly.backup"
	if got := strings.Join(names(t, s), " "); got != want {
		t.Errorf("kept %s", got)
	}
	folder := filepath.Join(dir, store.BackupFolder)
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for _, other := range []string{"../" + store.FileName, "..\\astromesh.key", "nothing.backup", ""} {
		if _, err := s.BackupPath(other); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", other, err)
		}
		if err := s.DeleteBackup(other); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("delete %q: %v", other, err)
		}
	}
	if err := s.DeleteBackup("astromesh-20261126-033000-nightly.backup"); err != nil || len(names(t, s)) != 2 {
		t.Errorf("delete: %v, %q", err, names(t, s))
	}
}

// A nightly backup lies about for days: it holds no words that the guardrails
// have not seen, and no login.
func TestANightlyBackupHoldsNoRawText(t *testing.T) {
	dir, there := t.TempDir(), t.TempDir()
	s := storetest.Open(t, dir, nil)
	if err := s.Sessions().Commit("a session", []byte("login of Olga"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	payload := from("34600111222", "ES.raw-words-of-ana")
	if _, err := s.Accept([]store.Inbox{{MessageID: "m1", Kind: "text", Treatment: "answer", Payload: payload, At: 1000}}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := s.MakeBackup(t.Context(), store.BackupNightly, "1")
	if err != nil {
		t.Fatal(err)
	}
	path, err := s.BackupPath(b.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(there, path, store.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"raw-words-of-ana", "login of Olga"} {
		if onDisk(t, there, private) {
			t.Errorf("%q is in the backup", private)
		}
	}
}

// Nobody finds an erased customer in a backup that the program made.
func TestErasedCustomersAreInNoBackup(t *testing.T) {
	dir, there := t.TempDir(), t.TempDir()
	s := storetest.Open(t, dir, nil)
	id := talk(t, s, store.Identity{Phone: erasedPhone, Name: "Evangelina"}, 1, "xylograph")
	for _, kind := range []string{store.BackupNightly, store.BackupManual, store.BackupUpdate} {
		if _, err := s.MakeBackup(t.Context(), kind, "1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, store.ReplacedFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Erase(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	gone, kept, err := s.ForgetBackups(t.Context(), "1")
	left := names(t, s)
	if err != nil || gone != 3 || kept != 0 || len(left) != 1 {
		t.Fatalf("%d gone, left %q, %v", gone, left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, store.ReplacedFolder)); err == nil {
		t.Error("the store from before a restore is still there")
	}
	path, err := s.BackupPath(left[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(there, path, store.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{erasedPhone, "Evangelina", "xylograph"} {
		if onDisk(t, there, trace) {
			t.Errorf("%q is in the new backup", trace)
		}
	}
}

// An update begins with a backup that the older program can restore; without
// one, nothing is changed.
func TestAnUpdateBeginsWithABackup(t *testing.T) {
	dir := t.TempDir()
	if err := store.MakeOld(dir, 4); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(dir, store.BackupFolder)
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(dir, store.Options{}); err == nil || !strings.Contains(err.Error(), "begins with a backup") {
		t.Errorf("%v, %v", s, err)
	}
	if v := storetest.SchemaVersion(t, dir); v != 4 {
		t.Errorf("the schema was changed to %d", v)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	s := storetest.Open(t, dir, nil)
	list, err := s.Backups()
	if err != nil || len(list) != 1 || list[0].Kind != store.BackupUpdate {
		t.Fatalf("%+v, %v", list, err)
	}
	path, err := s.BackupPath(list[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBackup(path)
	if err != nil || b.Manifest.Schema != 4 {
		t.Fatalf("%+v, %v", b, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	there := t.TempDir()
	if _, err := store.Restore(there, path, store.RestoreOptions{}); err != nil {
		t.Fatalf("an older backup: %v", err)
	}
	storetest.Open(t, there, nil)
}
