package store_test

import (
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// TestRetention: what an owner chose is what goes, and an open reply stays.
func TestRetention(t *testing.T) {
	now := time.UnixMilli(3000) // the rig answers in the year 1970
	s := storetest.Open(t, t.TempDir(), func() time.Time { return now })
	if keep, err := s.Retention(t.Context()); err != nil || keep != store.DefaultRetention {
		t.Fatalf("%+v, %v", keep, err)
	}
	accept(t, s, "m1")
	answer(t, s, "t1", claim(t, s), "first", "second")
	left := func() (messages, replies int) {
		t.Helper()
		list, err := s.Transcript(t.Context(), 1, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.OutboxWaiting(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(list), int(n)
	}
	before, _ := left()
	prune := func(messages, events int) {
		t.Helper()
		if err := s.SetRetention(messages, events); err != nil {
			t.Fatal(err)
		}
		keep, err := s.Retention(t.Context())
		if err != nil || keep.Messages != time.Duration(messages)*24*time.Hour || keep.Events != time.Duration(events)*24*time.Hour {
			t.Fatalf("%+v, %v", keep, err)
		}
		if _, err := s.Prune(keep); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(40 * 24 * time.Hour)
	prune(0, 7)
	if n, open := left(); n != before || open != 2 {
		t.Errorf("0 keeps: %d of %d messages, %d open replies", n, before, open)
	}
	prune(41, 7)
	if n, _ := left(); n != before {
		t.Errorf("younger than 41 days: %d of %d messages", n, before)
	}
	prune(39, 7)
	if n, open := left(); n != 0 || open != 2 {
		t.Errorf("older than 39 days: %d messages left; %d of 2 open replies", n, open)
	}
}

// What "why this answer" shows, and which guardrail hit, goes with the transcript:
// a turn's trace holds what the customer said.
func TestRetentionOfTurnsAndHits(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	s := storetest.Open(t, t.TempDir(), func() time.Time { return now })
	for _, id := range []string{"old", "new"} {
		accept(t, s, id)
		rows := claim(t, s)
		if err := s.CommitTurn(store.TurnCommit{
			Turn:     store.Turn{ID: id, ConversationID: rows[0].Conversation.ID, Agent: "a", Trace: "{}", StartedAt: store.At(now), EndedAt: store.At(now)},
			InboxIDs: []int64{rows[0].ID}, Hits: []store.GuardrailHit{{TurnID: id, ConversationID: rows[0].Conversation.ID, Agent: "a", At: store.At(now)}},
		}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(20 * 24 * time.Hour)
	}
	for _, c := range []struct{ days, want int }{{0, 2}, {41, 2}, {30, 1}, {10, 0}} {
		if err := s.SetRetention(c.days, 30); err != nil {
			t.Fatal(err)
		}
		keep, err := s.Retention(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Prune(keep); err != nil {
			t.Fatal(err)
		}
		left, err := s.Customer(t.Context(), 1)
		if err != nil || len(left.Turns) != c.want || len(left.Guardrails) != c.want {
			t.Errorf("%d days: %d turns and %d hits are left, want %d (%v)", c.days, len(left.Turns), len(left.Guardrails), c.want, err)
		}
		if c.want == 1 && left.Turns[0].ID != "new" {
			t.Errorf("the newer one went: %+v", left.Turns)
		}
	}
}
