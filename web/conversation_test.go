package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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

func TestTranscript(t *testing.T) {
	d, _ := chatDash(t)
	shows(t, d.staff.page("/conversations"), "Nobody has written yet")
	id := d.ana()
	list := d.staff.page("/conversations")
	shows(t, list, "Ana", "Thank you, Ana.", ">1<")
	page := d.staff.page(fmt.Sprintf("/conversations/%d", id))
	shows(t, page, "my mail is [REDACTED_EMAIL]", "Thank you, Ana.", "⚑ e-mail address hidden", "✓", "today", "23 h 59 min", "Take over", "+34600111222", "2 entries")
	if strings.Contains(page, "example.org") {
		t.Error("what the guardrail hid is shown")
	}
	if strings.Contains(page, "Erase") || strings.Contains(page, "/export") {
		t.Error("staff is offered what only owners may")
	}
	shows(t, d.owner.page(fmt.Sprintf("/conversations/%d", id)), "Erase Ana completely?", "/export")
	if list := d.staff.page("/conversations"); strings.Contains(list, ">1<") {
		t.Error("what was looked at still counts as unread")
	}
	report := store.Report{MessageID: "w1", OutboxID: "o-t1", Delivery: "failed", Rank: 2, ErrorCode: 131026, Error: "The number is not on WhatsApp."}
	if _, err := d.store.Accept(nil, []store.Report{report}); err != nil {
		t.Fatal(err)
	}
	shows(t, d.staff.page(fmt.Sprintf("/conversations/%d", id)), "✗", "The number is not on WhatsApp.", "(131026)", "Needs you")
	for _, path := range []string{"/conversations/99", "/conversations/x", "/conversations/99/turns/t1", fmt.Sprintf("/conversations/%d/turns/none", id), "/conversations/99/memory"} {
		if w := d.owner.get(path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}

func TestListFiltersAndSearch(t *testing.T) {
	d, _ := chatDash(t)
	ana := d.ana()
	luis := d.answered(d.arrives("m2", "34600999888", "Luis", "x", time.Now()), "t2", "a table for eight", "Gladly.")
	d.sent("w2")
	if _, err := d.store.MarkNeedsPerson(luis, "He asked for one."); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.TakeOver(ana, store.UntilHandedBack, "Olga"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"": "Ana Luis", "filter=needs": "Luis", "filter=off": "Ana", "filter=on": "Luis", "filter=failed": "", "filter=nonsense": "Ana Luis",
		"q=eight": "Luis", "q=lui": "Luis", "q=600111": "Ana", "q=nothing+like+it": "", "q=%22*%28": "", "filter=on&q=thank": "",
		"before=" + "0-1": "", "before=x-y": "Ana Luis",
	} {
		page := d.staff.page("/conversations?"+query, "HX-Request", "true", "HX-Target", "chat-rows")
		var got []string
		for _, name := range []string{"Ana", "Luis"} {
			if strings.Contains(page, ">"+name+"<") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q shows %v, want %q", query, got, want)
		}
	}
}

func TestWhyThisAnswer(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d/turns/t1", id)
	for _, html := range []string{d.staff.page(path), d.staff.page(path, "HX-Request", "true")} {
		shows(t, html, "850 ms", "300 ms", "datetime_now", "Europe/Madrid", "ollama/llama3.1:8b", "420 read, 60 written", "You are kind.", "[REDACTED_EMAIL]", "changed", "e-mail address hidden", "<rect")
	}
	if w := d.staff.get(strings.Replace(path, "conversations/1", "conversations/2", 1)); w.Code != http.StatusNotFound {
		t.Errorf("another conversation's turn: %d", w.Code)
	}
}

// A takeover, as a person does it.
func TestTakeOverWriteHandBack(t *testing.T) {
	d, interrupted := chatDash(t)
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d", id)
	if w := d.staff.post(path+"/take", url.Values{"span": {"1h"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != path {
		t.Fatalf("take: %d %s", w.Code, w.Header())
	}
	if len(*interrupted) != 1 || (*interrupted)[0] != id {
		t.Errorf("interrupted %v", *interrupted)
	}
	conv, err := d.store.Conversation(t.Context(), id)
	if err != nil || conv.TakenBy != "Sam" || time.Until(conv.TakenUntil.Time()).Round(time.Minute) != time.Hour {
		t.Errorf("taken by %q until %v, %v", conv.TakenBy, conv.TakenUntil.Time(), err)
	}
	shows(t, d.staff.page(path), "Sam answers. The agent is silent until", "Write to the customer", "Sam took over", "Hand back")
	htmx := []string{"HX-Request", "true"}
	for text, want := range map[string]string{"": "Type what the customer", "  \r\n ": "Type what the customer", strings.Repeat("á", 20_001): "too long for WhatsApp"} {
		w := d.staff.post(path+"/write", url.Values{"text": {text}}, htmx...)
		shows(t, w.Body.String(), want)
		if w := d.staff.post(path+"/write", url.Values{"text": {text}}); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("without JavaScript: %d", w.Code)
		}
	}
	if w := d.staff.post(path+"/write", url.Values{"text": {"**Sam** here,\r\ncall me at sam@example.org"}}, htmx...); w.Code != http.StatusOK {
		t.Fatalf("write: %d %s", w.Code, w.Body)
	}
	due, err := d.store.ClaimOutbox(10)
	if err != nil || len(due) != 1 || due[0].Text != "*Sam* here,\ncall me at sam@example.org" {
		t.Errorf("due %+v, %v", due, err)
	}
	memory, err := d.store.MemoryHistory(t.Context(), "shop", "wa_34600111222", 10)
	if err != nil || len(memory) != 3 || memory[2].Role != "assistant" || strings.Contains(memory[2].Content, "example.org") {
		t.Errorf("memory %+v, %v", memory, err)
	}
	shows(t, d.staff.post(path+"/back", nil, htmx...).Body.String(), "The agent answers.")
	audits, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || len(audits) != 3 || audits[0].Action != "conversation handed back" {
		t.Errorf("audit %+v, %v", audits, err)
	}
	for _, a := range audits {
		if strings.Contains(a.Detail+a.Target, "example") || a.User != "Sam" {
			t.Errorf("audit row %+v", a)
		}
	}
}

func TestWritingAfterTheWindow(t *testing.T) {
	d, _ := chatDash(t)
	row := d.arrives("m1", "34600111222", "Ana", "hello", time.Now().Add(-25*time.Hour))
	id := d.answered(row, "t1", "hello", "hi")
	d.sent("w1")
	path := fmt.Sprintf("/conversations/%d", id)
	w := d.staff.post(path+"/write", url.Values{"text": {"too late"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	shows(t, w.Body.String(), "closed until the customer writes")
	if due, err := d.store.ClaimOutbox(10); err != nil || len(due) > 0 {
		t.Errorf("due %v, %v", due, err)
	}
	if w := d.staff.post(path+"/take", nil); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	shows(t, d.staff.page(path), "More than 24 hours have passed")
}

func TestNotes(t *testing.T) {
	d, _ := chatDash(t)
	path := fmt.Sprintf("/conversations/%d", d.ana())
	if w := d.staff.post(path+"/notes", url.Values{"text": {"likes <b>olives</b>"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	shows(t, d.owner.page(path), "likes &lt;b&gt;olives", "Sam ·")
	for text, want := range map[string]string{" ": "Type what", strings.Repeat("x", 4001): "too long for a note"} {
		if w := d.staff.post(path+"/notes", url.Values{"text": {text}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.10q: %d", text, w.Code)
		}
	}
	if html := d.staff.post(path+"/notes/delete", url.Values{"note": {"1"}}, "HX-Request", "true").Body.String(); strings.Contains(html, "olives") {
		t.Error("the note is still there")
	}
	if w := d.staff.post("/conversations/99/notes", url.Values{"text": {"x"}}); w.Code != http.StatusNotFound {
		t.Errorf("a note on nothing: %d", w.Code)
	}
}

func TestMemoryPage(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	d.answered(d.arrives("m2", "34600111222", "Ana", "x", time.Now()), "t2", "second question", "second answer")
	path := fmt.Sprintf("/conversations/%d/memory", id)
	shows(t, d.staff.page(path), "Thank you, Ana.", "second answer", "Be kind.", "The next prompt", "Current date and time")
	if w := d.staff.post(path+"/delete", url.Values{"seq": {"0"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	page := d.staff.page(path)
	shows(t, page, "second answer")
	if strings.Contains(page, "Thank you, Ana.") {
		t.Error("the turn is still remembered")
	}
	if w := d.staff.post(path+"/delete", url.Values{"seq": {"x"}}); w.Code != http.StatusBadRequest {
		t.Error(w.Code)
	}
	if w := d.staff.post(path+"/clear", nil); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	shows(t, d.staff.page(path), "Nothing is remembered yet")
}

func TestExportAndErase(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d", id)
	if w := d.staff.get(path + "/export"); w.Code != http.StatusForbidden {
		t.Errorf("staff exports: %d", w.Code)
	}
	if w := d.staff.post(path+"/erase", nil); w.Code != http.StatusForbidden {
		t.Errorf("staff erases: %d", w.Code)
	}
	w := d.owner.get(path + "/export")
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), "customer-1.json") || !json.Valid(w.Body.Bytes()) {
		t.Fatalf("export: %d %v", w.Code, w.Header())
	}
	shows(t, w.Body.String(), "34600111222", "Thank you, Ana.", `"direction": "input"`)
	w = d.owner.post(path+"/erase", nil)
	if w.Code != http.StatusOK {
		t.Fatalf("erase: %d %s", w.Code, w.Body)
	}
	shows(t, w.Body.String(), "The customer is gone. Nothing is left", "0 times", "Transcript")
	if w := d.owner.get(path); w.Code != http.StatusNotFound {
		t.Errorf("the erased conversation: %d", w.Code)
	}
}

// What happens reaches an open page at once: the message, the writing, the
// reply, its ticks, and that somebody took over.
func TestConversationStream(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	srv := d.served()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/conversations/%d/stream?after=2", srv.URL, id), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(d.staff.cookie)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	until := func(part string) {
		t.Helper()
		for !strings.Contains(events.Text(), part) { // one line may hold several parts
			if !events.Scan() {
				t.Fatalf("%q did not come: %v", part, events.Err())
			}
		}
	}
	until("tick-2")
	began := time.Now()
	row := d.arrives("m2", "34600111222", "Ana", "are you there? ana@example.org", time.Now())
	until("are you there? [REDACTED_EMAIL]")
	until("The agent is writing")
	if took := time.Since(began); took > 300*time.Millisecond {
		t.Errorf("the message was on screen after %s", took)
	}
	d.answered(row, "t2", "are you there?", "Always.")
	d.store.Log(store.Event{Kind: store.EventMessage, ConversationID: id, Text: "turn answered"})
	until("Always.")
	until("event: list")
	d.sent("w2")
	if _, err := d.store.Accept(nil, []store.Report{{MessageID: "w2", OutboxID: "o-t2", Delivery: "read", Rank: 4}}); err != nil {
		t.Fatal(err)
	}
	until("tick-read")
	if w := d.owner.post(fmt.Sprintf("/conversations/%d/take", id), nil); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	until("Olga answers")
}
