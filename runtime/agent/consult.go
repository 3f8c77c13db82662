package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"astromesh/runtime/model"
	"astromesh/runtime/tool"
)

// maxDeep is how many agents may ask each other in a row.
const maxDeep = 4

// consult has another agent answer a question within this turn: with its own
// prompt, models, tools and guardrails, without a memory, in the time that the
// turn has left and with no more model calls than the turn was given. What it
// costs and its steps are the turn's, and so is what its tools want done.
func (t *turn) consult(ctx context.Context, name, question string, c tool.Call) (string, error) {
	other, err := t.colleague(name)
	if err != nil {
		return "", err
	}
	other.begin()
	defer other.end()
	sub := &turn{
		agent: other, clock: t.clock, left: min(other.iterations, t.agent.iterations), effects: c.Effects,
		callers: append(slices.Clone(t.callers), t.agent.Name()),
		in: Input{TurnID: c.Key, Customer: t.in.Customer, Said: []Said{{Text: question}}, OnStep: func(s Step) {
			s.Name = name + ": " + s.Name
			t.adopt(s)
		}},
	}
	sub.aside = &aside{turn: sub}
	c.Effects.Under(sub.aside.screen) // the caller's guardrails alone do not know what this one may not say
	sub.input, sub.output = other.guards(t.in.Customer)
	err = sub.run(ctx, append([]stage{
		{"guardrail", "input", sub.guardInput},
		{"tool", "open", sub.openTheirTools},
	}, sub.answering()...))
	sub.finish()
	sub.aside.close(&sub.result)
	t.takeOver(sub)
	if err != nil {
		if why := c.Effects.Handover(); why != "" { // whoever was promised a person is to have one
			_ = t.effects.HandOver(why) // it takes every reason
		}
		return "", notAnswered(ctx, name, err)
	}
	t.mu.Lock()
	t.handed = sub.answer
	t.mu.Unlock()
	return joinLines(sub.answer, asLines(sub.result.Data)), nil
}

// asLines is an answer's data for the model that asked for it.
func asLines(data json.RawMessage) []string {
	if data == nil {
		return nil
	}
	return []string{string(data)}
}

// colleague finds the agent that is to be asked. It may have been replaced, or
// taken out of service, since this one was compiled.
func (t *turn) colleague(name string) (*Agent, error) {
	chain := append(slices.Clone(t.callers), t.agent.Name())
	switch {
	case slices.Contains(chain, name):
		return nil, &tool.FaultError{Model: "this agent is asking already: answer without it",
			Owner: fmt.Sprintf("Agents ask each other in a circle: %s → %s. The last was not asked.", strings.Join(chain, " → "), name)}
	case len(chain) >= maxDeep:
		return nil, &tool.FaultError{Model: "too many agents ask each other: answer without it",
			Owner: fmt.Sprintf("More than %d agents ask each other in a row: %s was not asked.", maxDeep, name)}
	}
	if t.agent.agents != nil {
		if other, ok := t.agent.agents(name); ok {
			return other, nil
		}
	}
	return nil, &tool.FaultError{Model: "this agent is not there now: answer without it",
		Owner: fmt.Sprintf("The agent %s is not in service any more: %s answered without it.", name, t.agent.Name())}
}

// openTheirTools is openTools for an agent that works within another's turn: what
// its tools want done is collected there.
func (t *turn) openTheirTools(ctx context.Context, _ map[string]any) error {
	for _, f := range t.agent.tools.Open(ctx) {
		t.notice("tool", f.Text)
	}
	return nil
}

// adopt records a step of an agent that was asked.
func (t *turn) adopt(s Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.result.Steps = append(t.result.Steps, s)
	if t.in.OnStep != nil {
		t.in.OnStep(s)
	}
}

// takeOver adds what an agent that was asked has cost and found.
func (t *turn) takeOver(sub *turn) {
	for _, n := range sub.result.Notices {
		t.notice(n.Stage, n.Text)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.result.Usage = append(t.result.Usage, sub.result.Usage...)
	t.result.Verdicts = append(t.result.Verdicts, sub.result.Verdicts...)
}

// notAnswered says in words why there is no answer: to the model that asked, and
// to the owner where there is something to mend.
func notAnswered(ctx context.Context, name string, err error) error {
	if context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	var end *ending
	if errors.As(err, &end) && (end.outcome == Blocked || end.outcome == TooLong) {
		return fmt.Errorf("agent %s may not answer this: %s", name, end.reason)
	}
	owner := fmt.Sprintf("The agent %s, asked as a tool, gave no answer: %s", name, reasonOf(err))
	if errors.Is(err, model.ErrUnavailable) {
		owner = fmt.Sprintf("The agent %s, asked as a tool, gave no answer: none of its models can be reached.", name)
	}
	return &tool.FaultError{Model: "agent " + name + " could not answer now: go on without it", Owner: clip(owner, 400)}
}
