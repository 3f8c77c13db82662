package agent

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// The words that a model reads when it went astray.
const (
	nudgeEmpty  = "(Your answer was empty or could not be read. Answer the message above in plain words, in its language.)"
	nudgeRepeat = "(Your answer repeated itself without end. Answer the message above in a few short sentences, in its language.)"
)

// errRepeats ends a call whose answer goes round in circles.
var errRepeats = errors.New("the model repeats itself without end")

// loop is one conversation between a model and its tools within a turn (ReAct):
// the model asks for tools until it has words. A pattern is made of such loops.
type loop struct {
	*turn
	role     string          // of the model that is asked, see Agent.chatAs
	part     string          // the pattern's step that it works for, in the trace; "" = the turn as a whole
	format   json.RawMessage // the JSON Schema that its answers must fit, or nil
	most     int             // how often it may ask the model; 0 = as often as the turn may
	shaped   bool            // its words are the turn's answer, in the form of output_schema
	keep     int             // calls of the turn that it leaves to what comes after it
	messages []model.Message
	// heard, if set, looks at each reply first: done ends the loop without words,
	// wrong is what the model is told when it is asked again.
	heard func(reply model.Response) (done bool, wrong string)

	branch   int            // the branch of a pattern that it is, from 1; 0 = it runs alone
	used     int            // tools that the branch called
	asked    map[string]any // what the trace keeps of its last call
	plain    bool           // no tool is offered any more: the model has to answer
	strayed  bool           // it already asked for a tool that does not exist
	nudged   bool           // it was already asked again
	misfits  int            // calls whose arguments did not fit the tool
	lastCall string
	times    int      // how often lastCall was asked for, one after the other
	found    []string // what the tools gave that were asked for last
}

// react is the simplest pattern: one loop, and its words are the answer.
func (t *turn) react(ctx context.Context) (string, error) {
	l := &loop{turn: t, role: "reasoner", messages: t.prompt, shaped: true}
	return l.run(ctx)
}

// run asks the model until there are words, as often as it may. In the last call
// of a turn no tool is offered, which forces an answer.
func (l *loop) run(ctx context.Context) (string, error) {
	for n := 0; l.most == 0 || n < l.most; n++ {
		left := l.take(l.keep)
		if left == 0 {
			break
		}
		offered := l.offer(left)
		reply, err := l.ask(ctx, offered)
		if errors.Is(err, errRepeats) {
			if !l.nudge(nudgeRepeat) {
				return "", failed("the model repeated itself without end, twice: try another model or raise repeat_penalty")
			}
			continue
		}
		if err != nil {
			return "", err
		}
		if l.heard != nil {
			done, wrong := l.heard(reply)
			if done {
				return "", nil
			}
			if wrong != "" && l.nudge(wrong) {
				continue
			}
		}
		if calls := wanted(reply, offered); len(calls) > 0 {
			l.act(ctx, reply, calls)
			continue
		}
		if text, ok := l.readable(reply); ok {
			l.understood(text, reply.Usage)
			return text, nil
		}
		if !l.nudge(nudgeEmpty) {
			return "", failed("the model gave no answer that a customer may read, twice: try another model")
		}
	}
	if l.keep > 0 && len(l.found) > 0 { // what comes after it can answer with this
		return strings.Join(l.found, "\n"), nil
	}
	return "", failed("the model gave no answer in %d attempts (orchestration.max_iterations)", l.agent.iterations)
}

// offer gives the tools for the next call; left counts it and what comes after it.
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
	l.asked = map[string]any{"messages": len(l.messages), "tools": len(offered)}
	began := l.agent.now()
	l.sends(l.messages)
	most := l.allowance(l.keep == 0)
	reply, err := l.askAs(call, model.Request{
		Messages:  l.messages,
		Tools:     offered,
		Format:    l.form(offered),
		MaxTokens: most,
		Session:   sessionKey(l.agent.Name(), l.in.SessionID, l.in.Customer),
		OnQueue:   l.clock.queued,
		OnToken: func(piece string) {
			if seen.add(piece, time.Now()) {
				cancel(errRepeats)
			}
		},
	})
	if err == nil {
		l.spend(reply.Usage)
		l.asked["usage"] = reply.Usage
		if (reply.Usage.AnswerWasCut || len(reply.Content) > circleMost) && circular(reply.Content) {
			err = errRepeats
		}
		if reply.Thinking != "" {
			l.asked["thinking"] = l.traced(reply.Thinking)
		}
	} else if errors.Is(context.Cause(call), errRepeats) && ctx.Err() == nil {
		err = errRepeats
	}
	if err != nil {
		l.asked["error"] = clip(err.Error(), 300)
	}
	l.step("model", reply.Usage.Candidate, began, l.asked)
	return reply, err
}

// form is the JSON Schema for the next answer. A server that is told one offers no
// tools, so an answer that may ask for tools is only told of it in words.
func (l *loop) form(offered []model.ToolSpec) json.RawMessage {
	if l.format == nil && l.shaped && len(offered) == 0 && l.agent.output != nil {
		return l.agent.output.format
	}
	return l.format
}

// step records a call of a model or a tool, with the part that it was for.
func (l *loop) step(stage, name string, began time.Time, data map[string]any) {
	if l.part != "" {
		data["part"] = l.part
	}
	l.record(stage, name, began, data)
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
	var calls []model.ToolCall
	for _, c := range guardrail.RecoverToolCalls(reply.Content, names) {
		calls = append(calls, model.ToolCall{Name: c.Name, Arguments: c.Args})
	}
	return calls[:min(len(calls), maxCallsAtOnce)]
}

// readable is what of a reply a customer may read, if anything.
func (l *loop) readable(reply model.Response) (string, bool) {
	text, hidden := l.gate(reply.Content)
	text = sayable(text)
	if len(hidden) > 0 {
		l.asked["hidden"], l.asked["reply"] = hidden, l.traced(reply.Content)
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
