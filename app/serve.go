package app

type serveCmd struct{}

// Run serves until a signal comes; a store that was restored in the dashboard is
// put in place in between.
func (serveCmd) Run(c *command) error {
	return serveUntilDone(c.ctx, c.options(), nil)
}
