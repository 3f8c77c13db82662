package model

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// line enters a queue from many goroutines, in order, and notes who gets in.
type line struct {
	t     *testing.T
	queue *queue
	got   []string
	slots map[string]*slot
}

func newLine(t *testing.T, limit int) *line {
	q := newQueue()
	q.fix(limit)
	return &line{t: t, queue: q, slots: map[string]*slot{}}
}

func (l *line) enter(session, name string) {
	go func() {
		s, err := l.queue.enter(context.Background(), session)
		if err != nil {
			l.t.Error(err)
			return
		}
		l.got = append(l.got, name)
		l.slots[name] = s
	}()
	synctest.Wait()
}

func (l *line) leave(name string) {
	l.queue.leave(l.slots[name], 0, time.Second)
	synctest.Wait()
}

// drain lets everybody through, one after the other.
func (l *line) drain() {
	for i := 0; i < len(l.got); i++ {
		if s := l.slots[l.got[i]]; l.queue.active[s] {
			l.leave(l.got[i])
		}
	}
}

func TestQueueIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, 1)
		for _, name := range []string{"a", "b", "c", "d"} {
			l.enter(name, name)
		}
		l.drain()
		if !slices.Equal(l.got, []string{"a", "b", "c", "d"}) {
			t.Errorf("order %v", l.got)
		}
		if s := l.queue.state(); s != (QueueState{Limit: 1}) {
			t.Errorf("left behind: %+v", s)
		}
	})
}

func TestQueuePrefersTheWarmPromptWithinABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, 1)
		l.enter("warm", "w0")
		l.enter("cold", "cold")
		for _, name := range []string{"w1", "w2", "w3", "w4", "w5"} {
			l.enter("warm", name)
		}
		l.drain()
		if want := []string{"w0", "w1", "w2", "w3", "cold", "w4", "w5"}; !slices.Equal(l.got, want) {
			t.Errorf("order %v, want %v", l.got, want)
		}
	})
}

func TestQueueWaiterLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, 1)
		l.enter("", "a")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := l.queue.enter(ctx, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		l.enter("", "b")
		l.leave("a")
		if !slices.Equal(l.got, []string{"a", "b"}) {
			t.Errorf("order %v", l.got)
		}
		if l.slots["b"].wait != 0 {
			t.Errorf("b waited %v", l.slots["b"].wait)
		}
		l.leave("b")
		if s := l.queue.state(); s != (QueueState{Limit: 1}) {
			t.Errorf("left behind: %+v", s)
		}
	})
}

func TestQueueMeasuresTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, 1)
		l.enter("", "a")
		l.enter("", "b")
		<-time.After(7 * time.Second)
		l.leave("a")
		if l.slots["b"].wait != 7*time.Second {
			t.Errorf("b waited %v", l.slots["b"].wait)
		}
		l.leave("b")
	})
}

func TestQueueBackgroundGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, 4)
		ctx, place, err := l.queue.enterBackground(t.Context(), "", true)
		if err != nil {
			t.Fatal(err)
		}
		l.enter("", "real") // at once, though the background one has not left yet
		if !errors.Is(context.Cause(ctx), ErrGaveWay) || len(l.got) != 1 {
			t.Fatalf("cause %v, entered %v", context.Cause(ctx), l.got)
		}
		l.queue.leave(place, 0, 0)

		// A second one waits until nothing real is left, though there is room.
		entered := make(chan *slot, 1)
		go func() {
			_, s, err := l.queue.enterBackground(context.Background(), "", true)
			if err != nil {
				t.Error(err)
			}
			entered <- s
		}()
		synctest.Wait()
		if len(entered) != 0 {
			t.Error("background work runs beside a real request")
		}
		l.leave("real")
		l.queue.leave(<-entered, 0, 0)
	})
}

func TestQueueLimitFollowsTheServer(t *testing.T) {
	q := newQueue()
	busy := func(n int, waited, work time.Duration) {
		var slots []*slot
		for range n {
			s, err := q.enter(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			slots = append(slots, s)
		}
		for _, s := range slots {
			q.leave(s, waited, work)
		}
	}
	busy(3, 10*time.Second, time.Second) // not at the limit: somebody else keeps the server busy
	busy(4, 150*time.Millisecond, time.Millisecond)
	busy(4, time.Second, 10*time.Second)
	if got := q.state().Limit; got != 4 {
		t.Fatalf("limit %d without a significant wait at the limit", got)
	}
	busy(4, 10*time.Second, time.Second)
	if got := q.state().Limit; got != 1 {
		t.Fatalf("limit %d, want 1: four answers showed that the server cannot", got)
	}
	for range calmAnswers {
		busy(1, 0, time.Second)
	}
	if got := q.state().Limit; got != 2 {
		t.Fatalf("limit %d after a calm while, want 2", got)
	}
	for range 10 * calmAnswers {
		busy(q.state().Limit, 0, time.Second)
	}
	if got := q.state().Limit; got != 4 {
		t.Errorf("limit %d, want no more than the 4 of the beginning", got)
	}
	q.fix(2)
	busy(2, 10*time.Second, time.Second)
	if got := q.state().Limit; got != 2 {
		t.Errorf("limit %d though the owner said 2", got)
	}
}

// Whatever the order of arrivals, cancellations and answers: nobody is lost,
// and never more run than allowed.
func TestQueueUnderLoad(t *testing.T) {
	q := newQueue()
	q.fix(3)
	done := make(chan bool)
	for i := range 200 {
		go func() {
			defer func() { done <- true }()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%3 == 0 {
				cancel()
			}
			if i%10 == 0 {
				if _, s, err := q.enterBackground(ctx, "", true); err == nil {
					q.leave(s, 0, 0)
				}
				return
			}
			s, err := q.enter(ctx, string(rune('a'+i%7)))
			if err != nil {
				return
			}
			if n := q.state().Active; n > 3 {
				t.Errorf("%d at once", n)
			}
			q.leave(s, 0, time.Millisecond)
		}()
	}
	for range 200 {
		<-done
	}
	if s := q.state(); s.Active != 0 || s.Waiting != 0 || len(q.idle) != 0 || q.background != nil {
		t.Errorf("left behind: %+v", s)
	}
}

// Computing ahead for a conversation is left where another was answered since: it
// would push out the prompt of that one. What is wanted for its answer is done.
func TestBackgroundLapses(t *testing.T) {
	for _, c := range []struct {
		name, session string
		fixed         int
		ahead, done   bool
	}{
		{"the last one answered", "b", 0, true, true},
		{"the one before it", "a", 0, true, false},
		{"the one before it, where the server keeps two", "a", 2, true, true},
		{"the one before it, for its answer", "a", 0, false, true},
		{"one that was never answered", "c", 0, true, false},
	} {
		q := newQueue()
		if c.fixed > 0 {
			q.fix(c.fixed)
		}
		for _, session := range []string{"a", "b"} {
			s, err := q.enter(t.Context(), session)
			if err != nil {
				t.Fatal(err)
			}
			q.leave(s, 0, 0)
		}
		_, s, err := q.enterBackground(t.Context(), c.session, c.ahead)
		if (err == nil) != c.done || (err != nil && !errors.Is(err, ErrGaveWay)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			q.leave(s, 0, 0)
		}
		if n := len(q.idle); n > 0 {
			t.Errorf("%s: %d still wait", c.name, n)
		}
	}
}
