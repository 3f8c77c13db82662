package storetest

import (
	"fmt"
	"path/filepath"
	"testing"

	"astromesh/store"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// SetSchemaVersion makes a closed store look as if another program had written it.
func SetSchemaVersion(t testing.TB, dir string, version int) {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(filepath.Join(dir, store.FileName)), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error; err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
}

// SchemaVersion is the number of a closed store's schema.
func SchemaVersion(t testing.TB, dir string) (version int) {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(filepath.Join(dir, store.FileName)), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	return version
}
