package modeltest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Script is what a scripted model says. The model is a real GGUF that a real
// Ollama loads and runs; its answers depend only on the end of the prompt and
// are the same at any temperature.
type Script struct {
	// Default answers whatever ends with none of the triggers.
	Default string
	// Replies: a message that ends with the trigger (the key) gets the sentence.
	// A trigger is one token of the model, for example "opening-hours?"; no
	// trigger may be the beginning of another.
	Replies map[string]string
	// ToolCalls: a message that ends with the trigger gets this call. With at
	// least one, the server reports the capability "tools".
	ToolCalls map[string]Call
	// AfterTool: the sentence that follows the result of the tool named by the key.
	AfterTool map[string]string
	// Image answers a picture without caption. Not empty, it gives the model a
	// vision part, and the server reports the capability "vision".
	Image string
	// Thinking gives the template thinking tags, so that the server reports
	// the capability "thinking". A reply may then be "<think>…</think>answer".
	Thinking bool
	// ContextLength is what the model says it allows, in tokens; 0 means 8192.
	// One byte of text is one token, a trigger is one token.
	ContextLength int
}

// Call is a tool call that a scripted model makes.
type Call struct {
	Name      string
	Arguments map[string]any
}

// Model is a script as files, ready for a server.
type Model struct {
	Text     []byte // GGUF of the language model
	Vision   []byte // GGUF of the projector, nil without vision
	Template string // chat template in Ollama's Go form
}

// Build turns the script into the files of a model.
func (s Script) Build() (Model, error) {
	v, err := s.vocabulary()
	if err != nil {
		return Model{}, fmt.Errorf("scripted model: %w", err)
	}
	text, err := v.textModel(s.contextLength())
	if err != nil {
		return Model{}, fmt.Errorf("scripted model: %w", err)
	}
	m := Model{Text: text, Template: s.template()}
	if s.Image != "" {
		if m.Vision, err = v.visionModel(); err != nil {
			return Model{}, fmt.Errorf("scripted model: %w", err)
		}
	}
	return m, nil
}

func (s Script) contextLength() uint32 {
	if s.ContextLength > 0 {
		return uint32(s.ContextLength)
	}
	return 8192
}

// template renders all messages one after the other and ends with the last
// one's content: what the model says next depends on the last token alone.
func (s Script) template() string {
	var b strings.Builder
	if s.usesTools() {
		b.WriteString("{{ .Tools }}")
	}
	b.WriteString("{{ range .Messages }}")
	if s.Thinking {
		b.WriteString("{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}")
	}
	if s.usesTools() {
		b.WriteString(`{{ if .ToolCalls }}<tool_call>{{ range .ToolCalls }}{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}{{ end }}</tool_call>{{ end }}`)
	}
	b.WriteString("{{ .Content }}")
	if s.usesTools() {
		b.WriteString(`{{ if eq .Role "tool" }}[tool-end:{{ .ToolName }}]{{ end }}`)
	}
	b.WriteString("{{ end }}")
	return b.String()
}

func (s Script) usesTools() bool { return len(s.ToolCalls) > 0 || len(s.AfterTool) > 0 }

// vocabulary lays out states and tokens: see [vocabulary].
func (s Script) vocabulary() (*vocabulary, error) {
	v := newVocabulary()
	if err := v.say(0, s.Default); err != nil {
		return nil, err
	}
	replies := map[string]string{}
	for trigger, reply := range s.Replies {
		replies[trigger] = reply
	}
	for trigger, call := range s.ToolCalls {
		text, err := call.text()
		if err != nil {
			return nil, err
		}
		replies[trigger] = text
	}
	for tool, reply := range s.AfterTool {
		replies["[tool-end:"+tool+"]"] = reply
	}
	for _, trigger := range sortedKeys(replies) {
		if err := v.trigger(trigger, replies[trigger]); err != nil {
			return nil, err
		}
	}
	if s.Image != "" {
		v.image = v.newState()
		if err := v.say(v.image, s.Image); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// text is the call as the template's <tool_call> spells it.
func (c Call) text() (string, error) {
	arguments := c.Arguments
	if arguments == nil {
		arguments = map[string]any{}
	}
	b, err := json.Marshal(map[string]any{"name": c.Name, "arguments": arguments})
	if err != nil {
		return "", fmt.Errorf("tool call %s: %w", c.Name, err)
	}
	return "<tool_call>" + string(b) + "</tool_call>", nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
