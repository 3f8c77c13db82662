package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"astromesh/store"
	"astromesh/store/storetest"
)

// BenchmarkAccept is the durable commit of one webhook's message, handed in from
// many requests at once.
func BenchmarkAccept(b *testing.B) {
	s := storetest.New(b)
	payload := from("34600111222", "US.13491208655302741918")
	var n atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			row := store.Inbox{MessageID: fmt.Sprintf("wamid.HBgLMzQ2MDAxMTEyMjIVAgASGBQz%012d", n.Add(1)), Kind: "text", Treatment: "answer", Payload: payload, At: 1000}
			if _, err := s.Accept([]store.Inbox{row}, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
