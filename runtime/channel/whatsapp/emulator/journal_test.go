package emulator

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestWaiting(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	type result struct {
		sent Sent
		err  error
	}
	text := make(chan result)
	go func() {
		s, err := b.WaitText(b.ctx, "+49 151 12345678", func(s string) bool { return strings.Contains(s, "two") })
		text <- result{s, err}
	}()
	b.background.Go(func() { b.sendText(ana.Phone, "one") })
	if sent, err := b.WaitSent(b.ctx, 1); err != nil || len(sent) != 1 {
		t.Fatal(sent, err)
	}
	b.sendText("4917000000000", "two, to another")
	b.sendText(ana.Phone, "two")
	if r := <-text; r.err != nil || r.sent.Text != "two" || r.sent.Opaque != "row-1" || r.sent.To != ana.Phone {
		t.Errorf("%+v", r)
	}
	short, cancel := context.WithCancel(b.ctx)
	cancel()
	if _, err := b.WaitSent(short, 99); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.background.Wait()
	b.background.Go(b.Close)
	if _, err := b.WaitSent(context.Background(), 99); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestDuplicates(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Window: WindowOff}})
	for _, to := range []string{"525512345678", "4915112345678", "5215512345678"} {
		b.sendText(to, "same")
	}
	b.sendText("4915112345678", "other")
	b.Fail(Next(1), FaultLater(131026))
	b.sendText("4915112345678", "other") // failed: the customer reads it once
	again := b.Duplicates()
	if len(again) != 1 || again[0].To != "5215512345678" {
		t.Errorf("%+v", again)
	}
}

func TestWatchMissesNothing(t *testing.T) {
	b := newBench(t, Config{Status: StatusPolicy{Off: true}})
	b.wrote(ana)
	ctx, cancel := context.WithCancel(b.ctx)
	events := b.Watch(ctx)
	for range 50 {
		b.sendText(ana.Phone, "x")
	}
	last := -1
	for range 50 {
		ev := <-events
		if ev.Sent == nil || last >= 0 && ev.Seq != last+1 {
			t.Fatalf("after %d came %+v", last, ev)
		}
		last = ev.Seq
	}
	cancel()
	for range events {
		t.Error("an event after the end")
	}
}

func TestConversationAcrossIDs(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Window: WindowOff}})
	u := User{Phone: "4915112345678", UserID: "DE.77", Name: "Ana"}
	b.wrote(u)
	if _, err := b.Post(b.ctx, b.Echo(u, "owner"), b.System(u, "4917999999999")); err != nil {
		t.Fatal(err)
	}
	b.sendText("4917999999999", "to the new number")
	b.graph("POST", messagesPath, textBody("recipient", "DE.77", "by user id"))
	b.settle()
	var got []string
	for _, l := range b.Conversation(User{UserID: "DE.77"}) {
		who := "business"
		if l.FromCustomer {
			who = "customer"
		} else if l.Owner {
			who = "owner"
		}
		got = append(got, who+": "+l.Kind+" "+l.Text)
	}
	want := "customer: text hello|owner: text owner|customer: system |business: text to the new number|business: text by user id"
	if strings.Join(got, "|") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestPhone(t *testing.T) {
	b := newBench(t, Config{})
	phone := b.Phone(ana)
	if _, err := phone.Write(b.ctx, "hello"); err != nil {
		t.Fatal(err)
	}
	b.background.Go(func() { b.sendText(ana.Phone, "hi!") })
	lines, err := phone.WaitReads(b.ctx, 1)
	if err != nil || len(lines) != 1 || lines[0].Text != "hi!" || len(phone.Chat()) != 2 || phone.Typing() {
		t.Error(lines, err)
	}
	if lines, err := phone.WaitReads(b.ctx, 0); err != nil || len(lines) != 1 {
		t.Error(lines, err)
	}
}
