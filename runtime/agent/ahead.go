package agent

import (
	"context"
	"errors"
	"fmt"

	"astromesh/runtime/channel"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
)

// Warm loads the model that will answer first, so that the first customer does
// not wait for it: the first candidate that has tools if the agent does, else
// the first. Where that fails the next one is tried.
func (a *Agent) Warm(ctx context.Context) error {
	needsTools := len(a.tools.Names()) > 0
	var problems []error
	for _, m := range a.models {
		caps, err := m.Capabilities(ctx)
		if err == nil && needsTools && !caps.Tools && len(a.models) > 1 {
			continue
		}
		if err == nil {
			err = m.Warm(ctx)
		}
		if err == nil {
			return nil
		}
		problems = append(problems, err)
	}
	if len(problems) == 0 { // no candidate has tools: the first one answers without
		return a.models[0].Warm(ctx)
	}
	return fmt.Errorf("warm agent %s: %w", a.Name(), errors.Join(problems...))
}

// NextPrompt is the next turn's prompt as far as it is known before the
// customer writes.
func (a *Agent) NextPrompt(ctx context.Context, session string, customer channel.Customer) ([]model.Message, error) {
	t := &turn{agent: a, in: Input{SessionID: session, Customer: customer}}
	t.input, t.output = a.guards(customer)
	if err := t.recall(ctx, map[string]any{}); err != nil {
		return nil, err
	}
	return t.beginning()
}

// WarmNext has the server compute the next turn's prompt ahead, while nobody
// waits for it; it gives way to a real turn. The caller decides when: after a
// reply is committed. That it gave way, or that no model can be reached, is no
// error.
func (a *Agent) WarmNext(ctx context.Context, session string, customer channel.Customer) error {
	prompt, err := a.NextPrompt(ctx, session, customer)
	if err != nil {
		return err
	}
	_, err = a.chat(ctx, model.Request{
		Messages: prompt, Tools: a.tools.Specs(), Session: sessionKey(a.Name(), session, customer), Background: true,
	})
	if errors.Is(err, model.ErrGaveWay) || errors.Is(err, model.ErrUnavailable) {
		return nil
	}
	return err
}

// WindowMoved says whether the next turn's history begins later than the last
// turn's did: then nothing that the server computed can be used again, and
// WarmNext is worth its time. Otherwise the server has all but the reply.
func (a *Agent) WindowMoved(ctx context.Context, session string) (bool, error) {
	count, _, err := a.store.MemoryCount(ctx, a.Name(), session)
	if err != nil {
		return false, fmt.Errorf("count memory: %w", err)
	}
	limit := a.memory.MaxTurns
	if limit <= 0 {
		limit = memory.DefaultMaxTurns
	}
	return count > 2 && memory.Start(count, limit) != memory.Start(count-2, limit), nil
}
