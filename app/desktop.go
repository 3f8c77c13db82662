package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"astromesh/store"
	"astromesh/web"

	"github.com/adrg/xdg"
	opener "github.com/cli/browser" // the tests have a browser of their own
)

// desktopCmd is how somebody at the machine opens the program: in a window of
// its own where it was built with one, else in the browser.
type desktopCmd struct {
	Hidden bool `help:"Answer, but show nothing yet: for the start with the computer."`
}

const (
	// anotherStarts is how long a program that holds the data folder may take to
	// answer a knock, or to end: a stop takes 18 s at most.
	anotherStarts = 20 * time.Second
	// browserFails is how soon a browser that cannot be opened says so. One that
	// can may stay for hours, and nobody waits for it.
	browserFails = 3 * time.Second
)

// Run brings a program forward that runs on the data folder already, or starts
// one and shows its dashboard.
func (d desktopCmd) Run(c *command) error {
	if !d.Hidden {
		if opened, err := knock(c.ctx, c.dataDir()); err == nil {
			return d.opened(c, opened)
		}
	}
	return d.show(c)
}

// serve runs the program until ctx ends, and anew after a restore; up is told of
// each one before it runs. Where another one holds the data folder already, that
// one is opened.
func (d desktopCmd) serve(ctx context.Context, c *command, seat *web.Desktop, up func(*App)) error {
	opts := c.options()
	opts.Desktop, opts.Say, opts.Again = seat, nil, true // its link is opened, not printed
	for {
		a, opened, err := d.start(ctx, opts)
		if err != nil {
			return err
		}
		if a == nil {
			return d.opened(c, opened)
		}
		opts.WebhookAddr, opts.AdminAddr = a.Addrs() // a port that the system chose stays
		up(a)
		if err := a.Run(ctx); err != nil || !a.toRunAgain() {
			return err
		}
	}
}

// start makes the program. Where another one holds the data folder, that one is
// asked to come forward: a is nil then.
func (d desktopCmd) start(ctx context.Context, opts Options) (a *App, opened web.Opened, err error) {
	limit, cancel := context.WithTimeout(ctx, anotherStarts)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		a, err = New(ctx, opts)
		if err == nil || !errors.Is(err, store.ErrInUse) {
			return a, opened, err
		}
		if d.Hidden {
			return nil, web.Opened{Window: true}, nil // it runs, and nothing is to be shown
		}
		if opened, e := knock(limit, opts.DataDir); e == nil {
			return nil, opened, nil
		}
		select {
		case <-again.C:
		case <-limit.Done():
			return nil, opened, err
		}
	}
}

// seat is what can be done for whoever sits at the machine.
func (desktopCmd) seat(c *command) *web.Desktop {
	entry := newAutostart(c)
	return &web.Desktop{
		Browse: browse, Downloads: xdg.UserDirs.Download,
		StartsItself: entry.on, SetStartsItself: entry.set,
	}
}

// opened opens the link that a program gave, or says it where no browser opens.
func (d desktopCmd) opened(c *command, o web.Opened) error {
	if o.Window {
		return nil // it came forward by itself
	}
	if err := browse(o.Link); err != nil {
		c.log.Debug("no browser could be opened", "error", err)
		_, err = fmt.Fprintf(c.stdout, "No browser could be opened. Open this link once on this computer: %s\n", o.Link)
		return err
	}
	return nil
}

// browse opens an address or a folder by the system's own means.
func browse(target string) error {
	failed := make(chan error, 1)
	go func() { failed <- opener.OpenURL(target) }()
	select {
	case err := <-failed:
		return err
	case <-time.After(browserFails):
		return nil
	}
}

// absolute is a path that means the same wherever the program is started.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil && path != "" {
		return whole
	}
	return path
}
