package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
)

// summaryRole is the role of a model of its own for summaries, if the agent's file
// names one; else the agent's model writes them.
const summaryRole = "summary"

// fold has older turns written into the summary, up to the entry next, in as many
// calls as that takes; each is kept at once. False where it gave way to a customer:
// then everything stays as it is. What cannot be summed up does not stop the
// window: the notice says so, and those turns go with the next summary.
func (t *turn) fold(ctx context.Context, next int64) (done bool, err error) {
	for t.past.Window.Covered < next {
		w := t.past.Window
		rest, err := t.agent.store.MemoryFrom(ctx, t.agent.Name(), t.in.SessionID, w.Covered)
		if err != nil {
			return false, fmt.Errorf("read memory: %w", err)
		}
		step := t.agent.memory.FoldTo(next, rest)
		if len(step.Read) == 0 {
			return true, nil
		}
		reply, err := t.askSummary(ctx, step)
		if errors.Is(err, model.ErrGaveWay) || ctx.Err() != nil {
			return false, nil //nolint:nilerr // that a customer came first, or the program ends, is no fault
		}
		text, fault := t.fitSummary(reply, err)
		if fault != "" {
			t.notice("memory", "The summary of older messages could not be written, the agent goes on without it: "+fault)
			return true, nil
		}
		w.Agent, w.SessionID = t.agent.Name(), t.in.SessionID
		w.Summary, w.Covered, w.Seen = text, step.Covered, max(w.Seen, step.Seen)
		w.First = max(w.First, step.Covered)
		w.Tokens = reply.Usage.TokensOut
		if err := t.agent.store.SaveWindow(w, step.Read); err != nil {
			return false, fmt.Errorf("keep the summary: %w", err)
		}
		if t.past.Window, err = t.agent.store.MemoryWindow(ctx, w.Agent, w.SessionID); err != nil {
			return false, fmt.Errorf("read the memory's window: %w", err)
		}
		t.past.Summary = text
	}
	return true, nil
}

// askSummary asks for one. The prompt begins with the same bytes as the customer's
// next turn, the tools too; a model that calls one all the same is asked without.
func (t *turn) askSummary(ctx context.Context, step memory.Fold) (model.Response, error) {
	prompt, err := t.opening()
	if err != nil {
		return model.Response{}, err
	}
	prompt = append(prompt, step.Prompt()...)
	chat := t.agent.chat
	if own := t.agent.roles[summaryRole]; own != nil {
		chat = own
	}
	for _, tools := range [][]model.ToolSpec{t.agent.tools.Specs(), nil} {
		call, cancel := context.WithCancelCause(ctx)
		var seen circle
		reply, err := chat(call, model.Request{
			Messages: prompt, Tools: tools, Background: true, MaxTokens: memory.SummaryTokens,
			Session: sessionKey(t.agent.Name(), t.in.SessionID, t.in.Customer),
			OnToken: func(piece string) {
				if seen.add(piece, time.Now()) {
					cancel(errRepeats)
				}
			},
		})
		if errors.Is(context.Cause(call), errRepeats) && ctx.Err() == nil {
			err = errRepeats
		}
		cancel(nil)
		if err == nil {
			reply.Usage.Role = summaryRole
			t.result.Usage = append(t.result.Usage, reply.Usage)
		}
		if err != nil || len(reply.ToolCalls) == 0 {
			return reply, err
		}
	}
	return model.Response{}, nil // calls where no tool was offered are no summary
}

// fitSummary is what of a model's answer may be kept, or in a sentence why nothing.
func (t *turn) fitSummary(reply model.Response, err error) (text, fault string) {
	var broken *model.Error
	switch {
	case errors.Is(err, errRepeats) || err == nil && circular(reply.Content):
		return "", "the model repeated itself without end."
	case errors.As(err, &broken):
		return "", broken.Reason
	case err != nil:
		return "", "no model could be asked."
	}
	text, _ = guardrail.Gate(reply.Content, t.agent.tools.Names())
	text = memory.Shorten(sayable(text), reply.Usage.AnswerWasCut)
	if text == "" {
		return "", "the model wrote nothing that can be read."
	}
	v := t.output.Run(text)
	if v.Action == guardrail.Block {
		return "", "the guardrail " + v.Rule + " blocked it."
	}
	return v.Text, ""
}
