package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// clock is a store's clock that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.UnixMilli(1_700_000_000_000)} }

// states are the outbox states of a conversation's lines that were to be sent.
func states(t *testing.T, s *store.Store, conversation int64) []string {
	t.Helper()
	lines, err := s.Transcript(t.Context(), conversation, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range lines {
		if l.OutboxID != "" {
			list = append(list, l.State)
		}
	}
	return list
}

func kinds(t *testing.T, s *store.Store, conversation int64) []string {
	t.Helper()
	lines, err := s.Transcript(t.Context(), conversation, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range lines {
		list = append(list, l.Author+" "+l.Kind)
	}
	return list
}

func TestTakeOverWithdrawsWhatTheAgentWrote(t *testing.T) {
	c := newClock()
	s := storetest.Open(t, t.TempDir(), c.now)
	accept(t, s, "m1")
	rows := claim(t, s)
	id := rows[0].Conversation.ID
	turnAnswers(t, s, c, "t1", rows, "one", "two")
	due, err := s.ClaimOutbox(10)
	if err != nil || len(due) != 1 {
		t.Fatalf("claim: %v, %d rows", err, len(due))
	}
	c.at = c.at.Add(time.Second)
	if n, err := s.TakeOver(id, store.UntilHandedBack, "Olga"); err != nil || n != 1 {
		t.Fatalf("take over: %d withdrawn, %v; want the one that was due", n, err)
	}
	if got := states(t, s, id); !slices.Equal(got, []string{store.OutboxSending, store.OutboxWithdrawn}) {
		t.Errorf("states %v", got)
	}
	// The row that was in hand is rejected and comes back: it must not go out.
	if err := s.MarkDue(due[0].Seq, c.at, true, store.Failure{}); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Minute)
	if due, err = s.ClaimOutbox(10); err != nil || len(due) != 0 {
		t.Errorf("a reply from before the takeover was claimed: %v %v", due, err)
	}
	if got := states(t, s, id); !slices.Equal(got, []string{store.OutboxWithdrawn, store.OutboxWithdrawn}) {
		t.Errorf("states %v", got)
	}
	if err := s.WritePerson(store.Reply{Conversation: id, By: "Olga", IDs: []string{"p1"}, Parts: []string{"mine"}}); err != nil {
		t.Fatal(err)
	}
	if due, err = s.ClaimOutbox(10); err != nil || len(due) != 1 || due[0].Text != "mine" {
		t.Errorf("the person's words are not sent: %v %v", due, err)
	}
	if _, err := s.TakeOver(99, store.UntilHandedBack, "Olga"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("taking over what is not there: %v", err)
	}
}

// turnAnswers commits a turn that began and ended now.
func turnAnswers(t *testing.T, s *store.Store, c *clock, turn string, rows []store.Claimed, replies ...string) {
	t.Helper()
	if err := s.CommitTurn(commitOf(c, turn, rows, replies...)); err != nil {
		t.Fatal(err)
	}
}

func commitOf(c *clock, turn string, rows []store.Claimed, replies ...string) store.TurnCommit {
	now, id := store.At(c.at), rows[0].Conversation.ID
	tc := store.TurnCommit{Turn: store.Turn{ID: turn, ConversationID: id, Agent: "a", StartedAt: now, EndedAt: now}}
	for _, r := range rows {
		tc.InboxIDs = append(tc.InboxIDs, r.ID)
	}
	for _, text := range replies {
		key := turn + text
		tc.Outbox = append(tc.Outbox, store.Outbox{ID: key, ConversationID: id, TurnID: turn, Text: text, DueAt: now, CreatedAt: now})
		tc.Messages = append(tc.Messages, store.Message{ConversationID: id, TurnID: turn, Author: store.AuthorAgent, Kind: "text", Text: text, OutboxID: key, At: now})
	}
	return tc
}

// A turn is refused when a person took over since it began, handed back or not;
// one that begins afterwards is not.
func TestATurnThatWasOvertakenIsRefused(t *testing.T) {
	for name, back := range map[string]bool{"still taken": false, "handed back": true} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := storetest.Open(t, t.TempDir(), c.now)
			accept(t, s, "m1")
			rows := claim(t, s)
			id := rows[0].Conversation.ID
			begun := commitOf(c, "t1", rows, "late")
			c.at = c.at.Add(time.Second)
			if _, err := s.TakeOver(id, store.At(c.at.Add(time.Hour)), "Olga"); err != nil {
				t.Fatal(err)
			}
			c.at = c.at.Add(time.Second)
			if back {
				if err := s.HandBack(id, "Olga"); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.CommitTurn(begun); !errors.Is(err, store.ErrTaken) {
				t.Fatalf("commit: %v, want ErrTaken", err)
			}
			memory := []store.MemoryEntry{{Agent: "a", SessionID: rows[0].Conversation.SessionID, Role: "user", Content: "hello", At: store.At(c.at)}}
			lines := []store.Message{{ConversationID: id, Author: store.AuthorCustomer, Kind: "text", Text: "hello"}}
			if err := s.RecordTaken(begun.InboxIDs, lines, memory); err != nil {
				t.Fatal(err)
			}
			if n, _, err := s.InboxWaiting(t.Context()); err != nil || n != 0 {
				t.Errorf("%d rows still open, %v", n, err)
			}
			if got, err := s.MemoryHistory(t.Context(), "a", rows[0].Conversation.SessionID, 10); err != nil || len(got) != 1 {
				t.Errorf("memory %v %v", got, err)
			}
			c.at = c.at.Add(2 * time.Hour) // past the hour, if it was not handed back
			accept(t, s, "m2")
			turnAnswers(t, s, c, "t2", claim(t, s), "here I am")
		})
	}
}

