package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

func waitEvents(t *testing.T, s *store.Store, last int64) {
	t.Helper()
	wake, end := s.Listen()
	defer end()
	limit := time.After(30 * time.Second)
	for {
		got, err := s.LastEvent(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got >= last {
			return
		}
		select {
		case <-wake:
		case <-limit:
			t.Fatalf("event %d did not come", last)
		}
	}
}

// The page's query and the stream's judgement choose the same.
func TestFilterChoosesTheSameTwice(t *testing.T) {
	s := storetest.New(t)
	start := time.Now().Add(-48 * time.Hour).Truncate(time.Hour)
	const n = 60
	for i := range n {
		s.Log(store.Event{
			At: store.At(start.Add(time.Duration(i) * time.Hour)), Kind: []string{store.EventMessage, store.EventModel}[i%2],
			Level: []string{"info", "warn", "error"}[i%3], ConversationID: int64(i % 4), Agent: []string{"", "shop"}[i%5%2], Text: fmt.Sprintf("Text %d_x", i),
		}.With(map[string]int{"code": i * 100}))
	}
	waitEvents(t, s, n)
	for _, f := range []store.EventFilter{
		{}, {Level: "warn"}, {Level: "error"}, {Conversation: 2}, {Agent: "shop"}, {Search: "text 1"}, {Search: "1_"}, {Search: `\`}, {Search: `"code":1200`},
		{Search: "?", Means: []store.EventMeaning{{Level: "warn"}, {Text: []string{"text 2", "_"}}, {Stage: "send"}, {Data: []string{`"code"`, "00"}, Without: "5"}, {Text: []string{"x", "text"}}}},
		{From: start.Add(30 * time.Hour)}, {To: start.Add(10 * time.Hour)}, {From: start.Add(5 * time.Hour), To: start.Add(9 * time.Hour), Level: "warn"},
		{Conversation: 3, Level: "error", Search: "x"},
	} {
		for _, kind := range []string{store.EventMessage, store.EventModel} {
			f.Kind = kind
			page, err := s.FindEvents(t.Context(), f, 0, 100)
			if err != nil || page.Next != 0 {
				t.Fatalf("%+v: %v, next %d", f, err, page.Next)
			}
			fresh, last, more, err := s.NewEvents(t.Context(), f, 0, 1000)
			if err != nil || more {
				t.Fatalf("%+v: %v, more %v", f, err, more)
			}
			if last < n-1 {
				t.Errorf("%+v: last is %d", f, last)
			}
			slices.Reverse(fresh)
			if !slices.Equal(page.Events, fresh) {
				t.Errorf("%+v: the page has %d events, the stream %d", f, len(page.Events), len(fresh))
			}
			hours, err := s.EventHours(t.Context(), f, start, start.Add(n*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			sum := int64(0)
			for _, count := range hours {
				sum += count
			}
			if bounded := !f.From.IsZero() || !f.To.IsZero(); !bounded && sum != int64(len(page.Events)) {
				t.Errorf("%+v: the bars count %d of %d", f, sum, len(page.Events))
			}
		}
	}
}

// A search that finds nothing near says how far it looked, and goes on there.
func TestSearchReachesBackStepByStep(t *testing.T) {
	dir := t.TempDir()
	s := storetest.Open(t, dir, nil)
	s.Log(store.Event{Kind: store.EventMessage, Text: "needle"})
	waitEvents(t, s, 1)
	storetest.Log(t, dir, 70_000)
	ctx, f := context.Background(), store.EventFilter{Kind: store.EventMessage, Search: "needle"}
	var before int64
	for steps := 1; ; steps++ {
		page, err := s.FindEvents(ctx, f, before, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Events) == 1 {
			if steps < 2 || page.Next != 0 {
				t.Errorf("found in step %d, next %d", steps, page.Next)
			}
			return
		}
		if page.Next == 0 || page.Reached == 0 || before != 0 && page.Next >= before {
			t.Fatalf("step %d ends at %d, reached %d", steps, page.Next, page.Reached)
		}
		before = page.Next
	}
}
