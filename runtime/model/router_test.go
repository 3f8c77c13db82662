package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// routed is two models on one fake and a router over them.
func routed(t *testing.T, config model.RouterConfig) (*modeltest.Fake, *model.Router, *model.Servers) {
	t.Helper()
	fake, servers := setUp()
	config.Servers = servers
	router := model.NewRouter([]model.LLM{
		ollama(t, servers, model.OllamaConfig{Model: "first"}),
		ollama(t, servers, model.OllamaConfig{Model: "second"}),
	}, config)
	return fake, router, servers
}

func last(fake *modeltest.Fake) api.ChatRequest {
	sent := fake.Requests()
	return sent[len(sent)-1]
}

func TestRouterMatchesCapabilities(t *testing.T) {
	png := picture(t)
	image := model.Request{Messages: []model.Message{{Role: model.RoleUser, Content: "what is this?", Images: [][]byte{png}, Attached: []model.Attachment{{MIME: "image/png", Bytes: 15234}}}}}
	tools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{{Name: "clock", Parameters: json.RawMessage(`{"type":"object"}`)}}}
	both := image
	both.Tools = tools.Tools
	described := "what is this?\n[Attached image: image/png, 15234 bytes]"
	tests := []struct {
		name          string
		strategy      string
		first, second modeltest.FakeModel
		req           model.Request
		want          string
		images, tools int
		content       string
	}{
		{"words go to the first", "", modeltest.Says("1"), modeltest.Says("2", "vision", "tools"), hi(), "1", 0, 0, "hi"},
		{"a picture goes to who can see", "", modeltest.Says("1"), modeltest.Says("2", "vision"), image, "2", 1, 0, "what is this?"},
		{"nobody sees", "", modeltest.Says("1"), modeltest.Says("2"), image, "1", 0, 0, described},
		{"tools go to who can call", "", modeltest.Says("1", "vision"), modeltest.Says("2", "tools"), tools, "2", 0, 1, "hi"},
		{"nobody calls", "", modeltest.Says("1"), modeltest.Says("2"), tools, "1", 0, 0, "hi"},
		{"seeing comes before calling", "", modeltest.Says("1", "tools"), modeltest.Says("2", "vision"), both, "2", 1, 0, "what is this?"},
		{"who can do both", "", modeltest.Says("1", "vision"), modeltest.Says("2", "vision", "tools"), both, "2", 1, 1, "what is this?"},
		{"quality first keeps the order", "quality_first", modeltest.Says("1"), modeltest.Says("2", "vision"), image, "1", 0, 0, described},
		{"who sees fails", "", modeltest.Says("1"), modeltest.FakeModel{Capabilities: modeltest.Says("", "vision").Capabilities, Answer: func(api.ChatRequest) modeltest.Reply { return modeltest.Reply{Raw: "garbage\n"} }}, image, "1", 0, 0, described},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake, router, _ := routed(t, model.RouterConfig{Strategy: test.strategy})
			fake.Set("first", test.first)
			fake.Set("second", test.second)
			got := chat(t, router, test.req)
			sent := last(fake)
			m := sent.Messages[0]
			if got.Content != test.want || len(m.Images) != test.images || len(sent.Tools) != test.tools || m.Content != test.content {
				t.Errorf("%q answered; sent %d images, %d tools, %q", got.Content, len(m.Images), len(sent.Tools), m.Content)
			}
			if len(test.req.Messages[0].Images) > 0 && test.req.Messages[0].Content != "what is this?" {
				t.Error("the request was changed")
			}
		})
	}
}

// What tools have answered stays in the prompt when the next candidate has none.
func TestRouterTellsToolResultsToAModelWithoutTools(t *testing.T) {
	fake, router, _ := routed(t, model.RouterConfig{})
	fake.Set("first", answers(modeltest.Reply{Status: 500, Error: "broken"}))
	fake.Set("second", modeltest.Says("fine"))
	chat(t, router, model.Request{Messages: []model.Message{
		user("what time is it?"),
		{Role: model.RoleAssistant, ToolCalls: []model.ToolCall{{ID: "1", Name: "clock"}}},
		{Role: model.RoleTool, ToolName: "clock", CallID: "1", Content: "12:30"},
	}})
	sent := last(fake).Messages
	if len(sent) != 2 || sent[1].Role != "user" || sent[1].Content != "[Result of clock: 12:30]" {
		t.Errorf("sent %+v", sent)
	}
}

func TestRouterErrors(t *testing.T) {
	broken := answers(modeltest.Reply{Status: 500, Error: "broken"})
	tests := []struct {
		name          string
		first, second *modeltest.FakeModel
		unavailable   bool
		reason        string
	}{
		{"both missing", nil, nil, true, "ollama pull first. The model second is not on"},
		{"missing and broken", nil, &broken, false, "Ollama failed with second: broken."},
		{"both broken", &broken, &broken, false, "Ollama failed with first: broken."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake, router, _ := routed(t, model.RouterConfig{})
			for name, m := range map[string]*modeltest.FakeModel{"first": test.first, "second": test.second} {
				if m != nil {
					fake.Set(name, *m)
				}
			}
			_, err := router.Chat(t.Context(), hi())
			var e *model.Error
			if !errors.As(err, &e) || errors.Is(err, model.ErrUnavailable) != test.unavailable || e.Unreachable != test.unavailable {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(strings.ReplaceAll(e.Reason, " there", ""), test.reason) && !strings.Contains(e.Reason, "ollama pull second") {
				t.Errorf("reason %q", e.Reason)
			}
		})
	}
	_, err := model.NewRouter(nil, model.RouterConfig{}).Chat(t.Context(), hi())
	if err == nil || errors.Is(err, model.ErrUnavailable) || !strings.Contains(err.Error(), "no model") {
		t.Errorf("no candidates: %v", err)
	}
	fake, router, _ := routed(t, model.RouterConfig{Strategy: "dearest"})
	fake.Set("first", modeltest.Says("1"))
	if _, err := router.Chat(t.Context(), hi()); err == nil || !strings.Contains(err.Error(), `no routing strategy "dearest"`) {
		t.Errorf("unknown strategy: %v", err)
	}
}

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
