package emulator

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkPost measures the emulator's own share of a webhook, without
// network: it must stay far below what it is used to measure.
func BenchmarkPost(b *testing.B) {
	e := New(Config{})
	defer e.Close()
	e.SetCallbackHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for b.Loop() {
		if _, err := e.Post(context.Background(), e.Text(ana, "hello")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSend measures an accepted send without statuses.
func BenchmarkSend(b *testing.B) {
	e := New(Config{AccessTokens: []string{"EAAtoken"}, Limits: Limits{Window: WindowOff}, Status: StatusPolicy{Off: true}})
	defer e.Close()
	body := textBody("to", ana.Phone, "hello")
	for b.Loop() {
		r, _ := http.NewRequest(http.MethodPost, e.URL()+messagesPath, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer EAAtoken")
		resp, err := e.Client().Do(r)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(err, resp)
		}
		_ = resp.Body.Close()
	}
}
