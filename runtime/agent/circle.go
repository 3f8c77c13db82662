package agent

import "time"

const (
	maxPeriod   = 400 // bytes of the longest phrase whose repetition is noticed
	minCircle   = 400 // bytes that must be repetition: a row of dashes is shorter
	minTimes    = 4   // how often the phrase must stand there
	watchStride = 64  // bytes between two looks at a stream

	// What comes to its end by itself may repeat what it likes, within reason:
	// "ha" two hundred times, or a customer's own row of hearts read back. A
	// stream is stopped when it has been going round for circleWithin, and any
	// answer is refused that goes round and is longer than circleMost bytes,
	// four WhatsApp messages.
	circleWithin = 3 * time.Second
	circleMost   = 16 << 10
)

// circular says whether a text ends in one phrase over and over: what a small
// model does until its tokens are used up.
func circular(s string) bool {
	for period := 1; period <= maxPeriod && period < len(s); period++ {
		need := max(minCircle, period*(minTimes-1))
		if len(s) < need+period {
			continue
		}
		same := 0
		for same < need && s[len(s)-1-same] == s[len(s)-1-same-period] {
			same++
		}
		if same == need {
			return true
		}
	}
	return false
}

// circle watches a stream for it, so that nobody waits for the rest.
type circle struct {
	tail  []byte
	fresh int
	total int
	since time.Time // when it was first seen to go round; zero while it does not
}

// add takes the next piece and says whether the text goes round in circles and
// will not end by itself.
func (c *circle) add(piece string, now time.Time) bool {
	const keep = maxPeriod*minTimes + 1
	c.total += len(piece)
	c.tail = append(c.tail, piece...)
	if len(c.tail) > 2*keep {
		c.tail = append(c.tail[:0], c.tail[len(c.tail)-keep:]...)
	}
	if c.fresh += len(piece); c.fresh < watchStride {
		return false
	}
	c.fresh = 0
	if !circular(string(c.tail)) {
		c.since = time.Time{}
		return false
	}
	if c.since.IsZero() {
		c.since = now
	}
	return c.total > circleMost || now.Sub(c.since) >= circleWithin
}
