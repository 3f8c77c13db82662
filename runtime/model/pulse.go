package model

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// A server that was frozen, or whose computer fell asleep or lost its network,
// refuses nothing: it only never answers. A model that loads or reads a long
// prompt is as silent, but the server it runs on still answers the simplest
// question at once.
const (
	pulseAfter  = time.Second     // of silence, before the server is asked whether it is there
	pulseEvery  = 3 * time.Second // while it stays silent
	pulseWithin = 2 * time.Second // is its answer due
	lostFor     = time.Second     // it is not asked again after it did not answer
)

var (
	// errSilent: the server has said nothing for too long.
	errSilent = errors.New("the server says nothing")
	// errNoPulse: nobody is there. What was sent may be lost, also if the
	// server comes back.
	errNoPulse = errors.New("the server does not answer at all")
)

// deadSilence is how long a server must have been silent when the caller's
// time is up for it to count as the server's failure.
const deadSilence = 10 * time.Second

// pulse remembers when a server last failed to answer the simplest question.
type pulse struct {
	mu   sync.Mutex
	lost time.Time // zero: it answered last time
}

// beats asks the server whether it is there. Whatever it answers, it is.
func (s *server) beats(ctx context.Context) bool {
	limited, cancel := context.WithTimeout(ctx, pulseWithin)
	defer cancel()
	_, err := s.api.Version(limited)
	var dial *net.OpError
	gone := err != nil && (limited.Err() != nil || errors.As(err, &dial))
	if ctx.Err() != nil {
		return true // nobody waits for the answer any more
	}
	s.pulse.mu.Lock()
	defer s.pulse.mu.Unlock()
	s.pulse.lost = time.Time{}
	if gone {
		s.pulse.lost = time.Now()
	}
	return !gone
}

// isLost tells whether it makes no sense to send anything now.
func (s *server) isLost(ctx context.Context) bool {
	s.pulse.mu.Lock()
	lost := s.pulse.lost
	s.pulse.mu.Unlock()
	return !lost.IsZero() && (time.Since(lost) < lostFor || !s.beats(ctx))
}

// attend makes one call and ends it when the server has been silent for
// patience (errSilent) or is not there any more (errNoPulse). The call says
// each time that it has heard something.
func (s *server) attend(ctx context.Context, patience time.Duration, call func(ctx context.Context, heard func()) error) error {
	if s.isLost(ctx) {
		return errNoPulse
	}
	return patiently(ctx, patience, s.watch, call)
}

// patiently makes one call and ends it with errSilent when nothing was heard for
// patience. watch, if given, runs beside it and may end it with errNoPulse.
func patiently(ctx context.Context, patience time.Duration, watch func(ctx context.Context, last *moment, lost func()), call func(ctx context.Context, heard func()) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(patience, func() { cancel(errSilent) })
	defer silence.Stop()
	last := &moment{at: time.Now()}
	if watch != nil {
		go watch(ctx, last, func() { cancel(errNoPulse) })
	}
	err := call(ctx, func() {
		last.set(time.Now())
		silence.Reset(patience)
	})
	if err == nil || ctx.Err() == nil {
		return err
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) && time.Since(last.get()) >= deadSilence {
		// The turn ran out of time and the server never said a word: that is
		// the server's failure, or a hung one would never be passed over.
		cause = errors.Join(errSilent, cause)
	}
	return cause
}

// watch feels the pulse of a silent server until ctx ends.
func (s *server) watch(ctx context.Context, last *moment, lost func()) {
	timer := time.NewTimer(pulseAfter)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		before := last.get()
		if silent := time.Since(before); silent < pulseAfter {
			timer.Reset(pulseAfter - silent)
			continue
		}
		if !s.beats(ctx) && last.get().Equal(before) {
			lost()
			return
		}
		timer.Reset(pulseEvery)
	}
}

// moment is a time that two goroutines share.
type moment struct {
	mu sync.Mutex
	at time.Time
}

func (m *moment) set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = t
}

func (m *moment) get() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}
