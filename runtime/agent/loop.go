package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// maxCallsAtOnce is how many tools one answer of a model may ask for.
const maxCallsAtOnce = 8

// The words that a model reads when it went astray.
const (
	nudgeEmpty  = "(Your answer was empty or could not be read. Answer the message above in plain words, in its language.)"
	nudgeRepeat = "(Your answer repeated itself without end. Answer the message above in a few short sentences, in its language.)"
	saidAlready = "This was already called with the same arguments, and its result stands above. Answer the customer with it."
)

// errRepeats ends a call whose answer goes round in circles.
var errRepeats = errors.New("the model repeats itself without end")

// loop is the conversation between the model and its tools within one turn
// (ReAct): the model asks for tools until it has words for the customer.
type loop struct {
	*turn
	messages []model.Message
	plain    bool // no tool is offered any more: the model has to answer
	strayed  bool // it already asked for a tool that does not exist
	nudged   bool // it was already asked again
	lastCall string
	times    int // how often lastCall was asked for, one after the other
}

// converse asks the model until there is a reply, at most max_iterations times.
// The last time no tool is offered, which forces an answer.
func (t *turn) converse(ctx context.Context, _ map[string]any) error {
	l := &loop{turn: t, messages: t.prompt}
	for left := t.agent.iterations; left > 0; left-- {
		offered := l.offer(left)
		reply, err := l.ask(ctx, offered)
		if errors.Is(err, errRepeats) {
			if !l.nudge(nudgeRepeat) {
				return failed("the model repeated itself without end, twice: try another model or raise repeat_penalty")
			}
			continue
		}
		if err != nil {
			return err
		}
		if calls := wanted(reply, offered); len(calls) > 0 {
			l.act(ctx, reply, calls)
			continue
		}
		if text, ok := l.readable(reply); ok {
			t.answer = text
			return nil
		}
		if !l.nudge(nudgeEmpty) {
			return failed("the model gave no answer that a customer may read, twice: try another model")
		}
	}
	return failed("the model gave no answer in %d attempts (orchestration.max_iterations)", t.agent.iterations)
}

// offer gives the tools for the next call.
func (l *loop) offer(left int) []model.ToolSpec {
	if l.plain || left == 1 {
		return nil
	}
	return l.agent.tools.Specs()
}

// ask calls the model once, and stops it where it goes round in circles.
func (l *loop) ask(ctx context.Context, offered []model.ToolSpec) (model.Response, error) {
	call, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var seen circle
	data := map[string]any{"messages": len(l.messages), "tools": len(offered)}
	began := l.agent.now()
	l.result.Prompt = l.described(l.messages)
	reply, err := l.agent.chat(call, model.Request{
		Messages: l.messages,
		Tools:    offered,
		Session:  sessionKey(l.agent.Name(), l.in.SessionID, l.in.Customer),
		OnQueue:  l.clock.queued,
		OnToken: func(piece string) {
			if seen.add(piece, time.Now()) {
				cancel(errRepeats)
			}
		},
	})
	if err == nil {
		l.result.Usage = append(l.result.Usage, reply.Usage)
		data["usage"] = reply.Usage
		if (reply.Usage.AnswerWasCut || len(reply.Content) > circleMost) && circular(reply.Content) {
			err = errRepeats
		}
		if reply.Thinking != "" {
			data["thinking"] = l.traced(reply.Thinking)
		}
	} else if errors.Is(context.Cause(call), errRepeats) && ctx.Err() == nil {
		err = errRepeats
	}
	name := reply.Usage.Candidate
	if err != nil {
		data["error"] = clip(err.Error(), 300)
	}
	l.record("model", name, began, data)
	return reply, err
}

// wanted are the calls that a reply asks for: as the server told them apart, or
// written as text, which small models do. Nothing was offered = nothing counts.
func wanted(reply model.Response, offered []model.ToolSpec) []model.ToolCall {
	if len(offered) == 0 {
		return nil
	}
	if len(reply.ToolCalls) > 0 {
		return reply.ToolCalls[:min(len(reply.ToolCalls), maxCallsAtOnce)]
	}
	var names []string
	for _, spec := range offered {
		names = append(names, spec.Name)
	}
	if name, args, ok := guardrail.RecoverToolCall(reply.Content, names); ok {
		return []model.ToolCall{{Name: name, Arguments: args}}
	}
	return nil
}

// readable is what of a reply a customer may read, if anything.
func (l *loop) readable(reply model.Response) (string, bool) {
	text, hidden := guardrail.Gate(reply.Content, l.agent.tools.Names())
	text = sayable(text)
	if len(hidden) > 0 {
		asked := l.result.Steps[len(l.result.Steps)-1].Data
		asked["hidden"], asked["reply"] = hidden, l.traced(reply.Content)
	}
	return text, text != ""
}

// nudge asks once more, in words; false if that was done before. The model
// is told as the customer's side: a system message would move to the front of
// the prompt in several chat templates, and cost the whole prompt anew.
func (l *loop) nudge(words string) bool {
	if l.nudged {
		return false
	}
	l.nudged = true
	l.messages = append(l.messages[:len(l.messages):len(l.messages)], model.Message{Role: model.RoleUser, Content: words})
	return true
}

// act runs the tools that a reply asks for and puts their results into the prompt.
func (l *loop) act(ctx context.Context, reply model.Response, calls []model.ToolCall) {
	said := reply.Content
	if len(reply.ToolCalls) == 0 {
		said = "" // it was the call itself
	}
	messages := append(l.messages[:len(l.messages):len(l.messages)],
		model.Message{Role: model.RoleAssistant, Content: said, ToolCalls: calls})
	for _, c := range calls {
		messages = append(messages, model.Message{
			Role: model.RoleTool, Content: l.perform(ctx, c), ToolName: c.Name, CallID: c.ID,
		})
	}
	l.messages = messages
}

// perform runs one call, or says in words why not.
func (l *loop) perform(ctx context.Context, c model.ToolCall) string {
	data := map[string]any{}
	began := l.agent.now()
	result, err := l.attempt(ctx, c, data)
	if err != nil {
		result = "Error: " + err.Error()
		data["error"] = true
	}
	data["result"] = l.traced(result)
	l.record("tool", clip(c.Name, 60), began, data)
	return result
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
	return l.useTool(ctx, c.Name, c.Arguments)
}
