package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// openAI is a candidate on a server that speaks OpenAI's API.
func openAI(t testing.TB, servers *model.Servers, config model.OpenAIConfig) model.LLM {
	t.Helper()
	if config.Kind == "" {
		config.Kind = "openai_compat"
	}
	llm, err := servers.OpenAI(config)
	if err != nil {
		t.Fatal(err)
	}
	return llm
}

// TestRealOpenAI speaks to the /v1 of a real Ollama: text, pieces, a tool call and
// its result, a picture, a form for the answer, a missing model, a server that is
// stopped and comes back.
func TestRealOpenAI(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "shop", shop)
	server.Create(t, "plain", modeltest.Script{Default: "Just words from me."})
	servers := model.NewServers(model.Options{})
	of := func(name string) model.LLM {
		return openAI(t, servers, model.OpenAIConfig{Endpoint: server.URL, Model: name, Parameters: map[string]any{"temperature": 0, "seed": 7, "stop": []any{"END"}, "max_tokens": 200}})
	}
	real := realOpenAI{server: server, of: of}
	t.Run("text in pieces", real.testText)
	t.Run("tool call and its result", real.testTools)
	t.Run("pictures", real.testPictures)
	t.Run("a form for the answer", real.testFormat)
	t.Run("missing model", real.testMissing)
	t.Run("stopped and back", real.testStopped)
}

type realOpenAI struct {
	server *modeltest.Server
	of     func(name string) model.LLM
}

func (r realOpenAI) testText(t *testing.T) {
	var pieces []string
	got := chat(t, r.of("shop"), model.Request{
		Messages: []model.Message{{Role: model.RoleSystem, Content: "You answer for a shop."}, user("Hello, opening-hours?")},
		OnToken:  func(s string) { pieces = append(pieces, s) },
	})
	if got.Content != shop.Replies["opening-hours?"] || len(pieces) < 5 || strings.Join(pieces, "") != got.Content {
		t.Errorf("content %q in %d pieces", got.Content, len(pieces))
	}
	u := got.Usage
	if !strings.HasPrefix(u.Candidate, "openai_compat/shop@127.0.0.1:") || u.TokensIn == 0 || u.TokensOut == 0 || u.AnswerWasCut || u.PromptEval <= 0 || u.Generation <= 0 {
		t.Errorf("usage %+v", u)
	}
}

func (r realOpenAI) testTools(t *testing.T) {
	messages := []model.Message{user("what-time?")}
	got := chat(t, r.of("shop"), model.Request{Messages: messages, Tools: []model.ToolSpec{clock}})
	if len(got.ToolCalls) != 1 || got.ToolCalls[0].Name != "datetime_now" || got.ToolCalls[0].ID == "" {
		t.Fatalf("calls %+v, content %q", got.ToolCalls, got.Content)
	}
	if a := got.ToolCalls[0].Arguments; a["zone"] != "Europe/Madrid" || a["short"] != true {
		t.Errorf("arguments %v", a)
	}
	messages = append(messages,
		model.Message{Role: model.RoleAssistant, ToolCalls: got.ToolCalls},
		model.Message{Role: model.RoleTool, ToolName: "datetime_now", CallID: got.ToolCalls[0].ID, Content: "12:30"})
	if got = chat(t, r.of("shop"), model.Request{Messages: messages, Tools: []model.ToolSpec{clock}}); got.Content != shop.AfterTool["datetime_now"] {
		t.Errorf("after the tool: %q", got.Content)
	}
	// A model without tools: the server says so, and it answers without them, behind
	// one that has them.
	request := model.Request{Messages: []model.Message{user("what-time?")}, Tools: []model.ToolSpec{clock}}
	router := model.NewRouter([]model.LLM{r.of("plain")}, model.RouterConfig{})
	if got := chat(t, router, request); got.Content != "Just words from me." {
		t.Errorf("without tools: %+v", got)
	}
	both := model.NewRouter([]model.LLM{r.of("plain"), r.of("shop")}, model.RouterConfig{})
	if got := chat(t, both, request); len(got.ToolCalls) != 1 {
		t.Errorf("who has tools was not asked: %+v", got)
	}
}

