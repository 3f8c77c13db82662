package store_test

import (
	"context"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// What the pages of figures and the log ask for, with a million messages, half a
// million of them of customers, and a million events.
func BenchmarkFigures(b *testing.B) {
	dir := b.TempDir()
	s := storetest.Make(b, dir, storetest.Fill{Conversations: 20_000, Messages: 1_000_000, Newest: time.Now()})
	storetest.Log(b, dir, 500_000)
	ctx, now := context.Background(), time.Now()
	day := now.AddDate(0, 0, -1)
	rare := store.EventFilter{Kind: store.EventMessage, Search: "nobody says this"}
	page := func(f store.EventFilter) func() error {
		return func() error { _, err := s.FindEvents(ctx, f, 0, 100); return err }
	}
	bars := func(f store.EventFilter, from time.Time) func() error {
		return func() error { _, err := s.EventHours(ctx, f, from, now); return err }
	}
	for _, c := range []struct {
		name string
		ask  func() error
	}{
		{"today", func() error { _, err := s.Figures(ctx, day, now); return err }},
		{"flows", func() error { _, err := s.Flows(ctx, now.AddDate(0, 0, -14)); return err }},
		{"hits", func() error { _, err := s.GuardrailHits(ctx, now.AddDate(0, 0, -14)); return err }},
		{"needing", func() error { _, err := s.NeedingPerson(ctx, 8); return err }},
		{"outbox", func() error { _, err := s.OutboxCounts(ctx, day); return err }},
		{"log", page(store.EventFilter{Kind: store.EventMessage})},
		{"log_errors", page(store.EventFilter{Kind: store.EventMessage, Level: "error"})},
		{"log_conversation", page(store.EventFilter{Kind: store.EventMessage, Conversation: 77})},
		{"log_hour", page(store.EventFilter{Kind: store.EventMessage, From: day, To: day.Add(time.Hour)})},
		{"log_search_in_vain", page(rare)},
		{"log_no_agent", page(store.EventFilter{Kind: store.EventModel, Agent: "nobody"})},
		{"bars_month", bars(store.EventFilter{Kind: store.EventMessage}, now.AddDate(0, 0, -30))},
		{"bars_search", bars(rare, now.AddDate(0, 0, -30))},
		{"bars_conversation", bars(store.EventFilter{Kind: store.EventMessage, Conversation: 77}, now.AddDate(0, 0, -30))},
		{"samples", func() error { _, err := s.CustomerTexts(ctx, 1000); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
