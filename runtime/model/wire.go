package model

import (
	"encoding/json"
	"fmt"

	"github.com/ollama/ollama/api"
)

// toWire turns our messages into Ollama's. Pictures that cannot be decoded
// become text.
func toWire(messages []Message) []api.Message {
	out := make([]api.Message, 0, len(messages))
	for _, m := range messages {
		if len(m.Images) > 0 {
			m = describeImages(m, isUnreadable)
		}
		w := api.Message{
			Role:       string(m.Role),
			Content:    m.Content,
			ToolName:   m.ToolName,
			ToolCallID: m.CallID,
		}
		for _, image := range m.Images {
			w.Images = append(w.Images, image)
		}
		for i, call := range m.ToolCalls {
			w.ToolCalls = append(w.ToolCalls, callToWire(i, call))
		}
		out = append(out, w)
	}
	return out
}

// callToWire orders the arguments by name: Ollama renders them in the order
// given, and a prompt that changes its bytes must be computed again.
func callToWire(index int, call ToolCall) api.ToolCall {
	arguments := api.NewToolCallFunctionArguments()
	for _, name := range sortedNames(call.Arguments) {
		arguments.Set(name, call.Arguments[name])
	}
	return api.ToolCall{
		ID:       call.ID,
		Function: api.ToolCallFunction{Index: index, Name: call.Name, Arguments: arguments},
	}
}

// callFromWire gives a call without id one of its own: the answer to it must
// be able to name it.
func callFromWire(index int, call api.ToolCall) ToolCall {
	id := call.ID
	if id == "" {
		id = fmt.Sprintf("call_%d", index)
	}
	arguments := call.Function.Arguments.ToMap()
	if arguments == nil {
		arguments = map[string]any{}
	}
	return ToolCall{ID: id, Name: call.Function.Name, Arguments: arguments}
}

// toolsToWire turns tools into Ollama's form, which knows less of JSON Schema:
// what it does not know is dropped there, as the server would drop it.
func toolsToWire(specs []ToolSpec) (api.Tools, error) {
	var out api.Tools
	for _, spec := range specs {
		tool := api.Tool{Type: "function", Function: api.ToolFunction{
			Name:        spec.Name,
			Description: spec.Description,
			Parameters:  api.ToolFunctionParameters{Type: "object", Properties: api.NewToolPropertiesMap()},
		}}
		if len(spec.Parameters) > 0 {
			if err := json.Unmarshal(spec.Parameters, &tool.Function.Parameters); err != nil {
				return nil, fmt.Errorf("parameters of tool %s: %w", spec.Name, err)
			}
		}
		if tool.Function.Parameters.Properties == nil {
			tool.Function.Parameters.Properties = api.NewToolPropertiesMap()
		}
		out = append(out, tool)
	}
	return out, nil
}
