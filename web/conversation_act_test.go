package web

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

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
	for text, want := range map[string]string{"": "Type what the customer", "\r\n": "Type what the customer", strings.Repeat("á", 20_001): "too long for WhatsApp"} {
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

// The summary is shown with what it stands for; deleting it, or a turn that it was
// written from, leaves nothing of it.
func TestMemoryPageShowsTheSummary(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	d.answered(d.arrives("m2", "34600111222", "Ana", "x", time.Now()), "t2", "second question", "second answer")
	path := fmt.Sprintf("/conversations/%d/memory", id)
	folded := func() {
		t.Helper()
		entries, err := d.store.MemoryFrom(t.Context(), "shop", "wa_34600111222", 0)
		if err != nil || len(entries) != 4 {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		w, err := d.store.MemoryWindow(t.Context(), "shop", "wa_34600111222")
		if err != nil {
			t.Fatal(err)
		}
		w.First, w.Summary, w.Covered, w.Seen = 2, "Ana has paid <b>.", 2, 2
		if err := d.store.SaveWindow(w, entries); err != nil {
			t.Fatal(err)
		}
	}
	folded()
	shows(t, d.staff.page(path), "Ana has paid &lt;b&gt;.", "Turns below that it stands for: 1", "in the summary")
	if w := d.staff.post(path+"/summary", nil); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	page := d.staff.page(path)
	if shows(t, page, "Thank you, Ana.", "no longer in the next prompt"); strings.Contains(page, "Ana has paid") {
		t.Error("the summary is still there")
	}
	folded()
	if w := d.staff.post(path+"/delete", url.Values{"seq": {"1"}}); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if page := d.staff.page(path); strings.Contains(page, "Ana has paid") {
		t.Error("a deleted turn survives in the summary")
	}
	audits, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || len(audits) != 2 || audits[1].Action != "summary forgotten" {
		t.Errorf("audits %+v, %v", audits, err)
	}
}

func TestErase(t *testing.T) {
	d, _ := chatDash(t)
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d", id)
	if w := d.staff.post(path+"/erase", nil); w.Code != http.StatusForbidden {
		t.Errorf("staff erases: %d", w.Code)
	}
	w := d.owner.post(path+"/erase", nil)
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
	// Less than the minute after which the page looks by itself.
	ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
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
	t.Logf("the message was on screen after %s", time.Since(began))
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
