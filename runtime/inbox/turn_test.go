package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/store"
)

// While no model can be reached the turn waits; what is written meanwhile joins it.
func TestATurnWaitsForAModel(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.model.off(true)
		r.write(ana, "one")
		r.pass(20 * time.Second)
		r.write(ana, "two")
		r.pass(5 * time.Second)
		r.wants(ana)
		if left := time.Until(r.tries(ana)); left != r.set.RetryFor-25*time.Second {
			t.Errorf("it tries for %s more", left)
		}
		r.model.off(false)
		r.pass(5 * time.Second)
		r.wants(ana, "re: one\ntwo")
		if until := r.tries(ana); !until.IsZero() {
			t.Errorf("it is still said to wait, until %s", until)
		}
		if r.person(ana) != "" {
			t.Errorf("a person is asked: %s", r.person(ana))
		}
	})
}

// What a model took before it went away counts with the turn, however that ends.
func TestUsageOfTriesBeforeTheModelWentAway(t *testing.T) {
	for comesBack, want := range map[bool]int64{true: 2, false: 1} {
		inBubble(t, func(r *rig) {
			calls := 0
			r.model.set(func(ctx context.Context, last string) (string, error) {
				calls++
				switch {
				case calls == 1:
					return "", nil // and is asked again, in words
				case calls == 2 || !comesBack:
					return "", errNo
				}
				return echo(ctx, last)
			})
			r.write(ana, "one")
			r.pass(r.set.RetryFor + 5*time.Second)
			rows, err := r.store.ModelUsage(r.Context(), time.Now().Add(-time.Hour))
			if err != nil || len(rows) != 1 || rows[0].Calls != want {
				r.Errorf("comes back %v: %+v, %v", comesBack, rows, err)
			}
		})
	}
}

// A model that is there and fails is asked again too, before somebody is troubled.
func TestATurnWaitsForAModelThatFails(t *testing.T) {
	inBubble(t, func(r *rig) {
		fails := 2
		r.model.set(func(ctx context.Context, last string) (string, error) {
			if fails--; fails >= 0 {
				return "", &model.Error{Candidate: "test/script", Passing: true, Reason: "It crashed."}
			}
			return echo(ctx, last)
		})
		r.write(ana, "one")
		r.pass(time.Second)
		r.wants(ana)
		r.pass(10 * time.Second)
		r.wants(ana, "re: one")
		if r.person(ana) != "" {
			t.Errorf("a person is asked: %s", r.person(ana))
		}
		fails = 1 << 20 // and for good
		r.write(ana, "two")
		r.pass(r.set.RetryFor - 5*time.Second)
		r.wants(ana, "re: one")
		r.pass(10 * time.Second)
		r.wants(ana, "re: one", "sorry")
		if why := r.person(ana); !strings.Contains(why, "It crashed.") {
			t.Errorf("a person is asked: %q", why)
		}
	})
}

func TestNoModelForTooLong(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.model.off(true)
		r.write(ana, "one")
		r.pass(r.set.RetryFor - time.Second)
		r.wants(ana)
		r.pass(2 * time.Second)
		r.wants(ana, "sorry")
		if why := r.person(ana); !strings.Contains(why, "No model") {
			t.Errorf("person: %q", why)
		}
		r.pass(time.Hour)
		r.wants(ana, "sorry") // once
	})
}

// The stop does not wait for a model that is not there.
func TestTheStopEndsTheWaitForAModel(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.model.off(true)
		r.write(ana, "one")
		r.pass(time.Second)
		began := time.Now()
		r.halt()
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %s", took)
		}
		r.model.off(false)
		r.start()
		r.pass(5 * time.Second)
		r.wants(ana, "re: one")
	})
}

// A panic over one message ends neither the program nor the conversation,
// wherever it happens.
func TestAPanicCostsOneReply(t *testing.T) {
	for name, prepare := range map[string]func(r *rig){
		"in the turn": func(r *rig) {
			r.model.set(func(ctx context.Context, last string) (string, error) {
				if last == "bad" {
					panic("the turn")
				}
				return echo(ctx, last)
			})
		},
		"after it": func(r *rig) {
			r.split = func(reply string) []string {
				if reply == "re: bad" {
					panic("the formatting")
				}
				return []string{reply}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				prepare(r)
				r.write(ana, "bad")
				r.pass(time.Second)
				r.write(ana, "good")
				r.write(luis, "other")
				r.pass(time.Second)
				r.wants(ana, "sorry", "re: good")
				r.wants(luis, "re: other")
				if why := r.person(ana); !strings.Contains(why, "mistake") {
					t.Errorf("person: %q", why)
				}
				if !strings.Contains(r.log.String(), "panicked") {
					t.Error("the log does not say so")
				}
			})
		})
	}
}

