package health

import (
	"context"
	"errors"
	"fmt"
	"time"

	"astromesh/store"
)

// Backup is what is known of the nightly backups.
type Backup struct {
	Wanted bool      // the owner wants one a night
	Last   time.Time // the newest; zero = there is none
	Since  time.Time // the program is in use since then; zero = nobody has set it up
}

// backupLate is two nights: a computer that is off at night makes its backup in
// the morning, and one that failed is tried again every hour.
const backupLate = 48 * time.Hour

// ReadBackup looks which backups lie in a store's folder.
func ReadBackup(ctx context.Context, st *store.Store, now time.Time) (b Backup, err error) {
	keep, err := st.KeepBackups(ctx)
	if err != nil {
		return b, fmt.Errorf("read how many backups are kept: %w", err)
	}
	b.Wanted = keep > 0
	newest, err := st.LastBackup(now)
	switch {
	case err == nil:
		b.Last = newest.At
	case !errors.Is(err, store.ErrNotFound):
		return b, err
	}
	users, err := st.Users(ctx)
	if err != nil {
		return b, fmt.Errorf("read since when the program is in use: %w", err)
	}
	for _, u := range users {
		if at := u.CreatedAt.Time(); b.Since.IsZero() || at.Before(b.Since) {
			b.Since = at
		}
	}
	return b, nil
}

// backup says whether there is a backup of the last two nights.
func backup(in Inputs) []Check {
	const name = "backup"
	b := in.Backup
	const mend = "While the program is on, it makes one within some minutes by itself. If none comes, press Make one now under Settings, Backup: it says what is in the way, most often a full disk."
	switch {
	case !b.Wanted && b.Last.IsZero():
		return ok(name, "There is no backup, and none is made at night: it was switched off under Settings, Backup.")
	case !b.Wanted:
		return ok(name, fmt.Sprintf("The last backup was made %s; none is made at night: it was switched off under Settings, Backup.", ago(in.Now, b.Last)))
	case !b.Last.IsZero() && in.Now.Sub(b.Last) > backupLate:
		return warn(name, fmt.Sprintf("The last backup was made %s, although one is due every night.", ago(in.Now, b.Last)), mend)
	case !b.Last.IsZero():
		return ok(name, fmt.Sprintf("The last backup was made %s.", ago(in.Now, b.Last)))
	case !b.Since.IsZero() && in.Now.Sub(b.Since) > backupLate:
		return warn(name, "There is no backup, although one is due every night.", mend)
	default:
		return ok(name, "The first backup is made in a few minutes.")
	}
}
