package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

func loaded(t *testing.T, server *modeltest.Server, name string) (numCtx int, until time.Time) {
	t.Helper()
	for _, m := range server.Loaded(t) {
		if m.Name == name+":latest" {
			return m.ContextLength, m.ExpiresAt
		}
	}
	return 0, time.Time{}
}

func TestRealOllamaLoading(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "long", modeltest.Script{Default: "I have read all of it.", ContextLength: 4096})
	var notices []model.Notice
	servers := model.NewServers(model.Options{DefaultOllama: server.URL, BaseContext: 1536, Notify: func(n model.Notice) { notices = append(notices, n) }})
	long := ollama(t, servers, model.OllamaConfig{Model: "long", Parameters: map[string]any{"max_tokens": 100}})

	if err := long.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	numCtx, until := loaded(t, server, "long")
	if numCtx != 1536 || time.Until(until) < 24*time.Hour {
		t.Fatalf("after warming: num_ctx %d, loaded until %v", numCtx, until)
	}
	got := chat(t, long, model.Request{Messages: []model.Message{user("hi")}})
	if got.Usage.Load > 100*time.Millisecond || got.Usage.NumCtx != 1536 {
		t.Errorf("the first answer after warming waited for loading: %+v", got.Usage)
	}

	testGrowing(t, server, long)
	if len(notices) != 0 {
		t.Errorf("notices %+v", notices)
	}

	// More than the model can read: its beginning goes, and that is told.
	var messages []model.Message
	for i := range 6 {
		messages = append(messages, user(fmt.Sprintf("%d %s", i, strings.Repeat("x", 1000))))
	}
	got = chat(t, long, model.Request{Messages: messages})
	if !got.Usage.PromptWasCut || got.Usage.NumCtx != 4096 || got.Usage.TokensIn > 4096 {
		t.Errorf("too long a prompt: %+v", got.Usage)
	}
	if len(notices) != 1 || notices[0].Kind != "prompt_cut" {
		t.Errorf("notices %+v", notices)
	}
}

// testGrowing: one byte is one token here, three times the first estimate. The
// estimate is wrong, the server refuses, num_ctx is doubled, nothing is lost.
func testGrowing(t *testing.T, server *modeltest.Server, long model.LLM) {
	text := strings.Repeat("word ", 400)
	got := chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	if got.Usage.NumCtx != 3072 || got.Usage.PromptWasCut || got.Usage.TokensIn < len(text) {
		t.Errorf("a long prompt: %+v", got.Usage)
	}
	if numCtx, _ := loaded(t, server, "long"); numCtx != 3072 {
		t.Errorf("loaded with %d", numCtx)
	}
	computed := got.Usage.PromptEval
	// Not shrunk, and no reload. The count is that of the whole prompt also when
	// the server has it in its cache.
	got = chat(t, long, model.Request{Messages: []model.Message{user(text)}})
	if got.Usage.NumCtx != 3072 || got.Usage.Load > 100*time.Millisecond || got.Usage.TokensIn < len(text) || got.Usage.PromptEval > computed/2 {
		t.Errorf("the same prompt again: %+v, first computed in %v", got.Usage, computed)
	}
	// Computing ahead changes nothing about how the model is loaded.
	ahead := model.Request{Background: true, Messages: []model.Message{user(text), user("and more")}}
	if got = chat(t, long, ahead); got.Usage.NumCtx != 3072 || got.Usage.TokensOut > 1 || got.Usage.Load > 100*time.Millisecond {
		t.Errorf("ahead of time: %+v", got.Usage)
	}
}

func TestRealOllamaOwnersNumCtxAndKeepAlive(t *testing.T) {
	server := modeltest.Start(t)
	server.Create(t, "small", modeltest.Script{Default: "Yes, I do."})
	var kinds []string
	servers := model.NewServers(model.Options{DefaultOllama: server.URL, Notify: func(n model.Notice) { kinds = append(kinds, n.Kind) }})
	minute := time.Minute
	small := ollama(t, servers, model.OllamaConfig{Model: "small", KeepAlive: &minute, Parameters: map[string]any{"num_ctx": 512}})
	if err := small.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	numCtx, until := loaded(t, server, "small")
	if left := time.Until(until); numCtx != 512 || left > time.Minute || left < 30*time.Second {
		t.Errorf("num_ctx %d, %v left", numCtx, left)
	}
	got := chat(t, small, model.Request{Messages: []model.Message{user(strings.Repeat("a", 300)), user(strings.Repeat("b", 300))}})
	if !got.Usage.PromptWasCut || got.Usage.NumCtx != 512 || !slices.Contains(kinds, "prompt_cut") {
		t.Errorf("%+v, notices %v", got.Usage, kinds)
	}
}
