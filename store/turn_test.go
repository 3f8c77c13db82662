package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
	"astromesh/store/storetest"
)

// put takes in one message of somebody and claims it.
func put(t *testing.T, s *store.Store, id string, payload []byte) store.Claimed {
	t.Helper()
	if _, err := s.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: 1000}}, nil); err != nil {
		t.Fatal(err)
	}
	rows := claim(t, s)
	if len(rows) != 1 {
		t.Fatalf("claimed %d rows", len(rows))
	}
	return rows[0]
}

func turnOf(id string, row store.Claimed) store.TurnCommit {
	return store.TurnCommit{
		Turn: store.Turn{ID: id, ConversationID: row.Conversation.ID, Agent: "a"}, InboxIDs: []int64{row.ID},
		Memory: []store.MemoryEntry{{Agent: "a", SessionID: row.Conversation.SessionID, Role: "user", Content: "q"}},
		Outbox: []store.Outbox{{ID: "o-" + id, ConversationID: row.Conversation.ID, Text: "hi"}},
	}
}

// A commit that failed is tried again with the same value, after others have
// committed: nothing of the failed one may stick to it.
func TestACommitCanBeTriedAgain(t *testing.T) {
	s := storetest.New(t)
	hits := []store.GuardrailHit{{TurnID: "t1", Rule: "pii_detection"}}
	first, second := turnOf("t1", put(t, s, "m1", from("346", ""))), turnOf("t2", put(t, s, "m2", from("347", "")))
	first.Hits, second.Hits = hits, hits
	if err := s.CommitTurn(first); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitTurn(second); err != nil {
		t.Errorf("the second commit of the same findings: %v", err)
	}
}

// While a turn runs, its customer turns out to be another one that is known: the
// turn is not sent, its message can be claimed again, and belongs to the one.
func TestAConversationIsMergedUnderARunningTurn(t *testing.T) {
	s := storetest.New(t)
	hidden := put(t, s, "m1", from("", "US.1"))
	answer(t, s, "t0", []store.Claimed{put(t, s, "m2", from("346", ""))}, "b")
	both := put(t, s, "m3", from("346", "US.1"))
	if err := s.CommitTurn(turnOf("t1", hidden)); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("commit for a conversation that is gone: %v", err)
	}
	if err := s.Record([]int64{hidden.ID}, []store.Message{{ConversationID: hidden.Conversation.ID, Author: store.AuthorCustomer, Kind: "reaction"}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a line for a conversation that is gone: %v", err)
	}
	if err := s.Requeue([]int64{hidden.ID}); err != nil {
		t.Fatal(err)
	}
	rows := claim(t, s)
	if len(rows) != 1 || rows[0].Conversation.ID != both.Conversation.ID {
		t.Fatalf("claimed again: %+v", rows)
	}
	if rows[0].Conversation.InboundCount != 3 {
		t.Errorf("%d messages are counted, want 3: one was claimed twice", rows[0].Conversation.InboundCount)
	}
}

// While a turn runs, the customer's number becomes known: what it remembers goes
// where the next turn will look.
func TestANumberBecomesKnownUnderARunningTurn(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	hidden := put(t, s, "m1", from("", "US.1"))
	known := put(t, s, "m2", from("346", "US.1"))
	if err := s.CommitTurn(turnOf("t1", hidden)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := s.MemoryCount(ctx, "a", known.Conversation.SessionID); err != nil || n != 1 {
		t.Errorf("session %s remembers %d, %v; want 1", known.Conversation.SessionID, n, err)
	}
}

// A restart claims what was claimed before: it is still one message.
func TestAMessageIsCountedOnce(t *testing.T) {
	s := storetest.New(t)
	put(t, s, "m1", from("346", ""))
	if _, err := s.RecoverInbox(); err != nil {
		t.Fatal(err)
	}
	if rows := claim(t, s); len(rows) != 1 || rows[0].Conversation.InboundCount != 1 {
		t.Errorf("counted %d, want 1", rows[0].Conversation.InboundCount)
	}
}

// Who took over one of two threads that are merged has taken over the one.
func TestATakeoverOutlivesTheMerge(t *testing.T) {
	s := storetest.New(t)
	hidden := put(t, s, "m1", from("", "US.1"))
	put(t, s, "m2", from("346", ""))
	if _, err := s.TakeOver(hidden.Conversation.ID, store.UntilHandedBack, "eva"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mute(hidden.Conversation.ID, 0, "why"); err != nil {
		t.Fatal(err)
	}
	both := put(t, s, "m3", from("346", "US.1")).Conversation
	if both.TakenUntil != store.UntilHandedBack || both.TakenBy != "eva" || both.NeedsPerson != "why" {
		t.Errorf("merged: %+v", both)
	}
}

// A reply that was on its way when a person took over, and was not accepted, does
// not go out behind the person's back, nor hold up what the person writes.
func TestAReplyThatComesBackIsWithdrawn(t *testing.T) {
	for name, comeBack := range map[string]func(s *store.Store, row store.Due) error{
		"rejected": func(s *store.Store, row store.Due) error {
			return s.MarkDue(row.Seq, time.Now().Add(time.Hour), true, store.Failure{})
		},
		"unsure, no report": func(s *store.Store, row store.Due) error {
			_, err := s.RecoverOutbox()
			if err == nil {
				_, err = s.SettleUnsure(time.Now().Add(time.Hour), true)
			}
			return err
		},
		"dropped by the channel": func(s *store.Store, row store.Due) error {
			_, err := s.Accept(nil, []store.Report{report(row.ID, channel.DeliveryFailed, "passing")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			accept(t, s, "m1")
			answerOne(t, s)
			rows, err := s.ClaimOutbox(10)
			if err != nil || len(rows) != 1 {
				t.Fatal(err)
			}
			if _, err := s.TakeOver(rows[0].ConversationID, store.UntilHandedBack, "eva"); err != nil {
				t.Fatal(err)
			}
			if err := s.WritePerson(store.Reply{Conversation: rows[0].ConversationID, By: "eva", IDs: []string{"p1"}, Parts: []string{"I am here"}}); err != nil {
				t.Fatal(err)
			}
			if err := comeBack(s, rows[0]); err != nil {
				t.Fatal(err)
			}
			next, err := s.ClaimOutbox(10)
			if err != nil || len(next) != 1 || next[0].ID != "p1" {
				t.Errorf("to be sent: %+v, %v; want the person's words only", next, err)
			}
		})
	}
}
