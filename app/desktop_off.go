//go:build !desktop && !bindings

package app

// show opens the dashboard in the browser: this build has no window, and so
// needs no graphical system to be there.
func (d desktopCmd) show(c *command) error { return d.inBrowser(c) }

// commandLine is what was typed.
func commandLine(args []string) []string { return args }
