package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

// chatDash is a dashboard whose takeovers are noted.
func chatDash(t testing.TB) (*dash, *[]int64) {
	var interrupted []int64
	return newDash(t, func(p *Parts) {
		p.Interrupt = func(id int64) { interrupted = append(interrupted, id) }
		p.DefaultAgent = func() string { return "shop" }
	}), &interrupted
}

// arrives puts a customer's message where the dispatcher would have it.
func (d *dash) arrives(id, phone, name, text string, at time.Time) store.Claimed {
	d.t.Helper()
	in := channel.Inbound{ID: id, Account: "5", From: channel.Customer{Phone: phone, Name: name}, At: at, Kind: channel.KindText, Treatment: channel.Answer, Text: text}
	payload, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.store.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: store.At(at)}}, nil); err != nil {
		d.t.Fatal(err)
	}
	rows, _, err := d.store.ClaimInbox(10, func(p []byte) (string, store.Identity, error) {
		var in channel.Inbound
		err := json.Unmarshal(p, &in)
		return in.Account, store.Identity{Phone: in.From.Phone, UserID: in.From.UserID, Name: in.From.Name}, err
	})
	if err != nil || len(rows) != 1 {
		d.t.Fatalf("claim: %d rows, %v", len(rows), err)
	}
	return rows[0]
}

const tracedTurn = `{"steps":[{"stage":"guardrail","name":"input","duration":1000000},{"stage":"memory","name":"history","duration":2000000},{"stage":"model","name":"chat","duration":850000000},{"stage":"tool","name":"datetime_now","duration":3000000,"data":{"zone":"Europe/Madrid"}}],
"verdicts":[{"direction":"input","action":"rewrite","text":"x","findings":[{"rule":"pii_detection","entity":"EMAIL","start":0,"end":4}]}],
"usage":[{"candidate":"ollama/llama3.1:8b","tokens_in":420,"tokens_out":60}],
"prompt":[{"role":"system","content":"You are kind."},{"role":"user","content":"my mail is [REDACTED_EMAIL]"}]}`

// answered commits the turn of a message, and gives the conversation.
func (d *dash) answered(row store.Claimed, turn, said, reply string) int64 {
	d.t.Helper()
	id, now := row.Conversation.ID, store.At(time.Now())
	err := d.store.CommitTurn(store.TurnCommit{
		Turn:     store.Turn{ID: turn, ConversationID: id, Agent: "shop", AgentVersion: 3, Outcome: "answered", Model: "ollama/llama3.1:8b", TokensIn: 420, TokensOut: 60, Trace: tracedTurn, ReceivedAt: now - 900, StartedAt: now - 600, EndedAt: now},
		InboxIDs: []int64{row.ID},
		Memory:   []store.MemoryEntry{{Agent: "shop", SessionID: row.Conversation.SessionID, Role: "user", Content: said, TurnID: turn, At: now}, {Agent: "shop", SessionID: row.Conversation.SessionID, Role: "assistant", Content: reply, TurnID: turn, At: now}},
		Messages: []store.Message{{ConversationID: id, TurnID: turn, Author: "customer", Kind: "text", Text: said, At: row.At}, {ConversationID: id, TurnID: turn, Author: "agent", Kind: "text", Text: reply, OutboxID: "o-" + turn, At: now}},
		Outbox:   []store.Outbox{{ID: "o-" + turn, ConversationID: id, TurnID: turn, Text: reply, DueAt: now, CreatedAt: now}},
		Hits:     []store.GuardrailHit{{TurnID: turn, ConversationID: id, Agent: "shop", Direction: "input", Rule: "pii_detection", Entity: "EMAIL", Action: "rewrite", At: now}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// sent marks what is due as accepted by WhatsApp.
func (d *dash) sent(message string) {
	d.t.Helper()
	due, err := d.store.ClaimOutbox(10)
	if err != nil || len(due) != 1 {
		d.t.Fatalf("%d due, %v", len(due), err)
	}
	if err := d.store.MarkSent(due[0].Seq, message); err != nil {
		d.t.Fatal(err)
	}
}

// ana has written, and was answered.
func (d *dash) ana() int64 {
	d.t.Helper()
	row := d.arrives("m1", "34600111222", "Ana", "my mail is ana@example.org", time.Now())
	id := d.answered(row, "t1", "my mail is [REDACTED_EMAIL]", "Thank you, Ana.")
	d.sent("w1")
	return id
}

func shows(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("%q is not on the page", p)
		}
	}
}
