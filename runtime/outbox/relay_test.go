package outbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
)

const ana, luis = "34600111222", "34600999888"

// What each failure of the first of two sends leads to.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		outcome channel.Outcome
		soon    string // accepted after a few seconds
		late    string // and after ten minutes
		person  bool
	}{
		"rejected":      {channel.Rejected, "one two", "one two", false},
		"pair limited":  {channel.PairLimited, "one two", "one two", false},
		"refused":       {channel.Refused, "two", "two", true},
		"window closed": {channel.WindowClosed, "two", "two", true},
		"token refused": {channel.TokenRefused, "", "one two", false}, // Meta refuses good ones too, at times
		"unknown":       {channel.Unknown, "", "one two", false},      // no report came: it was not accepted
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.channel.say = once(c.outcome)
				r.turn(ana, "one", "two")
				r.pass(3 * time.Second)
				if got := strings.Join(r.channel.texts(), " "); got != c.soon {
					t.Errorf("soon: %q, want %q", got, c.soon)
				}
				r.pass(10 * time.Minute)
				if got := strings.Join(r.channel.texts(), " "); got != c.late {
					t.Errorf("late: %q, want %q", got, c.late)
				}
				if _, person := r.state(); (person != "") != c.person {
					t.Errorf("person: %q", person)
				}
			})
		})
	}
}

// A reply that waits holds back those after it, and no other customer's.
func TestOrderWithinAConversation(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.channel.say = func(_ context.Context, try int, out channel.Outbound) error {
			if out.Text == "one" && try < 6 {
				return &channel.SendError{Outcome: channel.Rejected}
			}
			return nil
		}
		r.turn(ana, "one", "two")
		r.turn(ana, "three")
		r.turn(luis, "other")
		r.pass(time.Second / 2)
		r.wants("other")
		r.pass(5 * time.Minute)
		r.wants("other", "one", "two", "three")
	})
}

// A report settles what the answer to the send did not say.
func TestAReportSettlesAnUnsureReply(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.channel.say = once(channel.Unknown)
		ids := r.turn(ana, "one", "two")
		r.pass(time.Minute)
		r.wants()
		r.report(ids[0], channel.DeliverySent)
		r.pass(time.Second)
		r.wants("two")
		r.pass(time.Hour)
		r.wants("two") // "one" had arrived: it is not sent again
	})
}

func TestAPersonIsAskedAboutAnUnsureReply(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.change(func(s *Settings) { s.Resend = false })
		r.channel.say = once(channel.Unknown)
		r.turn(ana, "one")
		r.pass(r.set.UnsureWait + time.Second)
		if state, person := r.state(); state != "failed" || person == "" {
			t.Errorf("state %q, person %q", state, person)
		}
		r.turn(ana, "next")
		r.pass(time.Hour)
		r.wants("next")
	})
}

// A refused token stops everything with one send, and says so; a new one sends
// what waited, at once and in order.
func TestPauseAndResume(t *testing.T) {
	inBubble(t, func(r *rig) {
		token := "bad"
		r.channel.say = func(context.Context, int, channel.Outbound) error {
			if token == "bad" {
				return &channel.SendError{Outcome: channel.TokenRefused, Code: 190, Reason: "Enter a new token."}
			}
			return nil
		}
		r.turn(ana, "one", "two")
		r.pass(time.Second)
		r.turn(luis, "other")
		r.pass(4 * time.Minute)
		if n := r.channel.tried(); n != 1 {
			t.Errorf("%d sends with a refused token, want 1", n)
		}
		if p := r.relay.Paused(); p == nil || p.Reason != "Enter a new token." {
			t.Fatalf("paused: %+v", p)
		}
		r.pass(10 * time.Minute)
		if n := r.channel.tried(); n < 2 || n > 4 {
			t.Errorf("%d sends in 14 minutes: one tries the token every %s", n, probeEvery)
		}
		token = "good"
		r.change(func(s *Settings) { s.Token = "two" })
		r.pass(time.Second)
		if got := strings.Join(r.channel.texts(), " "); got != "one other two" && got != "other one two" && got != "one two other" {
			t.Errorf("accepted %q", got)
		}
		if r.relay.Paused() != nil {
			t.Error("still paused")
		}
	})
}

