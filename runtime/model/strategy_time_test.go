package model_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// The fastest has become so slow that a turn's time is not enough for it. It is no
// failure of its own, since it speaks; still customers are not sent to it any more,
// and one finds out only once in a while whether it is better.
func TestStrategyLatencyLeavesWhatUsesATurnUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fast, second := time.Second, 2*time.Second
		fake.Set("a", slow("a", &fast))
		fake.Set("b", slow("b", &second))
		router := routerOver(t, servers, model.RouterConfig{Strategy: "latency_optimized"}, "a", "b")
		turn := func() string {
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			r, err := router.Chat(ctx, hi())
			if err != nil {
				return "-"
			}
			return r.Content
		}
		turns := func(n int) string {
			var b strings.Builder
			for range n {
				b.WriteString(turn())
			}
			return b.String()
		}
		if got := turns(4); got != "abaa" {
			t.Fatalf("to begin with: %s", got)
		}
		fast = 9 * time.Second
		if got := turns(100); got != "-"+strings.Repeat("b", 99) {
			t.Errorf("while a is too slow: %s", got)
		}
		fast = time.Millisecond
		time.Sleep(time.Hour)
		if got := turns(200); !strings.Contains(got, "a") {
			t.Errorf("an hour later a has no chance: %s", got)
		}
	})
}

// What loads its model for the first answer is not slow for that.
func TestStrategyLatencyLeavesLoadingOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		loading, second := 59*time.Second, 2*time.Second
		fake.Set("a", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
			reply := modeltest.Text("a")
			reply.Before, reply.Metrics.LoadDuration = loading+time.Second, loading
			return reply
		}})
		fake.Set("b", slow("b", &second))
		router := routerOver(t, servers, model.RouterConfig{Strategy: "latency_optimized"}, "a", "b")
		got := said(t, router, 1, hi())
		loading = 0
		if got += said(t, router, 4, hi()); got != "abaaa" {
			t.Errorf("answered %s", got)
		}
	})
}

// A conversation stays with its model, which has its prompt computed; so does what
// is computed ahead for it.
func TestStrategyRoundRobinKeepsAConversationTogether(t *testing.T) {
	fake, servers := setUp()
	fake.Set("a", modeltest.Says("a"))
	fake.Set("b", modeltest.Says("b"))
	router := routerOver(t, servers, model.RouterConfig{Strategy: "round_robin"}, "a", "b")
	got := ""
	for _, session := range []string{"ana", "bob", "ana", "eva", "bob", "ana", "eva"} {
		for _, background := range []bool{false, true} {
			got += said(t, router, 1, model.Request{Messages: hi().Messages, Session: session, Background: background})
		}
	}
	if got != "aabbaaaabbaaaa" {
		t.Errorf("answered %s", got)
	}
}

// Who answers is asked what it can do, and not who stands behind it: a customer does
// not wait for a computer that sleeps.
func TestStrategyInOrderAsksNobodyBehindWhoCan(t *testing.T) {
	for _, strategy := range []string{"capability_match", "quality_first"} {
		synctest.Test(t, func(t *testing.T) {
			first, second := modeltest.NewFake(), modeltest.NewFake()
			first.Set("m", modeltest.Says("a", "tools"))
			second.Set("m", modeltest.Says("b", "tools"))
			servers := model.NewServers(model.Options{Transport: hosts{"a:1": first, "b:1": second}})
			router := model.NewRouter([]model.LLM{
				ollama(t, servers, model.OllamaConfig{Model: "m", Endpoint: "http://a:1"}),
				ollama(t, servers, model.OllamaConfig{Model: "m", Endpoint: "http://b:1"}),
			}, model.RouterConfig{Strategy: strategy, Servers: servers})
			second.Freeze(true)
			began := time.Now()
			tools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}}
			if got := said(t, router, 3, tools); got != "aaa" || time.Since(began) > 0 {
				t.Errorf("%s: answered %s after %s", strategy, got, time.Since(began))
			}
			second.Freeze(false)
			first.Down(true)
			if got := said(t, router, 2, tools); got != "bb" {
				t.Errorf("%s: then %s", strategy, got)
			}
		})
	}
}
