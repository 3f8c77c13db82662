package store_test

import (
	"errors"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestOpenBeside(t *testing.T) {
	dir := t.TempDir()
	if _, err := store.OpenBeside(dir); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("no database yet: %v", err)
	}
	running := storetest.Open(t, dir, nil)
	u, err := running.FirstOwner(store.User{Name: "Ana", PasswordHash: "old"})
	if err != nil {
		t.Fatal(err)
	}
	beside, err := store.OpenBeside(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.SetPassword(u.ID, "new"); err != nil {
		t.Fatal(err)
	}
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	if u, err = running.User(t.Context(), u.ID); err != nil || u.PasswordHash != "new" {
		t.Errorf("the running program sees %+v, %v", u, err)
	}
	if err := running.Ping(); err != nil {
		t.Errorf("the running program cannot write any more: %v", err)
	}
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("the lock is gone: %v", err)
	}
}

func TestOpenBesideAnotherSchema(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.SetSchemaVersion(t, dir, 1)
	if _, err := store.OpenBeside(dir); err == nil {
		t.Error("an older schema is written to")
	}
}
