// Package tool holds what an agent may do besides talking. A tool is a file
// with its code and a file of the same name with the words that a model reads
// to decide when to call it.
package tool

import (
	"context"

	"astromesh/runtime/model"
)

// Tool is something a model may ask for: each builtin tool is one, and so is
// each thing that a file's agent, client, webhook or mcp entry offers.
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
	// TurnID is the same when a crashed turn is repeated.
	TurnID    string
	SessionID string
	Contact   Contact
	// Key stands for this call in this turn, and is the same when a crashed turn
	// asks again: what acts on the outside world sends it as Idempotency-Key.
	// Registry.Call makes it of the turn and of what the caller put here, else of
	// the number of the call.
	Key string
	// Effects takes what is to be done together with the turn's end, and so
	// exactly once. Never nil inside a tool: Registry.Call sees to it.
	Effects *Effects
	// Ask has the agent's own model answer, outside the conversation, and counts
	// it for the turn. nil where there is no model.
	Ask func(ctx context.Context, system, text string) (string, error)
	// Consult has another agent answer a question within this turn. The call is
	// the one it works for. nil where there are no other agents.
	Consult func(ctx context.Context, agent, question string, c Call) (string, error)
}

// Contact is what a tool may know of the customer: never the phone number.
type Contact struct {
	Name string
}
