package app

import (
	"context"

	"astromesh/runtime/health"
)

type checkCmd struct {
	JSON bool `help:"Print JSON."`
}

// Health runs every diagnosis of the running program.
func (a *App) Health(context.Context) []health.Check { return nil }
