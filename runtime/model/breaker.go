package model

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// probeEvery is how often, at most, a candidate that is out of order is asked
// whether it is back.
const probeEvery = time.Second

// breakers holds one circuit breaker for each candidate: after some failures
// in a row the candidate is left alone for a while, then tried once.
type breakers struct {
	mu    sync.Mutex
	byKey map[breakerKey]*breaker
	paces map[identity]*pace
}

// identity tells candidates apart: the same model of the same server under
// another key is another one.
type identity struct {
	candidate string
	account   string // a hash of the key, "" without
}

func identityOf(m LLM) identity {
	id := identity{candidate: m.Name()}
	if o, ok := m.(*OpenAI); ok {
		id.account = o.account
	}
	return id
}

// breakerKey: agents that share a candidate and the two numbers share a breaker.
type breakerKey struct {
	identity
	threshold int
	recovery  time.Duration
}

func keyOf(m LLM, config RouterConfig) breakerKey {
	return breakerKey{identityOf(m), config.FailureThreshold, config.Recovery}
}

func newBreakers() *breakers {
	return &breakers{byKey: map[breakerKey]*breaker{}, paces: map[identity]*pace{}}
}

func (b *breakers) pace(m LLM) *pace {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := identityOf(m)
	if b.paces[id] == nil {
		b.paces[id] = &pace{}
	}
	return b.paces[id]
}

func (b *breakers) get(key breakerKey) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.byKey[key]
	if found == nil {
		found = &breaker{key: key}
		found.close()
		b.byKey[key] = found
	}
	return found
}

type breaker struct {
	key breakerKey

	mu        sync.Mutex
	circuit   *gobreaker.CircuitBreaker[Response]
	last      *Error // why it is open
	probedAt  time.Time
	isProbing bool
	check     check
}

// uncounted marks a failure that says nothing about the candidate's health.
type uncounted struct{ error }

// close (re)starts the breaker as closed.
func (b *breaker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = nil
	b.circuit = gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Timeout: b.key.recovery,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return c.ConsecutiveFailures >= uint32(b.key.threshold)
		},
		IsExcluded: func(err error) bool {
			var u uncounted
			return errors.As(err, &u)
		},
	})
}

// do runs a call unless the breaker is open; then the error repeats why.
func (b *breaker) do(ctx context.Context, call func() (Response, error)) (Response, error) {
	b.mu.Lock()
	circuit := b.circuit
	b.mu.Unlock()
	response, err := circuit.Execute(func() (Response, error) {
		response, err := call()
		if err != nil && !counts(ctx, err) {
			return response, uncounted{err}
		}
		return response, err
	})
	var u uncounted
	switch {
	case errors.As(err, &u):
		return response, u.error
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return response, b.why(err)
	case err != nil:
		b.note(err)
	default:
		b.isUp() // it has just answered, whatever the last check said
	}
	return response, err
}

// counts tells whether a failure is the candidate's own. The caller's
// cancellation is not, nor is a request that the model refuses for what it
// holds: otherwise three broken pictures of one customer would take the model
// from all others.
func counts(ctx context.Context, err error) bool {
	if errors.Is(err, errAsked) {
		return false
	}
	if errors.Is(err, errSilent) {
		return true
	}
	var e *Error
	if errors.As(err, &e) && e.ownFault {
		return false
	}
	return ctx.Err() == nil && !errors.Is(err, ErrGaveWay)
}

func (b *breaker) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var e *Error
	if errors.As(err, &e) {
		b.last = e
	}
}

// why is the answer of an open breaker.
func (b *breaker) why(cause error) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := &Error{Candidate: b.key.candidate, Unreachable: true, Reason: "It failed several times in a row and is left alone for a while.", Err: cause}
	if b.last != nil {
		e.Reason = b.last.Reason
	}
	return e
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.circuit.State() == gobreaker.StateOpen
}

// revive asks a candidate that could not be reached whether it is back, at most
// once a second, and closes the breaker if so. One that was reached and failed
// serves its time: that it answers proves nothing.
func (b *breaker) revive(ctx context.Context, alive func(context.Context) error) bool {
	b.mu.Lock()
	due := b.last != nil && b.last.Unreachable && !b.isProbing && time.Since(b.probedAt) >= probeEvery
	if due {
		b.probedAt, b.isProbing = time.Now(), true
	}
	b.mu.Unlock()
	if !due {
		return false
	}
	err := alive(ctx)
	b.mu.Lock()
	b.isProbing = false
	b.mu.Unlock()
	if err != nil {
		return false
	}
	b.close()
	return true
}
