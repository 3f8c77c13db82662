package agent

import (
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/store"
)

// What the window does not hold any more is told beside the newest message, where
// that is about it; the prompt before it stays as it was computed ahead.
func TestMemorySemanticTellsOfEarlierTurns(t *testing.T) {
	m, least := says(words("Certainly.")), 0.4
	a, st := remembering(t, 0, m, func(s *config.AgentSpec) {
		s.Memory.Conversational = &config.ConversationalMemory{MaxTurns: 4}
		s.Memory.Semantic = &config.SemanticMemory{SimilarityThreshold: &least, MaxResults: 1}
	})
	err := st.Remember([]store.MemoryEntry{
		{Agent: "helper", SessionID: said().SessionID, Role: "user", Content: "I am allergic to walnuts", TurnID: "old", At: store.At(noon())},
		{Agent: "helper", SessionID: said().SessionID, Role: "assistant", Content: "I keep it in mind.", TurnID: "old", At: store.At(noon())},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		talked(t, st, i)
	}
	ahead, err := a.NextPrompt(t.Context(), said().SessionID, said().Customer)
	if err != nil || strings.Contains(contents(ahead), "walnuts") {
		t.Fatalf("ahead %q, %v", contents(ahead), err)
	}
	turnOf(t, a, said("Are there walnuts in it?"))
	got := contents(m.sent()[0].Messages)
	if !strings.HasPrefix(got, contents(ahead)) || !strings.Contains(got, "Customer: I am allergic to walnuts\nYou: I keep it in mind.|Are there walnuts") {
		t.Errorf("prompt %q", got)
	}
	turnOf(t, a, said("And what is the weather?"))
	if got := contents(m.sent()[1].Messages); strings.Contains(got, "walnuts") {
		t.Errorf("it is told of though nobody asked: %q", got)
	}
	if _, err := st.ForgetTurn("helper", said().SessionID, 0); err != nil {
		t.Fatal(err)
	}
	turnOf(t, a, said("Are there walnuts in it?"))
	if got := contents(m.sent()[2].Messages); strings.Contains(got, "allergic") {
		t.Errorf("a deleted turn is told of: %q", got)
	}
}
