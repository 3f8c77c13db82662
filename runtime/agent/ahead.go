package agent

import (
	"context"
	"errors"
	"fmt"

	"astromesh/runtime/channel"
	"astromesh/runtime/memory"
	"astromesh/runtime/model"
	"astromesh/store"
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
	t, err := a.quiet(ctx, session, customer)
	if err != nil {
		return nil, err
	}
	return t.beginning()
}

// quiet is a turn before there is a message: what is remembered, and whom it is for.
func (a *Agent) quiet(ctx context.Context, session string, customer channel.Customer) (*turn, error) {
	t := &turn{agent: a, in: Input{SessionID: session, Customer: customer}}
	t.input, t.output = a.guards(customer)
	if err := t.recall(ctx, map[string]any{}); err != nil {
		return nil, err
	}
	return t, nil
}

// WarmNext has the server compute the next turn's prompt ahead, while nobody
// waits for it; it gives way to a real turn. That it gave way, or that no model can
// be reached, is no error.
func (a *Agent) WarmNext(ctx context.Context, session string, customer channel.Customer) error {
	prompt, err := a.NextPrompt(ctx, session, customer)
	if err != nil {
		return err
	}
	_, err = a.chatAs("reasoner")(ctx, model.Request{
		Messages: prompt, Tools: a.tools.Specs(), Session: sessionKey(a.Name(), session, customer), Background: true,
	})
	if errors.Is(err, model.ErrGaveWay) || errors.Is(err, model.ErrUnavailable) {
		return nil
	}
	return err
}

// Settle does after a reply, while nobody waits, what the next turn would else
// wait for: it folds older turns into the summary, moves the window on before it
// must, and has the next prompt computed ahead, from the second exchange on. It gives way to every real turn,
// and what it has not done then is done after the next reply. The caller decides
// when. Of the result, Notices are for the owner and Usage is what summaries took;
// the rest is empty. What the prompt took that was computed ahead is not counted:
// no customer's text is read twice in the figures.
func (a *Agent) Settle(ctx context.Context, session string, customer channel.Customer) (Result, error) {
	t, err := a.folded(ctx, session, customer)
	if err != nil {
		return t.result, err
	}
	if len(t.past.Entries) <= 2 {
		// After a first exchange the server still holds the system prompt and what is
		// said of this moment, one after the other: with these the next new customer's
		// prompt begins too. Computed ahead, this customer's second message would cost
		// about as much less as the first one of each new customer then costs more.
		return t.result, nil
	}
	return t.result, a.WarmNext(ctx, session, customer)
}

// Fold is what [Agent.Settle] does for an agent that keeps a summary, without computing
// a prompt ahead: for a session of which nobody knows whether it goes on.
func (a *Agent) Fold(ctx context.Context, session string) (Result, error) {
	if a.memory.Strategy != memory.Summary {
		return Result{}, nil
	}
	t, err := a.folded(ctx, session, channel.Customer{})
	return t.result, err
}

// folded brings a conversation's memory up to date. The turn is never nil.
func (a *Agent) folded(ctx context.Context, session string, customer channel.Customer) (*turn, error) {
	t, err := a.quiet(ctx, session, customer)
	if err != nil {
		return &turn{}, err
	}
	if len(t.past.Entries) > 0 {
		if err := t.advance(ctx); err != nil && !errors.Is(err, store.ErrConflict) { // a conflict: done anew next time
			return t, err
		}
	}
	return t, nil
}

// advance moves the window to where it should begin for the next turn.
func (t *turn) advance(ctx context.Context) error {
	next := t.agent.memory.Early(t.past)
	if next <= t.past.Window.First {
		return nil
	}
	if t.agent.memory.Strategy == memory.Summary {
		switch done, err := t.fold(ctx, next); {
		case err != nil:
			return err
		case !done: // it gave way
			return nil
		}
	}
	w := t.past.Window
	if next <= w.First {
		return nil
	}
	w.Agent, w.SessionID, w.First = t.agent.Name(), t.in.SessionID, next
	return t.agent.store.SaveWindow(w, t.past.Entries)
}
