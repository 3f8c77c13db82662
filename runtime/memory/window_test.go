package memory

import (
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

// A window never exceeds its bound, keeps about two thirds after a step, and
// begins with the customer's words.
func TestStartKeepsTheBound(t *testing.T) {
	for limit := 1; limit <= 120; limit++ {
		for count := int64(0); count <= 400; count++ {
			start := Start(count, limit)
			size := count - start
			if size > int64(limit) {
				t.Fatalf("limit %d, %d entries: %d in the window", limit, count, size)
			}
			if start%2 != 0 {
				t.Fatalf("limit %d, %d entries: starts at %d, an answer", limit, count, start)
			}
			if count <= int64(limit) && start != 0 {
				t.Fatalf("limit %d, %d entries: drops %d though all fit", limit, count, start)
			}
			if least := int64(limit)*2/3 - 2; count >= int64(limit) && limit >= 3 && size < least {
				t.Fatalf("limit %d, %d entries: only %d are left, want at least %d", limit, count, size, least)
			}
		}
	}
}

// An exchange is two entries. Over 100 exchanges the beginning of the window
// must stay where it was for most of them.
func TestStartMovesInSteps(t *testing.T) {
	for _, c := range []struct{ limit, moves int }{
		{1, 100}, {2, 99}, {3, 99}, {6, 49}, {20, 23}, {21, 23}, {30, 15}, {50, 9},
	} {
		moves := 0
		for turn := int64(1); turn <= 100; turn++ {
			if Start(2*turn, c.limit) != Start(2*(turn-1), c.limit) {
				moves++
			}
		}
		if moves != c.moves {
			t.Errorf("limit %d: the beginning moved %d times in 100 turns, want %d", c.limit, moves, c.moves)
		}
	}
}

// Start never goes back: what was dropped stays dropped.
func TestStartIsMonotonic(t *testing.T) {
	for limit := 1; limit <= 40; limit++ {
		for count := int64(1); count <= 300; count++ {
			if Start(count, limit) < Start(count-1, limit) {
				t.Fatalf("limit %d: start goes back at %d entries", limit, count)
			}
		}
	}
}

func TestMessagesBeginWithTheCustomer(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"u", "u"}, {"a", ""}, {"aau", "u"}, {"ua", "ua"}, {"auaa", "uaa"},
	} {
		var in []store.MemoryEntry
		for _, r := range c.in {
			in = append(in, store.MemoryEntry{Role: map[rune]string{'u': "user", 'a': "assistant"}[r]})
		}
		var got strings.Builder
		for _, m := range Messages(in) {
			got.WriteByte(m.Role[0])
		}
		if got.String() != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got.String(), c.want)
		}
	}
}

func TestExpired(t *testing.T) {
	last := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ttl, since time.Duration
		last       time.Time
		want       bool
	}{
		{time.Hour, time.Hour, last, false},
		{time.Hour, time.Hour + time.Second, last, true},
		{0, 1000 * time.Hour, last, false},
		{time.Hour, time.Hour + time.Second, time.Time{}, false},
		{time.Hour, -time.Minute, last, false}, // the clock was set back
	} {
		if got := (Policy{TTL: c.ttl}).Expired(c.last, last.Add(c.since)); got != c.want {
			t.Errorf("ttl %s, %s later: expired %v", c.ttl, c.since, got)
		}
	}
}
