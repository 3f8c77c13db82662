package tool

import (
	"context"
	_ "embed"
	"errors"
	"strings"

	"astromesh/runtime/model"
)

//go:embed client.md
var clientWords string

// client is a tool of the program that asked for the turn: it is not run here. The
// call is noted on the turn, where that program, or a person, finds it.
type client struct{ spec model.ToolSpec }

func makeClient(d Declared, _ Sources) (Made, error) {
	if d.Name == "" {
		return Made{}, errors.New("it has no name")
	}
	schema, err := Schema(d.Parameters)
	if err != nil {
		return Made{}, err
	}
	words := strings.TrimSpace(clientWords)
	if d.Description == "" {
		return one(client{model.ToolSpec{Name: d.Name, Description: words, Parameters: schema}}), nil
	}
	return one(client{model.ToolSpec{Name: d.Name, Description: d.Description, Parameters: schema}}), nil
}

func (c client) Spec() model.ToolSpec { return c.spec }

// Call notes the call. What the guardrails of replies take out of a text is not
// kept here either.
func (c client) Call(_ context.Context, call Call) (string, error) {
	arguments, ok := screened(call.Effects, call.Arguments, 0).(map[string]any)
	if !ok {
		return "", errors.New("the arguments could not be read")
	}
	if err := call.Effects.Record(c.spec.Name, arguments); err != nil {
		return "", err
	}
	return "Noted. Somebody else does it after this answer, and its result is not known yet: go on without it, and promise no result.", nil
}

// screened is a value with every text in it as it may be stored.
func screened(e *Effects, v any, depth int) any {
	switch x := v.(type) {
	case string:
		text, err := e.Screen(x)
		if err != nil {
			return ""
		}
		return text
	case map[string]any:
		out := make(map[string]any, len(x))
		for key, value := range x {
			if depth < maxScreened {
				out[key] = screened(e, value, depth+1)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, value := range x {
			if depth < maxScreened {
				out = append(out, screened(e, value, depth+1))
			}
		}
		return out
	default:
		return v
	}
}

// maxScreened is how deep values may lie in each other.
const maxScreened = 20
