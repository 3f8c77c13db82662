package emulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// verify is the receiver's own way to check, apart from the emulator's sign.
func verify(t *testing.T, secret string, d delivered) bool {
	t.Helper()
	want, ok := strings.CutPrefix(d.header.Get("X-Hub-Signature-256"), "sha256=")
	if !ok {
		return false
	}
	given, err := hex.DecodeString(want)
	if err != nil || want != strings.ToLower(want) {
		t.Fatalf("signature %q is not lower-case hex", want)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(d.body)
	return hmac.Equal(given, mac.Sum(nil))
}

func TestPostHeadersAndSignature(t *testing.T) {
	b := newBench(t, Config{})
	modes := []struct {
		mode          SignatureMode
		good, old, is bool
	}{
		{SignatureGood, true, false, true}, {SignatureBad, false, false, true},
		{SignatureMissing, false, false, false}, {SignatureOldSecret, false, true, true},
	}
	for i, c := range modes {
		b.SetSignature(c.mode)
		if status, err := b.Post(b.ctx, b.Text(ana, "Füße 😀/@")); status != 200 || err != nil {
			t.Fatal(status, err)
		}
		d := b.biz.all()[i]
		if verify(t, "s3cret", d) != c.good || verify(t, "0ld", d) != c.old || (d.header.Get("X-Hub-Signature-256") != "") != c.is {
			t.Errorf("mode %d: signature %q", c.mode, d.header.Get("X-Hub-Signature-256"))
		}
		if d.header.Get("Content-Type") != "application/json" || d.header.Get("User-Agent") != "facebookexternalua" {
			t.Errorf("headers %v", d.header)
		}
	}
}

func TestRetrySchedule(t *testing.T) {
	for horizon, attempts := range map[time.Duration]int{36 * time.Hour: 20, 7 * 24 * time.Hour: 53} {
		b := newBench(t, Config{Retry: RetryPolicy{Horizon: horizon}})
		b.biz.answer = func(int) int { return 503 }
		start := b.clock.Now()
		d := b.Deliver(b.Text(ana, "hello"))
		b.settle()
		for range 400 {
			b.advance(time.Hour / 2)
		}
		if err := d.Wait(b.ctx); !errors.Is(err, ErrGaveUp) {
			t.Fatalf("ended with %v", err)
		}
		var at []time.Duration
		for _, p := range b.Posts() {
			at = append(at, p.At.Sub(start))
		}
		s := time.Second
		want := []time.Duration{0, 0, 10 * s, 30 * s, 70 * s, 150 * s, 310 * s}
		if len(at) < len(want) || !slices.Equal(at[:len(want)], want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
		if len(at) != attempts || at[len(at)-1] > horizon || d.Attempts() != attempts {
			t.Errorf("horizon %v: %d attempts, the last after %v", horizon, len(at), at[len(at)-1])
		}
		first := b.biz.all()[0]
		for _, again := range b.biz.all() {
			if string(again.body) != string(first.body) {
				t.Fatal("a retry has other bytes")
			}
		}
	}
}

func TestRetryEndsWith200(t *testing.T) {
	b := newBench(t, Config{})
	b.biz.answer = func(n int) int { return []int{500, 201, 302, 200}[n-1] }
	d := b.Deliver(b.Text(ana, "a"), b.Text(ana, "b"))
	b.settle()
	b.advance(time.Minute)
	if err := d.Wait(b.ctx); err != nil || d.Attempts() != 4 {
		t.Fatalf("%v after %d attempts", err, d.Attempts())
	}
	if lines := b.Conversation(ana); len(lines) != 2 {
		t.Errorf("the customer wrote %v", lines)
	}
}

func TestDeliverPlan(t *testing.T) {
	b := newBench(t, Config{})
	one, two := b.Text(ana, "one"), b.Text(ana, "two")
	texts := func() (list []string) {
		for _, d := range b.biz.all() {
			for _, m := range dig(t, decode(t, d.body), "entry", 0, "changes", 0, "value", "messages").([]any) {
				list = append(list, dig(t, m, "text", "body").(string))
			}
			list = append(list, "|")
		}
		b.biz.forget()
		return list
	}
	for _, c := range []struct {
		plan Plan
		want string
	}{
		{Plan{}, "one two |"},
		{Plan{Separate: true}, "one | two |"},
		{Plan{Separate: true, Reverse: true}, "two | one |"},
		{Plan{Copies: 3}, "one two | one two | one two |"},
		{Plan{Copies: 3, Concurrent: true}, "one two | one two | one two |"},
	} {
		if err := b.DeliverPlan(c.plan, one, two).Wait(b.ctx); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(texts(), " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.plan, got, c.want)
		}
	}
	d := b.DeliverPlan(Plan{Delay: time.Minute}, one)
	b.advance(time.Minute - 1)
	if n := len(b.biz.all()); n != 0 {
		t.Errorf("%d posts too early", n)
	}
	b.advance(1)
	if err := d.Wait(b.ctx); err != nil || len(b.biz.all()) != 1 {
		t.Error(err, len(b.biz.all()))
	}
}

// TestConcurrentCopies holds each copy until all of them are inside.
func TestConcurrentCopies(t *testing.T) {
	b := newBench(t, Config{})
	var inside atomic.Int32
	all := make(chan struct{})
	b.SetCallbackHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if inside.Add(1) == 3 {
			close(all)
		}
		<-all
	}))
	if err := b.DeliverPlan(Plan{Copies: 3, Concurrent: true}, b.Text(ana, "x")).Wait(b.ctx); err != nil {
		t.Fatal(err)
	}
}

