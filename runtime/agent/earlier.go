package agent

import (
	"context"
	"fmt"

	"astromesh/runtime/memory"
)

// earlier is what the prompt tells of turns that the window does not hold any more
// and the newest message may be about (spec.memory.semantic); "" for none.
func (t *turn) earlier(ctx context.Context, data map[string]any) (string, error) {
	s := t.agent.cfg.Spec.Memory.Semantic
	if s == nil || t.past.Start == 0 || t.in.SessionID == "" {
		return "", nil
	}
	entries, err := t.agent.store.MemoryBefore(ctx, t.agent.Name(), t.in.SessionID, t.past.Start, memory.RecallBefore)
	if err != nil {
		return "", fmt.Errorf("the conversation's memory could not be searched: %w", err)
	}
	found := memory.Semantic{Threshold: s.SimilarityThreshold, Results: s.MaxResults}.Recall(t.text, entries)
	data["earlier"] = len(found)
	return memory.Recalled(found), nil
}
