//go:build bindings

package app

// "wails build" first builds the program with this tag and runs it, to ask which
// of its functions a page may call. There are none: the window shows the same
// dashboard as a browser. So this build has nothing to say and ends at once.

func (d desktopCmd) show(c *command) error { return d.inBrowser(c) }

// commandLine ends the program with a word that changes nothing.
func commandLine([]string) []string { return []string{"version"} }