func TestAnEchoTakesOver(t *testing.T) {
	c := newClock()
	s := storetest.Open(t, t.TempDir(), c.now)
	accept(t, s, "m1")
	rows := claim(t, s)
	id := rows[0].Conversation.ID
	if _, err := s.Mute(id, 0, "why"); err != nil {
		t.Fatal(err)
	}
	echo := func(message string, at time.Time) store.Conversation {
		payload, err := json.Marshal(store.Identity{Phone: "34600111222"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Accept([]store.Inbox{{MessageID: message, Kind: "echo", Treatment: "record", Payload: payload, At: store.At(at)}}, nil); err != nil {
			t.Fatal(err)
		}
		got := claim(t, s)
		if len(got) != 1 {
			t.Fatalf("%d rows", len(got))
		}
		kept, err := s.Conversation(context.Background(), id)
		if err != nil || kept.TakenUntil != got[0].Conversation.TakenUntil {
			t.Fatalf("the claim says %v, the row %v (%v)", got[0].Conversation.TakenUntil, kept.TakenUntil, err)
		}
		return kept
	}
	if got := echo("old", c.at.Add(-13*time.Hour)); got.Taken(c.at) {
		t.Error("an echo of 13 hours ago silences the agent now")
	}
	got := echo("e1", c.at.Add(-time.Hour))
	if got.TakenUntil != store.At(c.at.Add(11*time.Hour)) || got.TakenBy != store.TakenByPhone || got.NeedsPerson != "" {
		t.Errorf("taken until %v by %q, needs %q", got.TakenUntil.Time(), got.TakenBy, got.NeedsPerson)
	}
	echo("e2", c.at)
	if want := []string{"system taken"}; !slices.Equal(kinds(t, s, id), want) {
		t.Errorf("lines %v, want one about the takeover", kinds(t, s, id))
	}
	if _, err := s.TakeOver(id, store.UntilHandedBack, "Olga"); err != nil {
		t.Fatal(err)
	}
	if got := echo("e3", c.at); got.TakenUntil != store.UntilHandedBack || got.TakenBy != "Olga" {
		t.Errorf("an echo shortened what Olga chose: %v by %q", got.TakenUntil, got.TakenBy)
	}
}
