package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/store"
)

func TestEachCustomersOrderIsKept(t *testing.T) {
	inBubble(t, func(r *rig) {
		gate := make(chan struct{})
		r.model.set(func(ctx context.Context, last string) (string, error) {
			if last == "one" {
				<-gate
			}
			return echo(ctx, last)
		})
		r.write(ana, "one")
		r.pass(time.Second)
		r.write(ana, "two", "three")
		r.write(luis, "quick")
		r.pass(time.Second)
		r.wants(luis, "re: quick") // Ana's slow turn holds nobody up
		r.wants(ana)
		close(gate)
		r.pass(time.Second)
		if got := strings.Join(r.replies(ana), " "); got != "re: one re: two\nthree" {
			t.Errorf("Ana reads %q", got)
		}
		if r.open() != 0 {
			t.Errorf("%d rows are open", r.open())
		}
	})
}

// Meta does not keep the order; its clock does, by the second.
func TestABurstIsReadInTheOrderItWasWritten(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.set.Quiet = time.Second
		late, early := r.event(ana, channel.KindText, channel.Answer, "second"), r.event(ana, channel.KindText, channel.Answer, "first")
		early.At = late.At.Add(-2 * time.Second)
		same := r.event(ana, channel.KindText, channel.Answer, "third")
		r.take(late, early, same)
		r.pass(2 * time.Second)
		r.wants(ana, "re: first\nsecond\nthird")
	})
}

func TestABurstEndsWithSilence(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.set.Quiet, r.set.MaxQuiet = 2*time.Second, 5*time.Second
		for _, text := range []string{"a", "b", "c"} {
			r.write(ana, text)
			r.pass(time.Second)
		}
		r.wants(ana)
		r.pass(time.Second)
		r.wants(ana, "re: a\nb\nc")
		for i := range 7 { // who never pauses is answered all the same
			r.write(luis, fmt.Sprint(i))
			r.pass(time.Second)
		}
		if got := r.replies(luis); len(got) != 1 || !strings.HasPrefix(got[0], "re: 0\n1\n2\n3\n4") {
			t.Errorf("Luis reads %q after 7 s without a pause", got)
		}
		r.pass(5 * time.Second)
		if asked := len(r.model.requests()); asked != 3 {
			t.Errorf("%d turns, want 3", asked)
		}
	})
}

// A conversation's goroutine goes after a while, and a message at that very moment
// is not lost.
func TestAQuietConversationCostsNothing(t *testing.T) {
	inBubble(t, func(r *rig) {
		live := func() int { // what is live can be looked at once the dispatcher has stopped
			r.halt()
			defer r.start()
			return len(r.d.live)
		}
		r.write(ana, "hello")
		r.write(luis, "hello")
		r.pass(idleAfter - time.Second)
		r.write(ana, "before the last moment")
		r.pass(2 * time.Second)
		if n := live(); n != 1 {
			t.Errorf("%d conversations are live, want Ana's", n)
		}
		for range 20 { // at the last moment: both happen in the same instant
			r.write(ana, "x")
			r.pass(idleAfter)
		}
		r.pass(idleAfter)
		if n := live(); n != 0 {
			t.Errorf("%d conversations are live, want none", n)
		}
		if n := len(r.replies(ana)); n != 22 {
			t.Errorf("%d replies, want 22", n)
		}
		if r.open() != 0 {
			t.Errorf("%d rows are open", r.open())
		}
	})
}

// The program stops: a turn that ends soon is sent, one that does not goes back
// and is repeated by the next start; nothing is answered twice.
func TestTheStopGivesBackWhatIsNotDone(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.model.set(func(ctx context.Context, last string) (string, error) {
			wait := 3 * time.Second
			if last == "long" {
				wait = time.Hour
			}
			if err := sleep(ctx, wait); err != nil {
				return "", err
			}
			return echo(ctx, last)
		})
		r.write(ana, "short")
		r.write(luis, "long")
		r.pass(time.Second)
		r.write(ana, "not begun")
		began := time.Now()
		r.halt()
		if took := time.Since(began); took != 8*time.Second {
			t.Errorf("the stop took %s, want the 8 s that turns may take", took)
		}
		r.wants(ana, "re: short")
		if r.open() != 2 {
			t.Errorf("%d rows went back, want 2", r.open())
		}
		r.model.set(echo)
		r.start()
		r.pass(time.Second)
		r.wants(ana, "re: short", "re: not begun")
		r.wants(luis, "re: long")
	})
}

func TestABurstThatIsBeingGatheredGoesBack(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.set.Quiet = time.Minute
		r.write(ana, "one", "two")
		r.pass(time.Second)
		r.halt()
		rows, _, err := r.store.ClaimInbox(10, sender) // as the next start does, without its recovery
		if err != nil || len(rows) != 2 {
			t.Errorf("%d rows are given back, %v; want 2", len(rows), err)
		}
	})
}

// Two threads turn out to be one customer's while the first is being answered:
// that turn cannot be committed, and its message is answered in the other thread.
func TestACustomerIsMergedUnderARunningTurn(t *testing.T) {
	inBubble(t, func(r *rig) {
		hidden := channel.Customer{UserID: "US.1"}
		both := ana
		both.UserID = "US.1"
		r.write(ana, "known")
		r.pass(time.Second)
		gate := make(chan struct{})
		r.model.set(func(ctx context.Context, last string) (string, error) {
			if last == "hidden" {
				<-gate
			}
			return echo(ctx, last)
		})
		r.write(hidden, "hidden")
		r.take(r.event(hidden, channel.KindReaction, channel.Record, "👍"))
		r.pass(time.Second)
		r.write(both, "both")
		r.pass(time.Second)
		close(gate)
		r.pass(time.Second)
		if got := r.replies(ana); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"re: both", "re: hidden", "re: known"}) {
			t.Errorf("Ana reads %q, want each answered once", got)
		}
		if r.open() != 0 {
			t.Errorf("%d messages lie there until somebody writes again", r.open())
		}
		if lines := len(r.transcript(ana)); lines != 7 {
			t.Errorf("the transcript has %d lines, want 4 of the customer and 3 replies", lines)
		}
	})
}

func TestARowThatCannotBeReadHoldsNobodyUp(t *testing.T) {
	inBubble(t, func(r *rig) {
		for i, payload := range []string{"garbage", "{}"} {
			if _, err := r.store.Accept([]store.Inbox{{MessageID: fmt.Sprint("bad", i), Kind: "text", Treatment: "answer", Payload: []byte(payload)}}, nil); err != nil {
				t.Fatal(err)
			}
		}
		r.write(ana, "good")
		r.pass(time.Second)
		r.wants(ana, "re: good")
		if r.open() != 0 {
			t.Errorf("%d rows are open", r.open())
		}
		events, err := r.store.Events(r.Context(), store.EventSystem, 0, 10)
		if err != nil || len(events) != 2 {
			t.Errorf("%d events tell of it, %v; want 2", len(events), err)
		}
	})
}
