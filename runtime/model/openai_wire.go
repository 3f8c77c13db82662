package model

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	openai "github.com/sashabaranov/go-openai"
)

// openAIParameters is what an agent's `parameters` mean to OpenAI's API.
type openAIParameters struct {
	temperature, topP *float32
	presence, freq    float32
	seed              *int
	stop              []string
	maxTokens         int
}

// parseOpenAIParameters checks the parameters that the API knows, within the
// ranges of its reference. Others are passed over: candidates of several kinds
// often share what a file says, and reading the file warns of them.
func parseOpenAIParameters(given map[string]any) (p openAIParameters, err error) {
	known := map[string]any{}
	for _, name := range OpenAIParameters() {
		if v, ok := given[name]; ok {
			known[name] = v
		}
	}
	checked, err := parseParameters(known)
	if err != nil {
		return p, err
	}
	p.maxTokens = checked.maxTokens
	p.stop, _ = checked.options["stop"].([]string)
	number := func(name string) *float32 {
		f, ok := checked.options[name].(float64)
		if !ok {
			return nil
		}
		n := float32(f)
		if n == 0 {
			n = almostZero
		}
		return &n
	}
	if p.temperature = number("temperature"); p.temperature != nil && *p.temperature > 2 {
		return p, fmt.Errorf("temperature must be a number from 0 to 2 on such a server")
	}
	p.topP = number("top_p")
	if f := number("presence_penalty"); f != nil {
		p.presence = *f
	}
	if f := number("frequency_penalty"); f != nil {
		p.freq = *f
	}
	if seed, ok := checked.options["seed"].(int); ok {
		p.seed = &seed
	}
	return p, nil
}

// almostZero stands for a zero, which the library leaves out. vLLM takes it for
// one (below 1e-5); the smallest number that there is, which the library's page
// names for this, divided by which everything is infinite, crashed the model's
// process of Ollama 0.17.4.
const almostZero = 1e-6

// OpenAIParameters are the parameters of an agent's file that OpenAI's API knows.
func OpenAIParameters() []string {
	return []string{"temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "stop", "max_tokens", "num_predict"}
}

// body is the request, without what the server has refused before.
func (o *OpenAI) body(req Request) openai.ChatCompletionRequest {
	p, drops := o.parameters, o.state.drops
	body := openai.ChatCompletionRequest{
		Model: o.model, Messages: openAIMessages(req.Messages), Tools: openAITools(req.Tools),
		PresencePenalty: p.presence, FrequencyPenalty: p.freq, Seed: p.seed, Stop: p.stop,
		ResponseFormat: openAIFormat(req.Format), StreamOptions: &openai.StreamOptions{IncludeUsage: true},
	}
	if p.temperature != nil {
		body.Temperature = *p.temperature
	}
	if p.topP != nil {
		body.TopP = *p.topP
	}
	most := req.most(p.maxTokens)
	// OpenAI's newer models refuse max_tokens; other servers know no other name.
	if o.kind == kindOpenAI || drops(partMaxTokens) {
		body.MaxCompletionTokens = most
	} else {
		*oldBound(&body) = most
	}
	for part, clear := range map[string]func(){
		partFormat: func() { body.ResponseFormat = nil }, partUsage: func() { body.StreamOptions = nil },
		"temperature": func() { body.Temperature = 0 }, "top_p": func() { body.TopP = 0 },
		"presence_penalty": func() { body.PresencePenalty = 0 }, "frequency_penalty": func() { body.FrequencyPenalty = 0 },
		"seed": func() { body.Seed = nil }, "stop": func() { body.Stop = nil },
	} {
		if drops(part) {
			clear()
		}
	}
	return body
}

// oldBound is where the bound of the answer stands for all servers but OpenAI's
// own, which has given it up for another name.
func oldBound(body *openai.ChatCompletionRequest) *int {
	return &body.MaxTokens //nolint:staticcheck // vLLM, llama.cpp, TGI and Ollama know this name
}

func openAIFormat(schema json.RawMessage) *openai.ChatCompletionResponseFormat {
	schema = bytes.TrimSpace(schema)
	switch {
	case len(schema) == 0 || string(schema) == "null":
		return nil
	case schema[0] != '{': // Ollama's word for any JSON
		return &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	return &openai.ChatCompletionResponseFormat{
		Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
		JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "answer", Schema: schema},
	}
}

func openAITools(specs []ToolSpec) (tools []openai.Tool) {
	for _, s := range specs {
		parameters := s.Parameters
		if len(parameters) == 0 {
			parameters = json.RawMessage(`{"type":"object","properties":{}}`)
		}
		tools = append(tools, openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: s.Name, Description: s.Description, Parameters: parameters,
		}})
	}
	return tools
}

// openAIMessages turns our messages into the API's. It demands that every call
// has an id and that each result names the one it answers: calls are numbered
// anew, because another server, or a call that was written as text, gave none.
func openAIMessages(messages []Message) []openai.ChatCompletionMessage {
	out := make([]openai.ChatCompletionMessage, 0, len(messages))
	number := 0
	var open []string            // ids of the last calls that have no result yet
	named := map[string]string{} // from the ids given to ours, of the last calls
	for _, m := range messages {
		if len(m.Images) > 0 {
			m = describeImages(m, isUnreadable)
		}
		w := openai.ChatCompletionMessage{Role: string(m.Role), Content: m.Content}
		switch {
		case len(m.Images) > 0:
			w.Content, w.MultiContent = "", withImages(m)
		case len(m.ToolCalls) > 0:
			open = open[:0]
			clear(named)
			for _, call := range m.ToolCalls {
				number++
				id := fmt.Sprintf("call_%d", number)
				open, named[call.ID] = append(open, id), id
				w.ToolCalls = append(w.ToolCalls, openai.ToolCall{ID: id, Type: openai.ToolTypeFunction, Function: openai.FunctionCall{
					Name: call.Name, Arguments: argumentsText(call.Arguments),
				}})
			}
		case m.Role == RoleTool:
			id, known := named[m.CallID]
			if (!known || m.CallID == "") && len(open) > 0 {
				id = open[0]
			}
			open = without(open, id)
			w.ToolCallID = id
		}
		out = append(out, w)
	}
	return out
}

func without(list []string, text string) []string {
	var kept []string
	for _, s := range list {
		if s != text {
			kept = append(kept, s)
		}
	}
	return kept
}

// argumentsText orders the arguments by name: a prompt that changes its bytes
// must be computed again.
func argumentsText(arguments map[string]any) string {
	if arguments == nil {
		arguments = map[string]any{}
	}
	b, err := json.Marshal(arguments) // sorts the keys
	if err != nil {
		return "{}" // what came out of JSON can be written as JSON
	}
	return string(b)
}

// withImages puts the pictures before the words about them: Ollama's /v1 makes a
// message of each part, and a model answers the last one.
func withImages(m Message) []openai.ChatMessagePart {
	var parts []openai.ChatMessagePart
	for _, image := range m.Images {
		// What it is, and not what its sender says that it is: servers look.
		data := "data:" + http.DetectContentType(image) + ";base64," + base64.StdEncoding.EncodeToString(image)
		parts = append(parts, openai.ChatMessagePart{Type: openai.ChatMessagePartTypeImageURL, ImageURL: &openai.ChatMessageImageURL{URL: data}})
	}
	if m.Content != "" {
		parts = append(parts, openai.ChatMessagePart{Type: openai.ChatMessagePartTypeText, Text: m.Content})
	}
	return parts
}
