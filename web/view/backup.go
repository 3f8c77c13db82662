package view

import (
	"context"
	"time"

	"astromesh/web/form"

	"github.com/a-h/templ"
)

// BackupsView is the section Backup.
type BackupsView struct {
	List     []BackupRow
	Keep     form.Backups
	Moving   form.Moving
	Restore  form.Restore
	Progress BackupProgress
	// CanRestart: a restored store can be put in place from here.
	CanRestart bool
	Bytes      int64 // of the database: how long a backup takes goes by it
}

// BackupProgress is how far a backup is that was asked for.
type BackupProgress struct {
	State  string // "", running, done, failed, full, cancelled
	Moving bool   // one with a passphrase, to be handed out
	Ready  bool   // it waits to be handed out
	Done   int64  // bytes of all its steps
	Total  int64
	Rate   int64 // bytes a second
	Left   time.Duration
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

// backupTakes is about how long a backup of so many bytes takes: 25 MB a second
// on a slow machine with two cores, measured.
func backupTakes(ctx context.Context, bytes int64) string {
	const aMinute = 1500 << 20
	switch minutes := (bytes + aMinute/2) / aMinute; {
	case bytes < aMinute/4:
		return T(ctx, "backup.takes_seconds")
	case minutes <= 1:
		return T(ctx, "backup.takes_minute")
	default:
		return T(ctx, "backup.takes_minutes", minutes)
	}
}
