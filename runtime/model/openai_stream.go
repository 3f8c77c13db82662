package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// openAIAnswer is a chat answer put together from its pieces.
type openAIAnswer struct {
	content, thinking   []byte
	calls               []openAICall
	finish              openai.FinishReason
	tokensIn, tokensOut int
	began, first, ended time.Time
}

// openAICall is a tool call, whose arguments come in pieces.
type openAICall struct {
	index     int
	id, name  string
	arguments []byte
}

// readOpenAI reads a stream to its end. The library takes one that breaks off
// between two pieces for a finished one, so an answer counts as finished only
// once it says why. heard is called for each piece, onToken for each of text.
func readOpenAI(next func() (openai.ChatCompletionStreamResponse, error), heard func(), onToken func(string)) (a openAIAnswer, err error) {
	for pieces := 0; ; pieces++ {
		piece, err := next()
		switch {
		case errors.Is(err, io.EOF) && a.finish != "":
			return a, nil
		case errors.Is(err, io.EOF) && pieces == 0:
			return a, errNoStream
		case errors.Is(err, io.EOF):
			return a, errCutShort
		case err != nil && a.finish != "" && !errors.Is(err, errGarbage):
			return a, nil // only the count of tokens is missing
		case isNotJSON(err):
			return a, fmt.Errorf("%w: %w", errGarbage, err)
		case err != nil:
			return a, err
		}
		heard()
		if a.first.IsZero() {
			a.first = time.Now()
		}
		if u := piece.Usage; u != nil {
			a.tokensIn, a.tokensOut = max(a.tokensIn, u.PromptTokens), max(a.tokensOut, u.CompletionTokens)
		}
		if len(piece.Choices) == 0 {
			continue
		}
		if err := a.add(piece.Choices[0], onToken); err != nil {
			return a, err
		}
	}
}

func (a *openAIAnswer) add(c openai.ChatCompletionStreamChoice, onToken func(string)) error {
	text := c.Delta.Content + c.Delta.Refusal
	a.content = append(a.content, text...)
	a.thinking = append(a.thinking, c.Delta.ReasoningContent...)
	if text != "" && onToken != nil {
		onToken(text)
	}
	size := 0
	for _, call := range c.Delta.ToolCalls {
		a.addCall(call)
	}
	for _, call := range a.calls {
		size += len(call.name) + len(call.arguments)
	}
	if c.FinishReason != "" && c.FinishReason != openai.FinishReasonNull {
		a.finish = c.FinishReason
	}
	switch {
	case len(a.content) > maxAnswer:
		return fmt.Errorf("%w: more than %d bytes", errEndless, maxAnswer)
	case len(a.thinking) > maxThinking:
		return fmt.Errorf("%w: more than %d bytes of reasoning", errEndless, maxThinking)
	case len(a.calls) > maxCalls || size > maxLine:
		return fmt.Errorf("%w: more than %d tool calls, or %d bytes of them", errEndless, maxCalls, maxLine)
	}
	return nil
}

// addCall puts a piece to its call. A server that numbers none sends each whole.
func (a *openAIAnswer) addCall(piece openai.ToolCall) {
	at := len(a.calls) - 1
	switch {
	case piece.Index == nil && (at < 0 || piece.Function.Name != ""):
		at = -1
	case piece.Index != nil:
		for at >= 0 && a.calls[at].index != *piece.Index {
			at--
		}
	}
	if at < 0 {
		index := len(a.calls)
		if piece.Index != nil {
			index = *piece.Index
		}
		a.calls = append(a.calls, openAICall{index: index})
		at = len(a.calls) - 1
	}
	call := &a.calls[at]
	if piece.ID != "" {
		call.id = piece.ID
	}
	call.name += piece.Function.Name
	call.arguments = append(call.arguments, piece.Function.Arguments...)
}

// toolCalls gives the calls. One whose arguments cannot be read stands in the
// text instead, where calls that were written as text are looked for and mended.
func (a *openAIAnswer) toolCalls(content string) (calls []ToolCall, text string) {
	for i, call := range a.calls {
		arguments := map[string]any{}
		if len(call.arguments) > 0 && json.Unmarshal(call.arguments, &arguments) != nil {
			name, _ := json.Marshal(call.name) // a text can always be written
			content += fmt.Sprintf("\n<tool_call>{\"name\": %s, \"arguments\": %s}</tool_call>", name, call.arguments)
			continue
		}
		if arguments == nil { // the word null
			arguments = map[string]any{}
		}
		id := call.id
		if id == "" {
			id = fmt.Sprintf("call_%d", i)
		}
		calls = append(calls, ToolCall{ID: id, Name: call.name, Arguments: arguments})
	}
	return calls, content
}
