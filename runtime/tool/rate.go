package tool

import (
	"slices"
	"sync"
	"time"
)

// rate counts the calls of one entry of the file: of all customers together.
type rate struct {
	now    func() time.Time
	window time.Duration
	max    int

	mu    sync.Mutex
	calls []time.Time // of the last window
}

// newRate gives nil where there is no limit.
func newRate(d Declared, now func() time.Time) *rate {
	if d.MaxCalls <= 0 {
		return nil
	}
	r := &rate{now: now, window: d.Window, max: d.MaxCalls}
	if r.window <= 0 {
		r.window = time.Minute
	}
	return r
}

// take counts a call.
func (r *rate) take() bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.calls = slices.DeleteFunc(r.calls, func(at time.Time) bool { return now.Sub(at) >= r.window })
	if len(r.calls) >= r.max {
		return false
	}
	r.calls = append(r.calls, now)
	return true
}
