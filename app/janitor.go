package app

import (
	"context"
	"time"
)

const (
	// cutEvery is how long wiped texts stay in the write-ahead log at most, while
	// webhooks keep coming; once nothing has been written for lookEvery they go.
	cutEvery  = 15 * time.Second
	lookEvery = time.Second
	// releaseAfter is when the start is over, and what only it needed goes.
	releaseAfter = time.Second
	// tidyEvery is how often what has outlived its time is removed.
	tidyEvery = time.Minute
)

// tidy is the janitor: it cuts the write-ahead log, forgets memory that has
// outlived its ttl, and removes closed rows.
func (a *App) tidy(ctx context.Context) error {
	look, tidy := time.NewTicker(lookEvery), time.NewTicker(tidyEvery)
	defer look.Stop()
	defer tidy.Stop()
	started := time.After(releaseAfter)
	var size int64 // of the log, at the last look
	cut := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-started:
			if err := releaseStartup(); err != nil {
				a.log.Debug("the memory of the start was not given back", "stage", "system", "error", err)
			}
		case <-tidy.C:
			a.forget(ctx)
			keep, err := a.store.Retention(ctx)
			if err == nil {
				_, err = a.store.Prune(keep)
			}
			if err != nil && ctx.Err() == nil {
				a.log.Error("old rows could not be removed", "stage", "system", "error", err)
			}
		case <-look.C:
			before := size
			if size = a.store.LogSize(); size == 0 || size != before && time.Since(cut) < cutEvery {
				continue
			}
			cut = time.Now()
			if err := a.store.Checkpoint(); err != nil {
				a.log.Error("the write-ahead log could not be cut", "stage", "system", "error", err)
			}
		}
	}
}

// forget removes the memory of sessions that have outlived their agent's ttl.
func (a *App) forget(ctx context.Context) {
	for _, ag := range a.agents.List() {
		if ag.MemoryTTL() == 0 {
			continue
		}
		gone, err := a.store.ExpireMemory(ctx, ag.Name(), time.Now().Add(-ag.MemoryTTL()))
		if err != nil {
			a.log.Error("old memory could not be removed", "stage", "memory", "agent", ag.Name(), "error", err)
		} else if gone > 0 {
			a.log.Info("memory has outlived its ttl and is gone", "stage", "memory", "agent", ag.Name(), "entries", gone)
		}
	}
}
