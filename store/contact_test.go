package store_test

import (
	"context"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

func TestAHiddenNumberThatShowsLaterIsTheSameCustomer(t *testing.T) {
	s := storetest.New(t)
	put := func(id string, payload []byte) store.Claimed {
		if _, err := s.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: 1000}}, nil); err != nil {
			t.Fatal(err)
		}
		rows := claim(t, s)
		if len(rows) != 1 {
			t.Fatalf("claimed %d rows", len(rows))
		}
		return rows[0]
	}
	hidden := put("m1", from("", "US.1"))
	answer(t, s, "t1", []store.Claimed{hidden}, "a")
	byPhone := put("m2", from("34600", ""))
	answer(t, s, "t2", []store.Claimed{byPhone}, "b")
	if hidden.Conversation.ID == byPhone.Conversation.ID {
		t.Fatal("two unrelated customers share a conversation")
	}
	both := put("m3", from("34600", "US.1"))
	answer(t, s, "t3", []store.Claimed{both}, "c")
	again := put("m4", from("", "US.1"))
	if both.Conversation.ID != byPhone.Conversation.ID || again.Conversation.ID != both.Conversation.ID {
		t.Errorf("conversations %d %d %d, want one", byPhone.Conversation.ID, both.Conversation.ID, again.Conversation.ID)
	}
	lines, err := s.Transcript(context.Background(), both.Conversation.ID, 0, 10)
	if err != nil || len(lines) != 3 {
		t.Errorf("transcript has %d lines, %v; want the three replies", len(lines), err)
	}
	if again.Conversation.SessionID != "wa_34600" {
		t.Errorf("session = %q", again.Conversation.SessionID)
	}
}

func TestMemoryFollowsANumberThatBecomesKnown(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	if _, err := s.Accept([]store.Inbox{{MessageID: "m1", Kind: "text", Treatment: "answer", Payload: from("", "US.1")}}, nil); err != nil {
		t.Fatal(err)
	}
	answer(t, s, "t1", claim(t, s), "a")
	if _, err := s.Accept([]store.Inbox{{MessageID: "m2", Kind: "text", Treatment: "answer", Payload: from("34600", "US.1")}}, nil); err != nil {
		t.Fatal(err)
	}
	rows := claim(t, s)
	n, _, err := s.MemoryCount(ctx, "a", rows[0].Conversation.SessionID)
	if err != nil || rows[0].Conversation.SessionID != "wa_34600" || n != 2 {
		t.Errorf("session %s remembers %d, %v; want wa_34600 with 2", rows[0].Conversation.SessionID, n, err)
	}
}

// A number that is known as one person's writes with another known person's user
// id: it has a new owner, who must not read what the old one said.
func TestANumberHasANewOwner(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	old := put(t, s, "m1", from("346", "US.1"))
	answer(t, s, "t1", []store.Claimed{old}, "for the old owner")
	other := put(t, s, "m2", from("347", "US.2"))
	answer(t, s, "t2", []store.Claimed{other}, "for the other one")
	moved := put(t, s, "m3", from("346", "US.2"))
	if moved.Conversation.ID != other.Conversation.ID || moved.Conversation.SessionID != "wa_346" {
		t.Fatalf("conversation %d as %s, want %d as wa_346", moved.Conversation.ID, moved.Conversation.SessionID, other.Conversation.ID)
	}
	for _, conv := range []store.Conversation{old.Conversation, moved.Conversation} {
		if lines, err := s.Transcript(ctx, conv.ID, 0, 10); err != nil || len(lines) != 1 {
			t.Errorf("conversation %d has %d lines, %v; want its own one", conv.ID, len(lines), err)
		}
	}
	if back := put(t, s, "m4", from("", "US.1")); back.Conversation.ID != old.Conversation.ID || back.Conversation.SessionID != "wa_US.1" {
		t.Errorf("the old owner is in conversation %d as %s", back.Conversation.ID, back.Conversation.SessionID)
	}
	for session, want := range map[string]int64{"wa_346": 2, "wa_US.1": 2, "wa_347": 0} {
		if n, _, err := s.MemoryCount(ctx, "a", session); err != nil || n != want {
			t.Errorf("%s remembers %d, %v; want %d", session, n, err, want)
		}
	}
}
