package model

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// leastCheck is how often a candidate is asked at most.
	leastCheck = time.Second
	// checkWithin bounds one question. It is longer than askWithin, which knows
	// how to say what was wrong.
	checkWithin = 15 * time.Second
)

// check is what the last question in the background found.
type check struct {
	at     time.Time
	failed error // nil: it was there, or was never asked
}

// Watch asks each candidate with a CheckEvery at that interval, beginning now,
// whether it is there, until ctx ends. One that is not is put behind the others
// before a customer waits for it, and comes back by itself. Routers that share a
// candidate share the answers.
func (r *Router) Watch(ctx context.Context) {
	var all sync.WaitGroup
	for _, c := range r.candidates {
		asked, ok := c.llm.(interface{ Alive(context.Context) error })
		if ok && c.checkEvery > 0 {
			all.Go(func() { c.watch(ctx, asked.Alive, r.notify) })
		}
	}
	all.Wait()
}

func (c *candidate) watch(ctx context.Context, alive func(context.Context) error, notify func(Notice)) {
	every := max(c.checkEvery, leastCheck)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		c.breaker.look(ctx, every, alive, notify)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look asks once, unless another router has just done so.
func (b *breaker) look(ctx context.Context, every time.Duration, alive func(context.Context) error, notify func(Notice)) {
	b.mu.Lock()
	recent := !b.check.at.IsZero() && time.Since(b.check.at) < every/2
	if !recent {
		b.check.at = time.Now()
	}
	b.mu.Unlock()
	if recent {
		return
	}
	limited, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	err := alive(limited)
	if ctx.Err() != nil {
		return // nobody waits for the answer any more
	}
	if err == nil {
		if b.isUp() {
			notify(Notice{Candidate: b.key.candidate, Kind: "model_back", Text: fmt.Sprintf("The model %s can be reached again.", b.key.candidate)})
		}
		b.mend()
		return
	}
	b.mu.Lock()
	first := b.check.failed == nil
	b.check.failed = err
	b.mu.Unlock()
	var e *Error
	if first && errors.As(err, &e) {
		notify(Notice{Candidate: e.Candidate, Kind: "model_away", Text: e.Reason})
	}
}

// isUp forgets a failed check, and says whether there was one.
func (b *breaker) isUp() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.check.failed != nil
	b.check.failed = nil
	return was
}

func (b *breaker) isDown() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.check.failed != nil
}

// mend closes the breaker of a candidate that could not be reached and now can.
// One that was reached and failed serves its time, as with revive.
func (b *breaker) mend() {
	b.mu.Lock()
	is := b.circuit.State() == gobreaker.StateOpen && b.last != nil && b.last.Unreachable
	b.mu.Unlock()
	if is {
		b.close()
	}
}
