package model_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// said plays n requests and gives who answered each, as letters.
func said(t *testing.T, router *model.Router, n int, req model.Request) string {
	t.Helper()
	var b strings.Builder
	for range n {
		b.WriteString(chat(t, router, req).Content)
	}
	return b.String()
}

// routerOver has one candidate for each name on the fake.
func routerOver(t *testing.T, servers *model.Servers, config model.RouterConfig, names ...string) *model.Router {
	t.Helper()
	config.Servers = servers
	var list []model.LLM
	for _, name := range names {
		if name == "faq" {
			list = append(list, spare(t))
			continue
		}
		list = append(list, ollama(t, servers, model.OllamaConfig{Model: name}))
	}
	return model.NewRouter(list, config)
}

func spare(t *testing.T) model.LLM {
	t.Helper()
	llm, err := model.NewBuiltin("faq", map[string]any{"default": "s"})
	if err != nil {
		t.Fatal(err)
	}
	return llm
}

// slow answers its letter after a while.
func slow(letter string, after *time.Duration) modeltest.FakeModel {
	return modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
		return modeltest.Reply{Pieces: []string{letter}, Before: *after}
	}}
}

func TestStrategyRoundRobinTakesTurns(t *testing.T) {
	withTools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}}
	tests := []struct {
		name  string
		names []string
		tools string // who can call them
		req   model.Request
		want  string
	}{
		{"each in turn", []string{"a", "b", "c"}, "", hi(), "abcabc"},
		{"one alone", []string{"a"}, "", hi(), "aaaaaa"},
		{"what lacks the tools waits behind", []string{"a", "b", "c"}, "bc", withTools, "bcbcbc"},
		{"nobody has them", []string{"a", "b"}, "", withTools, "ababab"},
		{"the list of questions is for when nobody answers", []string{"faq", "a", "b"}, "", hi(), "ababab"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake, servers := setUp()
			for _, name := range []string{"a", "b", "c"} {
				m := modeltest.Says(name)
				if strings.Contains(test.tools, name) {
					m = modeltest.Says(name, "tools")
				}
				fake.Set(name, m)
			}
			router := routerOver(t, servers, model.RouterConfig{Strategy: "round_robin"}, test.names...)
			if got := said(t, router, 6, test.req); got != test.want {
				t.Errorf("answered %s, want %s", got, test.want)
			}
		})
	}
}

// One that is out of order takes no turns, and the others share its.
func TestStrategyRoundRobinSkipsWhatIsOutOfOrder(t *testing.T) {
	fake, servers := setUp()
	for _, name := range []string{"a", "b", "c"} {
		fake.Set(name, modeltest.Says(name))
	}
	router := routerOver(t, servers, model.RouterConfig{Strategy: "round_robin"}, "a", "b", "c")
	fake.Set("b", answers(modeltest.Reply{Status: 500, Error: "broken"}))
	if got := said(t, router, 8, hi()); got != "accaccac" {
		t.Errorf("while b breaks: %s", got)
	}
	if got := said(t, router, 4, hi()); got != "acac" && got != "caca" {
		t.Errorf("once b is out: %s", got)
	}
}

func TestStrategyCostAsksTheCheapestFirst(t *testing.T) {
	tests := []struct {
		name  string
		sizes map[string]int64
		far   string // whose server hands the request on to somebody else's computer
		order []string
		want  string
	}{
		{"the smaller", map[string]int64{"a": 70e9, "b": 8e9}, "", []string{"a", "b"}, "b"},
		{"what runs here before what is smaller elsewhere", map[string]int64{"a": 1e9, "b": 8e9}, "a", []string{"a", "b"}, "b"},
		{"the order of the file where nothing is known", nil, "", []string{"a", "b"}, "a"},
		{"a known size before none", map[string]int64{"b": 8e9}, "", []string{"a", "b"}, "b"},
		{"a model before the list of questions", nil, "a", []string{"faq", "a"}, "a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake, servers := setUp()
			for _, name := range []string{"a", "b"} {
				m := modeltest.Says(name)
				m.Size, m.Remote = test.sizes[name], name == test.far
				fake.Set(name, m)
			}
			router := routerOver(t, servers, model.RouterConfig{Strategy: "cost_optimized"}, test.order...)
			if got := said(t, router, 2, hi()); got != test.want+test.want {
				t.Errorf("answered %s, want %s", got, test.want)
			}
		})
	}
}

