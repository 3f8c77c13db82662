package emulator

import (
	"testing"
	"time"
)

func TestCustomerWindow(t *testing.T) {
	for _, mode := range []Window{WindowAsync, WindowSync, WindowOff} {
		b := newBench(t, Config{Limits: Limits{Window: mode}})
		b.wrote(ana)
		b.advance(customerWindow - 1)
		if status, _ := b.sendText(ana.Phone, "inside"); status != 200 {
			t.Errorf("mode %d, inside: %d", mode, status)
		}
		b.advance(1)
		status, body := b.sendText(ana.Phone, "outside")
		b.settle()
		failed := 0
		for _, told := range b.Told() {
			if told.Status == "failed" && told.Code == 131047 {
				failed++
			}
		}
		refused := status == 400 && dig(t, body, "error", "code") == 131047.0
		if refused != (mode == WindowSync) || (failed == 1) != (mode == WindowAsync) {
			t.Errorf("mode %d, outside: %d %v, %d failed", mode, status, body, failed)
		}
		if reads := b.Phone(ana).Reads(); (len(reads) == 2) != (mode == WindowOff) {
			t.Errorf("mode %d: the customer reads %v", mode, reads)
		}
		template := `{"messaging_product":"whatsapp","to":"4915112345678","type":"template","template":{"name":"x"}}`
		status, body = b.graph("POST", messagesPath, template)
		if status != 200 || dig(t, body, "messages", 0, "message_status") != "accepted" {
			t.Errorf("mode %d, template: %d %v", mode, status, body)
		}
		b.wrote(ana)
		if status, _ := b.sendText(ana.Phone, "again"); status != 200 {
			t.Errorf("mode %d, reopened: %d", mode, status)
		}
	}
}

// TestWindowPerNumber: writing to one number does not open the other,
// and only the user's own messages open it.
func TestWindowPerNumber(t *testing.T) {
	b := newBench(t, Config{MoreNumbers: []Number{{ID: "9", Display: "4930"}}, Limits: Limits{Window: WindowSync}})
	b.wrote(ana)
	third := User{Phone: "4915177777777"}
	if _, err := b.Post(b.ctx, b.System(third, "4915188888888"), b.Echo(third, "owner")); err != nil {
		t.Fatal(err)
	}
	if status, _ := b.sendText("4915188888888", "x"); status != 400 {
		t.Error("a notice or an echo opened the window:", status)
	}
	status, body := b.graph("POST", "/v25.0/9/messages", textBody("to", ana.Phone, "x"))
	if status != 400 || dig(t, body, "error", "code") != 131047.0 {
		t.Error(status, body)
	}
}

func TestPairLimit(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Pair: true, Window: WindowOff, RetryAfter: "7"}})
	send := func() (int, any) {
		status, body := b.sendText(ana.Phone, "x")
		return status, dig(t, body, "error", "code")
	}
	for i := range 45 {
		if status, _ := send(); status != 200 {
			t.Fatalf("message %d: %d", i+1, status)
		}
	}
	if status, code := send(); status != 429 || code != 131056.0 {
		t.Error(status, code)
	}
	if status, _ := b.sendText("4915100000000", "x"); status != 200 {
		t.Error("another user is held up:", status)
	}
	b.advance(6*time.Second - time.Millisecond)
	if status, _ := send(); status != 429 {
		t.Error("too early:", status)
	}
	b.advance(time.Millisecond)
	if status, _ := send(); status != 200 {
		t.Error("after 6 s:", status)
	}
	resp, err := b.call("POST", messagesPath, textBody("to", ana.Phone, "x"), "Bearer EAAtoken")
	if err != nil || resp.Header.Get("Retry-After") != "7" {
		t.Error(err, resp.Header)
	}
	_ = resp.Body.Close()
}

func TestThroughput(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Throughput: 20, Window: WindowOff, ThrottleStatus: 400}})
	refused := 0
	for range 30 {
		if status, body := b.sendText(ana.Phone, "x"); status == 400 && dig(t, body, "error", "code") == 130429.0 {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 30 refused", refused)
	}
	b.advance(time.Second)
	if status, _ := b.sendText(ana.Phone, "x"); status != 200 {
		t.Error(status)
	}
}
