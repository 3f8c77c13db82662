// Package tool holds what an agent may do besides talking. A tool is a file
// with its code and a file of the same name with the words that a model reads
// to decide when to call it.
package tool

import (
	"context"

	"astromesh/runtime/model"
)

// Tool is something a model may ask for. Implementations: datetimeNow,
// getUserContext.
type Tool interface {
	// Spec is how the tool is offered to a model. Always the same bytes: it is
	// part of the prompt's beginning.
	Spec() model.ToolSpec
	// Call does it. The text goes to the model; so does the error's, in words.
	Call(ctx context.Context, c Call) (string, error)
}

// Call is one wish of a model, with the turn it belongs to.
type Call struct {
	Arguments map[string]any
	TurnID    string
	SessionID string
	Contact   Contact
}

// Contact is what a tool may know of the customer: never the phone number.
type Contact struct {
	Name string
}
