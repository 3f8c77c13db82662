// Package storetest opens real stores for tests.
package storetest

import (
	"testing"
	"time"

	"astromesh/store"
)

// New opens a store in a folder of the test's own and closes it at its end.
func New(t testing.TB) *store.Store { return Open(t, t.TempDir(), nil) }

// Open opens a store in a folder, with a clock if now is not nil.
func Open(t testing.TB, dir string, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(dir, store.Options{Now: now})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}
