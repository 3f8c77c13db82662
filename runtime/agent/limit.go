package agent

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// errUsedUp is the cause of a turn's context that worked for too long. It is a
// deadline too: a model server that was silent all the while is told apart by that.
var errUsedUp = fmt.Errorf("the time for this turn is used up: %w", context.DeadlineExceeded)

// maxQueued is how long a turn may stand in the queue of a model server, all
// calls together: an answer that comes later finds nobody.
const maxQueued = 10 * time.Minute

// workTime ends a context when a turn has worked for its limit. Time in the
// queue of a model server is not work: where ten customers write at once to a
// server that answers one at a time, the tenth would else get an error for
// having waited. Branches that run side by side stand still when all of them wait.
type workTime struct {
	mu      sync.Mutex
	work    *time.Timer // nil while it stands still
	left    time.Duration
	since   time.Time
	cancel  context.CancelCauseFunc
	workers int // what works, or waits, side by side
	waiting int // of these, those that stand in a queue
}

// startWork gives a context that ends with errUsedUp. stop must be called.
func startWork(ctx context.Context, limit time.Duration) (work context.Context, w *workTime, stop func()) {
	work, cancel := context.WithCancelCause(ctx)
	w = &workTime{left: limit, cancel: cancel}
	w.branch(1)
	whole := time.AfterFunc(limit+maxQueued, func() { cancel(errUsedUp) })
	return work, w, func() {
		whole.Stop()
		w.branch(-1)
		cancel(nil)
	}
}

// queued is told when a request begins to wait for a model server, and when it
// no longer does.
func (w *workTime) queued(waiting bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if waiting {
		w.waiting++
	} else {
		w.waiting--
	}
	w.settle()
}

// branch is told how many begin to work side by side, or, below 0, have ended.
func (w *workTime) branch(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workers += n
	w.settle()
}

// settle lets the clock run or stand still.
func (w *workTime) settle() {
	working := w.waiting < w.workers
	switch {
	case working && w.work == nil:
		w.since = time.Now()
		w.work = time.AfterFunc(max(w.left, 0), func() { w.cancel(errUsedUp) })
	case !working && w.work != nil:
		w.work.Stop()
		w.left -= time.Since(w.since)
		w.work = nil
	}
}
