//go:build !desktop || bindings

package app

import "astromesh/web"

// inBrowser runs the program and opens the browser, signed in.
func (d desktopCmd) inBrowser(c *command) error {
	said := d.Hidden
	return d.serve(c.ctx, c, d.seat(c), func(a *App) {
		if said {
			return
		}
		said = true
		link, err := a.web.OwnerLink(c.ctx)
		if err == nil {
			err = d.opened(c, web.Opened{Link: link})
		}
		if err != nil {
			c.log.Error("no link to the dashboard could be given; sign in with name and password", "error", err)
		}
	})
}
