package view

import (
	"context"
	"time"

	"astromesh/web/form"

	"github.com/a-h/templ"
)

// BackupsView is the section Backup.
type BackupsView struct {
	List    []BackupRow
	Keep    form.Backups
	Moving  form.Moving
	Restore form.Restore
	// CanRestart: a restored store can be put in place from here.
	CanRestart bool
}

// BackupRow is one backup of the list.
type BackupRow struct {
	Name  string
	Kind  string // nightly, manual, update
	At    time.Time
	Bytes int64
}

func backupKind(ctx context.Context, kind string) string { return T(ctx, "backup.kind_"+kind) }

// confirming makes a form ask before it is sent; "" asks nothing.
func confirming(question string) templ.Attributes {
	if question == "" {
		return nil
	}
	return templ.Attributes{"data-confirm": question}
}