// What is recorded is shown and not answered; what cannot be shown is answered
// once an hour with the owner's words.
func TestWhatIsNotAnswered(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.take(
			r.event(ana, channel.KindReaction, channel.Record, "👍"), r.event(ana, channel.KindEdit, channel.Record, "edited"),
			r.event(ana, channel.KindSystem, channel.Record, "number changed"),
		)
		r.pass(time.Second)
		var got []string
		for _, l := range r.transcript(ana) {
			got = append(got, l.Author+": "+l.Text)
		}
		want := []string{"system: 👍", "customer: edited", "system: number changed"}
		if !slices.Equal(got, want) {
			t.Errorf("transcript %q, want %q", got, want)
		}
		unsupported := func() { r.take(r.event(ana, channel.KindUnsupported, channel.Notice, "[Poll]")) }
		unsupported()
		unsupported()
		r.pass(idleAfter + time.Second) // another goroutine serves the conversation now
		unsupported()
		r.pass(time.Second)
		r.wants(ana, "cannot show that")
		r.pass(time.Hour)
		unsupported()
		r.pass(time.Second)
		r.wants(ana, "cannot show that", "cannot show that")
		if asked := r.model.requests(); len(asked) > 0 {
			t.Errorf("the model was asked %q", asked)
		}
		if r.open() != 0 {
			t.Errorf("%d rows are open", r.open())
		}
	})
}

func TestAMachineAtTheOtherEnd(t *testing.T) {
	inBubble(t, func(r *rig) {
		for range 7 { // slowly: the guard must remember longer than a conversation is quiet
			r.write(ana, "Thank you for your message!")
			r.pass(2 * time.Minute)
		}
		if n := len(r.replies(ana)); n != sameTextMost {
			t.Errorf("%d replies to a machine, want %d", n, sameTextMost)
		}
		if why := r.person(ana); !strings.Contains(why, "same text") {
			t.Errorf("person: %q", why)
		}
		r.pass(muteFactor*r.set.LoopWindow + sameTextWindow)
		r.write(ana, "Sorry, I am a person")
		r.pass(time.Second)
		if n := len(r.replies(ana)); n != sameTextMost+1 {
			t.Error("the conversation stays muted for ever")
		}
	})
}

func TestAttachmentsComeAlong(t *testing.T) {
	inBubble(t, func(r *rig) {
		e := r.event(ana, channel.KindDocument, channel.Answer, "see")
		e.Media = []channel.Media{{Kind: channel.KindDocument, ID: "f1", MIME: "application/pdf", Filename: "menu.pdf"}, {Kind: channel.KindImage, ID: "gone", MIME: "image/png"}}
		r.set.MarkRead = true
		r.take(e)
		r.pass(time.Second)
		got := strings.Join(r.replies(ana), "")
		if !strings.Contains(got, "filename=menu.pdf") || !strings.Contains(got, "[Attached image: download failed]") {
			t.Errorf("the agent was told %q", got)
		}
		if !slices.Equal(r.phone.marks, []string{e.ID}) {
			t.Errorf("marked as read: %q", r.phone.marks)
		}
	})
}

// Without its agent nobody answers; the owner is told, and nothing is kept that
// no guardrail has seen.
func TestTheAgentIsMissing(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.set.DefaultAgent = "nobody"
		r.write(ana, "my mail is ana@example.org")
		r.pass(time.Second)
		r.wants(ana, "sorry")
		if why := r.person(ana); !strings.Contains(why, `"nobody"`) {
			t.Errorf("person: %q", why)
		}
		if lines := r.transcript(ana); lines[0].Author != store.AuthorCustomer || lines[0].Text != "" {
			t.Errorf("kept: %+v", lines[0])
		}
	})
}

// One reply may be several messages; memory has it whole.
func TestAReplyInParts(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write(ana, "a||b")
		r.pass(time.Second)
		r.wants(ana, "re: a", "b")
		h, err := r.store.MemoryHistory(r.Context(), "helper", ana.SessionID(), 10)
		if err != nil || len(h) != 2 || h[1].Content != "re: a||b" {
			t.Errorf("memory: %+v, %v", h, err)
		}
	})
}

// Many who write in the same moment are all shown that they were read, but not all at
// once, and no reply waits for that; who has the reply is not shown that it is typed.
func TestReadReceiptsLeaveTheWayToGraphFree(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.set.MarkRead, r.set.Typing, r.phone.slow = true, true, time.Second
		const customers = 48
		for i := range customers {
			r.write(channel.Customer{Phone: fmt.Sprint(34600200000 + i)}, "hi")
		}
		r.pass(500 * time.Millisecond)
		r.wants(channel.Customer{Phone: fmt.Sprint(34600200000 + customers - 1)}, "re: hi")
		r.pass(3 * time.Second)
		if len(r.phone.marks) != customers || r.phone.most > 16 {
			t.Errorf("%d marks, %d at once", len(r.phone.marks), r.phone.most)
		}
		if r.phone.typed > 16 {
			t.Errorf("%d customers see typing, most of them after the reply", r.phone.typed)
		}
	})
}
