package model

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// startLimit is how many requests a server gets at once while nothing is
	// known about it. Ollama's own default has changed over time (4, then 1)
	// and its API does not tell.
	startLimit = 4
	// maxJumps is how often in a row a conversation whose prompt is still warm
	// may go ahead of one that waits longer.
	maxJumps = 3
	// A server made us wait if it did for longer than this, and for more than
	// half of the time it then worked.
	significantWait = 200 * time.Millisecond
	// calmAnswers in a row without such a wait, at the limit, raise it by one.
	calmAnswers = 50
)

// queue stands in front of one server and sends it no more requests at once
// than it runs in parallel: what waits here can still be put in order, leave,
// and be counted; what waits inside the server cannot.
type queue struct {
	mu         sync.Mutex
	limit, top int  // now, and never more than
	fixed      bool // the owner has said how many
	active     map[*slot]bool
	waiting    []*waiter // oldest first
	jumps      int       // how often in a row the oldest was passed over
	warm       []string  // sessions served last, at most limit of them
	calm       int
	background *slot     // at most one, and only while nothing real is here
	idle       []*waiter // background requests that wait for that
}

// slot is the permission to use the server, held until leave.
type slot struct {
	session string
	wait    time.Duration // spent in the queue
	full    bool          // as many ran as were allowed, at some time while this did
	giveWay context.CancelCauseFunc
}

type waiter struct {
	session string
	since   time.Time
	ready   chan *slot // buffered: granting never blocks
	giveWay context.CancelCauseFunc
	ahead   bool // it computes the session's next prompt, and nothing else
}

func newQueue() *queue {
	return &queue{limit: startLimit, top: startLimit, active: map[*slot]bool{}}
}

// fix sets the limit for good.
func (q *queue) fix(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit, q.top, q.fixed = n, n, true
	q.dispatch()
}

// enter waits for a slot. Its error is the cause of the context's end.
func (q *queue) enter(ctx context.Context, session string) (*slot, error) {
	q.mu.Lock()
	if q.background != nil {
		q.background.giveWay(ErrGaveWay)
	}
	w := &waiter{session: session, since: time.Now(), ready: make(chan *slot, 1)}
	q.waiting = append(q.waiting, w)
	q.dispatch()
	q.mu.Unlock()
	return q.await(ctx, w)
}

// enterBackground waits until nothing real uses or wants the server. The
// context it returns ends with [ErrGaveWay] as soon as something does. What
// computes a prompt ahead gives way at once where another session was served
// since: the server keeps the last one's prompt, and who was answered last is the
// likeliest to write next.
func (q *queue) enterBackground(ctx context.Context, session string, ahead bool) (context.Context, *slot, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &waiter{session: session, since: time.Now(), ready: make(chan *slot, 1), giveWay: cancel, ahead: ahead}
	q.mu.Lock()
	q.idle = append(q.idle, w)
	q.dispatch()
	q.mu.Unlock()
	s, err := q.await(ctx, w)
	if err != nil {
		cancel(nil)
		return nil, nil, err
	}
	return ctx, s, nil
}

func (q *queue) await(ctx context.Context, w *waiter) (*slot, error) {
	select {
	case s := <-w.ready:
		return s, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	same := func(other *waiter) bool { return other == w }
	q.waiting = slices.DeleteFunc(q.waiting, same)
	q.idle = slices.DeleteFunc(q.idle, same)
	select {
	case s := <-w.ready: // granted in the same moment: hand it on
		q.drop(s)
	default:
	}
	q.dispatch()
	return nil, context.Cause(ctx)
}

// leave gives a slot back. waited is how long the server itself made the
// request wait before it began, work how long it then took; zero if not known.
func (q *queue) leave(s *slot, waited, work time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.drop(s)
	if s.giveWay == nil {
		q.remember(s.session)
		q.learn(s, waited, work)
	}
	q.dispatch()
}

func (q *queue) drop(s *slot) {
	delete(q.active, s)
	if q.background == s {
		s.giveWay(nil)
		q.background = nil
	}
}

// dispatch hands out what is free.
func (q *queue) dispatch() {
	for len(q.waiting) > 0 && len(q.active) < q.limit {
		w := q.next()
		s := &slot{session: w.session, wait: time.Since(w.since)}
		q.active[s] = true
		if len(q.active) == q.limit {
			for other := range q.active {
				other.full = true
			}
		}
		w.ready <- s
	}
	q.idle = slices.DeleteFunc(q.idle, q.lapsed)
	if len(q.active) == 0 && len(q.waiting) == 0 && q.background == nil && len(q.idle) > 0 {
		w := q.idle[0]
		q.idle = q.idle[1:]
		q.background = &slot{wait: time.Since(w.since), giveWay: w.giveWay}
		w.ready <- q.background
	}
}

// lapsed ends a computation ahead that would push out a prompt that is wanted
// more. How many prompts a server keeps is known only where the owner has said
// how many it runs in parallel.
func (q *queue) lapsed(w *waiter) bool {
	keeps := 1
	if q.fixed {
		keeps = q.limit
	}
	if !w.ahead || w.session == "" || len(q.warm) == 0 || slices.Contains(q.warm[max(0, len(q.warm)-keeps):], w.session) {
		return false
	}
	w.giveWay(ErrGaveWay)
	return true
}

// next takes the oldest waiter, or one whose prompt the server still holds.
func (q *queue) next() *waiter {
	i := 0
	if q.jumps < maxJumps {
		i = max(0, slices.IndexFunc(q.waiting, func(w *waiter) bool {
			return w.session != "" && slices.Contains(q.warm, w.session)
		}))
	}
	if i > 0 {
		q.jumps++
	} else {
		q.jumps = 0
	}
	w := q.waiting[i]
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return w
}

// remember notes whose prompt the server computed last: it keeps as many as it
// runs in parallel.
func (q *queue) remember(session string) {
	q.warm = slices.DeleteFunc(q.warm, func(s string) bool { return s == session })
	q.warm = append(q.warm, session)
	q.warm = q.warm[max(0, len(q.warm)-q.limit):]
}

// learn lowers the limit when the server shows that it cannot run that many,
// and raises it again slowly.
func (q *queue) learn(s *slot, waited, work time.Duration) {
	if q.fixed || !s.full || work <= 0 {
		return
	}
	if waited > significantWait && waited > work/2 {
		q.limit = max(1, q.limit-1)
		q.calm = 0
		return
	}
	q.calm++
	if q.calm >= calmAnswers {
		q.limit = min(q.top, q.limit+1)
		q.calm = 0
	}
}

// QueueState is what stands in front of a server now.
type QueueState struct {
	Limit   int `json:"limit"`   // requests the server gets at once
	Active  int `json:"active"`  // running there
	Waiting int `json:"waiting"` // behind them
}

func (q *queue) state() QueueState {
	q.mu.Lock()
	defer q.mu.Unlock()
	return QueueState{Limit: q.limit, Active: len(q.active), Waiting: len(q.waiting)}
}
