package store_test

import (
	"context"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// clockAt is a store whose clock the test moves.
func clockAt(t *testing.T, now *time.Time) *store.Store {
	t.Helper()
	return storetest.Open(t, t.TempDir(), func() time.Time { return *now })
}

// aDay is a store with two messages, one turn with a guardrail's hit, and three
// replies of it: the first sent after 3.2 s, the second and a failed third in the
// next hour.
func aDay(t *testing.T, start time.Time) *store.Store {
	t.Helper()
	now := start
	s := clockAt(t, &now)
	if n := accept(t, s, "m1", "m2", "m1"); n != 2 { // the third was here before
		t.Fatal(n)
	}
	rows := claim(t, s)
	c := store.TurnCommit{
		Turn:     store.Turn{ID: "t1", ConversationID: rows[0].Conversation.ID, Agent: "shop", ReceivedAt: store.At(start), EndedAt: store.At(start)},
		InboxIDs: []int64{rows[0].ID, rows[1].ID},
		Hits:     []store.GuardrailHit{{TurnID: "t1", Agent: "shop", Direction: "input", Rule: "pii_detection", Entity: "EMAIL", Action: "rewrite", At: store.At(start)}},
	}
	for _, id := range []string{"a", "b", "c"} {
		c.Outbox = append(c.Outbox, store.Outbox{ID: id, ConversationID: c.Turn.ConversationID, TurnID: "t1", CreatedAt: store.At(start)})
	}
	if err := s.CommitTurn(c); err != nil {
		t.Fatal(err)
	}
	send := func(after time.Duration, mark func(store.Due) error) {
		t.Helper()
		now = start.Add(after)
		due, err := s.ClaimOutbox(1)
		if err != nil || len(due) != 1 {
			t.Fatalf("%v, %d due", err, len(due))
		}
		if err := mark(due[0]); err != nil {
			t.Fatal(err)
		}
	}
	sent := func(d store.Due) error { return s.MarkSent(d.Seq, "w"+d.ID) }
	send(3200*time.Millisecond, sent)
	send(70*time.Minute, sent) // not the turn's first reply
	send(71*time.Minute, func(d store.Due) error { return s.MarkFailed(d.Seq, store.Failure{Reason: "no"}) })
	now = start.Add(72 * time.Minute)
	// The owner's own message is none of a customer, and the report repeats what is known.
	if _, err := s.Accept([]store.Inbox{{MessageID: "e", Kind: "echo", Payload: from("1", "")}}, []store.Report{{MessageID: "wa", OutboxID: "a", Delivery: "delivered", Rank: 3}}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFiguresCountWhatHappened(t *testing.T) {
	ctx := context.Background()
	start := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	s := aDay(t, start)
	got, err := s.Figures(ctx, start, start.Add(2*time.Hour))
	want := store.Figures{In: 2, Out: 2, Hits: 1, Failed: 1, Answered: 1, Median: 3500 * time.Millisecond, P95: 3500 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("figures %+v, %v; want %+v", got, err, want)
	}
	first, err := s.Figures(ctx, start, start.Add(time.Hour))
	if err != nil || first.Out != 1 || first.Failed != 0 {
		t.Errorf("of the first hour: %+v, %v", first, err)
	}
	// In the first second of the second hour, which has begun.
	early, err := s.Figures(ctx, start.Add(time.Hour), start.Add(time.Hour+time.Millisecond))
	if err != nil || early.Out != 1 || early.Failed != 1 {
		t.Errorf("of the second hour as it begins: %+v, %v", early, err)
	}
	flows, err := s.Flows(ctx, start)
	hour := start.Unix() / 3600
	if err != nil || flows[hour] != (store.Flow{In: 2, Out: 1}) || flows[hour+1] != (store.Flow{Out: 1}) || !store.HourStart(hour).Equal(start) {
		t.Errorf("flows %v, %v", flows, err)
	}
	hits, err := s.GuardrailHits(ctx, start)
	if err != nil || len(hits) != 1 || hits[0].Agent != "shop" || hits[0].Entity != "EMAIL" || hits[0].Action != "rewrite" || hits[0].Hours[hour] != 1 {
		t.Errorf("hits %+v, %v", hits, err)
	}
	needs, err := s.NeedingPerson(ctx, 5)
	if err != nil || len(needs) != 1 || needs[0].Contact.Phone == nil {
		t.Errorf("needing a person: %+v, %v", needs, err)
	}
}

// What is given up after it was accepted counts once as sent and once as failed.
func TestFailureAfterAcceptanceIsCounted(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	ids := answer(t, s, "t1", claim(t, s), "hello")
	due, err := s.ClaimOutbox(1)
	if err != nil || len(due) != 1 {
		t.Fatal(err, len(due))
	}
	if err := s.MarkSent(due[0].Seq, "w1"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Accept(nil, []store.Report{{MessageID: "w1", OutboxID: ids[0], Delivery: "failed", Rank: 2, Error: "blocked", At: store.At(time.Now())}}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := s.Figures(t.Context(), time.Now().Add(-time.Hour), time.Now())
	if err != nil || f.Out != 1 || f.Failed != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestOldCountsGo(t *testing.T) {
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	s := clockAt(t, &now)
	accept(t, s, "m1")
	start := now
	now = now.AddDate(0, 3, 0)
	if _, err := s.Prune(store.DefaultRetention); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Figures(t.Context(), start, now); err != nil || f.In != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}
