package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/health"
	"astromesh/store"
	"astromesh/web/view"
)

// wrote has a customer write and the agent answer; the reply is sent. It gives
// the conversation.
func (d *dash) wrote(id, phone, name, needs string) int64 {
	d.t.Helper()
	payload, err := json.Marshal(channel.Inbound{ID: id})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.store.Accept([]store.Inbox{{MessageID: id, Kind: "text", Treatment: "answer", Payload: payload, At: store.At(time.Now())}}, nil); err != nil {
		d.t.Fatal(err)
	}
	rows, _, err := d.store.ClaimInbox(1, func([]byte) (string, store.Identity, error) {
		return "5", store.Identity{Phone: phone, Name: name}, nil
	})
	if err != nil || len(rows) != 1 {
		d.t.Fatal(err, len(rows))
	}
	now, conv := store.At(time.Now()), rows[0].Conversation.ID
	if err := d.store.CommitTurn(store.TurnCommit{
		Turn:     store.Turn{ID: "t" + id, ConversationID: conv, Agent: "shop", Outcome: "answered", ReceivedAt: now, EndedAt: now},
		InboxIDs: []int64{rows[0].ID}, NeedsPerson: needs,
		Messages: []store.Message{{ConversationID: conv, TurnID: "t" + id, Author: store.AuthorCustomer, Kind: "text", Text: "hello from " + name, At: now}},
		Outbox:   []store.Outbox{{ID: "o" + id, ConversationID: conv, TurnID: "t" + id, Text: "hi", DueAt: now, CreatedAt: now}},
		Hits:     []store.GuardrailHit{{TurnID: "t" + id, ConversationID: conv, Agent: "shop", Direction: "input", Rule: "pii_detection", Entity: "EMAIL", Action: "rewrite", At: now}},
	}); err != nil {
		d.t.Fatal(err)
	}
	due, err := d.store.ClaimOutbox(1)
	if err != nil || len(due) != 1 {
		d.t.Fatal(err, len(due))
	}
	if err := d.store.MarkSent(due[0].Seq, "w"+id); err != nil {
		d.t.Fatal(err)
	}
	return conv
}

func TestHomeShowsWhoNeedsAPersonAndTheDay(t *testing.T) {
	steadyClock(t)
	d, _ := sick(t, health.Check{Name: "disk", Status: health.Fail, Detail: "full"})
	d.wrote("a", "34600000001", "Ana <b>", "A reply was not delivered.")
	d.wrote("b", "34600000002", "مريم", "")
	d.server.pulse.refresh(t.Context())
	today, err := d.store.Figures(t.Context(), time.Now().Add(-time.Hour), time.Now())
	if err != nil || today.P95 == 0 {
		t.Fatalf("%+v, %v", today, err)
	}
	html := d.staff.page("/")
	for _, want := range []string{
		"Conversations that need a person: 1", "Ana &lt;b&gt;", "A reply was not delivered.", `href="/conversations/1"`, "Broken: 1.",
		`data-hours="{&#34;labels&#34;`, "Last 14 days", "95 of 100 within " + view.Span(t.Context(), today.P95), // how long it took is the machine's
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for figure, want := range map[string]string{"Messages in": "2", "Replies sent": "2", "Guardrail hits": "2", "Not delivered": "0", "Waiting for an answer": "0"} {
		_, rest, _ := strings.Cut(html, figure+"</a>")
		if _, rest, _ = strings.Cut(rest, `<dd class="num">`); !strings.HasPrefix(rest, want+"<") {
			t.Errorf("%s: %q, want %s", figure, rest[:min(20, len(rest))], want)
		}
	}
}

func TestHomeWithoutAnythingSaysWhy(t *testing.T) {
	d := newDash(t)
	if html := d.owner.page("/"); !strings.Contains(html, "Meta has not been told of this address") || strings.Contains(html, "Messages in</a>") {
		t.Error("an empty page does not say why")
	}
	d.server.Doorman.Handshake(false)
	if html := d.owner.page("/", "Accept-Language", "pt-BR"); !strings.Contains(html, "foi recusada: o token de verificação") {
		t.Error("nothing about the refused handshake, in Portuguese")
	}
}

func TestHomeIsLive(t *testing.T) {
	d := newDash(t)
	next := d.owner.stream("/home/stream")
	if e := next(""); !strings.Contains(e.data, "Meta has not been told") {
		t.Fatalf("first %+v", e)
	}
	d.wrote("a", "34600000001", "Ana", "she asked for one")
	d.store.Log(store.Event{Kind: store.EventMessage, Text: "turn answered"})
	next("she asked for one")
}
