package health

import (
	"context"
	"sync"
	"time"
)

// Memo keeps the answer to a question that costs others something, so that a
// page that is reloaded, or many at once, ask it once in a while. The zero Memo
// is ready.
type Memo[T any] struct {
	mu     sync.Mutex
	about  any
	at     time.Time
	answer T
	asking chan struct{} // closed when the question under way is answered; nil if there is none
}

const (
	// rememberFor is how old an answer may be.
	rememberFor = 15 * time.Second
	// askWithin bounds one question as a whole.
	askWithin = 10 * time.Second
)

// Forget drops the answer: the next Get asks.
func (m *Memo[T]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = time.Time{}
}

// Get gives the answer about something, asking if the last one is too old or
// about something else. Who comes while it is being asked waits for that
// answer. The caller's end does not end the question: others use its answer.
func (m *Memo[T]) Get(ctx context.Context, about any, ask func(context.Context) T) T {
	for {
		m.mu.Lock()
		if m.about == about && !m.at.IsZero() && time.Since(m.at) < rememberFor {
			answer := m.answer
			m.mu.Unlock()
			return answer
		}
		under := m.asking
		if under == nil {
			m.asking = make(chan struct{})
			m.mu.Unlock()
			return m.ask(ctx, about, ask)
		}
		m.mu.Unlock()
		<-under
	}
}

func (m *Memo[T]) ask(ctx context.Context, about any, ask func(context.Context) T) (answer T) {
	at := time.Time{} // a question that panics leaves no answer
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.answer, m.about, m.at = answer, about, at
		close(m.asking)
		m.asking = nil
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	answer = ask(ctx)
	at = time.Now()
	return answer
}
