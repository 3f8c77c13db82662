package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"astromesh/runtime/model"
)

// errNoCall: max_iterations left no call for a decision.
var errNoCall = errors.New("no call of the model was left for it")

// form is what a decision looks like.
type form struct {
	shown  string          // for the model
	schema json.RawMessage // for its server, which can hold it to it
	read   func(value any) error
	words  func() string // what was read, for the trace
}

// decide has a role decide something in the given form. Where that cannot be
// read it is asked once more, with the error in words. false = it could not do
// it, and the message is to be answered without. The error ends the turn.
func (t *turn) decide(ctx context.Context, j job, f form) (bool, error) {
	j.keep = 1
	l := t.loop(j)
	l.format = f.schema
	began := t.agent.now()
	said, problem := "", errNoCall
	for range 2 {
		left := l.take(l.keep)
		if left == 0 {
			break
		}
		reply, failed := l.ask(ctx, l.offer(left))
		if ends(ctx, failed) {
			return false, failed
		}
		if failed != nil && !errors.Is(failed, errRepeats) {
			problem = failed // words would not mend it
			break
		}
		if problem = cmp.Or(failed, f.found(reply)); problem == nil {
			said = f.words()
			break
		}
		l.again(reply, problem, f)
	}
	t.did(j, began, said, problem)
	t.undecided(j.role, problem)
	return problem == nil, nil
}

// again asks for the decision once more, with what was wrong. The second time
// without tools: some servers take a plan that names a tool for a call of it.
func (l *loop) again(reply model.Response, problem error, f form) {
	l.plain = true
	messages := l.messages[:len(l.messages):len(l.messages)]
	if said := clip(clean(reply.Content), maxNote); said != "" {
		messages = append(messages, model.Message{Role: model.RoleAssistant, Content: said})
	}
	l.messages = append(messages, model.Message{
		Role: model.RoleUser, Content: "(" + told("again", "problem", problem.Error(), "form", f.shown) + ")",
	})
}

// undecided tells the owner why a message was answered without a decision.
func (t *turn) undecided(role string, problem error) {
	var fault *model.Error
	switch {
	case problem == nil || errors.Is(problem, errNoCall): // the file's check has said it
	case errors.As(problem, &fault):
		t.notice("model", fmt.Sprintf("The model of the role %s failed, so the message was answered without it: %s", role, reasonOf(problem)))
	default:
		t.notice("model", fmt.Sprintf("The role %s did not write what it was asked for as JSON, twice: the message was answered without it. "+
			"Another model may do better (model.roles).", role))
	}
}

// found reads the decision in a reply.
func (f form) found(reply model.Response) (problem error) {
	for _, call := range reply.ToolCalls { // a server took it for one
		if problem = f.read(call.Arguments); problem == nil {
			return nil
		}
	}
	values, problem := looseJSON(reply.Content)
	for _, value := range values {
		if problem = f.read(value); problem == nil {
			return nil
		}
	}
	return problem
}

// entries reads a list of short texts: {"steps": ["a", "b"]}, the bare list, or
// with an object for each, under any of the names that models give it.
func entries(value any, most int) ([]string, error) {
	if object, ok := value.(map[string]any); ok {
		for _, key := range [...]string{"steps", "parts", "plan", "subtasks", "tasks", "questions", "items"} {
			if inner, ok := member(object, key); ok {
				return entries(inner, most)
			}
		}
		return nil, errors.New("it is not the list that was asked for")
	}
	list, ok := value.([]any)
	if text, isText := value.(string); isText {
		list, ok = []any{text}, true
	}
	if !ok && value != nil {
		return nil, errors.New("it is not a list")
	}
	var texts []string
	for _, item := range list {
		if text := entry(item); text != "" && len(texts) < most {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 && len(list) > 0 {
		return nil, errors.New("the list holds no sentences")
	}
	return texts, nil
}

// entry reads one entry of a list.
func entry(item any) string {
	switch v := item.(type) {
	case string:
		return clip(clean(v), 500)
	case map[string]any:
		return text(v, "description", "step", "task", "part", "question", "text", "action", "name", "title")
	}
	return ""
}

// text is the first of the members that is a text, "" if none is.
func text(object map[string]any, keys ...string) string {
	for _, key := range keys {
		if value, ok := member(object, key); ok {
			if s, ok := value.(string); ok && clean(s) != "" {
				return clip(clean(s), maxNote)
			}
		}
	}
	return ""
}

// member finds a key however the model wrote it: "Final Answer" for final_answer.
func member(object map[string]any, key string) (any, bool) {
	if value, ok := object[key]; ok {
		return value, true
	}
	for name, value := range object {
		if strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_") == key {
			return value, true
		}
	}
	return nil, false
}
