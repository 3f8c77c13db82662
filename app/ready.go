package app

import (
	"context"
	"sync"

	"astromesh/runtime/agent"
	"astromesh/store"
)

// keepReady starts what the agents' tools need whenever the agents change, so that
// no customer waits for a program that fetches itself first.
func (a *App) keepReady(ctx context.Context) error {
	for {
		select {
		case <-a.prepare:
		case <-ctx.Done():
			return nil
		}
		var each sync.WaitGroup
		for _, ag := range a.agents.List() {
			each.Go(func() { a.makeReady(ctx, ag) })
		}
		each.Wait()
	}
}

func (a *App) makeReady(ctx context.Context, ag *agent.Agent) {
	for _, n := range ag.Prepare(ctx) {
		if ctx.Err() != nil { // what was given up says nothing of the tool
			return
		}
		a.log.Warn("a tool is not ready", "stage", n.Stage, "agent", ag.Name())
		a.store.Log(store.Event{Kind: store.EventSystem, Level: "warn", Stage: n.Stage, Agent: ag.Name(), Text: n.Text})
	}
}
