package store_test

import (
	"testing"
	"time"

	"astromesh/store"
)

// What models were used for is written with the turn, adds up by model and hour,
// goes with the conversation when two become one, and with the transcript when it
// is old. The figures stay.
func TestUsageIsKeptWithItsTurn(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	s := clockAt(t, &now)
	use := func(id string, conversation int64, at time.Time, rows ...store.Usage) {
		t.Helper()
		if err := s.SaveTurn(store.Turn{ID: id, ConversationID: conversation, Agent: "shop", StartedAt: store.At(at), EndedAt: store.At(at), Usage: rows}, nil); err != nil {
			t.Fatal(err)
		}
	}
	llava := store.Usage{Candidate: "ollama/llava:7b", Calls: 2, TokensIn: 100, TokensOut: 20, WaitMS: 5, LoadMS: 1000, PromptMS: 300, WriteMS: 700}
	planner := store.Usage{Candidate: "openai/gpt", Role: "planner", Calls: 1, TokensIn: 50}
	use("old", 0, now.Add(-20*24*time.Hour), llava)
	use("yesterday", 0, now.Add(-24*time.Hour), llava)
	use("today", 0, now, llava, planner)
	rows, err := s.TurnUsage(t.Context(), "today")
	if err != nil || len(rows) != 2 || rows[0].Agent != "shop" || rows[1].Role != "planner" || rows[1].TurnID != "today" || rows[1].At != store.At(now) {
		t.Fatalf("%+v, %v", rows, err)
	}
	if got, err := s.ModelUsage(t.Context(), now.Add(-time.Hour)); err != nil || len(got) != 2 || got[0] != llava || got[1].TokensIn != 50 || got[1].Role != "" {
		t.Errorf("today: %+v, %v", got, err)
	}
	twice := store.Usage{Candidate: "ollama/llava:7b", Calls: 4, TokensIn: 200, TokensOut: 40, WaitMS: 10, LoadMS: 2000, PromptMS: 600, WriteMS: 1400}
	if got, err := s.ModelUsage(t.Context(), now.Add(-14*24*time.Hour)); err != nil || len(got) != 2 || got[0] != twice {
		t.Errorf("two weeks: %+v, %v", got, err)
	}
	if _, err := s.Prune(store.Retention{Inbox: time.Hour, Delivery: time.Hour, Events: time.Hour, Messages: 10 * 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.TurnUsage(t.Context(), "old"); err != nil || len(rows) != 0 {
		t.Errorf("an old turn's usage stayed: %+v, %v", rows, err)
	}
	if rows, err := s.TurnUsage(t.Context(), "yesterday"); err != nil || len(rows) != 1 {
		t.Errorf("a young turn's usage is gone: %+v, %v", rows, err)
	}
	if got, err := s.ModelUsage(t.Context(), now.Add(-30*24*time.Hour)); err != nil || got[0].Calls != 6 {
		t.Errorf("the figures: %+v, %v", got, err)
	}
}

// A turn that could not be committed leaves no usage, and one that is tried again
// leaves it once.
func TestUsageIsWrittenOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	s := clockAt(t, &now)
	accept(t, s, "m1")
	rows := claim(t, s)
	c := store.TurnCommit{Turn: store.Turn{ID: "t", ConversationID: rows[0].Conversation.ID, EndedAt: store.At(now), Usage: []store.Usage{{Candidate: "a", Calls: 1}}}, InboxIDs: []int64{rows[0].ID}}
	if err := s.CommitTurn(c); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitTurn(c); err == nil {
		t.Error("committed twice")
	}
	got, err := s.TurnUsage(t.Context(), "t")
	if err != nil || len(got) != 1 || got[0].ConversationID != rows[0].Conversation.ID {
		t.Errorf("%+v, %v", got, err)
	}
}
