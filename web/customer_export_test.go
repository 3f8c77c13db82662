package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"astromesh/store"

	"golang.org/x/net/html"
)

// An owner takes two files: a page to hand on, and the data. Staff takes neither.
func TestExport(t *testing.T) {
	d, _ := chatDash(t)
	path := talkedMuch(d)
	for _, way := range []string{"/export", "/export/data"} {
		if w := d.staff.get(path + way); w.Code != http.StatusForbidden {
			t.Errorf("staff takes %s: %d", way, w.Code)
		}
		if w := d.owner.get("/conversations/99" + way); w.Code != http.StatusNotFound {
			t.Errorf("%s of nobody: %d", way, w.Code)
		}
	}
	w := d.owner.get(path + "/export/data")
	if w.Code != http.StatusOK || w.Header().Get("Content-Disposition") != `attachment; filename="customer-1.json"` || !json.Valid(w.Body.Bytes()) {
		t.Fatalf("data: %d %v", w.Code, w.Header())
	}
	shows(t, w.Body.String(), "34600111222", "Thank you, Ana.", `"direction": "input"`, "ollama/llama3.1:8b")
	w = d.owner.get(path + "/export")
	if w.Code != http.StatusOK || w.Header().Get("Content-Disposition") != `attachment; filename="customer-1.html"` || w.Header().Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Fatalf("page: %d %v", w.Code, w.Header())
	}
	page := w.Body.String()
	zone := time.Now().Local().Format("MST, UTC-07:00")
	shows(t, html.UnescapeString(page), "What is kept about Ana", zone, "+34600111222", "my mail is [REDACTED_EMAIL]", "Thank you, Ana.",
		"مرحبا، هل أنتم مفتوحون؟", "likes <b>olives</b>", "Sam", "remembered by Shop", "An e-mail address was hidden in the customer's message.",
		"not delivered", "The number is not on WhatsApp.", "A person has seen to it.", "customer-1.json", "came about (2)")
	for _, never := range []string{"<b>olives", "<img", "<script", "Luis", "34600999888", "a table for eight", "o-t1", "wamid", "llama3.1", "You are kind.", "href="} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	audits, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || len(audits) < 2 || audits[0].Action != "customer exported" || audits[1].Action != "customer exported" || audits[0].User != "Olga" {
		t.Errorf("audit %+v, %v", audits, err)
	}
}

// talkedMuch has Ana write what is hard to show, and somebody else besides; it
// gives the address of Ana's conversation.
func talkedMuch(d *dash) string {
	d.t.Helper()
	id := d.ana()
	path := fmt.Sprintf("/conversations/%d", id)
	d.answered(d.arrives("m2", "34600999888", "Luis", "x", time.Now()), "t2", "a table for eight", "Gladly.")
	d.sent("wamid.2")
	hostile := "مرحبا، هل أنتم مفتوحون؟ <script>alert(1)</script><img src=x>"
	d.answered(d.arrives("m3", "34600111222", "Ana", "x", time.Now()), "t3", hostile, "Yes."+hostile)
	d.sent("wamid.3")
	report := store.Report{MessageID: "wamid.3", OutboxID: "o-t3", Delivery: "failed", Rank: 2, At: store.At(time.Now()), ErrorCode: 131026, Error: "The number is not on WhatsApp."}
	if _, err := d.store.Accept(nil, []store.Report{report}); err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.AddNote(id, "Sam", "likes <b>olives</b>"); err != nil {
		d.t.Fatal(err)
	}
	if w := d.staff.post(path+"/done", nil); w.Code != http.StatusSeeOther {
		d.t.Fatal(w.Code)
	}
	d.waitFor("the log", func() bool {
		all, err := d.store.Customer(d.t.Context(), id)
		return err == nil && len(all.Events) > 0
	})
	return path
}

// The page speaks the language of whoever takes it.
func TestExportSpeaksTheOwnersLanguage(t *testing.T) {
	d, _ := chatDash(t)
	path := fmt.Sprintf("/conversations/%d/export", d.ana())
	for language, want := range map[string][]string{
		"es":    {`lang="es"`, "Lo que se guarda sobre Ana", "Lo que el agente recuerda", "enviado"},
		"pt-BR": {`lang="pt-BR"`, "O que fica guardado sobre Ana", "O que o agente lembra", "enviada"},
	} {
		shows(t, d.owner.page(path, "Accept-Language", language), want...)
	}
}
