package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"astromesh/store"
)

// sender reads the payloads of these tests: an Identity as JSON.
func sender(payload []byte) (string, store.Identity, error) {
	var who store.Identity
	err := json.Unmarshal(payload, &who)
	return "555", who, err
}

func from(phone, userID string) []byte {
	b, err := json.Marshal(store.Identity{Phone: phone, UserID: userID})
	if err != nil {
		panic(err)
	}
	return b
}

func accept(t testing.TB, s *store.Store, ids ...string) int {
	t.Helper()
	var rows []store.Inbox
	for _, id := range ids {
		rows = append(rows, store.Inbox{MessageID: id, Kind: "text", Treatment: "answer", Payload: from("34600111222", ""), At: 1000})
	}
	n, err := s.Accept(rows, nil)
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	return n
}

func claim(t testing.TB, s *store.Store) []store.Claimed {
	t.Helper()
	rows, broken, err := s.ClaimInbox(100, sender)
	if err != nil || len(broken) > 0 {
		t.Fatalf("claim: %v, broken %v", err, broken)
	}
	return rows
}

// answer commits a turn for rows with the replies given, and returns their outbox ids.
func answer(t testing.TB, s *store.Store, turn string, rows []store.Claimed, replies ...string) []string {
	t.Helper()
	c := store.TurnCommit{Turn: store.Turn{ID: turn, ConversationID: rows[0].Conversation.ID, Agent: "a", EndedAt: 2000}}
	for _, r := range rows {
		c.InboxIDs = append(c.InboxIDs, r.ID)
	}
	var ids []string
	for i, text := range replies {
		id := fmt.Sprintf("%s-%d", turn, i)
		ids = append(ids, id)
		c.Outbox = append(c.Outbox, store.Outbox{ID: id, ConversationID: rows[0].Conversation.ID, TurnID: turn, Text: text})
		c.Messages = append(c.Messages, store.Message{ConversationID: rows[0].Conversation.ID, Author: store.AuthorAgent, Kind: "text", Text: text, OutboxID: id})
	}
	c.Memory = []store.MemoryEntry{{Agent: "a", SessionID: rows[0].Conversation.SessionID, Role: "user", Content: "q", At: 2000}, {Agent: "a", SessionID: rows[0].Conversation.SessionID, Role: "assistant", Content: "r", At: 2000}}
	if err := s.CommitTurn(c); err != nil {
		t.Fatalf("commit turn: %v", err)
	}
	return ids
}
