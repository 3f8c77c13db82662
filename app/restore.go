package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"astromesh/store"
)

type restoreCmd struct {
	passphraseFlag
	File string `arg:"" help:"The backup."`
}

// Run puts the store of a backup in the place of the one in the data folder, on
// which no program may be running.
func (r restoreCmd) Run(c *command) error {
	passphrase, err := r.given(c)
	if err != nil {
		return err
	}
	done, err := store.Restore(c.dataDir(), r.File, store.RestoreOptions{Passphrase: passphrase})
	switch {
	case errors.Is(err, store.ErrNeedsPassphrase):
		return fmt.Errorf("%w: give it with --passphrase-file, or in %s", err, passphraseVariable)
	case errors.Is(err, store.ErrInUse):
		return err
	case err != nil:
		return fmt.Errorf("nothing was restored: %w", err)
	}
	_, _ = fmt.Fprintf(c.stdout, "Restored into %s: everything as of %s. Start the program, and sign in as you did then.\n",
		c.dataDir(), done.Manifest.MadeAt.Local().Format("2 January 2006, 15:04")) // nowhere else to say it
	for _, remark := range remarks(c.dataDir(), done) {
		_, _ = fmt.Fprintln(c.stdout, remark) // as above
	}
	return nil
}

// given asks for a passphrase only where the backup has one.
func (r restoreCmd) given(c *command) (string, error) {
	b, err := store.OpenBackup(r.File)
	if err != nil {
		return "", err
	}
	sealed := b.Manifest.Sealed
	if err := b.Close(); err != nil || !sealed {
		return "", err
	}
	return r.passphrase(c, "Passphrase of the backup: ", false)
}

// remarks are what the owner must know after a restore.
func remarks(dir string, done store.Restored) []string {
	var list []string
	if done.KeyLost {
		list = append(list, "The saved credentials could not come along, because the backup was made without a passphrase: enter them again under Settings, WhatsApp.")
	}
	if done.PutAside > 0 {
		list = append(list, fmt.Sprintf("The backup is more than a day old: what waited in it to be answered or sent (%d) was not taken up again, and those conversations are marked for a person.", done.PutAside))
	}
	if done.Replaced {
		list = append(list, fmt.Sprintf("What was there before lies in %s for a week.", filepath.Join(dir, store.ReplacedFolder)))
	}
	return append(list, "Customers whom you erased after that moment are there again: erase them again.")
}

// serveUntilDone runs the program, and anew each time it was stopped to put a
// restored store in place. started is called with each one before it runs; it may
// be nil.
func serveUntilDone(ctx context.Context, o Options, started func(*App)) error {
	o.Again = true
	for {
		a, err := New(ctx, o)
		if err != nil {
			return unlessStopped(ctx, err)
		}
		o.WebhookAddr, o.AdminAddr = a.Addrs() // a port that the system chose stays
		if started != nil {
			started(a)
		}
		if err := a.Run(ctx); err != nil || !a.toRunAgain() {
			return err
		}
	}
}

// unlessStopped is nil where the start failed because the program was told to stop
// before it had begun.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Restart stops the program in order; whoever runs it starts it anew.
func (a *App) Restart() { a.restartOnce.Do(func() { close(a.restart) }) }

func (a *App) toRunAgain() bool {
	select {
	case <-a.restart:
		return true
	default:
		return false
	}
}
