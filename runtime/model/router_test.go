package model_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

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
	refuses := answers(modeltest.Reply{Status: 400, Error: "does not support chat"})
	tests := []struct {
		name          string
		first, second *modeltest.FakeModel
		unavailable   bool
		passing       bool
		reason        string
	}{
		{"both missing", nil, nil, true, false, "run there: ollama pull first. The model second is not on the server ollama.test:80."},
		{"missing and broken", nil, &broken, false, true, "Ollama failed with second: broken."},
		{"both broken", &broken, &broken, false, true, "Ollama failed with first: broken."},
		{"refused and broken", &refuses, &broken, false, false, "Ollama refused the request for first"},
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
			if !errors.As(err, &e) || errors.Is(err, model.ErrUnavailable) != test.unavailable || e.Unreachable != test.unavailable || e.Passing != test.passing {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(e.Reason, test.reason) {
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
