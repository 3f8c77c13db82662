package outbox

import (
	"testing"
	"time"
)

// In no span of the window's length do more than the allowed number go out.
func TestRollingWindow(t *testing.T) {
	const length, most = time.Minute, 30
	var w window
	now := time.Unix(1_000_000, 0)
	var sent []time.Time
	for range 500 {
		if w.room(now, length, most) > 0 {
			w.take(now)
			sent = append(sent, now)
			now = now.Add(700 * time.Millisecond)
			continue
		}
		wait := w.free(now, length, most)
		if wait <= 0 {
			t.Fatal("full, and yet nothing to wait for")
		}
		now = now.Add(wait)
	}
	for i := most; i < len(sent); i++ {
		if gap := sent[i].Sub(sent[i-most]); gap < length {
			t.Fatalf("%d sends within %s", most+1, gap)
		}
	}
	if len(sent) < 100 {
		t.Errorf("only %d were sent: the window starves", len(sent))
	}
	if w.room(now, length, 0) != inFlight {
		t.Error("0 must mean no limit")
	}
}

func TestWindowAfterARestart(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	var w window
	w.fill([]time.Time{now.Add(-50 * time.Second), now.Add(-10 * time.Second)}, now)
	if got := w.room(now, time.Minute, 2); got != 0 {
		t.Errorf("room = %d after a restart, want 0", got)
	}
	if got := w.free(now, time.Minute, 2); got != 10*time.Second {
		t.Errorf("free in %s, want 10s", got)
	}
	// A lower limit in a changed file.
	if got := w.free(now, time.Minute, 1); got != 50*time.Second {
		t.Errorf("free in %s, want 50s", got)
	}
}

func TestPairPacing(t *testing.T) {
	p, now := newPairs(), time.Unix(1_000_000, 0)
	for i := range pairBurst {
		if wait := p.wait(1, now); wait != 0 {
			t.Fatalf("message %d of the burst waits %s", i, wait)
		}
	}
	if wait := p.wait(1, now); wait <= 0 || wait > pairEvery {
		t.Errorf("after the burst: %s, want up to %s", wait, pairEvery)
	}
	if wait := p.wait(2, now); wait != 0 {
		t.Errorf("another customer waits %s", wait)
	}
	if wait := p.wait(1, now.Add(pairEvery)); wait != 0 {
		t.Errorf("still waits %s after %s", wait, pairEvery)
	}
}

func TestBackoffGrowsAndEnds(t *testing.T) {
	for attempt := range 40 {
		if d := backoff(attempt); d < 800*time.Millisecond || d > 6*time.Minute+time.Second {
			t.Errorf("backoff(%d) = %s", attempt, d)
		}
		if d := pairBackoff(attempt); d < 800*time.Millisecond || d > 21*time.Minute {
			t.Errorf("pairBackoff(%d) = %s", attempt, d)
		}
	}
	if pairBackoff(3) < 51*time.Second || backoff(5) < 25*time.Second {
		t.Error("the waits do not grow")
	}
}
