package memory_test

import (
	"fmt"
	"testing"
	"time"

	"astromesh/runtime/memory"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/store/storetest"
)

// said puts n exchanges of a session with the agent "a" into the store, a minute apart.
func said(t *testing.T, st *store.Store, session string, from, n int, at time.Time) {
	t.Helper()
	for i := from; i < from+n; i++ {
		turn := store.Turn{ID: fmt.Sprintf("a-%s-%d", session, i), Agent: "a"}
		err := st.SaveTurn(turn, []store.MemoryEntry{
			{Agent: "a", SessionID: session, Role: "user", Content: fmt.Sprintf("question %d", i), At: store.At(at)},
			{Agent: "a", SessionID: session, Role: "assistant", Content: fmt.Sprintf("answer %d", i), At: store.At(at)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoad(t *testing.T) {
	st := storetest.New(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	policy := memory.Policy{MaxTurns: 6, TTL: time.Hour}
	load := func(agent, session string, at time.Time) []model.Message {
		t.Helper()
		got, err := memory.Load(t.Context(), st, policy, agent, session, at)
		if err != nil {
			t.Fatal(err)
		}
		return got.Messages()
	}
	if got := load("a", "s", now); len(got) != 0 {
		t.Fatalf("nothing said yet, got %v", got)
	}
	said(t, st, "s", 0, 7, now)
	said(t, st, "other", 0, 1, now)
	got := load("a", "s", now.Add(time.Hour))
	if len(got) != 6 || got[0].Content != "question 4" || got[0].Role != model.RoleUser || got[5].Content != "answer 6" {
		t.Fatalf("window %v", got)
	}
	if other := load("b", "s", now); len(other) != 0 {
		t.Errorf("another agent sees %v", other)
	}

	if got := load("a", "s", now.Add(time.Hour+time.Second)); len(got) != 0 {
		t.Errorf("past its ttl: %v", got)
	}
	if rest, err := st.MemoryHistory(t.Context(), "a", "s", 50); err != nil || len(rest) != 0 {
		t.Errorf("still on disk: %v, %v", rest, err)
	}
	if got := load("a", "other", now); len(got) != 2 {
		t.Errorf("the other session lost its history: %v", got)
	}
	said(t, st, "s", 7, 1, now.Add(2*time.Hour))
	if got := load("a", "s", now.Add(2*time.Hour)); len(got) != 2 || got[0].Content != "question 7" {
		t.Errorf("after a fresh start: %v", got)
	}
}

// Over a long conversation the window's beginning stays for several turns, and
// what stays is the same text: the prompt's prefix.
func TestLoadKeepsThePrefix(t *testing.T) {
	st := storetest.New(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	kept, before := 0, []model.Message(nil)
	for i := range 60 {
		said(t, st, "s", i, 1, now)
		past, err := memory.Load(t.Context(), st, memory.Policy{}, "a", "s", now)
		got := past.Messages()
		if err != nil || len(got) > memory.DefaultMaxTurns {
			t.Fatalf("turn %d: %d entries, %v", i, len(got), err)
		}
		if len(before) > 0 && len(got) > len(before) && got[0].Content == before[0].Content {
			kept++
		}
		before = got
	}
	if kept < 45 {
		t.Errorf("the prefix was kept in %d of 59 turns", kept)
	}
}
