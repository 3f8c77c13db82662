package agent

import (
	"context"
	"errors"
	"sync"

	"astromesh/runtime/model"
)

// maxAtOnce is how many branches work side by side. The queue of the model's
// server decides in which order they are answered.
const maxAtOnce = 3

// fanOut has the parts of a message worked on side by side, and a synthesizer
// write one answer from what they gave. The parts are what a planner makes of the
// message; where the agent has colleagues (tools of type agent, or roles worker:x),
// each of them gets the message as it is. A branch that fails is left out.
func (t *turn) fanOut(ctx context.Context) (string, error) {
	most := min(maxParts, t.remaining()-1)
	branches := t.colleagueBranches()
	if len(branches) == 0 && most > 2 {
		parts, err := t.plan(ctx, part{kind: "plan"}, "split", "parts", most-1)
		if err != nil {
			return "", err
		}
		for _, task := range parts {
			branches = append(branches, colleague{role: "worker", task: task, words: told("branch", "task", task)})
		}
	}
	branches = branches[:max(0, min(len(branches), t.remaining()-1))]
	if len(branches) == 0 || len(branches) == 1 && branches[0].name == "" {
		return t.react(ctx)
	}
	found := t.sideBySide(ctx, branches)
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	for _, n := range found {
		if useless(found) && errors.Is(n.err, model.ErrUnavailable) {
			return "", n.err
		}
	}
	return t.conclude(ctx, "synthesizer", found)
}

// colleagueBranches are the agent's colleagues, each with the message itself.
func (t *turn) colleagueBranches() []colleague {
	list := t.agent.colleagues("worker")
	for i := range list {
		list[i].task = t.text
		list[i].words = told("side", "name", list[i].name)
	}
	return list
}

// sideBySide runs branches, some at once. A branch that panics does so in the
// turn's own goroutine, once the others have ended.
func (t *turn) sideBySide(ctx context.Context, branches []colleague) []note {
	found := make([]note, len(branches))
	panics := make(chan any, len(branches))
	places := make(chan struct{}, maxAtOnce)
	share := max(1, (t.remaining()-1)/len(branches))
	var all sync.WaitGroup
	for i, h := range branches {
		all.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					panics <- r
				}
			}()
			places <- struct{}{}
			defer func() { <-places }()
			t.clock.branch(1)
			defer t.clock.branch(-1)
			p := part{kind: "branch", number: i + 1, of: len(branches), who: h.name}
			result, err := t.help(ctx, p, h, share)
			found[i] = note{h.task, result, err}
			if h.name != "" {
				found[i].task = h.name
			}
		})
	}
	t.clock.branch(-1) // it waits for them meanwhile
	all.Wait()
	t.clock.branch(1)
	if len(panics) > 0 {
		panic(<-panics)
	}
	return found
}
