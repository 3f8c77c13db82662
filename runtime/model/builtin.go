package model

import (
	"context"
	"fmt"
	"strings"
)

// Builtin answers from a list of questions and answers, without any model
// server: for the demo, and as the last candidate of an agent whose server may
// be down. It is deterministic and takes microseconds.
type Builtin struct {
	name     string
	fallback string
	faq      *faqIndex
}

// NewBuiltin makes the model "faq", the only one there is. Parameters: faq, a
// list of {q, a} where q is a text or a list of texts, and default, the text
// for everything else. Errors say in words what is wrong.
func NewBuiltin(model string, parameters map[string]any) (LLM, error) {
	if model != "faq" {
		return nil, fmt.Errorf("the builtin provider has the model faq, not %q", model)
	}
	for _, name := range sortedNames(parameters) {
		if name != "faq" && name != "default" {
			return nil, fmt.Errorf("the builtin provider has the parameters faq and default, not %s", name)
		}
	}
	fallback, ok := parameters["default"].(string)
	if !ok || strings.TrimSpace(fallback) == "" {
		return nil, fmt.Errorf("the builtin provider needs the parameter default: the text for questions that are not in the list")
	}
	entries, err := parseFAQ(parameters["faq"])
	if err != nil {
		return nil, err
	}
	return &Builtin{name: "builtin/" + model, fallback: fallback, faq: newFAQIndex(entries)}, nil
}

type faqEntry struct {
	questions []string
	answer    string
}

func parseFAQ(value any) ([]faqEntry, error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("faq must be a list of {q, a}, not %T", value)
	}
	var entries []faqEntry
	for i, item := range list {
		fields, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("faq entry %d must be {q, a}", i+1)
		}
		questions, err := stopWords(fields["q"])
		if err != nil {
			return nil, fmt.Errorf("faq entry %d: q must be a text or a list of texts", i+1)
		}
		text, ok := fields["a"].(string)
		if !ok || strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("faq entry %d: a must be a text", i+1)
		}
		entries = append(entries, faqEntry{questions, text})
	}
	return entries, nil
}

// Name is "builtin/faq".
func (b *Builtin) Name() string { return b.name }

// Capabilities are none: it sees nothing and calls nothing.
func (b *Builtin) Capabilities(context.Context) (Capabilities, error) { return Capabilities{}, nil }

// Warm has nothing to do.
func (b *Builtin) Warm(context.Context) error { return nil }

// Chat answers the last message of the user.
func (b *Builtin) Chat(ctx context.Context, req Request) (Response, error) {
	if err := ctx.Err(); err != nil {
		return Response{}, &Error{Candidate: b.name, Reason: "The turn ended before the answer.", Err: err}
	}
	text := b.fallback
	for i := len(req.Messages) - 1; i >= 0; i-- {
		if req.Messages[i].Role != RoleUser {
			continue
		}
		if found, ok := b.faq.find(req.Messages[i].Content); ok {
			text = found
		}
		break
	}
	if req.OnToken != nil {
		req.OnToken(text)
	}
	return Response{Content: text, Usage: Usage{Candidate: b.name}}, nil
}
