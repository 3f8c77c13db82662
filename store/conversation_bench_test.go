package store_test

import (
	"context"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

// BenchmarkAMillionMessages is what the conversations page asks for, in a store
// of 1,000,000 messages of 20,000 customers: each is to take under 100 ms.
func BenchmarkAMillionMessages(b *testing.B) {
	ctx := context.Background()
	s := storetest.Make(b, b.TempDir(), storetest.Fill{Conversations: 20_000, Messages: 1_000_000, Newest: time.Now()})
	list := func(q store.ListQuery) func() (int, error) {
		q.Limit = 30
		return func() (int, error) {
			rows, err := s.ConversationList(ctx, q)
			return len(rows), err
		}
	}
	first, err := s.ConversationList(ctx, store.ListQuery{Limit: 30})
	if err != nil {
		b.Fatal(err)
	}
	last := first[len(first)-1]
	for _, ask := range []struct {
		name string
		do   func() (int, error)
	}{
		{"list", list(store.ListQuery{})},
		{"list, next page", list(store.ListQuery{Before: last.Active, BeforeID: last.ID})},
		{"needs", list(store.ListQuery{Filter: store.FilterNeeds})},
		{"on", list(store.ListQuery{Filter: store.FilterOn})},
		{"off", list(store.ListQuery{Filter: store.FilterOff})},
		{"failed", list(store.ListQuery{Filter: store.FilterFailed})},
		{"search common word", list(store.ListQuery{Search: "pizzas"})},
		{"search two words", list(store.ListQuery{Search: "pizzas tomorrow"})},
		{"search prefix", list(store.ListQuery{Search: "rareword12"})},
		{"search short prefix", list(store.ListQuery{Search: "the piz"})},
		{"search name", list(store.ListQuery{Search: "Featherstone"})},
		{"search number", list(store.ListQuery{Search: "+34 600 012 345"})},
		{"transcript", func() (int, error) {
			lines, err := s.Transcript(ctx, 1, 0, 50)
			return len(lines), err
		}},
		{"transcript, earlier", func() (int, error) {
			lines, err := s.Transcript(ctx, 1, 500_000, 50)
			return len(lines), err
		}},
	} {
		b.Run(ask.name, func(b *testing.B) {
			for b.Loop() {
				if n, err := ask.do(); err != nil || n == 0 {
					b.Fatalf("%d rows, %v", n, err)
				}
			}
		})
	}
}

// BenchmarkEraseAmongAMillion is the erasing of one customer of many: the search
// index is written anew, and nothing else is written meanwhile.
func BenchmarkEraseAmongAMillion(b *testing.B) {
	s := storetest.Make(b, b.TempDir(), storetest.Fill{Conversations: 20_000, Messages: 1_000_000, Newest: time.Now()})
	id := int64(100)
	for b.Loop() {
		id++
		if proof, err := s.Erase(b.Context(), id); err != nil || !proof.Clean() {
			b.Fatalf("%+v, %v", proof, err)
		}
	}
}
