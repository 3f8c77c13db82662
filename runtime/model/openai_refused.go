package model

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// The parts of a request that a server may refuse and that can be left out, by
// the names of the API's parameters.
const (
	partImages    = "image_url"
	partTools     = "tools"
	partFormat    = "response_format"
	partUsage     = "stream_options"
	partMaxTokens = "max_tokens"
)

// droppedFor is how long a refusal holds: the owner may start the server anew
// with another setting.
const droppedFor = time.Hour

// refusal: the server takes no pictures, or no tools, for this model.
type refusal struct {
	part string
	err  error
}

func (r *refusal) Error() string { return "the server refuses " + r.part + ": " + r.err.Error() }

func (r *refusal) Unwrap() error { return r.err }

// refusedPart names the part of a request that a server's error is about; "" if
// it is about none that can be left out. OpenAI names it in `param`; the words
// of others are those of vLLM 0.11 ("--enable-auto-tool-choice"), llama.cpp
// ("tools param requires --jinja flag", "image input is not supported", both
// with status 500) and Ollama 0.17 ("does not support tools").
func refusedPart(err error, body openai.ChatCompletionRequest) string {
	switch { // the library knows some models' habits by their names, and refuses by itself
	case errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated):
		return partMaxTokens
	case errors.Is(err, openai.ErrReasoningToolsRequireResponses):
		return partTools
	case errors.Is(err, openai.ErrReasoningSamplingUnsupported), errors.Is(err, openai.ErrReasoningModelLimitationsOther):
		return firstSampling(body)
	}
	status, message, param := statusOf(err)
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusNotImplemented, http.StatusInternalServerError:
	default:
		return ""
	}
	sent := sentParts(body)
	if at := slices.IndexFunc(sent, func(p string) bool {
		return param == p || strings.HasPrefix(param, p+".") || strings.HasPrefix(param, p+"[")
	}); at >= 0 {
		return sent[at]
	}
	message = strings.ToLower(message)
	for _, part := range sent {
		for _, word := range wordsFor(part) {
			if strings.Contains(message, word) && !isTooLong(err) {
				return part
			}
		}
	}
	return ""
}

// sentParts are the parts that a request has.
func sentParts(body openai.ChatCompletionRequest) (parts []string) {
	add := func(has bool, part string) {
		if has {
			parts = append(parts, part)
		}
	}
	add(slices.ContainsFunc(body.Messages, func(m openai.ChatCompletionMessage) bool { return len(m.MultiContent) > 0 }), partImages)
	add(len(body.Tools) > 0, partTools)
	add(body.ResponseFormat != nil, partFormat)
	add(body.StreamOptions != nil, partUsage)
	add(*oldBound(&body) > 0, partMaxTokens)
	add(body.Temperature > 0, "temperature")
	add(body.TopP > 0, "top_p")
	add(body.PresencePenalty != 0, "presence_penalty")
	add(body.FrequencyPenalty != 0, "frequency_penalty")
	add(body.Seed != nil, "seed")
	add(len(body.Stop) > 0, "stop")
	return parts
}

func firstSampling(body openai.ChatCompletionRequest) string {
	for _, part := range sentParts(body) {
		if part == "temperature" || part == "top_p" || strings.HasSuffix(part, "_penalty") {
			return part
		}
	}
	return ""
}

// wordsFor are the words by which servers name a part in a refusal.
func wordsFor(part string) []string {
	switch part {
	case partImages:
		return []string{"image", "vision", "multimodal", "multi-modal", "mmproj"}
	case partTools:
		return []string{"tool", "function call", "--jinja"}
	case partFormat:
		return []string{"response_format", "json_schema", "json schema", "grammar", "guided"}
	case "stop":
		return []string{"'stop'", "`stop`", "stop sequences"}
	case "seed":
		return []string{"'seed'", "`seed`", "seed parameter"}
	default:
		return []string{part}
	}
}

// neverTakes tells a server that takes no pictures, or no tools, for a model from one
// that refuses this picture, or what this conversation did with its tools ("You
// uploaded an unsupported image", "An assistant message with 'tool_calls' must be
// followed by tool messages"): for one customer's the others must not go without.
// Taken for the latter, a refusal costs one short request each time.
func neverTakes(part string, err error) bool {
	_, message, _ := statusOf(err)
	message = strings.ToLower(message)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(message, w) })
	}
	switch {
	case message == "":
		return true
	case part == partTools && has("schema", "tool_call_id", "tool_calls", "must be followed", "invalid function"),
		part == partImages && has("upload", "format", "decode", "corrupt", "too large", "size", "most 1 im", "base64"):
		return false
	}
	return has("support", "multimodal", "multi-modal", "mmproj", "vision", "most 0 im", "--jinja", "--enable", "enabled", "not available", "not allowed", "capab")
}

// drop leaves a part out from now on; true if that is new.
func (s *openAIState) drop(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.dropped[part]
	s.dropped[part] = time.Now()
	return !known
}

// firstOf is true once for each part.
func (s *openAIState) firstOf(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.told[part]
	if s.told == nil {
		s.told = map[string]bool{}
	}
	s.told[part] = true
	return first
}

func (s *openAIState) drops(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.dropped[part]
	return known && time.Since(at) < droppedFor
}

// maxPause bounds how long a server is left alone because it asked for that.
const maxPause = 5 * time.Minute

// pauseFor leaves the server alone; pause is how long that still holds.
func (s *openAIState) pauseFor(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = time.Now().Add(min(d, maxPause))
}

func (s *openAIState) pause() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, time.Until(s.paused))
}

// waitNote carries the header Retry-After past the library, which drops it.
type waitNote struct {
	mu sync.Mutex
	d  time.Duration
}

type waitNoteKey struct{}

func withWaitNote(ctx context.Context, n *waitNote) context.Context {
	return context.WithValue(ctx, waitNoteKey{}, n)
}

func noteWait(ctx context.Context, d time.Duration) {
	if n, ok := ctx.Value(waitNoteKey{}).(*waitNote); ok {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.d = d
	}
}

func (n *waitNote) get() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.d
}

// waitError is a failure after which the server asked to be left alone.
type waitError struct {
	after time.Duration
	err   error
}

func (w *waitError) Error() string { return w.err.Error() }

func (w *waitError) Unwrap() error { return w.err }

// retryAfter reads the header of that name: seconds, or a date; 0 without.
func retryAfter(r *http.Response) time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return min(time.Duration(seconds), maxPause/time.Second) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
