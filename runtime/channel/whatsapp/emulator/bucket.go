package emulator

import "time"

// Pair limit: one message per 6 seconds to the same user, 45 at once.
const (
	pairBurst = 45
	pairRate  = 1.0 / 6
)

// bucket is a token bucket; the zero value is full.
type bucket struct {
	used float64
	at   time.Time
}

// take removes one token of size, refilled at rate per second.
func (b *bucket) take(now time.Time, size, rate float64) bool {
	if !b.at.IsZero() {
		b.used = max(0, b.used-now.Sub(b.at).Seconds()*rate)
	}
	b.at = now
	if b.used+1 > size+1e-9 { // a refill of exactly one token must not miss by rounding
		return false
	}
	b.used++
	return true
}
