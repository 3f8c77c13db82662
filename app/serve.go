package app

type serveCmd struct{}

// Run serves until a signal comes.
func (serveCmd) Run(c *command) error {
	a, err := New(c.ctx, c.options())
	if err != nil {
		return err
	}
	return a.Run(c.ctx)
}
