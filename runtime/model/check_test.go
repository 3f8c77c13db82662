package model_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// hosts gives each address a server of its own.
type hosts map[string]*modeltest.Fake

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	return h[r.URL.Host].Transport().RoundTrip(r)
}

// watched is a router over two servers, of which the first can be taken away.
func watched(t *testing.T, every time.Duration, notices *[]string) (first, second *modeltest.Fake, router *model.Router) {
	t.Helper()
	first, second = modeltest.NewFake(), modeltest.NewFake()
	first.Set("a", modeltest.Says("a", "tools"))
	second.Set("b", modeltest.Says("b"))
	var mu sync.Mutex // each candidate is watched by a goroutine of its own
	notify := func(n model.Notice) {
		mu.Lock()
		defer mu.Unlock()
		*notices = append(*notices, n.Kind)
	}
	servers := model.NewServers(model.Options{DefaultOllama: "http://first.test", Notify: notify,
		Transport: hosts{"first.test:80": first, "second.test:80": second}})
	list := []model.LLM{ollama(t, servers, model.OllamaConfig{Model: "a"}), ollama(t, servers, model.OllamaConfig{Model: "b", Endpoint: "http://second.test"})}
	return first, second, model.NewRouter(list, model.RouterConfig{Servers: servers, CheckEvery: []time.Duration{every, every}})
}

// A server that is gone, or frozen, is found out while nobody waits: the next
// customer is answered by the other at once. It comes back by itself.
func TestHealthCheckIntervalPassesOverWhoIsAway(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var notices []string
			first, _, router := watched(t, 30*time.Second, &notices)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() { router.Watch(ctx); close(ended) }()
			synctest.Wait()
			if got := said(t, router, 1, hi()); got != "a" {
				t.Fatalf("both are there: %s", got)
			}
			first.Down(!frozen)
			first.Freeze(frozen)
			<-time.After(45 * time.Second)
			before, asked := time.Now(), len(first.Requests())
			withTools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}}
			if got := said(t, router, 1, hi()) + said(t, router, 1, withTools); got != "bb" || time.Since(before) > 0 || len(first.Requests()) != asked {
				t.Errorf("away: %s after %s, %d requests to who is away", got, time.Since(before), len(first.Requests())-asked)
			}
			first.Down(false)
			first.Freeze(false)
			<-time.After(31 * time.Second)
			if got := said(t, router, 1, hi()); got != "a" {
				t.Errorf("back: %s", got)
			}
			if want := []string{"model_away", "model_back"}; !slices.Equal(notices, want) {
				t.Errorf("frozen %v: told %v", frozen, notices)
			}
			cancel()
			<-ended // synctest fails if a goroutine is left
		})
	}
}

// A model that was taken from its server is as good as away.
func TestHealthCheckIntervalSeesThatAModelIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notices []string
		first, _, router := watched(t, 10*time.Second, &notices)
		first.Remove("a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go router.Watch(ctx)
		synctest.Wait()
		if got := said(t, router, 1, hi()); got != "b" || len(first.Requests()) != 0 {
			t.Errorf("answered %s, %d requests", got, len(first.Requests()))
		}
	})
}

// With nobody there it is tried all the same, and said as ever.
func TestHealthCheckIntervalWithEverybodyAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var notices []string
		first, second, router := watched(t, 10*time.Second, &notices)
		first.Down(true)
		second.Down(true)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go router.Watch(ctx)
		synctest.Wait()
		if _, err := router.Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
		second.Down(false) // before the next check
		if got := said(t, router, 1, hi()); got != "b" {
			t.Errorf("answered %s", got)
		}
	})
}

// Two agents with one candidate ask it once, and without an interval nobody asks.
func TestHealthCheckIntervalIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("a", modeltest.Says("a"))
		ctx, cancel := context.WithCancel(t.Context())
		list := []model.LLM{ollama(t, servers, model.OllamaConfig{Model: "a"})}
		for range 2 {
			go model.NewRouter(list, model.RouterConfig{Servers: servers, CheckEvery: []time.Duration{time.Minute}}).Watch(ctx)
		}
		model.NewRouter(list, model.RouterConfig{Servers: servers}).Watch(ctx) // returns at once
		<-time.After(10*time.Minute + time.Second)
		cancel()
		if n := fake.Shown(); n != 11 {
			t.Errorf("asked %d times in ten minutes, want 11", n)
		}
	})
}
