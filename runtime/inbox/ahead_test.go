package inbox

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/store"
)

// asksSummary says whether a prompt's last message asks for a summary.
func asksSummary(last string) bool {
	return strings.HasPrefix(last, "(This is not from the customer.")
}

// summing starts the rig with an agent whose memory folds older turns, and lets
// Ana say so many things, one minute after the other; nothing is folded yet.
func (r *rig) summing(say func(ctx context.Context, last string) (string, error), messages int) {
	r.Helper()
	r.halt()
	r.strategy = "summary"
	r.start()
	r.model.set(func(ctx context.Context, last string) (string, error) {
		if asksSummary(last) {
			return say(ctx, last)
		}
		return echo(ctx, last)
	})
	for i := range messages {
		r.write(ana, fmt.Sprint("message ", i))
		r.pass(time.Second)
	}
}

func (r *rig) window() store.MemoryWindow {
	r.Helper()
	w, err := r.store.MemoryWindow(r.Context(), "helper", ana.SessionID())
	if err != nil {
		r.Fatal(err)
	}
	return w
}

// The summary is made when the customer has been quiet for a while, not before.
func TestSummaryIsMadeWhileNobodyWaits(t *testing.T) {
	inBubble(t, func(r *rig) {
		var asked atomic.Int32
		r.summing(func(context.Context, string) (string, error) {
			asked.Add(1)
			return "Ana counts.", nil
		}, 3)
		if r.pass(aheadAfter - 2*time.Second); asked.Load() > 0 {
			t.Error("a summary was asked for while the customer might still type")
		}
		if r.pass(2 * time.Second); asked.Load() != 1 || r.window().Summary != "Ana counts." {
			t.Errorf("asked %d times, window %+v", asked.Load(), r.window())
		}
		if r.pass(time.Hour); asked.Load() != 1 {
			t.Errorf("asked %d times for the same", asked.Load())
		}
		rows, err := r.store.TurnUsage(r.Context(), "")
		if err != nil || len(rows) != 1 || rows[0].Role != "summary" || rows[0].Calls != 1 || rows[0].Agent != "helper" || rows[0].ConversationID == 0 {
			t.Errorf("counted for it: %+v, %v", rows, err)
		}
	})
}

// Who never stops writing is not forgotten: once turns have left the prompt without a
// summary, it is made between two messages.
func TestSummaryForWhoWritesWithoutAPause(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.summing(func(context.Context, string) (string, error) { return "Ana counts.", nil }, 6)
		if w := r.window(); w.Summary != "Ana counts." || w.Covered == 0 {
			t.Errorf("window %+v", w)
		}
	})
}

// A customer writes while the summary is made: the answer comes at once, and the
// summary, which knows nothing of it, is kept all the same.
func TestCustomerWritesWhileTheSummaryIsMade(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.summing(func(ctx context.Context, _ string) (string, error) {
			select {
			case <-time.After(time.Minute):
				return "Ana counts.", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}, 3)
		r.pass(aheadAfter + time.Second)
		r.write(ana, "message 3")
		if r.pass(time.Second); len(r.replies(ana)) != 4 {
			t.Errorf("replies %q", r.replies(ana))
		}
		r.pass(time.Minute)
		if w := r.window(); w.Summary != "Ana counts." || w.Seen != 6 {
			t.Errorf("window %+v", w)
		}
	})
}

// A customer goes on writing while the summary is made: what it covers is not asked
// for a second time, which a rented model would want to be paid for.
func TestSummaryIsMadeOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		var asked, together, most atomic.Int32
		r.summing(func(ctx context.Context, _ string) (string, error) {
			asked.Add(1)
			most.Store(max(most.Load(), together.Add(1)))
			defer together.Add(-1)
			select {
			case <-time.After(time.Minute):
				return "Ana counts.", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}, 3)
		r.pass(aheadAfter + time.Second)
		for i := range 3 {
			r.write(ana, fmt.Sprint("message ", 3+i))
			r.pass(aheadAfter + 5*time.Second)
		}
		if asked.Load() != 1 || len(r.replies(ana)) != 6 {
			t.Errorf("asked %d times for the same, replies %q", asked.Load(), r.replies(ana))
		}
		r.pass(5 * time.Minute)
		if w := r.window(); asked.Load() != 2 || most.Load() != 1 || w.Seen < 10 || w.Covered != w.First {
			t.Errorf("asked %d times, %d at once; window %+v", asked.Load(), most.Load(), w)
		}
	})
}

// It gives way to customers again and again: the window goes on without it, and
// nobody is told of a failure, for there is none.
func TestSummaryThatAlwaysGivesWay(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.summing(func(context.Context, string) (string, error) { return "", model.ErrGaveWay }, 0)
		for i := range 12 {
			r.write(ana, fmt.Sprint("message ", i))
			r.pass(time.Minute)
		}
		if n := len(r.replies(ana)); n != 12 {
			t.Errorf("%d replies", n)
		}
		if events := r.said("summary"); len(events) > 0 {
			t.Errorf("events %q", events)
		}
	})
}

// The program ends in the middle of a summary: nothing is lost, and it is made
// after the next reply.
func TestStopInTheMiddleOfASummary(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.summing(func(ctx context.Context, _ string) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}, 3)
		r.pass(aheadAfter + time.Second)
		r.summing(func(context.Context, string) (string, error) { return "Ana counts.", nil }, 0)
		if w := r.window(); w.Summary != "" {
			t.Errorf("window %+v", w)
		}
		r.write(ana, "message 3")
		r.pass(time.Minute)
		if w := r.window(); w.Summary != "Ana counts." || len(r.replies(ana)) != 4 {
			t.Errorf("window %+v, replies %q", w, r.replies(ana))
		}
	})
}

// A summary that fails is an event in words.
func TestSummaryThatFailsIsAnEvent(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.summing(func(context.Context, string) (string, error) {
			return "", &model.Error{Candidate: "test/script", Reason: "The model none is not there."}
		}, 3)
		r.pass(time.Minute)
		if events := r.said("summary"); len(events) != 1 || !strings.Contains(events[0], "The model none is not there.") {
			t.Errorf("events %q", events)
		}
	})
}

// said are the texts of events that name something.
func (r *rig) said(word string) (texts []string) {
	r.Helper()
	synctest.Wait()
	list, err := r.store.Events(r.Context(), "", 0, 1000)
	if err != nil {
		r.Fatal(err)
	}
	for _, e := range list {
		if strings.Contains(e.Text, word) {
			texts = append(texts, e.Text)
		}
	}
	return texts
}
