package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

func TestTranscript(t *testing.T) {
	steadyClock(t)
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
	if _, err := d.store.Mute(luis, 0, "He asked for one."); err != nil {
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
