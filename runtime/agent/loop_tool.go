package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"astromesh/runtime/model"
	"astromesh/runtime/tool"
)

// maxCallsAtOnce is how many tools one answer of a model may ask for.
const maxCallsAtOnce = 8

// saidAlready is what a model reads that asks for the same again.
const saidAlready = "This was already called with the same arguments, and its result stands above. Answer the customer with it."

// act runs the tools that a reply asks for and puts their results into the prompt.
func (l *loop) act(ctx context.Context, reply model.Response, calls []model.ToolCall) {
	said := reply.Content
	if len(reply.ToolCalls) == 0 {
		said = "" // it was the call itself
	}
	messages := append(l.messages[:len(l.messages):len(l.messages)],
		model.Message{Role: model.RoleAssistant, Content: said, ToolCalls: calls})
	l.found = nil
	before := l.misfits
	for _, c := range calls {
		result, _ := l.perform(ctx, c) // an error is in its words
		l.found = append(l.found, c.Name+": "+result)
		messages = append(messages, model.Message{Role: model.RoleTool, Content: result, ToolName: c.Name, CallID: c.ID})
	}
	l.messages = messages
	// Arguments that do not fit are asked for once more, in the words of the error.
	l.plain = l.plain || before > 0 && l.misfits > before
}

// perform runs one call, or says in words why not.
func (l *loop) perform(ctx context.Context, c model.ToolCall) (string, error) {
	data := map[string]any{}
	began := l.agent.now()
	result, err := l.attempt(ctx, c, data)
	if err != nil {
		result = "Error: " + err.Error()
		data["error"] = true
	}
	data["result"] = l.traced(result)
	l.step("tool", clip(c.Name, 60), began, data)
	return result, err
}

func (l *loop) attempt(ctx context.Context, c model.ToolCall, data map[string]any) (string, error) {
	args, err := json.Marshal(c.Arguments)
	if err != nil {
		return "", errors.New("the arguments could not be read")
	}
	data["arguments"] = l.traced(string(args))
	if key := c.Name + string(args); key == l.lastCall {
		l.times++
	} else {
		l.lastCall, l.times = key, 1
	}
	switch {
	case l.times > 1:
		l.plain = l.plain || l.times > 2
		return saidAlready, nil
	case !l.agent.tools.Has(c.Name):
		l.plain = l.plain || l.strayed
		l.strayed = true
		return "", fmt.Errorf("there is no tool %q, only: %s. Answer the customer without it",
			clip(c.Name, 60), strings.Join(l.agent.tools.Names(), ", "))
	}
	text, err := l.useTool(ctx, c.Name, c.Arguments)
	var misfit *tool.MisfitError
	if errors.As(err, &misfit) {
		l.misfits++
	}
	return text, err
}
