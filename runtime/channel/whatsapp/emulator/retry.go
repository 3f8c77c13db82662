package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ErrGaveUp is the end of a delivery that was not answered 200 within the
// retry horizon.
var ErrGaveUp = errors.New("emulator: webhook was not answered 200 in time")

// ErrClosed is the end of a wait on an emulator that was closed.
var ErrClosed = errors.New("emulator: closed")

// Delivery is a background delivery.
type Delivery struct {
	done   chan struct{}
	closed <-chan struct{} // the emulator has ended

	mu       sync.Mutex
	open     int
	attempts int
	err      error
}

func (e *Emulator) newDelivery() *Delivery {
	return &Delivery{done: make(chan struct{}), closed: e.ctx.Done()}
}

// Done is closed when every POST was answered 200 or given up.
func (d *Delivery) Done() <-chan struct{} { return d.done }

// Attempts is how many POSTs were made so far.
func (d *Delivery) Attempts() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.attempts
}

// Wait returns once the delivery is done: nil if every POST was answered 200,
// else ErrGaveUp, ErrNotSubscribed, ErrClosed or the error of ctx.
func (d *Delivery) Wait(ctx context.Context) error {
	select {
	case <-d.done:
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.err
	case <-d.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Delivery) attempted() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attempts++
}

func (d *Delivery) settled(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && d.err == nil {
		d.err = err
	}
	if d.open--; d.open == 0 {
		close(d.done)
	}
}

// parcel is one POST on its way, with its retries.
type parcel struct {
	body  []byte
	items []Item
	err   error // of rendering; never posted then
	tries int
	first time.Time
}

func (e *Emulator) parcel(b Batch) *parcel {
	p := &parcel{items: b.items()}
	if p.err = e.subscribed(p.items); p.err == nil {
		p.body, p.err = e.body(b)
	}
	return p
}

// launch starts each lane after delay. Within a lane a parcel starts when the
// one before has been tried once: a refused POST does not hold back the next,
// as little as at Meta.
func (e *Emulator) launch(d *Delivery, delay time.Duration, lanes [][]*parcel) {
	for _, lane := range lanes {
		d.open += len(lane)
	}
	if d.open == 0 { // nothing was given
		close(d.done)
		return
	}
	for _, lane := range lanes {
		if len(lane) == 0 {
			continue
		}
		e.tasks.after(e.clock, delay, func() {
			for _, p := range lane {
				e.try(d, p)
			}
		})
	}
}

// try makes one attempt and arms the next.
func (e *Emulator) try(d *Delivery, p *parcel) {
	if p.err != nil {
		d.settled(p.err)
		return
	}
	if p.tries == 0 {
		p.first = e.clock.Now()
		e.note(p.items)
	}
	p.tries++
	d.attempted()
	status, err := e.post(context.Background(), p.body, p.items)
	if err == nil && status == http.StatusOK {
		d.settled(nil)
		return
	}
	wait, ok := e.cfg.Retry.next(p.tries, e.clock.Now().Sub(p.first))
	if !ok || e.ctx.Err() != nil {
		d.settled(fmt.Errorf("%w: %d attempts, last answer %d", ErrGaveUp, p.tries, status))
		return
	}
	e.tasks.after(e.clock, wait, func() { e.try(d, p) })
}

// next is the pause after the given number of attempts, the last of them age
// after the first; ok is false when Meta drops the webhook.
func (r RetryPolicy) next(tries int, age time.Duration) (pause time.Duration, ok bool) {
	if r.Off {
		return 0, false
	}
	if tries > 1 {
		pause = r.Base
		for i := 2; i < tries && pause < r.Max; i++ {
			pause *= 2
		}
		pause = min(pause, r.Max)
	}
	return pause, age+pause <= r.Horizon
}
