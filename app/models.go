package app

import (
	"context"
	"sync"
)

// lookAfterModels has the models of all agents in service asked, at the intervals
// that their files set, whether they are there. When the agents are replaced it
// begins anew with the new ones; the answers so far are kept.
func (a *App) lookAfterModels(ctx context.Context) error {
	for ctx.Err() == nil {
		own, cancel := context.WithCancel(ctx)
		var all sync.WaitGroup
		for _, ag := range a.agents.List() {
			all.Go(func() { ag.Watch(own) })
		}
		select {
		case <-a.look:
		case <-ctx.Done():
		}
		cancel()
		all.Wait()
	}
	return nil
}
