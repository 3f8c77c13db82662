// Package memory decides what of a conversation's past a model is shown: the
// history window, and the summary of what came before it. What is written is the
// turn's business (store/turn.go); this package reads, and forgets what is too old.
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

// DefaultMaxTokens is the budget of an agent whose file names none.
const DefaultMaxTokens = 2000

// The strategies of spec.memory.conversational.strategy.
const (
	SlidingWindow = "sliding_window" // the newest entries
	Summary       = "summary"        // and a summary of the older ones
	TokenBudget   = "token_budget"   // the newest entries, as many as their tokens allow
)

// Policy is how much is remembered, and for how long.
type Policy struct {
	Strategy  string        // "" = SlidingWindow
	MaxTurns  int           // entries in the prompt, upper bound; 0 = DefaultMaxTurns, or none with TokenBudget
	MaxTokens int           // of the entries in the prompt, for TokenBudget, upper bound; 0 = DefaultMaxTokens
	TTL       time.Duration // since the last turn; 0 = for ever
}

// Past is what is remembered of a conversation, as far as a prompt holds it.
type Past struct {
	Entries []store.MemoryEntry // oldest first
	Summary string              // of what came before them; "" = none
	Start   int64               // the number of the window's first entry
	Window  store.MemoryWindow  // as it is kept; it may begin before Start
}

// Load gives the past that belongs in the prompt. A history that has outlived its
// TTL is deleted from disk, and none is returned.
func Load(ctx context.Context, st *store.Store, p Policy, agent, session string, now time.Time) (Past, error) {
	count, last, err := st.MemoryCount(ctx, agent, session)
	if err != nil {
		return Past{}, fmt.Errorf("count memory: %w", err)
	}
	if count == 0 {
		return Past{}, nil
	}
	if p.Expired(last, now) {
		if err := st.ClearMemory(ctx, agent, session); err != nil {
			return Past{}, fmt.Errorf("forget expired memory: %w", err)
		}
		return Past{}, nil
	}
	w, err := st.MemoryWindow(ctx, agent, session)
	if err != nil {
		return Past{}, fmt.Errorf("read the memory's window: %w", err)
	}
	past := Past{Window: w, Start: min(w.First, count)}
	if p.Strategy != TokenBudget {
		past.Start += Start(count-past.Start, p.entries())
	}
	if past.Entries, err = st.MemoryFrom(ctx, agent, session, past.Start); err != nil {
		return Past{}, fmt.Errorf("read memory: %w", err)
	}
	if p.Strategy == TokenBudget {
		past.begin(p.fit(past.Entries))
	}
	if p.Strategy == Summary {
		past.Summary = w.Summary
	}
	return past, nil
}

// begin lets the window begin n entries later.
func (p *Past) begin(n int) {
	if n > 0 {
		p.Start = p.Entries[n-1].Seq + 1
		p.Entries = p.Entries[n:]
	}
}

// Messages are the entries as a model reads them. What stands before the first
// words of the customer is left out: chat templates of several models refuse or
// garble a history that opens with an answer. Entries alternate as a rule; they
// do not where a person took over.
func (p Past) Messages() []model.Message { return Messages(p.Entries) }

// Messages gives entries as a model reads them, see [Past.Messages].
func Messages(entries []store.MemoryEntry) []model.Message {
	var messages []model.Message
	for _, e := range entries {
		if len(messages) > 0 || model.Role(e.Role) == model.RoleUser {
			messages = append(messages, model.Message{Role: model.Role(e.Role), Content: e.Content})
		}
	}
	return messages
}

// Expired says whether a history whose last turn was at last is gone at now.
func (p Policy) Expired(last, now time.Time) bool {
	return p.TTL > 0 && !last.IsZero() && now.Sub(last) > p.TTL
}

// entries is the upper bound of entries in the prompt, 0 = none.
func (p Policy) entries() int {
	if p.MaxTurns <= 0 && p.Strategy != TokenBudget {
		return DefaultMaxTurns
	}
	return max(p.MaxTurns, 0)
}

func (p Policy) tokens() int {
	if p.MaxTokens <= 0 {
		return DefaultMaxTokens
	}
	return p.MaxTokens
}
