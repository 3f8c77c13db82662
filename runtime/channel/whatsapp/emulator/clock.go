package emulator

import (
	"context"
	"sort"
	"sync"
	"time"
)

// Clock is where the emulator takes its time from. RealClock and VirtualClock
// implement it.
type Clock interface {
	// Now is the present instant.
	Now() time.Time
	// AfterFunc runs f once, d from now. The returned stop reports whether it
	// prevented the run.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// RealClock is the clock of the machine, or of the bubble inside
// testing/synctest.
type RealClock struct{}

// Now returns time.Now.
func (RealClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc: f runs in its own goroutine.
func (RealClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// VirtualClock stands still until Advance moves it. Its zero value is not
// ready; use NewVirtualClock.
type VirtualClock struct {
	advancing sync.Mutex // one Advance at a time, or timers would fire out of order

	mu     sync.Mutex
	now    time.Time
	serial int
	timers []*virtualTimer // by due time, then by age
	armed  chan struct{}   // closed by the next AfterFunc
}

type virtualTimer struct {
	due    time.Time
	serial int
	f      func()
}

// NewVirtualClock returns a clock that shows start.
func NewVirtualClock(start time.Time) *VirtualClock {
	return &VirtualClock{now: start, armed: make(chan struct{})}
}

// Now is the time the clock shows.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc arms a timer. A delay of zero or less still waits for the next
// Advance, Advance(0) included.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	t := &virtualTimer{due: c.now.Add(d), serial: c.serial, f: f}
	at := sort.Search(len(c.timers), func(i int) bool { return c.timers[i].due.After(t.due) })
	c.timers = append(c.timers, nil)
	copy(c.timers[at+1:], c.timers[at:])
	c.timers[at] = t
	close(c.armed)
	c.armed = make(chan struct{})
	return func() bool { return c.remove(t) }
}

// Advance moves the clock by d and runs every timer that falls due on the way,
// in order and in the caller's goroutine, each seeing its own due time as Now.
// Timers armed by those functions run too if they fall due. When Advance
// returns, all of them have returned.
func (c *VirtualClock) Advance(d time.Duration) {
	c.advancing.Lock()
	defer c.advancing.Unlock()
	target := c.Now().Add(d)
	for {
		t := c.pop(target)
		if t == nil {
			return
		}
		t.f()
	}
}

// Next is when the earliest armed timer falls due; ok is false if there is
// none.
func (c *VirtualClock) Next() (due time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return time.Time{}, false
	}
	return c.timers[0].due, true
}

// WaitTimer returns once a timer is armed, so that an Advance has something to
// fire.
func (c *VirtualClock) WaitTimer(ctx context.Context) error {
	for {
		c.mu.Lock()
		armed, some := c.armed, len(c.timers) > 0
		c.mu.Unlock()
		if some {
			return nil
		}
		select {
		case <-armed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pop takes the earliest timer due by target and sets the clock to it, or sets
// the clock to target and returns nil.
func (c *VirtualClock) pop(target time.Time) *virtualTimer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].due.After(target) {
		c.now = target
		return nil
	}
	t := c.timers[0]
	c.timers = c.timers[1:]
	if t.due.After(c.now) {
		c.now = t.due
	}
	return t
}

func (c *VirtualClock) remove(t *virtualTimer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, other := range c.timers {
		if other == t {
			c.timers = append(c.timers[:i:i], c.timers[i+1:]...)
			return true
		}
	}
	return false
}
