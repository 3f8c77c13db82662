package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

// A backup tells how far it is, up to the end, and never goes back.
func TestBackupTellsHowFarItIs(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	for _, passphrase := range []string{"", "four peas in a pod"} {
		var last, total int64
		_, err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "shop.backup"), store.BackupOptions{Passphrase: passphrase, Progress: func(done, all int64) {
			if done < last && total == all {
				t.Errorf("it went back from %d to %d", last, done)
			}
			last, total = done, all
		}})
		if err != nil || total == 0 || last != total/3*2 {
			t.Errorf("it ended at %d of %d: %v", last, total, err)
		}
	}
}

// One that is given up leaves nothing behind, whenever that is.
func TestBackupGivenUp(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	for _, part := range []int64{0, 1, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		file := filepath.Join(t.TempDir(), "shop.backup")
		if part == 0 {
			cancel()
		}
		_, err := s.Backup(ctx, file, store.BackupOptions{Progress: func(done, total int64) {
			if done >= part*total/3 {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) && err == nil {
			t.Errorf("part %d: it was made all the same", part)
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) > 0 {
			t.Errorf("part %d: %v is left, %v", part, left, err)
		}
		if making, err := filepath.Glob(filepath.Join(dir, store.BackupFolder, "making-*")); err != nil || len(making) > 0 {
			t.Errorf("part %d: %v is left, %v", part, making, err)
		}
	}
}
