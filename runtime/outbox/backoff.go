package outbox

import (
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"
)

// backoff is the wait after a rejected send: 1 s, 2 s, 4 s … 5 minutes, give or
// take a fifth so that rows which failed together do not return together.
func backoff(attempts int) time.Duration {
	wait := time.Second << min(attempts, 9)
	return jitter(min(wait, 5*time.Minute))
}

// pairBackoff is what Meta asks for after too many messages to one customer: 4^n
// seconds, n = 0, 1, 2 …, up to 17 minutes.
func pairBackoff(attempts int) time.Duration {
	return jitter(time.Second << (2 * min(attempts, 5)))
}

func jitter(d time.Duration) time.Duration {
	return d - d/5 + rand.N(2*d/5+1)
}

// window is a rolling window of sends: never more than a number in any span of
// its length. A token bucket would let twice the number through around its refill.
type window struct{ sent []time.Time }

// fill takes over what was sent before the start. What stands in the future was
// sent by a clock that has been set back since: it counts as sent now.
func (w *window) fill(sent []time.Time, now time.Time) {
	for i, at := range sent {
		if at.After(now) {
			sent[i] = now
		}
	}
	w.sent = sent
}

func (w *window) take(now time.Time) { w.sent = append(w.sent, now) }

// room is how many sends the window has left; most 0 is no limit.
func (w *window) room(now time.Time, length time.Duration, most int) int {
	for len(w.sent) > 0 && now.Sub(w.sent[0]) >= length {
		w.sent = w.sent[1:]
	}
	if most <= 0 {
		return inFlight
	}
	return most - len(w.sent)
}

// free is how long until there is room.
func (w *window) free(now time.Time, length time.Duration, most int) time.Duration {
	if w.room(now, length, most) > 0 {
		return 0
	}
	return w.sent[len(w.sent)-most].Add(length).Sub(now)
}

// Meta lets one message every 6 s through to the same customer, after a burst of
// 45. Beyond that it answers 131056, and retrying makes it worse.
const (
	pairEvery = 6 * time.Second
	pairBurst = 45
	mostPairs = 10_000
)

// pairs paces messages to each customer.
type pairs struct{ limits map[int64]*rate.Limiter }

func newPairs() pairs { return pairs{limits: map[int64]*rate.Limiter{}} }

// wait takes one message's place, or says how long it must wait and takes none.
func (p *pairs) wait(conversation int64, now time.Time) time.Duration {
	l := p.limits[conversation]
	if l == nil {
		p.forget(now)
		l = rate.NewLimiter(rate.Every(pairEvery), pairBurst)
		p.limits[conversation] = l
	}
	place := l.ReserveN(now, 1)
	if wait := place.DelayFrom(now); wait > 0 {
		place.CancelAt(now)
		return wait
	}
	return 0
}

// forget drops customers whose burst is whole again, when there are many.
func (p *pairs) forget(now time.Time) {
	if len(p.limits) < mostPairs {
		return
	}
	for id, l := range p.limits {
		if l.TokensAt(now) >= pairBurst {
			delete(p.limits, id)
		}
	}
}
