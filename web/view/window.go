package view

import (
	"context"

	"astromesh/web/form"
)

type windowKey struct{}

// WithWindow marks a page that is shown in the program's own window.
func WithWindow(ctx context.Context) context.Context {
	return context.WithValue(ctx, windowKey{}, true)
}

// InWindow says whether the page is shown in the program's own window.
func InWindow(ctx context.Context) bool {
	in, _ := ctx.Value(windowKey{}).(bool)
	return in
}

// Computer is the section about the machine that the program runs on.
type Computer struct {
	Form   form.Computer
	Window bool   // there is a window that can be closed
	Saves  string // where the window saves downloads
}
