package app

import (
	"context"
	"errors"
	"time"

	"astromesh/store"
)

const (
	// nightlyAt is when the day's backup is due, after local midnight: shops sleep.
	nightlyAt = 3*time.Hour + 30*time.Minute
	// lookForNight is how often the clock is looked at: a machine that slept through
	// the night makes its backup a minute after it woke up.
	lookForNight = time.Minute
	// nightlyAgain is the pause after one that failed.
	nightlyAgain = time.Hour
)

// nightly makes a backup a day.
func (a *App) nightly(ctx context.Context) error {
	look := time.NewTicker(lookForNight)
	defer look.Stop()
	var failed time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-look.C:
			if now.Sub(failed) < nightlyAgain {
				continue
			}
			if err := a.backUpIfDue(ctx, now); err != nil && ctx.Err() == nil {
				failed = now
				a.log.Error("the nightly backup could not be made; trying again in an hour", "stage", "system", "error", err)
				a.store.Log(store.Event{Kind: store.EventSystem, Level: "error", Stage: "backup", Text: "The nightly backup could not be made. It is tried again in an hour."})
			}
		}
	}
}

// backUpIfDue makes the day's backup, if the owner wants one and there is none.
func (a *App) backUpIfDue(ctx context.Context, now time.Time) error {
	keep, err := a.store.KeepBackups(ctx)
	if err != nil || keep == 0 {
		return err
	}
	last, err := a.store.LastBackup(now, store.BackupNightly)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && !last.At.Before(lastNight(now)) {
		return nil
	}
	b, err := a.store.MakeBackup(ctx, store.BackupNightly, Version())
	if err == nil {
		a.log.Info("the nightly backup is made", "stage", "system", "file", b.Name, "bytes", b.Bytes)
	}
	return err
}

// lastNight is the newest moment at which a backup was due.
func lastNight(now time.Time) time.Time {
	y, m, d := now.Date()
	due := time.Date(y, m, d, 0, 0, 0, 0, now.Location()).Add(nightlyAt)
	if now.Before(due) {
		due = time.Date(y, m, d-1, 0, 0, 0, 0, now.Location()).Add(nightlyAt)
	}
	return due
}
