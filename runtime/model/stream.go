package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ollama/ollama/api"
)

// Limits of an answer that arrives in pieces.
const (
	// maxLine is one piece. Tool calls come as one piece, so it is generous.
	maxLine = 1 << 20
	// maxAnswer is the text of an answer: sixteen WhatsApp messages. A model
	// that goes on has lost the thread, whatever max_tokens says.
	maxAnswer = 64 << 10
	// maxThinking is the reasoning before it.
	maxThinking = 512 << 10
	// maxCalls is how many tools one answer may call.
	maxCalls = 64
)

var (
	errGarbage  = errors.New("the stream is not what Ollama sends")
	errCutShort = errors.New("the stream stopped before the answer was finished")
	errEndless  = errors.New("the answer does not end")
)

// serverError is an error that the server puts into a stream which it has
// already begun with status 200.
type serverError string

func (e serverError) Error() string { return string(e) }

// answer is a chat answer put together from its pieces.
type answer struct {
	content, thinking []byte
	calls             []api.ToolCall
	last              api.ChatResponse // the piece with Done
}

// readAnswer reads a stream of /api/chat to its end. We read it ourselves
// because api.Client takes a stream that breaks off for a finished one (it does
// not look at the scanner's error) and sets 8 MB aside for each call.
// heard is called for every piece, onToken for every piece of text.
func readAnswer(r io.Reader, heard func(), onToken func(string)) (answer, error) {
	var a answer
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		heard()
		var piece struct {
			api.ChatResponse
			Error string `json:"error"`
		}
		if err := json.Unmarshal(lines.Bytes(), &piece); err != nil {
			return a, fmt.Errorf("%w: %w", errGarbage, err)
		}
		if piece.Error != "" {
			return a, serverError(piece.Error)
		}
		if err := a.add(piece.ChatResponse); err != nil {
			return a, err
		}
		if text := piece.Message.Content; text != "" && onToken != nil {
			onToken(text)
		}
		if piece.Done {
			a.last = piece.ChatResponse
			return a, nil
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return a, fmt.Errorf("%w: a line of more than %d bytes", errGarbage, maxLine)
	case err != nil:
		return a, fmt.Errorf("%w: %w", errCutShort, err)
	}
	return a, errCutShort
}

func (a *answer) add(piece api.ChatResponse) error {
	a.content = append(a.content, piece.Message.Content...)
	a.thinking = append(a.thinking, piece.Message.Thinking...)
	a.calls = append(a.calls, piece.Message.ToolCalls...)
	switch {
	case len(a.content) > maxAnswer:
		return fmt.Errorf("%w: more than %d bytes", errEndless, maxAnswer)
	case len(a.thinking) > maxThinking:
		return fmt.Errorf("%w: more than %d bytes of reasoning", errEndless, maxThinking)
	case len(a.calls) > maxCalls:
		return fmt.Errorf("%w: more than %d tool calls", errEndless, maxCalls)
	}
	return nil
}