// An owner who mended the token at Meta need not wait for the next probe; before
// that, asking tries one message and no more.
func TestProbeTriesTheTokenAtOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		good := false
		r.channel.say = func(context.Context, int, channel.Outbound) error {
			if !good {
				return &channel.SendError{Outcome: channel.TokenRefused, Code: 190, Reason: "Enter a new token."}
			}
			return nil
		}
		r.turn(ana, "one")
		r.turn(luis, "two")
		r.pass(time.Minute)
		before := r.channel.tried()
		r.relay.Probe()
		r.pass(2 * time.Second)
		if n := r.channel.tried(); n != before+1 {
			t.Errorf("%d sends for one probe", n-before)
		}
		good = true
		r.relay.Probe()
		r.pass(3 * time.Second)
		if got := len(r.channel.texts()); got != 2 || r.relay.Paused() != nil {
			t.Errorf("%d replies went out, paused %+v", got, r.relay.Paused())
		}
	})
}

// A token that is refused while a new one is already there pauses nothing for long.
func TestALateRefusalOfTheOldToken(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.channel.say = func(ctx context.Context, try int, _ channel.Outbound) error {
			if try > 1 {
				return nil
			}
			<-time.After(5 * time.Second)
			return &channel.SendError{Outcome: channel.TokenRefused}
		}
		r.turn(ana, "one")
		r.pass(time.Second)
		r.change(func(s *Settings) { s.Token = "two" })
		r.pass(10 * time.Second)
		r.wants("one")
	})
}

// The limit delays and never drops, also across a restart.
func TestTheRateLimit(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.change(func(s *Settings) { s.MaxMessages = 10 })
		for i := range 25 {
			r.turn(fmt.Sprint("346000000", 10+i), fmt.Sprint(i))
		}
		r.pass(time.Second)
		r.halt()
		r.start()
		for minute, want := range []int{10, 20, 25} {
			r.pass(time.Second)
			if got := len(r.channel.texts()); got != want {
				t.Errorf("minute %d: %d were sent, want %d", minute, got, want)
			}
			r.pass(59 * time.Second)
		}
	})
}

// More than Meta lets through to one customer waits; others do not.
func TestOneCustomerIsPaced(t *testing.T) {
	inBubble(t, func(r *rig) {
		var many []string
		for i := range pairBurst + 3 {
			many = append(many, fmt.Sprint(i))
		}
		r.turn(ana, many...)
		r.pass(time.Second)
		if n := len(r.channel.texts()); n != pairBurst {
			t.Errorf("%d went out at once, want %d", n, pairBurst)
		}
		r.turn(luis, "other")
		r.pass(time.Second)
		if n := len(r.channel.texts()); n != pairBurst+1 {
			t.Error("another customer waits")
		}
		r.pass(4 * pairEvery)
		if n := len(r.channel.texts()); n != len(many)+1 {
			t.Errorf("%d of %d in the end", n, len(many)+1)
		}
	})
}

// The stop waits for the answer to a send in hand; one that does not come leaves
// the reply unsure, and it goes out once.
func TestTheStopDuringASend(t *testing.T) {
	for name, c := range map[string]struct {
		answerIn, stopIn time.Duration
		state            string
	}{
		"answered in time": {3 * time.Second, 2 * time.Second, "sent"},
		"not answered":     {time.Hour, 4 * time.Second, "unsure"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.channel.say = func(ctx context.Context, try int, _ channel.Outbound) error {
					if try > 1 {
						return nil
					}
					select {
					case <-time.After(c.answerIn):
						return nil
					case <-ctx.Done():
						return &channel.SendError{Outcome: channel.Unknown, Err: ctx.Err()}
					}
				}
				r.turn(ana, "one")
				r.pass(time.Second)
				began := time.Now()
				r.halt()
				if took := time.Since(began); took != c.stopIn {
					t.Errorf("the stop took %s, want %s", took, c.stopIn)
				}
				if state, _ := r.state(); state != c.state {
					t.Errorf("state %q, want %q", state, c.state)
				}
				r.start()
				r.pass(time.Hour)
				r.wants("one")
			})
		})
	}
}

func TestAPanicOverOneReply(t *testing.T) {
	inBubble(t, func(r *rig) {
		panicked := false // "one" is sent by one goroutine at a time
		r.channel.say = func(_ context.Context, _ int, out channel.Outbound) error {
			if out.Text == "one" && !panicked {
				panicked = true
				panic("over one reply")
			}
			return nil
		}
		r.turn(ana, "one")
		r.turn(luis, "other")
		r.pass(time.Second)
		r.wants("other")
		r.pass(time.Hour)
		r.wants("other", "one")
	})
}

// A program that is told to stop before it has begun ends well.
func TestStopBeforeStart(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.halt()
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if err := New(r.relay.Parts).Run(ctx); err != nil {
			t.Error(err)
		}
	})
}
