package emulator

import (
	"context"
	"fmt"
)

// Await returns the first event, past ones included, for which match is true.
func (e *Emulator) Await(ctx context.Context, match func(Event) bool) (Event, error) {
	seq := 0
	for {
		events, changed := e.journal.since(seq)
		for _, ev := range events {
			if match(ev) {
				return ev, nil
			}
		}
		seq += len(events)
		select {
		case <-changed:
		case <-e.ctx.Done():
			return Event{}, ErrClosed
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// WaitSent returns the accepted sends once there are n of them.
func (e *Emulator) WaitSent(ctx context.Context, n int) ([]Sent, error) {
	have := 0
	_, err := e.Await(ctx, func(ev Event) bool {
		if ev.Sent != nil {
			have++
		}
		return have >= n
	})
	if err != nil && n > 0 {
		return e.Sent(), fmt.Errorf("%d of %d messages sent: %w", have, n, err)
	}
	return e.Sent(), nil
}

// WaitText returns the first accepted send to the customer (number in any
// writing, or user id; empty: any) whose text match accepts (nil: any) and
// that reaches him.
func (e *Emulator) WaitText(ctx context.Context, to string, match func(string) bool) (Sent, error) {
	ev, err := e.Await(ctx, func(ev Event) bool {
		return ev.Sent != nil && ev.Sent.Reached() && (to == "" || ev.Sent.User.is(to)) &&
			(match == nil || match(ev.Sent.Text))
	})
	if err != nil {
		return Sent{}, fmt.Errorf("no such message to %q: %w", to, err)
	}
	return *ev.Sent, nil
}

// Watch sends every event from now on, none left out, until ctx or the
// emulator ends; then the channel is closed. A slow reader holds up nobody.
func (e *Emulator) Watch(ctx context.Context) <-chan Event {
	out := make(chan Event)
	events, _ := e.journal.since(0)
	seq := len(events)
	done, ok := e.tasks.track()
	if !ok {
		close(out)
		return out
	}
	go func() {
		defer done()
		defer close(out)
		for {
			events, changed := e.journal.since(seq)
			for _, ev := range events {
				select {
				case out <- ev:
				case <-e.ctx.Done():
					return
				case <-ctx.Done():
					return
				}
			}
			seq += len(events)
			select {
			case <-changed:
			case <-e.ctx.Done():
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
