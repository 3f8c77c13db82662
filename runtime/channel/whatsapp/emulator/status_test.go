package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestStatusFlow(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	_, answer := b.sendText(ana.Phone, "hello")
	id := dig(t, answer, "messages", 0, "id")
	b.settle()
	var got []string
	for _, d := range b.biz.all() {
		value := dig(t, decode(t, d.body), "entry", 0, "changes", 0, "value")
		s := dig(t, value, "statuses", 0)
		if !verify(t, "s3cret", d) || dig(t, s, "id") != id || dig(t, s, "recipient_id") != ana.Phone ||
			dig(t, s, "biz_opaque_callback_data") != "row-1" || dig(t, s, "timestamp") != "1778750000" {
			t.Errorf("%s", d.body)
		}
		if dig(t, value, "contacts", 0, "wa_id") != ana.Phone || dig(t, value, "contacts", 0, "profile") != nil {
			t.Errorf("contacts %v", dig(t, value, "contacts"))
		}
		priced := dig(t, s, "pricing", "pricing_model") == "PMP"
		got = append(got, fmt.Sprint(dig(t, s, "status"), " ", priced))
	}
	if want := "sent true, delivered true, read false"; strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if lines := b.Conversation(ana); lines[1].Status != "read" {
		t.Errorf("%+v", lines)
	}
}

func TestStatusSteps(t *testing.T) {
	steps := []StatusStep{{"delivered", time.Second}, {"sent", 2 * time.Second}, {"played", time.Minute}}
	b := newBench(t, Config{Status: StatusPolicy{Steps: steps, Contacts: ContactFull, OldPricing: true}})
	b.wrote(ana)
	b.sendText(ana.Phone, "hello")
	b.settle()
	start := b.clock.Now()
	b.advance(2 * time.Minute)
	want := map[string]time.Duration{"delivered": time.Second, "sent": 3 * time.Second, "played": 63 * time.Second}
	for _, told := range b.Told() {
		if told.At.Sub(start) != want[told.Status] {
			t.Errorf("%s after %v", told.Status, told.At.Sub(start))
		}
		delete(want, told.Status)
	}
	if len(want) != 0 {
		t.Error("missing:", want)
	}
	value := dig(t, decode(t, b.biz.all()[1].body), "entry", 0, "changes", 0, "value")
	if dig(t, value, "contacts", 0, "profile", "name") != "Ana Müller" ||
		dig(t, value, "statuses", 0, "conversation", "expiration_timestamp") != fmt.Sprint(1778750003+86400) {
		t.Errorf("%v", value)
	}
}

func TestStatusOff(t *testing.T) {
	b := newBench(t, Config{Status: StatusPolicy{Off: true}})
	b.wrote(ana)
	b.sendText(ana.Phone, "hello")
	b.settle()
	if n := len(b.biz.all()); n != 0 {
		t.Errorf("%d webhooks", n)
	}
}

// TestStatusRetried: a status that is not taken comes again, and does not hold
// up the next one.
func TestStatusRetried(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	b.biz.answer = func(n int) int {
		if n <= 2 { // "sent", and its immediate retry or "delivered"
			return 500
		}
		return 200
	}
	b.sendText(ana.Phone, "hello")
	b.settle()
	b.advance(time.Minute)
	seen := map[any]bool{}
	for _, p := range b.Posts() {
		if p.Status == 200 && strings.Contains(string(p.Body), "statuses") {
			seen[dig(t, decode(t, p.Body), "entry", 0, "changes", 0, "value", "statuses", 0, "status")] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("taken: %v", seen)
	}
}

func TestReactionOnlySent(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	b.graph("POST", messagesPath, `{"messaging_product":"whatsapp","to":"4915112345678","type":"reaction","reaction":{"message_id":"wamid.X","emoji":"👍"}}`)
	b.settle()
	if told := b.Told(); len(told) != 1 || told[0].Status != "sent" {
		t.Errorf("%v", told)
	}
}
