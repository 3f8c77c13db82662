package store

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

type migration struct {
	number int
	name   string
	sql    string
}

// migrations lists the files NNNN_name.sql in order. A released file is never
// changed: a new number is added.
func migrations() ([]migration, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations") // sorted by name
	if err != nil {
		return nil, err
	}
	var list []migration
	for _, e := range entries {
		number, err := strconv.Atoi(e.Name()[:4])
		if err != nil || number != len(list)+1 {
			return nil, fmt.Errorf("migration %s is out of order", e.Name())
		}
		text, err := migrationFiles.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, migration{number, strings.TrimSuffix(e.Name(), ".sql"), string(text)})
	}
	return list, nil
}

// migrate brings the schema up to date, one transaction a migration. The
// version stands in the file's header (user_version), so that it changes with
// the schema or not at all.
func migrate(db *gorm.DB) error {
	list, err := migrations()
	if err != nil {
		return err
	}
	var have int
	if err := db.Raw("PRAGMA user_version").Scan(&have).Error; err != nil {
		return err
	}
	if have > len(list) {
		return newerSchema(have, len(list))
	}
	for _, m := range list[have:] {
		if err := apply(db, m); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}

func newerSchema(have, known int) error {
	return fmt.Errorf("%w: it has version %d and this program knows up to %d. Install the newer program again, or restore a backup made before it", ErrNewerSchema, have, known)
}

// apply goes past gorm: its prepared statements would run only the first
// statement of a file.
func apply(db *gorm.DB, m migration) (err error) {
	raw, err := db.DB()
	if err != nil {
		return err
	}
	tx, err := raw.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error is the one to tell
		}
	}()
	if _, err := tx.Exec(m.sql); err != nil {
		return err
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", m.number)); err != nil {
		return err
	}
	return tx.Commit()
}
