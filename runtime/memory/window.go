// Package memory decides what of a conversation's past a model is shown: the
// history window. What is written is the turn's business (store/turn.go); this
// package reads, and forgets what is too old.
package memory

import (
	"context"
	"fmt"
	"time"

	"astromesh/runtime/model"
	"astromesh/store"
)

// DefaultMaxTurns is the window of an agent whose file names none, in entries.
const DefaultMaxTurns = 20

// Policy is how much is remembered, and for how long.
type Policy struct {
	MaxTurns int           // entries in the prompt, upper bound; 0 = DefaultMaxTurns
	TTL      time.Duration // since the last turn; 0 = for ever
}

// Load gives the history that belongs in the prompt, oldest first. A history
// that has outlived its TTL is deleted from disk, and none is returned.
func Load(ctx context.Context, st *store.Store, p Policy, agent, session string, now time.Time) ([]model.Message, error) {
	count, last, err := st.MemoryCount(ctx, agent, session)
	if err != nil {
		return nil, fmt.Errorf("count memory: %w", err)
	}
	if count == 0 {
		return nil, nil
	}
	if p.Expired(last, now) {
		if err := st.ClearMemory(ctx, agent, session); err != nil {
			return nil, fmt.Errorf("forget expired memory: %w", err)
		}
		return nil, nil
	}
	entries, err := st.MemoryFrom(ctx, agent, session, Start(count, p.max()))
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	messages := make([]model.Message, 0, len(entries))
	for _, e := range entries {
		messages = append(messages, model.Message{Role: model.Role(e.Role), Content: e.Content})
	}
	return fromCustomer(messages), nil
}

// Expired says whether a history whose last turn was at last is gone at now.
func (p Policy) Expired(last, now time.Time) bool {
	return p.TTL > 0 && !last.IsZero() && now.Sub(last) > p.TTL
}

func (p Policy) max() int {
	if p.MaxTurns <= 0 {
		return DefaultMaxTurns
	}
	return p.MaxTurns
}

// Start is the number of the first entry in a window of at most limit entries
// out of count, entries being numbered from 0.
//
// It moves in steps, not with each entry: a server that keeps what it computed
// for a prompt computes only what follows the longest common beginning, and a
// window that drops its oldest entry with every message has none (architecture,
// section 7: 40 s against 9 s a message, measured). After a step about two
// thirds of limit are left.
func Start(count int64, limit int) int64 {
	over := count - int64(limit)
	if over <= 0 {
		return 0
	}
	step := int64(Step(limit))
	return (over + step - 1) / step * step
}

// Step is how many entries a window of at most limit drops at once: a third of
// limit, made even so that a window starts with what the customer said, and one
// exchange more so that even a small window keeps its beginning for two turns.
func Step(limit int) int {
	return limit/3/2*2 + 2
}

// fromCustomer drops what stands before the first words of the customer: chat
// templates of several models refuse or garble a history that opens with an
// answer. Entries alternate as a rule; they do not where a person took over.
func fromCustomer(messages []model.Message) []model.Message {
	for i, m := range messages {
		if m.Role == model.RoleUser {
			return messages[i:]
		}
	}
	return nil
}
