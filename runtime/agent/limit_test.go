package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Of two branches one may wait while the other works: the clock runs. It stands
// still while both wait, and while the turn waits for none.
func TestClockOfBranches(t *testing.T) {
	const second = time.Second
	for name, c := range map[string]struct {
		waiting int // branches in a queue for the first minute
		ends    time.Duration
	}{"none waits": {0, 30 * second}, "one waits": {1, 30 * second}, "both wait": {2, 90 * second}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				work, w, stop := startWork(t.Context(), 30*second)
				defer stop()
				w.branch(1)
				for range c.waiting {
					w.queued(true)
				}
				minute := time.AfterFunc(60*second, func() {
					for range c.waiting {
						w.queued(false)
					}
				})
				defer minute.Stop()
				<-work.Done()
				if took := time.Since(began); took != c.ends || !errors.Is(context.Cause(work), errUsedUp) {
					t.Errorf("ended after %s: %v", took, context.Cause(work))
				}
			})
		})
	}
}
