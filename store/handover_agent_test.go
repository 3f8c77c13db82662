package store_test

import (
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// What the agent says in the turn that calls for a person still goes out, also
// where it must be sent again; what comes later waits for that person.
func TestTheLastWordsOfAnAgentThatHandsOverAreSent(t *testing.T) {
	s := storetest.New(t)
	accept(t, s, "m1")
	row := claim(t, s)[0]
	now := store.At(time.Now())
	err := s.CommitTurn(store.TurnCommit{
		Turn: store.Turn{ID: "t1", ConversationID: row.Conversation.ID, StartedAt: now, EndedAt: now}, InboxIDs: []int64{row.ID},
		HandOver: "wants a refund", NeedsPerson: "The agent calls for a person: wants a refund",
		Outbox: []store.Outbox{{ID: "o1", ConversationID: row.Conversation.ID, TurnID: "t1", Text: "Somebody will write.", DueAt: now, CreatedAt: now}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first time the channel does not take it
		due, err := s.ClaimOutbox(10)
		if err != nil || len(due) != 1 {
			t.Fatalf("%d due, %v", len(due), err)
		}
		if err := s.MarkDue(due[0].Seq, time.Now(), true, store.Failure{Code: 500}); err != nil {
			t.Fatal(err)
		}
	}
	if taken, err := s.Taken(t.Context(), row.Conversation.ID); err != nil || !taken {
		t.Errorf("taken %v, %v", taken, err)
	}
	// A person who takes over withdraws it, as any reply.
	if n, err := s.TakeOver(row.Conversation.ID, store.UntilHandedBack, "Olga"); err != nil || n != 1 {
		t.Errorf("%d withdrawn, %v", n, err)
	}
}
