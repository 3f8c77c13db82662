package emulator

import (
	"context"
	"sync"
	"time"
)

// tasks counts everything that runs or waits to run for one emulator, so that
// Close leaves no goroutine and no timer behind.
type tasks struct {
	mu      sync.Mutex
	closed  bool
	running int
	idle    chan struct{} // closed while running is zero
	timers  map[*armedTimer]struct{}
	wg      sync.WaitGroup
}

type armedTimer struct{ stop func() bool }

func newTasks() *tasks {
	idle := make(chan struct{})
	close(idle)
	return &tasks{idle: idle, timers: map[*armedTimer]struct{}{}}
}

// track registers an HTTP handler or its goroutine: Close waits for it, settle
// does not. It returns false after close; done must be called once otherwise.
func (t *tasks) track() (done func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, false
	}
	t.wg.Add(1)
	return t.wg.Done, true
}

// spawn runs f in a goroutine that both settle and close wait for. After close
// it does nothing.
func (t *tasks) spawn(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.begin()
	t.wg.Add(1)
	go func() {
		defer t.wg.Done()
		defer t.end()
		f()
	}()
}

// after runs f once d has passed on clock, at once if d is not positive.
func (t *tasks) after(clock Clock, d time.Duration, f func()) {
	if d <= 0 {
		t.spawn(f)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	timer := &armedTimer{}
	t.timers[timer] = struct{}{}
	t.wg.Add(1)
	timer.stop = clock.AfterFunc(d, func() {
		defer t.wg.Done()
		if t.fired(timer) {
			defer t.end()
			f()
		}
	})
}

func (t *tasks) fired(timer *armedTimer) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.timers, timer)
	if t.closed {
		return false
	}
	t.begin()
	return true
}

// begin and end keep the running count; begin wants the lock held.
func (t *tasks) begin() {
	if t.running == 0 {
		t.idle = make(chan struct{})
	}
	t.running++
}

func (t *tasks) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	if t.running == 0 {
		close(t.idle)
	}
}

// settle returns when nothing runs; timers that wait for the clock do not count.
func (t *tasks) settle(ctx context.Context) error {
	for {
		t.mu.Lock()
		idle, quiet := t.idle, t.running == 0
		t.mu.Unlock()
		if quiet {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// close stops the timers and refuses new work; wait returns once all has ended.
func (t *tasks) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for timer := range t.timers {
		if timer.stop() {
			t.wg.Done()
		}
		delete(t.timers, timer)
	}
}

func (t *tasks) wait() { t.wg.Wait() }