func TestStrategyCostPutsWhatLacksToolsBehind(t *testing.T) {
	fake, servers := setUp()
	small, large := modeltest.Says("s"), modeltest.Says("l", "tools")
	small.Size, large.Size = 1e9, 8e9
	fake.Set("small", small)
	fake.Set("large", large)
	router := routerOver(t, servers, model.RouterConfig{Strategy: "cost_optimized"}, "small", "large")
	tools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}}
	if got := said(t, router, 1, tools) + said(t, router, 1, hi()); got != "ls" {
		t.Errorf("answered %s", got)
	}
}

func TestStrategyLatencyAsksTheFastest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		times := map[string]*time.Duration{}
		for i, name := range []string{"a", "b", "c"} {
			took := time.Duration(3-i) * time.Second
			times[name] = &took
			fake.Set(name, slow(name, &took))
		}
		router := routerOver(t, servers, model.RouterConfig{Strategy: "latency_optimized"}, "a", "b", "c")
		if got := said(t, router, 8, hi()); got != "abcccccc" {
			t.Fatalf("each is tried once, then the fastest: %s", got)
		}
		*times["c"] = 10 * time.Second
		if got := said(t, router, 3, hi()); got != "cbb" {
			t.Errorf("the fastest has become slow: %s", got)
		}
		// The slow one is fast again: the twentieth request finds out, the one after
		// that asks it, though its average is still the higher.
		*times["a"] = time.Millisecond
		got := said(t, router, 49, hi())
		if n := strings.Count(got, "a"); got[8] != 'a' || n < 2 {
			t.Errorf("request 20 went to %c, and a answered %d times: %s", got[8], n, got)
		}
		if !strings.HasSuffix(got, "a") {
			t.Errorf("a never came back: %s", got)
		}
	})
}

// A list of questions answers in microseconds, and still stands behind models;
// so does what fails at once.
func TestStrategyLatencyIsNotWonByWhatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		second := time.Second
		fake.Set("a", slow("a", &second))
		fake.Set("b", answers(modeltest.Reply{Status: 500, Error: "broken"}))
		router := routerOver(t, servers, model.RouterConfig{Strategy: "latency_optimized", FailureThreshold: 100}, "faq", "b", "a")
		if got := said(t, router, 6, hi()); got != "aaaaaa" {
			t.Errorf("answered %s", got)
		}
		if n := len(fake.Requests()); n > 8 {
			t.Errorf("%d requests for six answers", n)
		}
	})
}

func TestFallbackCanBeSwitchedOff(t *testing.T) {
	for _, strategy := range model.Strategies() {
		t.Run(strategy, func(t *testing.T) {
			fake, servers := setUp()
			fake.Set("a", answers(modeltest.Reply{Status: 500, Error: "broken"}))
			fake.Set("b", modeltest.Says("b"))
			router := routerOver(t, servers, model.RouterConfig{Strategy: strategy, NoFallback: true}, "a", "b")
			if got, err := router.Chat(t.Context(), hi()); err == nil || !strings.Contains(err.Error(), "broken") {
				t.Errorf("answered %q, %v", got.Content, err)
			}
			if with := routerOver(t, servers, model.RouterConfig{Strategy: strategy}, "a", "b"); said(t, with, 1, hi()) != "b" {
				t.Error("with fallback nobody answered")
			}
			if n := fmt.Sprint(len(fake.Requests())); n != "3" && n != "2" {
				t.Errorf("%s requests", n)
			}
		})
	}
}

// What is computed ahead goes where the next real request will go, and takes
// nobody's turn.
func TestStrategyRoundRobinComputesAheadForWhoIsNext(t *testing.T) {
	fake, servers := setUp()
	fake.Set("a", modeltest.Says("a"))
	fake.Set("b", modeltest.Says("b"))
	router := routerOver(t, servers, model.RouterConfig{Strategy: "round_robin"}, "a", "b")
	ahead := model.Request{Messages: hi().Messages, Background: true}
	if got := said(t, router, 1, hi()) + said(t, router, 2, ahead) + said(t, router, 1, hi()); got != "abbb" {
		t.Errorf("answered %s", got)
	}
}
