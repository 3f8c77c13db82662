package memory

import (
	"astromesh/runtime/model"
	"astromesh/store"
)

const (
	// entryTokens is what a chat template adds around one message, about.
	entryTokens = 8
	// bytesPerToken is the estimate for an entry that no model has counted: low
	// for English (about 4), about right for Chinese. Too many tokens are guessed
	// rather than too few.
	bytesPerToken = 3
)

// Tokens is what an entry costs in a prompt: as the model that read or wrote it
// counted, or an estimate.
func Tokens(e store.MemoryEntry) int {
	if e.Tokens > 0 {
		return e.Tokens + entryTokens
	}
	return len(e.Content)/bytesPerToken + 1 + entryTokens
}

// fit says how many of the oldest entries token_budget leaves out, so that the
// others keep both bounds. It goes through the history as it grew, and drops in
// steps, down to about two thirds: the beginning stays for many turns.
func (p Policy) fit(entries []store.MemoryEntry) (dropped int) {
	sum, limit := 0, p.entries()
	for i, e := range entries {
		sum += Tokens(e)
		if sum > p.tokens() || limit > 0 && i+1-dropped > limit {
			dropped, sum = p.drop(entries[:i+1], dropped, sum)
		}
	}
	return dropped
}

// fitEarly is fit for a moment when nobody waits: it steps when five sixths of the
// tokens are used, or the entries come near their bound.
func (p Policy) fitEarly(entries []store.MemoryEntry) (dropped int) {
	sum := 0
	for _, e := range entries {
		sum += Tokens(e)
	}
	bound, _ := p.early(p.entries())
	if sum > p.tokens()*5/6 || p.entries() > 0 && len(entries) > bound {
		dropped, _ = p.drop(entries, 0, sum)
	}
	return dropped
}

// drop leaves out the oldest entries until the rest is down to its size after a
// step, and begins with what the customer said. The last exchange stays as long as
// it keeps the bounds by itself.
func (p Policy) drop(entries []store.MemoryEntry, dropped, sum int) (int, int) {
	limit := p.entries()
	last := len(entries) - 1
	for last > 0 && entries[last].Role != string(model.RoleUser) {
		last--
	}
	for ; dropped < len(entries); dropped++ {
		n := len(entries) - dropped
		small := sum <= p.tokens()*2/3 && (limit == 0 || n <= limit-Step(limit))
		if small && (dropped == 0 || entries[dropped].Role == string(model.RoleUser)) {
			break
		}
		if dropped == last && sum <= p.tokens() && (limit == 0 || n <= limit) {
			break
		}
		sum -= Tokens(entries[dropped])
	}
	return dropped, sum
}