func (r realOpenAI) testPictures(t *testing.T) {
	if got := chat(t, r.of("shop"), model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image {
		t.Errorf("without caption: %q", got.Content)
	}
	if got := chat(t, r.of("shop"), model.Request{Messages: []model.Message{user("price-of-this?", picture(t))}}); got.Content != shop.Replies["price-of-this?"] {
		t.Errorf("with caption: %q", got.Content)
	}
	router := model.NewRouter([]model.LLM{r.of("plain"), r.of("shop")}, model.RouterConfig{})
	if got := chat(t, router, model.Request{Messages: []model.Message{user("", picture(t))}}); got.Content != shop.Image && got.Content != "Just words from me." {
		t.Errorf("routed: %q", got.Content)
	}
}

func (r realOpenAI) testFormat(t *testing.T) {
	got := chat(t, r.of("shop"), model.Request{Messages: []model.Message{user("hello")},
		Format: []byte(`{"type":"object","properties":{"answer":{"type":"string","maxLength":5}},"required":["answer"],"additionalProperties":false}`)})
	if !strings.HasPrefix(strings.TrimSpace(got.Content), "{") {
		t.Errorf("the form was not kept: %q", got.Content)
	}
}

func (r realOpenAI) testMissing(t *testing.T) {
	_, err := r.of("nobody").Chat(t.Context(), hi())
	var e *model.Error
	if !errors.As(err, &e) || !e.Unreachable || !strings.Contains(e.Reason, "does not have the model nobody") {
		t.Errorf("error %v", err)
	}
}

func (r realOpenAI) testStopped(t *testing.T) {
	llm := r.of("shop")
	if err := r.server.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := llm.Chat(t.Context(), hi()); err == nil || !strings.Contains(err.Error(), "The server does not answer at "+r.server.URL) {
		t.Errorf("error %v", err)
	}
	if _, err := model.NewRouter([]model.LLM{llm}, model.RouterConfig{}).Chat(t.Context(), hi()); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	if err := r.server.Restart(); err != nil {
		t.Fatal(err)
	}
	if got := chat(t, llm, hi()); got.Content != shop.Default {
		t.Errorf("back: %q", got.Content)
	}
}

// Each strategy on two real models that say different words.
func TestRealStrategies(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "one", modeltest.Script{Default: "I am one."})
	server.Create(t, "two", modeltest.Script{Default: "I am two.", Image: "seen", ToolCalls: map[string]modeltest.Call{"what-time?": {Name: "datetime_now", Arguments: map[string]any{}}}})
	withTools := model.Request{Messages: []model.Message{user("hi")}, Tools: []model.ToolSpec{clock}}
	tests := []struct {
		strategy string
		order    []string
		req      model.Request
		want     []string // any of these
	}{
		{"capability_match", []string{"one", "two"}, withTools, []string{"2222"}},
		{"quality_first", []string{"two", "one"}, hi(), []string{"2222"}},
		{"quality_first", []string{"one", "two"}, withTools, []string{"1111"}},
		{"cost_optimized", []string{"two", "one"}, hi(), []string{"1111"}}, // one is the smaller
		{"cost_optimized", []string{"one", "two"}, withTools, []string{"2222"}},
		{"latency_optimized", []string{"one", "two"}, hi(), []string{"1211", "1212", "1221", "1222"}},
		{"round_robin", []string{"one", "two"}, hi(), []string{"1212"}},
	}
	for _, test := range tests {
		t.Run(test.strategy+" "+strings.Join(test.order, " "), func(t *testing.T) {
			servers := model.NewServers(model.Options{DefaultOllama: server.URL})
			router := routerOver(t, servers, model.RouterConfig{Strategy: test.strategy}, test.order...)
			got := strings.NewReplacer("I am one.", "1", "I am two.", "2").Replace(said(t, router, 4, test.req))
			if !slices.Contains(test.want, got) {
				t.Errorf("answered %s, want %s", got, test.want)
			}
		})
	}
}
