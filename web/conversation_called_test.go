package web

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"astromesh/store"
)

// The agent has called for a person: the list of home, the conversation and its
// box say so and why, in the reader's language, and who comes answers.
func TestAnAgentThatCallsForAPersonIsShown(t *testing.T) {
	d, _ := chatDash(t)
	row := d.arrives("m1", "34600111222", "Ana", "I want my money back", time.Now())
	now := store.At(time.Now())
	err := d.store.CommitTurn(store.TurnCommit{
		Turn:     store.Turn{ID: "t1", ConversationID: row.Conversation.ID, Agent: "shop", Outcome: "answered", ReceivedAt: now, StartedAt: now, EndedAt: now},
		InboxIDs: []int64{row.ID}, HandOver: "wants a refund", NeedsPerson: "The agent calls for a person: wants a refund",
		Messages: []store.Message{{ConversationID: row.Conversation.ID, TurnID: "t1", Author: "agent", Kind: "text", Text: "Somebody will write.", OutboxID: "o1", At: now}},
		Outbox:   []store.Outbox{{ID: "o1", ConversationID: row.Conversation.ID, TurnID: "t1", Text: "Somebody will write.", DueAt: now, CreatedAt: now}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/conversations/%d", row.Conversation.ID)
	shows(t, d.staff.page("/"), "The agent calls for a person: wants a refund")
	shows(t, d.staff.page(path), "The agent called for a person and is silent: wants a refund",
		"The agent called for a person and is silent until you hand back.", "Somebody will write.")
	es := d.staff.page(path, "Accept-Language", "es")
	shows(t, es, "El agente llamó a una persona y guarda silencio: wants a refund", "El agente llama a una persona: wants a refund")
	// Who answers stands for the agent from then on.
	if w := d.staff.post(path+"/write", url.Values{"text": {"Olga here"}}); w.Code >= 400 {
		t.Fatalf("write: %d", w.Code)
	}
	c, err := d.store.Conversation(t.Context(), row.Conversation.ID)
	if err != nil || c.TakenBy != "Sam" || !c.Taken(time.Now()) || c.NeedsPerson != "" {
		t.Errorf("taken by %q, needs %q, %v", c.TakenBy, c.NeedsPerson, err)
	}
}