func TestBatchShape(t *testing.T) {
	b := newBench(t, Config{})
	status, err := b.PostBatch(b.ctx, Batch{
		{Changes: []Change{{b.Text(ana, "1")}, {b.Text(ana, "2"), b.Status("wamid.S", ana, "read", "")}}},
		{WABA: "77", Changes: []Change{{b.Text(hide, "3")}, {}}},
	})
	if status != 200 || err != nil {
		t.Fatal(status, err)
	}
	body := decode(t, b.biz.all()[0].body)
	for _, c := range []struct {
		want any
		path []any
	}{
		{"1", []any{"entry", 0, "changes", 0, "value", "messages", 0, "text", "body"}},
		{"2", []any{"entry", 0, "changes", 1, "value", "messages", 0, "text", "body"}},
		{"read", []any{"entry", 0, "changes", 1, "value", "statuses", 0, "status"}},
		{"77", []any{"entry", 1, "id"}},
		{"messages", []any{"entry", 1, "changes", 1, "field"}},
	} {
		if got := dig(t, body, c.path...); got != c.want {
			t.Errorf("%v = %v, want %v", c.path, got, c.want)
		}
	}
	if _, err := b.Post(b.ctx, b.Raw("{}"), b.Text(ana, "x")); !errors.Is(err, errRawAlone) {
		t.Error("a raw body was mixed:", err)
	}
}

func TestUnsubscribed(t *testing.T) {
	b := newBench(t, Config{NotSubscribed: true})
	if _, err := b.Post(b.ctx, b.Text(ana, "x")); !errors.Is(err, ErrNotSubscribed) {
		t.Error(err)
	}
	if err := b.Deliver(b.Text(ana, "x")).Wait(b.ctx); !errors.Is(err, ErrNotSubscribed) {
		t.Error(err)
	}
	if status, err := b.Post(b.ctx, b.DashboardTest()); status != 200 || err != nil {
		t.Error("the dashboard's test button:", status, err)
	}
	bare := New(Config{})
	defer bare.Close()
	if _, err := bare.Post(context.Background(), bare.Text(ana, "x")); !errors.Is(err, ErrNoCallback) {
		t.Error(err)
	}
}

// TestRawOpensWindow shows that hand-written bodies count as written by a user.
func TestRawOpensWindow(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Window: WindowSync}})
	raw := b.Raw(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
		"metadata":{"phone_number_id":"3000000000000003"},"messages":["broken",
		{"from":"4915112345678","id":"wamid.R","timestamp":"1778749990","type":"text","text":{"body":"hi"}}]}}]}]}`)
	if _, err := b.Post(b.ctx, raw); err != nil {
		t.Fatal(err)
	}
	if status, body := b.sendText(ana.Phone, "hello"); status != 200 {
		t.Error(status, body)
	}
	if lines := b.Conversation(ana); len(lines) != 2 || lines[0].Text != "hi" {
		t.Errorf("%+v", lines)
	}
}
