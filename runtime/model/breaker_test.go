package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

func TestBreakerOpensAndTriesOnceAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, servers := routed(t, model.RouterConfig{})
		healthy := false
		tried := 0
		fake.Set("first", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
			tried++
			if healthy {
				return modeltest.Text("first again")
			}
			return modeltest.Reply{Status: 500, Error: "broken"}
		}})
		fake.Set("second", modeltest.Says("second"))
		for range 5 {
			chat(t, router, hi())
		}
		if tried != 3 {
			t.Errorf("tried %d times, want 3", tried)
		}
		// Another agent with the same candidate knows.
		other := model.NewRouter([]model.LLM{ollama(t, servers, model.OllamaConfig{Model: "first"})}, model.RouterConfig{Servers: servers})
		if _, err := other.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) || !strings.Contains(err.Error(), "broken") || tried != 3 {
			t.Errorf("another agent: %v, tried %d", err, tried)
		}
		<-time.After(61 * time.Second)
		chat(t, router, hi()) // the one trial
		chat(t, router, hi())
		if tried != 4 {
			t.Errorf("tried %d times, want 4", tried)
		}
		healthy = true
		<-time.After(61 * time.Second)
		if got := chat(t, router, hi()); got.Content != "first again" {
			t.Errorf("after recovery: %q", got.Content)
		}
	})
}

func TestBreakerIgnoresWhatIsNotTheModelsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, _ := routed(t, model.RouterConfig{})
		fake.Set("first", answers(modeltest.Reply{Hang: true}))
		fake.Set("second", modeltest.Says("second"))
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := router.Chat(ctx, hi()); !errors.Is(err, context.Canceled) || errors.Is(err, model.ErrUnavailable) {
				t.Fatalf("cancelled: %v", err)
			}
		}
		for _, reply := range []modeltest.Reply{{Status: 500, Error: "failed to process image"}, {Pieces: []string{"  "}}, {Status: 400, Error: "bad schema"}, modeltest.Text(strings.Repeat("x", 70_000))} {
			fake.Set("first", answers(reply))
			for range 4 {
				if got := chat(t, router, hi()); got.Content != "second" {
					t.Fatalf("%q", got.Content)
				}
			}
		}
		fake.Set("first", modeltest.Says("first"))
		if got := chat(t, router, hi()); got.Content != "first" {
			t.Errorf("the first candidate was taken out of order: %q", got.Content)
		}
	})
}

// A server that never says a word until each turn's time is up is passed over
// in the end.
func TestBreakerCountsADeadServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, _ := routed(t, model.RouterConfig{})
		fake.Set("first", answers(modeltest.Reply{Hang: true}))
		fake.Set("second", modeltest.Says("second"))
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			if _, err := router.Chat(ctx, hi()); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			cancel()
		}
		began := time.Now()
		if got := chat(t, router, hi()); got.Content != "second" || time.Since(began) > time.Second {
			t.Errorf("%q after %v", got.Content, time.Since(began))
		}
		synctest.Wait()
	})
}

func TestRecoveryIsNoticedEarlyWhereNothingElseIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, _ := routed(t, model.RouterConfig{})
		fake.Set("first", modeltest.Says("back"))
		fake.Set("second", modeltest.Says("back too"))
		fake.Down(true)
		for range 5 {
			if _, err := router.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) {
				t.Fatal(err)
			}
		}
		<-time.After(1100 * time.Millisecond)
		began := time.Now()
		if _, err := router.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) || time.Since(began) > 0 {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		fake.Down(false)
		if _, err := router.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) {
			t.Fatalf("asked twice within a second: %v", err)
		}
		<-time.After(1100 * time.Millisecond)
		if got := chat(t, router, hi()); got.Content != "back" {
			t.Errorf("%q", got.Content)
		}
		// A model that answers with failures is not asked early.
		fake.Set("first", answers(modeltest.Reply{Status: 500, Error: "x"}))
		fake.Set("second", answers(modeltest.Reply{Status: 500, Error: "x"}))
		for range 3 {
			_, _ = router.Chat(t.Context(), hi())
		}
		before := len(fake.Requests())
		<-time.After(30 * time.Second)
		if _, err := router.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) || len(fake.Requests()) != before {
			t.Errorf("%v, %d requests", err, len(fake.Requests())-before)
		}
	})
}

func TestBackgroundRequestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, router, _ := routed(t, model.RouterConfig{})
		fake.Set("first", modeltest.FakeModel{Answer: func(r api.ChatRequest) modeltest.Reply {
			if r.Options["num_predict"].(float64) == 1 {
				return modeltest.Reply{Pieces: []string{""}, Before: time.Minute}
			}
			return modeltest.Text("answer")
		}})
		fake.Set("second", modeltest.Says("second"))
		ended := make(chan error, 1)
		go func() {
			req := hi()
			req.Background = true
			_, err := router.Chat(context.Background(), req)
			ended <- err
		}()
		<-time.After(time.Second)
		began := time.Now()
		if got := chat(t, router, hi()); got.Content != "answer" || time.Since(began) > 0 {
			t.Errorf("%q after %v", got.Content, time.Since(began))
		}
		if err := <-ended; !errors.Is(err, model.ErrGaveWay) || errors.Is(err, model.ErrUnavailable) {
			t.Errorf("the background request: %v", err)
		}
		req := hi()
		req.Background = true
		if _, err := router.Chat(t.Context(), req); err != nil {
			t.Errorf("with nothing else to do: %v", err)
		}
	})
}
