package agent

import (
	"encoding/json"
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// Step is one finished step of a turn, for the trace and the timeline.
type Step struct {
	Stage    string         `json:"stage"` // guardrail, memory, model or tool
	Name     string         `json:"name"`
	Start    time.Time      `json:"start"`
	Duration time.Duration  `json:"duration"` // nanoseconds
	Data     map[string]any `json:"data,omitempty"`
}

// DirectedVerdict is what the guardrails of one direction decided.
type DirectedVerdict struct {
	Direction string `json:"direction"` // "input" or "output"
	guardrail.Verdict
}

// PromptMessage is a message as it was sent to a model, for "why this answer".
// Of what models and tools wrote within the turn it holds what the output
// guardrails leave.
type PromptMessage struct {
	Role      string       `json:"role"`
	Content   string       `json:"content"`
	Images    []int        `json:"images,omitempty"` // bytes of each; never the picture
	ToolCalls []PromptCall `json:"tool_calls,omitempty"`
	ToolName  string       `json:"tool_name,omitempty"`
}

// PromptCall is a tool call in a prompt.
type PromptCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"` // JSON
}

// described is the prompt for the trace. All but what the turn itself added has
// been through the guardrails of its time.
func (t *turn) described(messages []model.Message) []PromptMessage {
	list := make([]PromptMessage, 0, len(messages))
	for i, m := range messages {
		p := PromptMessage{Role: string(m.Role), Content: m.Content, ToolName: clip(m.ToolName, 60)}
		if i >= len(t.prompt) {
			p.Content = t.traced(m.Content)
		}
		for _, image := range m.Images {
			p.Images = append(p.Images, len(image))
		}
		for _, c := range m.ToolCalls {
			args, _ := json.Marshal(c.Arguments) // what cannot be written is shown as nothing
			p.ToolCalls = append(p.ToolCalls, PromptCall{Name: clip(c.Name, 60), Arguments: t.traced(string(args))})
		}
		list = append(list, p)
	}
	return list
}

// maxTraced is how much of one text the trace keeps, in bytes.
const maxTraced = 2000

// traced is what the trace may keep of a text that a model or a tool wrote:
// what the output guardrails leave of it.
func (t *turn) traced(s string) string {
	if len(s) > 4*maxTraced {
		s = clip(s, 4*maxTraced) // judged past the cut below, so that half a card number is not left
	}
	v := t.output.Run(s)
	if v.Action == guardrail.Block {
		return "[blocked by " + v.Rule + "]"
	}
	return clip(v.Text, maxTraced)
}
